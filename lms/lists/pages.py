"""Pages of recommended lists: those for me, one of them, and how they are made."""

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.catalogue import queries as catalogue
from lms.errors import N_, InvalidInput
from lms.lists import queries, readers_table, rules, service
from lms.lists.rules import ListDraft, ListRefused, Recommended
from lms.members.access import Action, Actor, may, require
from lms.members.queries import unit_choices
from lms.reading.log_words import STATE_WORDS
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.i18n import words
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, attempt, day, page_number, whole_number

pages = Blueprint("lists", __name__)

LIST = "/lists/<int(max=2147483647):list_id>"
LARGEST_ID = 2_147_483_647
WHICH = {"now": N_("Running"), "past": N_("Gone by"), "kept": N_("Looked after by me")}
FOUND = 8


def _state_words() -> dict[str, str]:
    return {"": "", **{state: str(text) for state, text in STATE_WORDS.items()}}


@pages.get("/lists")
def lists() -> str:
    """Show the lists for the reader, those gone by, or those to look after."""
    reader = actor()
    keeper = may(reader, Action.LIST_EDIT)
    asked = request.args.get("which", "now")
    which = asked if asked in WHICH and (keeper or asked != "kept") else "now"
    shown = [name for name in WHICH if keeper or name != "kept"]
    return render_template(
        "lists/lists.html",
        page=queries.list_lists(reader, which, page_number(), PAGE_SIZE),
        which=which,
        chips=[(gettext(WHICH[name]), url_for("lists.lists", which=name), name == which) for name in shown],
        today=clock.today(),
        keeper=keeper,
    )


@pages.get(LIST)
def show_list(list_id: int) -> str:
    """Show a list: its books, why each, and how far the reader is."""
    reader = actor()
    found = queries.get_list(reader, list_id)
    books = queries.list_books(reader, list_id)
    read = [book for book in books if book.state == queries.FINISHED]
    required = [book for book in books if book.required]
    return render_template(
        "lists/list.html",
        list=found,
        books=books,
        read=len(read),
        required=len(required),
        required_read=len([book for book in required if book.state == queries.FINISHED]),
        states=_state_words(),
        manages=queries.may_manage(reader, found),
        sees_readers=bool(found.unit_path) and may(reader, Action.PROGRESS_OF_OTHERS, found.unit_path),
        days_left=(found.until - clock.today()).days,
    )


@pages.post(LIST + "/look")
def look(list_id: int) -> AnyResponse:
    """Note that the reader has looked at a list."""
    service.note_look(actor(), list_id)
    return redirect(url_for("lists.show_list", list_id=list_id), code=303)


@pages.get("/lists/new")
def new_list() -> str:
    """Show the form for a new list."""
    require(actor(), Action.LIST_EDIT)
    today = clock.today()
    return _form({"since": today, "until": today.replace(month=12, day=31), "unit": actor().home}, {})


@pages.post("/lists/new")
def make_list() -> AnyResponse | tuple[str, int]:
    """Make a list, then go on to its books."""
    require(actor(), Action.LIST_EDIT)
    errors: dict[str, InvalidInput] = {}
    draft = _draft(errors)
    if not errors:
        try:
            made = service.make_list(actor(), draft)
            return redirect(url_for("lists.edit_list", list_id=made), code=303)
        except ListRefused as refused:
            errors = {problem.field or "": problem for problem in refused.problems}
    return _form(request.form.to_dict(), errors), 422


def _draft(errors: dict[str, InvalidInput]) -> ListDraft:
    form = request.form
    return ListDraft(
        form.get("title", ""),
        form.get("intro", ""),
        attempt(errors, lambda: whole_number(form.get("unit"), "unit", 1, LARGEST_ID)),
        attempt(errors, lambda: day(form.get("since"), "since")),
        attempt(errors, lambda: day(form.get("until"), "until")),
    )


def _units(reader: Actor) -> list[tuple[int, str]]:
    return [("\u3000" * row.depth + row.name, row.id)[::-1] for row in unit_choices(reader, Action.LIST_EDIT)]


def _form(values: dict[str, Any], errors: dict[str, InvalidInput]) -> str:
    said = {name: words(error) for name, error in errors.items()}
    return render_template("lists/new.html", values=values, errors=said, units=_units(actor()))


@pages.get(LIST + "/edit")
def edit_list(list_id: int) -> str:
    """Show where a list is made: what is said of it, its books, and books to add."""
    return _edit_page(list_id, None, {})


def _edit_page(list_id: int, values: dict[str, Any] | None, errors: dict[str, InvalidInput]) -> str:
    reader = actor()
    found = queries.get_list(reader, list_id)
    if not queries.may_manage(reader, found):
        require(reader, Action.LIST_EDIT, found.unit_path or "/")
    text = request.args.get("q", "").strip()[: catalogue.QUERY_CHARS]
    books = queries.list_books(reader, list_id)
    there = {book.book for book in books}
    matches = [row for row in catalogue.search_titles(text, FOUND) if row.id not in there] if text else []
    return render_template(
        "lists/edit.html",
        list=found,
        values=values or found._asdict(),
        errors={name: words(error) for name, error in errors.items()},
        units=_units(reader),
        books=books,
        text=text,
        found=matches,
        most=rules.MOST_BOOKS,
    )


@pages.post(LIST + "/edit")
def change_list(list_id: int) -> AnyResponse | tuple[str, int]:
    """Change what is said of a list."""
    errors: dict[str, InvalidInput] = {}
    draft = _draft(errors)
    if not errors:
        try:
            service.change_list(actor(), list_id, draft)
            flash(gettext("The changes are saved."), "success")
            return redirect(url_for("lists.edit_list", list_id=list_id), code=303)
        except ListRefused as refused:
            errors = {problem.field or "": problem for problem in refused.problems}
    return _edit_page(list_id, request.form.to_dict(), errors), 422


@pages.post(LIST + "/books")
def set_books(list_id: int) -> AnyResponse | tuple[str, int]:
    """Save order, reasons and what is required; a book whose box "take off" is ticked goes."""
    form = request.form
    rows: list[tuple[float, Recommended]] = []
    for raw in form.getlist("book"):
        book = whole_number(raw, "books", 1, LARGEST_ID)
        if book is None or f"off-{book}" in form:
            continue
        place = whole_number(form.get(f"place-{book}"), "books", 0, 9999)
        reason = form.get(f"reason-{book}", "")
        rows.append((place or 0, Recommended(book, form.get(f"kind-{book}") != "optional", reason)))
    try:
        service.set_books(actor(), list_id, rules.ordered(rows))
    except InvalidInput as error:
        return _edit_page(list_id, None, {"books": error}), 422
    flash(gettext("The changes are saved."), "success")
    return redirect(url_for("lists.edit_list", list_id=list_id), code=303)


@pages.post(LIST + "/add")
def add_book(list_id: int) -> AnyResponse:
    """Put a book on a list."""
    book = whole_number(request.form.get("book"), "books", 1, LARGEST_ID)
    if book is None:
        raise InvalidInput(N_("Please choose at least one book."), field="book")
    service.add_book(actor(), list_id, book)
    return redirect(url_for("lists.edit_list", list_id=list_id, q=request.form.get("q") or None), code=303)


@pages.post(LIST + "/issue")
def issue_list(list_id: int) -> AnyResponse:
    """Let members see a list."""
    service.issue_list(actor(), list_id)
    flash(gettext("The list is issued: the members of the unit see it now."), "success")
    return redirect(url_for("lists.show_list", list_id=list_id), code=303)


@pages.post(LIST + "/withdraw")
def withdraw_list(list_id: int) -> AnyResponse:
    """Take a list out of the members' sight."""
    service.withdraw_list(actor(), list_id)
    flash(gettext("The list is withdrawn: members do not see it any more."), "success")
    return redirect(url_for("lists.edit_list", list_id=list_id), code=303)


@pages.post(LIST + "/copy")
def copy_list(list_id: int) -> AnyResponse:
    """Make a list like this one for the time after it."""
    made = service.copy_list(actor(), list_id)
    flash(gettext("This is a copy for the time after. It is not issued yet."), "success")
    return redirect(url_for("lists.edit_list", list_id=made), code=303)


@pages.post(LIST + "/delete")
def delete_list(list_id: int) -> AnyResponse:
    """Delete a list that was never issued."""
    service.delete_list(actor(), list_id)
    flash(gettext("The list is gone."), "success")
    return redirect(url_for("lists.lists", which="kept"), code=303)


@pages.get(LIST + "/readers")
def readers(list_id: int) -> str:
    """Show who of the unit has read what of a list."""
    reader = actor()
    return render_template(
        "lists/readers.html",
        list=queries.get_list(reader, list_id),
        readers=queries.get_readers(reader, list_id, page_number()),
        states=_state_words(),
    )


@pages.get(LIST + "/readers.csv")
def readers_csv(list_id: int) -> Response:
    """Hand out who has read what as a table."""
    reader = actor()
    found = queries.get_list(reader, list_id)
    heads = (gettext("Name"), gettext("Unit"), gettext("Books read"))
    whole = "".join(readers_table.lines(reader, list_id, heads, _state_words()))
    return send_file(
        BytesIO(whole.encode()),
        mimetype="text/csv; charset=utf-8",
        as_attachment=True,
        download_name=f"{found.title}.csv",
    )


def _book_panel(reader: Actor, book_id: int) -> dict[str, Any] | None:
    found = queries.lists_with(reader, book_id, 3)
    return {"lists": found} if found else None


panels.add_panel("book.beside", "lists/_on_book.html", _book_panel, 20)
panels.add_panel("books", "lists/_door.html", lambda reader, ref: {"new": queries.count_new(reader)}, 20)
