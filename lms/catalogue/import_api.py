"""The JSON API of tables of books."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, DateTime, Dict, File, Integer, List, Nested, String
from apiflask.validators import OneOf, Range

from lms.catalogue import import_queries, imports
from lms.catalogue.models import ACTIONS
from lms.members.access import Action
from lms.web import uploads
from lms.web.errors import Kept
from lms.web.i18n import said
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.view import LAST_PAGE

api = APIBlueprint("book_tables_api", __name__, url_prefix="/api/v1", tag="Catalogue")

IMPORT = "/book-imports/<int(max=2147483647):load_id>"
PAGE_SIZE = 100

uploads.allow_upload("book_tables_api.take_table", lambda settings: imports.LARGEST, Action.CATALOGUE_EDIT)


class TableIn(Schema):
    """A table: CSV or XLSX."""

    file = File(required=True)


class ImportOut(Schema):
    """An import and how far it is; ``counts`` has the rows by what happens with them."""

    id = Integer()
    file_name = String()
    source = String()
    state = String()
    failure = Kept()
    total = Integer()
    done = Integer()
    created_at = DateTime(format="iso")
    ignored_columns = List(String(), attribute="ignored")
    unknown_columns = List(String(), attribute="unknown")
    shelf_columns = List(String(), attribute="of_shelf")
    counts = Dict(keys=String(), values=Integer())


class RowQuery(Schema):
    """Which rows to list."""

    action = String(load_default="", validate=OneOf(["", *ACTIONS]))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class RowNote(Schema):
    """What is wrong with a row or worth knowing, and the heading of its column, empty for the whole row."""

    column = String()
    text = String()


class RowOut(Schema):
    """A row of a table and what happens with it."""

    id = Integer()
    number = Integer()
    action = String()
    title = String()
    book = Integer(allow_none=True)
    choice = String()
    carried_out = Boolean()
    notes = List(Nested(RowNote))


class RowList(Paged):
    """A page of rows."""

    items = List(Nested(RowOut))


class ChoiceIn(Schema):
    """How to settle a doubt."""

    choice = String(required=True, validate=OneOf(imports.CHOICES))


@api.post("/book-imports")
@api.input(TableIn, location="form_and_files")
@api.output(ImportOut, status_code=201)
@api.doc(summary="Look through a table of books; nothing is stored in the catalogue yet")
def take_table(form_and_files_data: dict[str, Any]) -> dict[str, Any]:
    """Take a table; a large one is looked through in the background (state "checking")."""
    file = form_and_files_data["file"]
    load_id = imports.take_table(actor(), file.stream, file.filename or "")
    return import_queries.get_import(actor(), load_id)._asdict()


@api.get(IMPORT)
@api.output(ImportOut)
@api.doc(summary="Give an import of mine")
def get_import(load_id: int) -> dict[str, Any]:
    """Give an import with its counts."""
    return import_queries.get_import(actor(), load_id)._asdict()


@api.get(IMPORT + "/rows")
@api.input(RowQuery, location="query")
@api.output(RowList)
@api.doc(summary="List the rows of an import of mine")
def list_rows(load_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of rows with what happens with each."""
    page = import_queries.list_import_rows(actor(), load_id, query_data["action"], query_data["page"], PAGE_SIZE)
    items = [
        {
            **row._asdict(),
            "notes": [{"column": note[0], "text": said(note[1], note[2])} for note in row.notes],
        }
        for row in page.items
    ]
    return paged(page, items)


@api.put(IMPORT + "/rows/<int(max=2147483647):row_id>")
@api.input(ChoiceIn, location="json")
@api.output({}, status_code=204)
@api.doc(summary="Settle the doubt about a row", responses=[409])
def choose(load_id: int, row_id: int, json_data: dict[str, Any]) -> str:
    """Add the row as another book, take it for the book it resembles, or leave it out."""
    imports.choose(actor(), load_id, row_id, json_data["choice"])
    return ""


@api.post(IMPORT + "/start")
@api.output(ImportOut, status_code=202)
@api.doc(summary="Carry an import out, in the background", responses=[409])
def start_import(load_id: int) -> dict[str, Any]:
    """Begin to take the rows in."""
    imports.start_import(actor(), load_id)
    return import_queries.get_import(actor(), load_id)._asdict()


@api.delete(IMPORT)
@api.output({}, status_code=204)
@api.doc(summary="Throw an import away", responses=[409])
def discard_import(load_id: int) -> str:
    """Forget an import; the catalogue stays as it is."""
    imports.discard_import(actor(), load_id)
    return ""
