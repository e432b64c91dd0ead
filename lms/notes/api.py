"""The JSON API of notes: writing, reading, drafts and earlier texts."""

from typing import Any

from apiflask import APIBlueprint

from lms.notes import about, drafting, queries, rules, service
from lms.notes.about import Subject
from lms.notes.drafting import Kept, Revision, Typed
from lms.notes.queries import NoteRow, NoteView
from lms.notes.schemas import (
    BinPage,
    DraftIn,
    DraftOut,
    DraftsOut,
    KeptOut,
    NoteChange,
    NoteIn,
    NoteOut,
    NotesPage,
    NotesQuery,
    PageQuery,
    RevisionOut,
    RevisionsPage,
)
from lms.notes.service import NoteForm
from lms.web.paged import paged
from lms.web.signin import actor

api = APIBlueprint("notes_api", __name__, url_prefix="/api/v1", tag="Notes")

NOTE = "/notes/<int(max=2147483647):note_id>"
DRAFT = "/notes/drafts/<int(max=2147483647):draft_id>"


def shown_row(row: NoteRow) -> dict[str, Any]:
    """Give a note in a list."""
    return {**row._asdict(), "excerpt": row.excerpt}


def _text(given: dict[str, Any]) -> str:
    """Take the parts of a training summary, or the text; the mark between parts is not for typing."""
    parts = given.pop("parts")
    body = given.pop("body").replace(rules.PART_MARK, "\n")
    return rules.join_parts(parts) if parts is not None else body


@api.get("/notes")
@api.input(NotesQuery, location="query")
@api.output(NotesPage)
@api.doc(summary="List notes", description="The own ones, or those of others that may be read; the latest first.")
def list_notes(query_data: dict[str, Any]) -> dict[str, Any]:
    found = queries.list_notes(actor(), query_data["whose"], query_data["book"], query_data["page"], query_data["kind"])
    return paged(found, [shown_row(row) for row in found.items])


@api.post("/notes")
@api.input(NoteIn, location="json")
@api.output(NoteOut, status_code=201)
@api.doc(summary="Write a note")
def write_note(json_data: dict[str, Any]) -> Any:
    book, raw = json_data.pop("book"), json_data.pop("about")
    body = _text(json_data)
    subject = Subject("book", book) if book is not None else about.parse(raw)
    return _shown(service.write_note(actor(), NoteForm(body=body, **json_data), about=subject))


@api.get(NOTE)
@api.output(NoteOut)
@api.doc(summary="Read a note")
def get_note(note_id: int) -> Any:
    return _shown(note_id)


@api.put(NOTE)
@api.input(NoteChange, location="json")
@api.output(NoteOut)
@api.doc(summary="Change a note", description="Answers 409 when it was changed since the version given.")
def edit_note(note_id: int, json_data: dict[str, Any]) -> Any:
    version = json_data.pop("version")
    body = _text(json_data)
    service.edit_note(actor(), note_id, version, NoteForm(body=body, **json_data))
    return _shown(note_id)


@api.delete(NOTE)
@api.output({}, status_code=204)
@api.doc(summary="Delete a note", description="It can be brought back for thirty days.")
def delete_note(note_id: int) -> str:
    service.delete_note(actor(), note_id)
    return ""


@api.post(NOTE + "/restore")
@api.output(NoteOut)
@api.doc(summary="Bring a deleted note back")
def restore_note(note_id: int) -> Any:
    service.restore_note(actor(), note_id)
    return _shown(note_id)


def _shown(note: int) -> dict[str, Any]:
    return whole(queries.get_note(actor(), note))


def whole(found: NoteView) -> dict[str, Any]:
    """Give a note with its whole text as the API answers it."""
    return {**found._asdict(), "text": found.text, "parts": found.parts, "subject": str(found.subject)}


@api.get("/notes/bin")
@api.input(PageQuery, location="query")
@api.output(BinPage)
@api.doc(summary="List my deleted notes")
def list_bin(query_data: dict[str, Any]) -> dict[str, Any]:
    return paged(queries.list_bin(actor(), query_data["page"]))


@api.put("/notes/drafts")
@api.input(DraftIn, location="json")
@api.output(KeptOut)
@api.doc(
    summary="Keep what is being typed",
    description="Each device has a draft of its own for each key, so none overwrites another's.",
)
def keep_draft(json_data: dict[str, Any]) -> Kept:
    key, device = json_data.pop("key"), json_data.pop("device")
    body = _text(json_data)
    return drafting.keep_draft(actor(), key, device, Typed(body=body, **json_data))


@api.get("/notes/drafts")
@api.output(DraftsOut)
@api.doc(summary="List what I typed and did not save")
def list_drafts() -> dict[str, Any]:
    return {"items": drafting.list_drafts(actor())}


@api.get(DRAFT)
@api.output(DraftOut)
@api.doc(summary="Read a draft")
def get_draft(draft_id: int) -> Any:
    return drafting.get_draft(actor(), draft_id)._asdict()


@api.delete(DRAFT)
@api.output({}, status_code=204)
@api.doc(summary="Discard a draft", description="Its text stays in the history.")
def discard_draft(draft_id: int) -> str:
    drafting.discard_draft(actor(), draft_id)
    return ""


@api.get(NOTE + "/history")
@api.input(PageQuery, location="query")
@api.output(RevisionsPage)
@api.doc(summary="List the earlier texts of my note")
def list_history(note_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    found = drafting.list_revisions(actor(), note_id, query_data["page"])
    return paged(found, [_revision(row) for row in found.items])


@api.get(NOTE + "/history/<int(max=2147483647):revision_id>")
@api.output(RevisionOut)
@api.doc(summary="Read an earlier text of my note")
def get_revision(note_id: int, revision_id: int) -> dict[str, Any]:
    return _revision(drafting.get_revision(actor(), note_id, revision_id))


def _revision(row: Revision) -> dict[str, Any]:
    return {**row._asdict(), "body": rules.as_kind(row.body, "free")}
