"""Taking in one's own shelf by the API."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Date, File, Integer, List, Nested, String
from apiflask.validators import OneOf, Range

from lms.reading import shelf_import
from lms.reading.shelf_import import ShelfRow
from lms.reading.shelf_rules import ACTIONS
from lms.web import i18n
from lms.web.paged import Paged
from lms.web.signin import actor
from lms.web.view import LAST_PAGE

api = APIBlueprint("shelf_import_api", __name__, url_prefix="/api/v1", tag="Reading")

IMPORT = "/reading/imports/<int(max=2147483647):load_id>"
ROWS = 50


class ShelfIn(Schema):
    """An export of Goodreads, StoryGraph (CSV) or Douban (XLSX), or books.csv of one's own ZIP."""

    file = File(required=True)


class CountsOut(Schema):
    """How many rows come onto the shelf, stand there already, are not in the catalogue, cannot be taken."""

    note = Integer()
    stays = Integer()
    missing = Integer()
    error = Integer()


class ImportOut(Schema):
    """An import; ``state`` is "checked" until it is started, then "importing", then "done"."""

    id = Integer()
    file_name = String()
    source = String()
    state = String()
    total = Integer()
    done = Integer()
    noted = Integer()
    ignored_columns = List(String(), attribute="ignored")
    unknown_columns = List(String(), attribute="unknown")
    counts = Nested(CountsOut)


class NoteOut(Schema):
    """What is wrong with a row or worth knowing, and the column it is about."""

    column = String()
    text = String()


class RowOut(Schema):
    """A row and what happens with it."""

    row = Integer()
    sheet = String()
    title = String()
    action = String()
    book = Integer(allow_none=True)
    state = String(allow_none=True)
    day = Date(allow_none=True)
    rating = Integer(allow_none=True)
    notes = List(Nested(NoteOut))


class RowsOut(Paged):
    """A page of rows."""

    items = List(Nested(RowOut))


class RowsQuery(Schema):
    """Which rows: all, or those with which one thing happens."""

    action = String(load_default="", validate=OneOf(["", *ACTIONS]))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


@api.post("/reading/imports")
@api.input(ShelfIn, location="form_and_files", arg_name="form")
@api.output(ImportOut, status_code=201)
@api.doc(summary="Look through an export of my shelf from elsewhere; nothing is noted yet")
def take_table(form: dict[str, Any]) -> dict[str, Any]:
    """Take a table to be looked at; one that waits still is forgotten."""
    file = form["file"]
    return _shown(shelf_import.take_table(actor(), file.stream, file.filename or "table"))


@api.get(IMPORT)
@api.output(ImportOut)
@api.doc(summary="Give an import of my shelf")
def get_import(load_id: int) -> dict[str, Any]:
    """Give an import: how it is read, how many rows of which kind, how far it is."""
    return _shown(load_id)


@api.get(IMPORT + "/rows")
@api.input(RowsQuery, location="query")
@api.output(RowsOut)
@api.doc(summary="List the rows of an import of my shelf with what happens")
def list_rows(load_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of rows."""
    action, number = query_data["action"], query_data["page"]
    rows = [row for row in shelf_import.look_at(actor(), load_id).rows if action in ("", row.action)]
    items = [_row(row) for row in rows[(number - 1) * ROWS : number * ROWS]]
    return {"items": items, "page": number, "pages": max(-(-len(rows) // ROWS), 1), "total": len(rows)}


@api.post(IMPORT + "/start")
@api.output(ImportOut)
@api.doc(summary="Take a shelf in that was looked at")
def start_import(load_id: int) -> dict[str, Any]:
    """Take it in, a large one in the background. Doing it twice changes nothing."""
    shelf_import.start_import(actor(), load_id)
    return _shown(load_id)


@api.delete(IMPORT)
@api.output({}, status_code=204)
@api.doc(summary="Throw an import of my shelf away", responses=[409])
def discard_import(load_id: int) -> str:
    """Throw it away; the shelf stays as it is."""
    shelf_import.discard_import(actor(), load_id)
    return ""


def _shown(load_id: int) -> dict[str, Any]:
    load = shelf_import.get_import(actor(), load_id)
    look = shelf_import.look_at(actor(), load_id)
    return {
        **{name: getattr(load, name) for name in ("id", "file_name", "state", "total", "done", "noted")},
        "source": look.layout.source,
        "unknown": look.layout.unknown,
        "ignored": look.layout.ignored,
        "counts": {action: look.count(action) for action in ACTIONS},
    }


def _row(row: ShelfRow) -> dict[str, Any]:
    said = row.said
    return {
        "row": row.number,
        "sheet": row.sheet,
        "title": row.title,
        "action": row.action,
        "book": row.book,
        "state": said.state if said else None,
        "day": said.day if said else None,
        "rating": said.rating if said else None,
        "notes": [{"column": note.column, "text": i18n.said(note.message, note.values)} for note in row.notes],
    }
