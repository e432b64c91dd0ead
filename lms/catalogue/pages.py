"""Pages of the catalogue: the shelf, a book, adding and editing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.amounts import number
from lms.catalogue import classification, queries, rules, service
from lms.catalogue.browse_pages import wanted_books
from lms.catalogue.names import Contributor, split_subjects
from lms.catalogue.queries import BookFilter, BookView
from lms.catalogue.rules import BookChanged, BookDraft, BookRefused, LikelyDuplicate
from lms.catalogue.words import ROLE_WORDS, SORT_WORDS
from lms.config import LOCALES
from lms.errors import InvalidInput
from lms.members.access import Action, require
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.i18n import gettext, reader_locale, words
from lms.web.kept_pages import kept_page
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, attempt, page_number, whole_number

pages = Blueprint("catalogue", __name__)

Choices = tuple[tuple[str, str], ...]
Panel = tuple[str, dict[str, Any]]

BOOK = "/books/<int(max=2147483647):book_id>"
TEXTS = (
    "title",
    "subtitle",
    "original_title",
    "authors",
    "translators",
    "publisher",
    "published",
    "edition",
    "isbn",
    "unified",
    "language",
    "clc",
    "subjects",
    "summary",
)
FILTERS = ("q", "class", "language", "author", "subject", "year", "sort", "withdrawn", "page")
MOST_CHOICES = 500


class ShownShelf(NamedTuple):
    """What the catalogue's page is made of."""

    shelf: queries.Shelf
    wanted: BookFilter
    look: str
    badges: Mapping[int, str]
    panels: Sequence[Panel]


@pages.get("/books")
def books() -> bytes | str:
    """Show the catalogue: as a shelf of covers, or as a list."""
    args = request.args
    wanted = wanted_books()
    reader = actor()
    shelf = queries.list_books(reader, wanted, page_number(), PAGE_SIZE)
    shown = ShownShelf(
        shelf,
        wanted,
        "list" if args.get("look") == "list" else "shelf",
        panels.badges("book", reader, [row.id for row in shelf.page.items]),
        panels.loaded_panels("books", reader, 0),
    )
    return kept_page("catalogue/books.html", shown, lambda: _shelf_values(shown))


def _shelf_values(shown: ShownShelf) -> dict[str, Any]:
    turned: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    asked = {name: value for name, value in turned.items() if name != "page"}
    turned["look"] = None if shown.look == "list" else "list"
    return {
        **shown._asdict(),
        "page": shown.shelf.page,
        "other_look": url_for("catalogue.books", **turned),
        "narrowed": _narrowed(shown.wanted),
        "export_csv": url_for("book_tables.export_csv", **asked),
        "export_xlsx": url_for("book_tables.export_xlsx", **asked),
        "classes": _class_choices(shown.shelf),
        "languages": _languages(),
        "sorts": _sort_names(reader_locale()),
    }


def _narrowed(wanted: BookFilter) -> list[str]:
    """Say what the list is narrowed to besides the filters of its form: a lower class, author, subject, year."""
    found = classification.CLASSES.get(wanted.clc)
    words = [f"{found.code} {found.name(reader_locale())}"] if found and found.parent else []
    words += [word for word in (wanted.author, wanted.subject) if word]
    return words + ([gettext("published in %(year)d", year=wanted.year)] if wanted.year is not None else [])


@lru_cache(maxsize=len(LOCALES))
def _class_names(locale: str) -> Mapping[str, str]:
    """Give the names of the classes in a reader's language; kept, for every page of the list needs them all."""
    return {letter: gettext(name) for letter, name in rules.CLC_CLASSES.items()}


def _class_choices(shelf: queries.Shelf) -> Choices:
    return _named_classes(reader_locale(), tuple(shelf.classes.items()), shelf.all)


@lru_cache(MOST_CHOICES)
def _named_classes(locale: str, counts: tuple[tuple[str, int], ...], everything: int) -> Choices:
    names = _class_names(locale)
    named = [(letter, f"{letter} {names[letter]} ({number(count)})") for letter, count in counts]
    return (("", gettext("All classes (%(n)s)", n=everything)), *named)


@lru_cache(maxsize=len(LOCALES))
def _language_names(locale: str) -> Choices:
    return tuple((code, gettext(name)) for code, name in rules.LANGUAGES.items())


def _languages() -> Choices:
    return _language_names(reader_locale())


@lru_cache(maxsize=len(LOCALES))
def _sort_names(locale: str) -> Choices:
    return tuple((name, gettext(words)) for name, words in SORT_WORDS.items())


class ShownBook(NamedTuple):
    """What a book's page is made of."""

    book: BookView
    names: Sequence[Contributor]
    files: Sequence[queries.FileRow]
    beside: Sequence[Panel]
    panels: Sequence[Panel]


@pages.get(BOOK)
def book(book_id: int) -> bytes | str | Response:
    """Show a book with what other rooms have to say about it; one that was merged leads to the one that stands."""
    reader = actor()
    found = queries.get_book(book_id)
    if found.merged_into is not None:
        return redirect(url_for("catalogue.book", book_id=found.merged_into))
    shown = ShownBook(
        found,
        queries.list_names(book_id),
        queries.list_files(book_id),
        panels.loaded_panels("book.beside", reader, book_id),
        panels.loaded_panels("book", reader, book_id),
    )
    return kept_page("catalogue/book.html", shown, lambda: _book_values(shown))


def _book_values(shown: ShownBook) -> dict[str, Any]:
    found, locale = shown.book, reader_locale()
    return {
        **shown._asdict(),
        "people": [(one.name, gettext(ROLE_WORDS[one.role])) for one in shown.names],
        "subjects": split_subjects(found.subjects),
        "classes": [(one.code, one.name(locale)) for one in classification.place_of(found.clc)],
        "language": gettext(rules.LANGUAGES.get(found.language, rules.LANGUAGES["mul"])),
    }


@pages.get("/books/new")
def new_book() -> str:
    """Show the form for a new book."""
    require(actor(), Action.CATALOGUE_EDIT)
    return _form({"language": "zh"}, None)


@pages.post("/books/new")
def add_book() -> Response | str | tuple[str, int]:
    """Add a book, or show the form again with what is wrong."""

    def save(draft: BookDraft, anyway: bool) -> int:
        return service.add_book(actor(), draft, save_anyway=anyway)

    return _save(None, save, gettext("The book is in the catalogue."))


@pages.get(BOOK + "/edit")
def edit_book(book_id: int) -> str:
    """Show the form for a book of the catalogue."""
    require(actor(), Action.CATALOGUE_EDIT)
    found = queries.get_book(book_id)
    return _form({**asdict(queries.get_draft(book_id)), "version": found.version}, found)


@pages.post(BOOK + "/edit")
def change_book(book_id: int) -> Response | str | tuple[str, int]:
    """Change a book, or show the form again with what is wrong, or with what somebody else wrote meanwhile."""
    require(actor(), Action.CATALOGUE_EDIT)
    found = queries.get_book(book_id)
    version = request.form.get("version", "")

    def save(draft: BookDraft, anyway: bool) -> int:
        began = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
        service.change_book(actor(), book_id, draft, save_anyway=anyway, version=began)
        return book_id

    return _save(found, save, gettext("The changes are saved."))


@pages.post(BOOK + "/withdraw")
def withdraw_book(book_id: int) -> Response:
    """Take a book off the catalogue."""
    service.withdraw_book(actor(), book_id)
    flash(gettext("The book is off the catalogue. Members keep what they logged and wrote about it."), "success")
    return redirect(url_for("catalogue.book", book_id=book_id), code=303)


@pages.post(BOOK + "/restore")
def restore_book(book_id: int) -> Response:
    """Put a withdrawn book back."""
    service.restore_book(actor(), book_id)
    flash(gettext("The book is back in the catalogue."), "success")
    return redirect(url_for("catalogue.book", book_id=book_id), code=303)


def _save(book: BookView | None, save: Any, done: str) -> Response | tuple[str, int]:
    typed = request.form.to_dict()
    errors: dict[str, InvalidInput] = {}
    draft = BookDraft(
        **{name: typed.get(name, "") for name in TEXTS},  # type: ignore[arg-type]  # all of them are text
        pages=attempt(errors, lambda: whole_number(typed.get("pages"), "pages", 0, 999_999)),
    )
    twins: tuple[rules.Twin, ...] = ()
    status = 422
    try:
        if errors:
            service.check(actor(), draft)
        else:
            book_id = save(draft, "anyway" in typed)
            flash(done, "success")
            return redirect(url_for("catalogue.book", book_id=book_id), code=303)
    except BookRefused as refused:
        errors = {**{problem.field or "": problem for problem in refused.problems}, **errors}
    except LikelyDuplicate as duplicate:
        twins, status = duplicate.twins, 409
    except BookChanged as changed:
        # The next press of the button saves what is typed over what is stored, for both stand side by side now.
        theirs = asdict(queries.get_draft(book.id)) if book else {}
        typed["version"] = str(changed.version)
        return _form(typed, book, theirs=theirs), 409
    return _form(typed, book, {name: words(error) for name, error in errors.items()}, twins), status


def _form(
    values: dict[str, Any],
    book: BookView | None,
    errors: dict[str, str] | None = None,
    twins: tuple[rules.Twin, ...] = (),
    theirs: dict[str, Any] | None = None,
) -> str:
    stored = theirs or {}
    shown = [name for name in (*TEXTS, "pages") if name in stored]
    other = {name: stored[name] for name in shown if str(stored[name] or "") != str(values.get(name) or "")}
    return render_template(
        "catalogue/form.html",
        theirs=other,
        conflict=theirs is not None,
        values=values,
        book=book,
        errors=errors or {},
        twins=twins,
        languages=_languages(),
        classes=list(_class_names(reader_locale()).items()),
    )
