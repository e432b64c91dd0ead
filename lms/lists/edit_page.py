"""The page on which a list is made, as it is stored or as somebody typed it, and what is typed there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request

from lms.catalogue import queries as catalogue
from lms.errors import InvalidInput
from lms.lists import queries, rules
from lms.lists.queries import BookOfList
from lms.lists.rules import ListDraft, Recommended
from lms.members.access import Action, Actor, require
from lms.members.forms import unit_options
from lms.members.queries import unit_choices
from lms.web import dates
from lms.web.i18n import gettext, words
from lms.web.signin import actor
from lms.web.view import attempt, day, whole_number

LARGEST_ID = 2_147_483_647
FOUND = 8


@dataclass(frozen=True)
class EditedBook:
    """A book as the page shows it to be edited; ``notes`` say what is stored where that differs from what was typed."""

    book: int
    title: str
    authors: str
    withdrawn: bool
    required: bool
    reason: str
    place: str
    off: bool = False
    notes: tuple[str, ...] = ()


def typed_draft(errors: dict[str, InvalidInput]) -> ListDraft:
    """Read what is said of a list, gathering what is wrong."""
    form = request.form
    draft = ListDraft(
        form.get("title", ""),
        form.get("intro", ""),
        attempt(errors, lambda: whole_number(form.get("unit"), "unit", 1, LARGEST_ID)),
        attempt(errors, lambda: day(form.get("since"), "since")),
        attempt(errors, lambda: day(form.get("until"), "until")),
    )
    attempt(errors, lambda: rules.check_list(draft))
    return draft


def typed_version() -> int | None:
    """Give the version the form was filled in from. Raises InvalidInput."""
    return whole_number(request.form.get("version"), "version", 0, LARGEST_ID)


def typed_books() -> list[Recommended]:
    """Read the books in the order of the numbers beside them, without those to take off. Raises InvalidInput."""
    form = request.form
    rows: list[tuple[float, Recommended]] = []
    for raw in form.getlist("book"):
        book = whole_number(raw, "books", 1, LARGEST_ID)
        if book is None or f"off-{book}" in form:
            continue
        place = whole_number(form.get(f"place-{book}"), "books", 0, 9999)
        reason = form.get(f"reason-{book}", "")
        rows.append((place or 0, Recommended(book, form.get(f"kind-{book}") != "optional", reason)))
    return rules.ordered(rows)


def units(reader: Actor) -> list[tuple[int, str]]:
    """Give the units a list may be made for, as a select takes them."""
    return unit_options(unit_choices(reader, Action.LIST_EDIT))


def show(
    list_id: int,
    errors: Mapping[str, InvalidInput],
    values: Mapping[str, Any] | None = None,
    books_typed: bool = False,
    told: bool = False,
) -> str:
    """Show where a list is made: what is said of it, its books, and books to add.

    ``values`` is what was typed about the list, ``books_typed`` says that the form holds what was typed about its
    books. ``told``: somebody else was first, so what is stored stands beside, and saving again puts this in its place.
    """
    reader = actor()
    found = queries.get_list(reader, list_id)
    if not queries.may_manage(reader, found):
        require(reader, Action.LIST_EDIT, found.unit_path or "/")
    text = request.args.get("q", "").strip()[: catalogue.QUERY_CHARS]
    stored = queries.list_books(reader, list_id)
    there = {book.book for book in stored}
    matches = [row for row in catalogue.search_titles(text, FOUND) if row.id not in there] if text else []
    choices = units(reader)
    return render_template(
        "lists/edit.html",
        list=found,
        values=values or found._asdict(),
        theirs=_theirs(values, found, choices) if told and values else {},
        conflict=told,
        version=found.version if told or not request.form else request.form.get("version"),
        errors={name: words(error) for name, error in errors.items()},
        units=choices,
        books=_typed(stored, told) if books_typed else [_edited(row, place) for place, row in enumerate(stored, 1)],
        text=text,
        found=matches,
        most=rules.MOST_BOOKS,
    )


def _theirs(values: Mapping[str, Any], found: queries.ListView, choices: Sequence[tuple[int, str]]) -> dict[str, str]:
    stored = {"title": found.title, "intro": found.intro, "unit": str(found.unit or "")}
    stored |= {"since": found.since.isoformat(), "until": found.until.isoformat()}
    other = {name: text for name, text in stored.items() if text != str(values.get(name) or "").replace("\r\n", "\n")}
    shown = {
        "unit": (found.unit_name or "").strip(),
        "since": dates.day_words(found.since),
        "until": dates.day_words(found.until),
    }
    return {name: shown.get(name, text) for name, text in other.items()}


def _edited(row: BookOfList, place: int) -> EditedBook:
    return EditedBook(row.book, row.title, row.authors, row.withdrawn, row.required, row.reason, str(place))


def _typed(stored: Sequence[BookOfList], told: bool) -> list[EditedBook]:
    """Give the books as they were typed, each with what is stored where that differs, then those only stored."""
    form = request.form
    kept = {row.book: _edited(row, place) for place, row in enumerate(stored, 1)}
    ids = list(dict.fromkeys(int(raw) for raw in form.getlist("book") if raw.isascii() and raw.isdigit()))[:1000]
    gone = catalogue.books_by_id([book for book in ids if book not in kept and book <= LARGEST_ID])
    unlisted = {book: EditedBook(book, row.title, row.authors, False, True, "", "") for book, row in gone.items()}
    rows = []
    for book in ids:
        before = kept.get(book) or unlisted.get(book)
        if before is None:
            continue
        mine = replace(
            before,
            required=form.get(f"kind-{book}") != "optional",
            reason=form.get(f"reason-{book}", ""),
            place=form.get(f"place-{book}", "")[:4],
            off=f"off-{book}" in form,
        )
        rows.append(replace(mine, notes=_differences(mine, kept.get(book))) if told else mine)
    added = [replace(row, notes=(gettext("Added meanwhile by somebody else."),)) for row in kept.values()]
    return rows + [row for row in added if told and row.book not in ids]


def _differences(mine: EditedBook, stored: EditedBook | None) -> tuple[str, ...]:
    if stored is None:
        return (gettext("Taken off meanwhile by somebody else; saving puts it on the list again."),)
    said = []
    if mine.reason.strip() != stored.reason:
        said.append(gettext("Stored now: %(text)s", text=stored.reason or gettext("nothing")))
    if mine.required != stored.required:
        said.append(gettext("Stored now: %(text)s", text=_kind(stored.required)))
    if mine.place != stored.place:
        said.append(gettext("Stored now: place %(place)s", place=stored.place))
    return tuple(said)


def _kind(required: bool) -> str:
    return gettext("must be read") if required else gettext("optional reading")
