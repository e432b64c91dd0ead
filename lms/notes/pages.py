"""Pages of notes: the lists, a note, writing and changing one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from lms.errors import Conflict, NotFound
from lms.members.access import Actor
from lms.notes import queries, rules, service
from lms.notes.queries import NoteView
from lms.notes.service import GONE, NoteForm
from lms.web import markdown, panels
from lms.web.addresses import url_for
from lms.web.i18n import words
from lms.web.signin import actor
from lms.web.view import page_number, whole_number

pages = Blueprint("notes", __name__)

NOTE = "/notes/<int(max=2147483647):note_id>"
HIGHEST_ID = 2**31 - 1
ON_BOOK_PAGE = 4
SAVED = "note_saved"
AUDIENCE_WORDS = {
    "me": lazy_gettext("Only me"),
    "unit": lazy_gettext("My unit"),
    "everyone": lazy_gettext("Everyone"),
}


@pages.get("/notes")
def notes() -> str:
    """List the actor's own notes, or those of others that the actor may see."""
    reader = actor()
    whose = request.args.get("whose") if request.args.get("whose") in queries.SHELVES else "mine"
    book = _id_from_address("book")
    found = queries.list_notes(reader, str(whose), book, page_number())
    deleted = _id_from_address("deleted")
    return render_template(
        "notes/notes.html",
        page=found,
        whose=whose,
        book=book,
        books=queries.list_books_with_notes(reader, str(whose)),
        audience_words=AUDIENCE_WORDS,
        deleted=deleted,
        deleted_title=queries.find_deleted(reader, deleted) if deleted else None,
    )


def _id_from_address(name: str) -> int | None:
    raw = request.args.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 11 and 0 < int(raw) <= HIGHEST_ID else None


@pages.get("/notes/new")
def new_note() -> str:
    """Show an empty note, about the book that the address names if any."""
    book = _id_from_address("book")
    title = queries.find_book_title(book) if book else None
    if book and title is None:
        raise NotFound(GONE)
    suggested = gettext("On “%(title)s”", title=title)[: rules.TITLE_LENGTH] if title else ""
    return _form(NoteForm(suggested, "", "me"), book=book, book_title=title)


@pages.post("/notes/new")
def write_note() -> Response | tuple[str, int]:
    """Keep a new note, or show it again with what is wrong."""
    writer, typed = actor(), _typed()
    book = whole_number(request.form.get("book"), "book", 1, HIGHEST_ID)
    title = queries.find_book_title(book) if book else None
    if book and title is None:
        raise NotFound(GONE)
    errors = typed.errors(writer.home is not None)
    if errors:
        said = {name: words(error) for name, error in errors.items()}
        return _form(typed, book=book, book_title=title, errors=said), 422
    note = service.write_note(writer, typed, book)
    session[SAVED] = _draft_key(writer, None, book)
    flash(gettext("Your note is saved."), "success")
    return redirect(url_for("notes.note", note_id=note), code=303)


@pages.get(NOTE)
def note(note_id: int) -> str:
    """Show a note."""
    found = queries.get_note(actor(), note_id)
    return render_template(
        "notes/note.html",
        note=found,
        html=markdown.render(found.body, line_breaks=True),
        audience=AUDIENCE_WORDS[found.audience],
        own=found.member == actor().id,
        saved=session.pop(SAVED, None) if SAVED in session else None,
    )


@pages.get(NOTE + "/edit")
def edit_note_form(note_id: int) -> str:
    """Show an own note for changing."""
    found = _own(note_id)
    return _form(NoteForm(found.title, found.body, found.audience), note=found, version=found.version)


@pages.post(NOTE + "/edit")
def edit_note(note_id: int) -> Response | tuple[str, int]:
    """Change a note, or show it again with what is wrong.

    When it was changed on another device since, both texts are shown and nothing is overwritten; saving again then
    keeps what was typed.
    """
    found, typed = _own(note_id), _typed()
    version = whole_number(request.form.get("version"), "version", 1, HIGHEST_ID) or 0
    errors = typed.errors(found.unit is not None)
    if errors:
        said = {name: words(error) for name, error in errors.items()}
        return _form(typed, note=found, version=version, errors=said), 422
    try:
        service.edit_note(actor(), note_id, version, typed)
    except Conflict as conflict:
        stored = _own(note_id)
        said = {"": words(conflict)}
        return _form(typed, note=stored, version=stored.version, errors=said, stored=stored), 409
    session[SAVED] = _draft_key(actor(), note_id, None)
    flash(gettext("Your changes are saved."), "success")
    return redirect(url_for("notes.note", note_id=note_id), code=303)


@pages.post(NOTE + "/delete")
def delete_note(note_id: int) -> Response:
    """Take an own note away; the list then offers to bring it back."""
    service.delete_note(actor(), note_id)
    return redirect(url_for("notes.notes", deleted=note_id), code=303)


@pages.post(NOTE + "/restore")
def restore_note(note_id: int) -> Response:
    """Bring a deleted note back."""
    service.restore_note(actor(), note_id)
    flash(gettext("The note is back."), "success")
    return redirect(url_for("notes.note", note_id=note_id), code=303)


def _own(note_id: int) -> NoteView:
    found = queries.get_note(actor(), note_id)
    if found.member != actor().id:
        raise NotFound(GONE)
    return found


def _typed() -> NoteForm:
    form = request.form
    return NoteForm(form.get("title", ""), rules.tidy(form.get("body", "")), form.get("audience", ""))


def _draft_key(writer: Actor, note_id: int | None, book: int | None) -> str:
    """Name what is being written, for the copy kept in the browser; the member is in it, as browsers are shared."""
    return f"{writer.id}:note:{note_id}" if note_id else f"{writer.id}:new:{book or ''}"


def _form(typed: NoteForm, **context: Any) -> str:
    writer = actor()
    found: NoteView | None = context.get("note")
    book = context.pop("book", None) or (found.book if found else None)
    unit_words = gettext("Members of %(unit)s and those who look after it", unit=writer.home_name)
    audiences = [("me", AUDIENCE_WORDS["me"], gettext("Nobody else sees it or finds it."))]
    if writer.home is not None:
        audiences.append(("unit", AUDIENCE_WORDS["unit"], unit_words))
    audiences.append(("everyone", AUDIENCE_WORDS["everyone"], gettext("All members of the organisation")))
    return render_template(
        "notes/form.html",
        typed=typed,
        book=book,
        book_title=context.pop("book_title", None) or (found.book_title if found else None),
        note=context.pop("note", None),
        errors=context.pop("errors", {}),
        audiences=audiences,
        chars=rules.count_characters(typed.body),
        limit=rules.BODY_LENGTH,
        draft_key=_draft_key(writer, found.id if found else None, book),
        **context,
    )


def _book_panel(reader: Actor, book: int) -> dict[str, Any]:
    rows = queries.list_about_book(reader, book, ON_BOOK_PAGE + 1)
    return {
        "notes": rows[:ON_BOOK_PAGE],
        "more": len(rows) > ON_BOOK_PAGE,
        "reader": reader.id,
        "book_id": book,
        "audience_words": AUDIENCE_WORDS,
    }


panels.add_panel("book", "notes/book_panel.html", _book_panel, order=40)
