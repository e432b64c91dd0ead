"""Pages of recommended lists: those for me, one of them, and how they are made."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.errors import N_, InvalidInput
from lms.lists import edit_page, queries, readers_table, service
from lms.lists.edit_page import LARGEST_ID
from lms.lists.rules import ListChanged, ListRefused
from lms.members.access import Action, Actor, may, require
from lms.reading.log_words import STATE_WORDS
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.i18n import gettext, words
from lms.web.signin import actor
from lms.web.table_files import table_file
from lms.web.view import PAGE_SIZE, attempt, page_number, whole_number

pages = Blueprint("lists", __name__)

LIST = "/lists/<int(max=2147483647):list_id>"
WHICH = {"now": N_("Running"), "past": N_("Gone by"), "kept": N_("Looked after by me")}


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
    draft = edit_page.typed_draft(errors)
    if not errors:
        try:
            made = service.make_list(actor(), draft)
            return redirect(url_for("lists.edit_list", list_id=made), code=303)
        except ListRefused as refused:
            errors = {one.field or "": one for one in refused.problems}
    return _form(request.form.to_dict(), errors), 422


def _form(values: dict[str, Any], errors: dict[str, InvalidInput]) -> str:
    said = {name: words(error) for name, error in errors.items()}
    return render_template("lists/new.html", values=values, errors=said, units=edit_page.units(actor()))


@pages.get(LIST + "/edit")
def edit_list(list_id: int) -> str:
    """Show where a list is made: what is said of it, its books, and books to add."""
    return edit_page.show(list_id, {})


@pages.post(LIST + "/edit")
def change_list(list_id: int) -> AnyResponse | tuple[str, int]:
    """Change what is said of a list; who comes after somebody else sees both texts."""
    errors: dict[str, InvalidInput] = {}
    draft = edit_page.typed_draft(errors)
    version = attempt(errors, edit_page.typed_version)
    if not errors:
        try:
            service.change_list(actor(), list_id, draft, version)
            flash(gettext("The changes are saved."), "success")
            return redirect(url_for("lists.edit_list", list_id=list_id), code=303)
        except ListChanged:
            return edit_page.show(list_id, {}, request.form.to_dict(), told=True), 409
        except ListRefused as refused:
            errors = {one.field or "": one for one in refused.problems}
    return edit_page.show(list_id, errors, request.form.to_dict()), 422


@pages.post(LIST + "/books")
def set_books(list_id: int) -> AnyResponse | tuple[str, int]:
    """Save order, reasons and what is required; a book whose box "take off" is ticked goes."""
    try:
        service.set_books(actor(), list_id, edit_page.typed_books(), edit_page.typed_version())
    except ListChanged:
        return edit_page.show(list_id, {}, books_typed=True, told=True), 409
    except InvalidInput as error:
        return edit_page.show(list_id, {error.field or "": error}, books_typed=True), 422
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


@pages.get(LIST + "/readers.csv", defaults={"form": "csv"})
@pages.get(LIST + "/readers.xlsx", defaults={"form": "xlsx"})
def readers_file(list_id: int, form: str) -> AnyResponse:
    """Hand out who has read what as a table."""
    reader = actor()
    found = queries.get_list(reader, list_id)
    books, rows = readers_table.table(reader, list_id, _state_words())
    return table_file(form, found.title, [gettext("Name"), gettext("Unit"), gettext("Books read"), *books], rows)


def _book_panel(reader: Actor, book_id: int) -> dict[str, Any] | None:
    found = queries.lists_with(reader, book_id, 3)
    return {"lists": found} if found else None


panels.add_panel("book.beside", "lists/_on_book.html", _book_panel, 20)
panels.add_panel("books", "lists/_door.html", lambda reader, ref: {"new": queries.count_new(reader)}, 20)
