"""The JSON API of notes."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import DateTime, Integer, List, Nested, String
from apiflask.validators import OneOf, Range

from lms.notes import queries, rules, service
from lms.notes.queries import NoteRow
from lms.notes.service import NoteForm
from lms.web.signin import actor

api = APIBlueprint("notes_api", __name__, url_prefix="/api/v1", tag="Notes")

NOTE = "/notes/<int(max=2147483647):note_id>"
HIGHEST_ID = 2**31 - 1


class NoteIn(Schema):
    """A note to keep."""

    title = String(required=True)
    body = String(required=True, metadata={"description": "Markdown, at most 100,000 characters."})
    audience = String(load_default="me", validate=OneOf(rules.AUDIENCES))
    book = Integer(load_default=None, allow_none=True, validate=Range(1, HIGHEST_ID))


class NoteChange(Schema):
    """A note as it shall be, and the version it was seen in."""

    title = String(required=True)
    body = String(required=True)
    audience = String(required=True, validate=OneOf(rules.AUDIENCES))
    version = Integer(required=True, validate=Range(1, HIGHEST_ID))


class NoteItem(Schema):
    """A note in a list."""

    id = Integer()
    title = String()
    excerpt = String()
    chars = Integer(metadata={"description": "The 字数: characters as a word processor counts them."})
    audience = String()
    updated_at = DateTime()
    member = Integer()
    member_name = String()
    book = Integer(allow_none=True)
    book_title = String(allow_none=True)


class NoteOut(Schema):
    """A note with its whole text."""

    id = Integer()
    title = String()
    body = String()
    chars = Integer()
    audience = String()
    version = Integer()
    created_at = DateTime()
    updated_at = DateTime()
    member = Integer()
    member_name = String()
    book = Integer(allow_none=True)
    book_title = String(allow_none=True)


class NotesQuery(Schema):
    """Which notes to list."""

    whose = String(load_default="mine", validate=OneOf(queries.SHELVES))
    book = Integer(load_default=None, validate=Range(1, HIGHEST_ID))
    page = Integer(load_default=1, validate=Range(1, 100_000))


class NotesPage(Schema):
    """A page of notes."""

    items = List(Nested(NoteItem))
    page = Integer()
    pages = Integer()
    total = Integer()


@api.get("/notes")
@api.input(NotesQuery, location="query")
@api.output(NotesPage)
@api.doc(summary="List notes", description="The own ones, or those of others that may be read; the latest first.")
def list_notes(query_data: dict[str, Any]) -> dict[str, Any]:
    found = queries.list_notes(actor(), query_data["whose"], query_data["book"], query_data["page"])
    items = [_item(row) for row in found.items]
    return {"items": items, "page": found.number, "pages": found.pages, "total": found.total}


def _item(row: NoteRow) -> dict[str, Any]:
    return {**row._asdict(), "excerpt": row.excerpt}


@api.post("/notes")
@api.input(NoteIn, location="json")
@api.output(NoteOut, status_code=201)
@api.doc(summary="Write a note")
def write_note(json_data: dict[str, Any]) -> dict[str, Any]:
    book = json_data.pop("book")
    return _shown(service.write_note(actor(), NoteForm(**json_data), book))


@api.get(NOTE)
@api.output(NoteOut)
@api.doc(summary="Read a note")
def get_note(note_id: int) -> dict[str, Any]:
    return _shown(note_id)


@api.put(NOTE)
@api.input(NoteChange, location="json")
@api.output(NoteOut)
@api.doc(summary="Change a note", description="Answers 409 when it was changed since the version given.")
def edit_note(note_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    version = json_data.pop("version")
    service.edit_note(actor(), note_id, version, NoteForm(**json_data))
    return _shown(note_id)


@api.delete(NOTE)
@api.output({}, status_code=204)
@api.doc(summary="Delete a note", description="It can be brought back for a week.")
def delete_note(note_id: int) -> str:
    service.delete_note(actor(), note_id)
    return ""


@api.post(NOTE + "/restore")
@api.output(NoteOut)
@api.doc(summary="Bring a deleted note back")
def restore_note(note_id: int) -> dict[str, Any]:
    service.restore_note(actor(), note_id)
    return _shown(note_id)


def _shown(note: int) -> dict[str, Any]:
    return queries.get_note(actor(), note)._asdict()
