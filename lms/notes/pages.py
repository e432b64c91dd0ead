"""Pages of notes: the lists, a note, writing and changing one."""

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session
from werkzeug.wrappers import Response

from lms.errors import Conflict, NotFound
from lms.members.access import Action, Actor, may
from lms.notes import about, drafting, images, queries, reviewing, rules, service, talking, words
from lms.notes.about import Subject
from lms.notes.form_page import form_page, id_from_address, key_of, typed_form
from lms.notes.queries import NoteView
from lms.notes.service import GONE, NoteForm
from lms.web import i18n, markdown, panels
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import page_number, whole_number

pages = Blueprint("notes", __name__)

NOTE = "/notes/<int(max=2147483647):note_id>"
HIGHEST_ID = 2**31 - 1
ON_BOOK_PAGE = 4
MOST_BEGUN = 5
ON_THING_PAGE = 50
SAVED = "note_saved"


@pages.get("/notes")
def notes() -> str:
    """List the actor's own notes, or those of others that the actor may see."""
    reader = actor()
    whose = request.args.get("whose") if request.args.get("whose") in queries.SHELVES else "mine"
    book = id_from_address("book")
    kind = request.args.get("kind", "") if request.args.get("kind") in rules.KINDS else ""
    deleted = id_from_address("deleted")
    number = page_number()
    begins = whose == "mine" and number == 1 and not book and not kind
    return render_template(
        "notes/notes.html",
        page=queries.list_notes(reader, str(whose), book, number, kind),
        whose=whose,
        book=book,
        kind=kind,
        books=queries.list_books_with_notes(reader, str(whose)),
        words=words,
        begun=drafting.list_begun(reader, MOST_BEGUN) if begins else [],
        reviews=may(reader, Action.NOTE_REVIEW),
        member=reader.id,
        deleted=deleted,
        deleted_title=queries.find_deleted(reader, deleted) if deleted else None,
    )


@pages.get("/notes/new")
def new_note() -> str:
    """Show an empty note, about what the address names if anything; or what a draft holds, to go on with it."""
    writer = actor()
    draft = id_from_address("draft")
    if draft:
        found = drafting.get_draft(writer, draft)
        subject = about.parse(found.key.removeprefix("new:")) if found.key.startswith("new:") else about.NOTHING
        typed = NoteForm(found.title, found.body, found.audience, found.kind)
        return form_page(writer, typed, subject=subject, title=_title_of(writer, subject), draft=found.id)
    subject = _asked_subject()
    title = _title_of(writer, subject)
    suggested = gettext("On “%(title)s”", title=title)[: rules.TITLE_LENGTH] if title else ""
    kind = request.args.get("kind", "")
    if kind not in rules.KINDS:
        kind = "reading" if subject.kind == "book" else "reflection" if subject.kind else "free"
    return form_page(writer, NoteForm(suggested, "", "me", kind), subject=subject, title=title)


def _asked_subject() -> Subject:
    book = id_from_address("book")
    if book:
        return Subject("book", book)
    return about.parse(request.args.get("about", ""))


def _title_of(writer: Actor, subject: Subject) -> str:
    title = about.titles(writer, [subject]).get(subject, "")
    if subject.kind and not title:
        raise NotFound(GONE)
    return title


@pages.post("/notes/new")
def write_note() -> Response | tuple[str, int] | str:
    """Keep a new note, or show it again with what is wrong; another kind only changes the form."""
    writer, typed = actor(), typed_form()
    book = whole_number(request.form.get("book"), "book", 1, HIGHEST_ID)
    subject = Subject("book", book) if book else about.parse(request.form.get("about", ""))
    title = _title_of(writer, subject)
    draft = whole_number(request.form.get("draft"), "draft", 1, HIGHEST_ID)
    if request.form.get("turn") in rules.KINDS:
        return form_page(writer, _turned(typed), subject=subject, title=title, draft=draft, turned=True)
    errors = typed.errors(writer.home is not None)
    if errors:
        said = {name: i18n.words(error) for name, error in errors.items()}
        return form_page(writer, typed, subject=subject, title=title, draft=draft, errors=said), 422
    note = service.write_note(writer, typed, about=subject, draft=draft)
    session[SAVED] = key_of(writer, None, subject)
    return _saved(writer, note, gettext("Your note is saved."))


def _turned(typed: NoteForm) -> NoteForm:
    kind = request.form["turn"]
    return NoteForm(typed.title, rules.as_kind(typed.body, kind), typed.audience, kind)


def _saved(writer: Actor, note: int, sentence: str) -> Response:
    if request.form.get("then") == "submit":
        found = queries.get_note(writer, note)
        reviewing.submit(writer, note, found.version)
        sentence = gettext("Your note is saved and handed in.")
    flash(sentence, "success")
    return redirect(url_for("notes.note", note_id=note), code=303)


@pages.get(NOTE)
def note(note_id: int) -> str:
    """Show a note with what was said to it."""
    return note_page(queries.get_note(actor(), note_id))


def note_page(found: NoteView, **context: Any) -> str:
    """Render a note's page; ``context`` brings back what was typed into a comment or a remark."""
    reader = actor()
    own = found.member == reader.id
    thanks, thanked = talking.count_thanks(reader, found.id)
    path = found.unit_path or ""
    title = about.titles(reader, [found.subject]).get(found.subject, "")
    steps = reviewing.list_steps(found.id) if own or may(reader, Action.NOTE_REVIEW, path) else []
    return render_template(
        "notes/note.html",
        note=found,
        sections=sections(found),
        about=title,
        place=words.place(found.subject),
        about_href=words.address(found.subject),
        words=words,
        own=own,
        steps=steps,
        panels=panels.loaded_panels("note", reader, found.id),
        thanks=thanks,
        thanked=thanked,
        comments=talking.list_comments(found.id, page_number()),
        reader=reader.id,
        moderates=talking.may_moderate(reader, found.member, found.unit_path),
        reviews=not own and found.state != "open" and bool(path) and may(reader, Action.NOTE_REVIEW, path),
        cares=bool(path) and may(reader, Action.NOTE_CARE, path),
        saved=session.pop(SAVED, None) if SAVED in session else None,
        **context,
    )


def sections(found: NoteView) -> list[tuple[str, Any]]:
    """Give the parts of a note as heading and HTML; one without a heading for all but training summaries."""
    if found.kind != "training":
        return [("", markdown.render(found.body, line_breaks=True, images=images.PREFIX))]
    rendered = [markdown.render(part, line_breaks=True, top=3, images=images.PREFIX) for part in found.parts]
    return [(str(word), html) for word, html in zip(words.PART_WORDS.values(), rendered, strict=True)]


@pages.get(NOTE + "/edit")
def edit_note_form(note_id: int) -> str:
    """Show an own note for changing, or what a draft or an earlier text holds in its place."""
    writer, found = actor(), own_note(note_id)
    typed, version = NoteForm(found.title, found.body, found.audience, found.kind), found.version
    draft = id_from_address("draft")
    revision = id_from_address("revision")
    if draft:
        kept = drafting.get_draft(writer, draft)
        if kept.note == note_id:
            typed = NoteForm(kept.title, kept.body, kept.audience, kept.kind)
    elif revision:
        earlier = drafting.get_revision(writer, note_id, revision)
        typed = NoteForm(earlier.title, earlier.body, found.audience, earlier.kind)
    return form_page(writer, typed, note=found, version=version, draft=draft, taken=bool(draft or revision))


@pages.post(NOTE + "/edit")
def edit_note(note_id: int) -> Response | tuple[str, int] | str:
    """Change a note, or show it again with what is wrong.

    When it was changed on another device since, both texts are shown and nothing is overwritten; saving again then
    keeps what was typed.
    """
    writer, found, typed = actor(), own_note(note_id), typed_form()
    version = whole_number(request.form.get("version"), "version", 1, HIGHEST_ID) or 0
    draft = whole_number(request.form.get("draft"), "draft", 1, HIGHEST_ID)
    if request.form.get("turn") in rules.KINDS:
        return form_page(writer, _turned(typed), note=found, version=version, draft=draft, turned=True)
    errors = typed.errors(found.unit is not None)
    if errors:
        said = {name: i18n.words(error) for name, error in errors.items()}
        return form_page(writer, typed, note=found, version=version, draft=draft, errors=said), 422
    try:
        service.edit_note(writer, note_id, version, typed, draft)
    except Conflict as conflict:
        service.keep_refused(writer, note_id, version, typed)
        stored = own_note(note_id)
        said = {"": i18n.words(conflict)}
        beside = stored if stored.version != version else None
        page = form_page(writer, typed, note=stored, version=stored.version, draft=draft, errors=said, stored=beside)
        return page, 409
    session[SAVED] = key_of(writer, note_id, found.subject)
    return _saved(writer, note_id, gettext("Your changes are saved."))


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


def own_note(note_id: int) -> NoteView:
    """Give an own note. Raises NotFound for those of others."""
    found = queries.get_note(actor(), note_id)
    if found.member != actor().id:
        raise NotFound(GONE)
    return found


def _book_panel(reader: Actor, book: int) -> dict[str, Any]:
    rows = queries.list_about_book(reader, book, ON_BOOK_PAGE + 1)
    return {
        "notes": rows[:ON_BOOK_PAGE],
        "more": len(rows) > ON_BOOK_PAGE,
        "reader": reader.id,
        "book_id": book,
        "words": words,
    }


def _thing_panel(kind: str, reader: Actor, ref: int) -> dict[str, Any]:
    raw = (request.view_args or {}).get("number")
    number = raw if isinstance(raw, int) else None
    rows = queries.list_about_thing(reader, kind, ref, ON_THING_PAGE)
    if number is not None:
        rows = [row for row in rows if row[1] == number]
    placed = [(row, words.place(Subject(kind, ref, at)), words.address(Subject(kind, ref, at))) for row, at in rows]
    return {"kind": kind, "rows": placed, "about": str(Subject(kind, ref, number)), "number": number, "words": words}


panels.add_panel("book", "notes/book_panel.html", _book_panel, order=40)
panels.add_panel("material", "notes/thing_panel.html", partial(_thing_panel, "material"), order=40)
panels.add_panel("material.page", "notes/thing_panel.html", partial(_thing_panel, "material"), order=40)
panels.add_panel("lecture", "notes/thing_panel.html", partial(_thing_panel, "lecture"), order=40)
