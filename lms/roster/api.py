"""The JSON API of tables of people and units."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, DateTime, Dict, File, Integer, List, Nested, String
from apiflask.validators import OneOf, Range
from werkzeug.wrappers import Response

from lms.members.access import Action, require
from lms.roster import export, queries, service, slips
from lms.roster.models import ACTIONS, KINDS
from lms.web import uploads
from lms.web.errors import Kept
from lms.web.i18n import reader_locale, said
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.view import LAST_PAGE

api = APIBlueprint("roster_api", __name__, url_prefix="/api/v1", tag="Members")

IMPORT = "/people-imports/<int(max=2147483647):load_id>"
PAGE_SIZE = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

uploads.allow_upload("roster_api.take_table", lambda settings: service.LARGEST, Action.MEMBER_MANAGE)


class TableIn(Schema):
    """A table of people or units: CSV or XLSX."""

    file = File(required=True)
    kind = String(load_default="people", validate=OneOf(KINDS))
    whole = Boolean(load_default=False)


class ImportOut(Schema):
    """An import and how far it is; ``counts`` has the rows by what happens with them, ``slips`` those not shown yet."""

    id = Integer()
    kind = String()
    file_name = String()
    whole = Boolean()
    state = String()
    failure = Kept()
    total = Integer()
    done = Integer()
    created_at = DateTime(format="iso")
    ignored_columns = List(String(), attribute="ignored")
    unknown_columns = List(String(), attribute="unknown")
    counts = Dict(keys=String(), values=Integer())
    slips = Integer()
    roles = Integer(metadata={"description": "How many rows give or take roles; list them with action=roles."})


class PageQuery(Schema):
    """Which page."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class ImportList(Schema):
    """A page of imports."""

    items = List(Nested(ImportOut))
    page = Integer()
    pages = Integer()
    total = Integer()


class TableQuery(Schema):
    """In which form; ``template`` gives the empty table instead, an XLSX with a sheet of explanations."""

    form = String(load_default="csv", validate=OneOf(["csv", "xlsx"]))
    template = Boolean(load_default=False)


class RowQuery(Schema):
    """Which rows to list."""

    action = String(load_default="", validate=OneOf(["", *ACTIONS, queries.GIVING]))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class RowNote(Schema):
    """What is wrong with a row or worth knowing, and the heading of its column, empty for the whole row."""

    column = String()
    text = String()


class RowOut(Schema):
    """A row and what happens with it; ``subject`` is the member or unit, ``number`` 0 somebody missing in the table."""

    number = Integer()
    action = String()
    name = String()
    subject = Integer(allow_none=True)
    carried_out = Boolean()
    notes = List(Nested(RowNote))
    unit = Integer(
        allow_none=True,
        metadata={"description": "Where the member is to be, or which unit they leave; of a unit the one above it."},
    )
    unit_name = String()
    unit_before = Integer(allow_none=True, metadata={"description": "The unit that a move leaves."})
    unit_before_name = String()


class RowList(Paged):
    """A page of rows."""

    items = List(Nested(RowOut))


class StartIn(Schema):
    """What to do with refused rows."""

    leave_out = Boolean(load_default=False)


class SlipOut(Schema):
    """A first password, shown this once."""

    name = String()
    login = String()
    unit = String()
    password = String()


class SlipList(Schema):
    """Some slips."""

    items = List(Nested(SlipOut))


@api.post("/people-imports")
@api.input(TableIn, location="form_and_files", arg_name="form")
@api.output(ImportOut, status_code=201)
@api.doc(summary="Look through a table of people or units; nobody is changed yet")
def take_table(form: dict[str, Any]) -> dict[str, Any]:
    """Take a table; a large one is looked through in the background (state "checking")."""
    file = form["file"]
    load_id = service.take_table(actor(), form["kind"], file.stream, file.filename or "", form["whole"])
    return queries.get_import(actor(), load_id)._asdict()


@api.get("/people-imports")
@api.input(PageQuery, location="query", arg_name="asked")
@api.output(ImportList)
@api.doc(summary="List my imports of people and units, the newest first")
def list_imports(asked: dict[str, Any]) -> dict[str, Any]:
    """Give a page of imports."""
    page = queries.list_imports(actor(), asked["page"], PAGE_SIZE)
    return paged(page, [row._asdict() for row in page.items])


@api.get(IMPORT)
@api.output(ImportOut)
@api.doc(summary="Give an import of people or units of mine")
def get_import(load_id: int) -> dict[str, Any]:
    """Give an import with its counts."""
    return queries.get_import(actor(), load_id)._asdict()


@api.get(IMPORT + "/rows")
@api.input(RowQuery, location="query", arg_name="asked")
@api.output(RowList)
@api.doc(summary="List the rows of an import of mine")
def list_rows(load_id: int, asked: dict[str, Any]) -> dict[str, Any]:
    """Give a page of rows with what happens with each."""
    page = queries.list_rows(actor(), load_id, asked["action"], asked["page"], PAGE_SIZE)
    items = [
        {
            **row._asdict(),
            "notes": [{"column": note[0], "text": said(note[1], note[2])} for note in row.notes],
        }
        for row in page.items
    ]
    return paged(page, items)


@api.post(IMPORT + "/start")
@api.input(StartIn, location="json", arg_name="how")
@api.output(ImportOut, status_code=202)
@api.doc(summary="Carry an import out, in the background", responses=[409])
def start_import(load_id: int, how: dict[str, bool]) -> dict[str, Any]:
    """Begin; with refused rows only if they may be left out."""
    service.start_import(actor(), load_id, how["leave_out"])
    return queries.get_import(actor(), load_id)._asdict()


@api.post(IMPORT + "/slips")
@api.output(SlipList)
@api.doc(summary="Show the next slips with first passwords, once")
def show_slips(load_id: int) -> dict[str, Any]:
    """Give the next first passwords and forget them; an empty list when all were shown."""
    return {"items": slips.show_slips(actor(), load_id)}


@api.delete(IMPORT)
@api.output({}, status_code=204)
@api.doc(summary="Throw an import away", responses=[409])
def discard_import(load_id: int) -> str:
    """Forget an import; nobody is changed by it."""
    service.discard_import(actor(), load_id)
    return ""


@api.get("/people-export/<any(people, units):kind>")
@api.input(TableQuery, location="query", arg_name="asked")
@api.doc(summary="Write out the people or units I administer; taken in again it changes nothing", responses=[200])
def export_table(kind: str, asked: dict[str, Any]) -> Response:
    """Give a table as CSV in UTF-8 with a mark, or as XLSX."""
    me, empty = actor(), asked["template"]
    require(me, Action.MEMBER_MANAGE)
    if asked["form"] == "xlsx":
        made = BytesIO()
        export.as_xlsx(me, kind, reader_locale(), made, empty=empty)
        return Response(made.getvalue(), content_type=XLSX)
    lines: Iterable[str] = export.as_csv(me, kind, reader_locale(), empty=empty)
    return Response("".join(lines), content_type="text/csv; charset=utf-8")
