"""Pages of the catalogue: the shelf, a book, adding and editing."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from lms.catalogue import queries, rules, service
from lms.catalogue.queries import BookFilter, BookView
from lms.catalogue.rules import BookDraft, BookRefused, LikelyDuplicate
from lms.config import LOCALES
from lms.errors import InvalidInput
from lms.members.access import Action, require
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.i18n import reader_locale, words
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, attempt, page_number, whole_number

pages = Blueprint("catalogue", __name__)

BOOK = "/books/<int(max=2147483647):book_id>"
TEXTS = ("title", "subtitle", "authors", "translators", "publisher", "isbn", "language", "clc", "subjects", "summary")
FILTERS = ("q", "class", "language", "sort", "withdrawn", "page")
SORT_WORDS = {
    "newest": lazy_gettext("Newest first"),
    "title": lazy_gettext("By title"),
    "year": lazy_gettext("By year"),
}


@pages.get("/books")
def books() -> str:
    """Show the catalogue: as a shelf of covers, or as a list."""
    args = request.args
    wanted = BookFilter(
        q=args.get("q", "").strip()[: queries.QUERY_CHARS],
        clc=args.get("class", "")[:1].upper(),
        language=args.get("language", ""),
        sort=args.get("sort", "newest") if args.get("sort") in queries.SORTS else "newest",
        withdrawn=args.get("withdrawn") == "1",
    )
    reader = actor()
    shelf = queries.list_books(reader, wanted, page_number(), PAGE_SIZE)
    look = "list" if args.get("look") == "list" else "shelf"
    turned: dict[str, Any] = {name: args[name] for name in FILTERS if args.get(name)}
    turned["look"] = None if look == "list" else "list"
    return render_template(
        "catalogue/books.html",
        shelf=shelf,
        page=shelf.page,
        wanted=wanted,
        look=look,
        other_look=url_for("catalogue.books", **turned),
        classes=_class_choices(shelf),
        languages=_languages(),
        sorts=list(SORT_WORDS.items()),
        badges=panels.badges("book", reader, [row.id for row in shelf.page.items]),
        panels=panels.loaded_panels("books", reader, 0),
    )


@lru_cache(maxsize=len(LOCALES))
def _class_names(locale: str) -> Mapping[str, str]:
    """Give the names of the classes in a reader's language; kept, for every page of the list needs them all."""
    return {letter: gettext(name) for letter, name in rules.CLC_CLASSES.items()}


def _class_choices(shelf: queries.Shelf) -> list[tuple[str, str]]:
    names = _class_names(reader_locale())
    named = [(letter, f"{letter} {names[letter]} ({count})") for letter, count in shelf.classes.items()]
    return [("", gettext("All classes (%(n)d)", n=shelf.all)), *named]


@lru_cache(maxsize=len(LOCALES))
def _language_names(locale: str) -> Mapping[str, str]:
    return {code: gettext(name) for code, name in rules.LANGUAGES.items()}


def _languages() -> list[tuple[str, str]]:
    return list(_language_names(reader_locale()).items())


@pages.get(BOOK)
def book(book_id: int) -> str:
    """Show a book with what other rooms have to say about it."""
    reader = actor()
    found = queries.get_book(book_id)
    letter = rules.clc_class(found.clc)
    return render_template(
        "catalogue/book.html",
        book=found,
        class_name=gettext(rules.CLC_CLASSES[letter]) if letter else "",
        language=gettext(rules.LANGUAGES.get(found.language, rules.LANGUAGES["mul"])),
        beside=panels.loaded_panels("book.beside", reader, book_id),
        panels=panels.loaded_panels("book", reader, book_id),
    )


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
    return _form({**found._asdict()}, found)


@pages.post(BOOK + "/edit")
def change_book(book_id: int) -> Response | str | tuple[str, int]:
    """Change a book, or show the form again with what is wrong."""
    require(actor(), Action.CATALOGUE_EDIT)
    found = queries.get_book(book_id)

    def save(draft: BookDraft, anyway: bool) -> int:
        service.change_book(actor(), book_id, draft, save_anyway=anyway)
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
        **{name: typed.get(name, "") for name in TEXTS},
        year=attempt(errors, lambda: whole_number(typed.get("year"), "year", 0, 9999)),
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
    return _form(typed, book, {name: words(error) for name, error in errors.items()}, twins), status


def _form(
    values: dict[str, Any],
    book: BookView | None,
    errors: dict[str, str] | None = None,
    twins: tuple[rules.Twin, ...] = (),
) -> str:
    return render_template(
        "catalogue/form.html",
        values=values,
        book=book,
        errors=errors or {},
        twins=twins,
        languages=_languages(),
        classes=list(_class_names(reader_locale()).items()),
    )
