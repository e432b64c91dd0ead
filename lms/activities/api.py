"""The JSON API of activity records."""

from dataclasses import asdict
from datetime import date
from typing import Any

from apiflask import APIBlueprint
from apiflask.fields import File
from werkzeug.wrappers import Response

from lms import clock
from lms.activities import (
    deciding,
    evidence,
    pages,
    paste_pages,
    pasting,
    queries,
    reach,
    registering,
    registers_pasted,
    service,
    table_words,
)
from lms.activities.pasting import Looked
from lms.activities.rules import ActivityRefused, Draft, Mark
from lms.activities.schemas import (
    ActivityOut,
    ActivityPage,
    ActivityQuery,
    AttendancePage,
    AttendanceQuery,
    AttendanceTableQuery,
    ChangeIn,
    DecidedOut,
    DecisionIn,
    DecisionsIn,
    EnterIn,
    FileOut,
    LeaveIn,
    LeaveOut,
    MakeUpIn,
    PastedIn,
    PastedOut,
    PastedRegisterIn,
    PastedRegisterOut,
    RegisterIn,
    RemarkIn,
    SessionIn,
    TableQuery,
)
from lms.periods import Period, period_of
from lms.web.errors import answer
from lms.web.i18n import words
from lms.web.paged import paged
from lms.web.signin import actor
from lms.web.uploads import allow_upload
from lms.web.view import PAGE_SIZE

api = APIBlueprint("activities_api", __name__, url_prefix="/api/v1", tag="Activities")

ONE = "/activities/<int(max=2147483647):activity_id>"
allow_upload(
    "activities_api.add_file",
    lambda settings: evidence.LARGEST,
    None,
    lambda member, named: [evidence.destination(member, named["activity_id"])],
)


@api.get("/activities")
@api.input(ActivityQuery, location="query")
@api.output(ActivityPage)
@api.doc(summary="List activity records")
def list_activities(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of records."""
    which, kind, number = query_data["which"], query_data["kind"], query_data["page"]
    if which == "waiting":
        page = queries.list_queue(actor(), "waiting", kind, number, PAGE_SIZE)
    elif which == "units":
        page = queries.list_of_units(actor(), number, PAGE_SIZE, kind)
    else:
        page = queries.list_mine(actor(), number, PAGE_SIZE, kind)
    items = [row._asdict() for row in page.items]
    return paged(page, items)


@api.get(ONE)
@api.output(ActivityOut)
@api.doc(summary="Give a record with its evidence and register")
def get_activity(activity_id: int) -> dict[str, Any]:
    """Give a record."""
    return _shown(activity_id)


@api.post("/activities")
@api.input(EnterIn, location="json")
@api.output(ActivityOut, status_code=201)
@api.doc(summary="Enter what I did, or as a liaison what a member did", responses=[409])
def enter(json_data: dict[str, Any]) -> dict[str, Any] | Response:
    """Enter a record; about me it waits, about a member it is confirmed at once."""
    member = json_data.pop("member")
    try:
        return _shown(service.enter(actor(), Draft(**json_data), member))
    except ActivityRefused as error:
        return _refusal(error)


@api.post("/activities/sessions")
@api.input(SessionIn, location="json")
@api.output(ActivityOut, status_code=201)
@api.doc(summary="Schedule or enter what a unit holds", responses=[409])
def hold(json_data: dict[str, Any]) -> dict[str, Any] | Response:
    """Schedule a session, or enter one that was held with its register."""
    unit, planned = json_data.pop("unit"), json_data.pop("planned")
    marks = [Mark(**mark) for mark in json_data.pop("register")]
    draft = Draft(**json_data)
    try:
        made = service.plan(actor(), unit, draft) if planned else service.hold(actor(), unit, draft, marks)
    except ActivityRefused as error:
        return _refusal(error)
    return _shown(made)


@api.put(ONE)
@api.input(ChangeIn, location="json")
@api.output(ActivityOut)
@api.doc(summary="Change a record; a confirmed one is counted anew", responses=[409])
def change(activity_id: int, json_data: dict[str, Any]) -> dict[str, Any] | Response:
    """Change what a record says."""
    version = json_data.pop("version")
    try:
        service.change(actor(), activity_id, version, Draft(**json_data))
    except ActivityRefused as error:
        return _refusal(error)
    return _shown(activity_id)


@api.delete(ONE)
@api.output({}, status_code=204)
@api.doc(summary="Withdraw a record; it counts no more", responses=[409])
def withdraw(activity_id: int) -> str:
    """Withdraw a record."""
    service.withdraw(actor(), activity_id)
    return ""


@api.post(ONE + "/restore")
@api.output(ActivityOut)
@api.doc(summary="Bring a withdrawn record back", responses=[409])
def restore(activity_id: int) -> dict[str, Any]:
    """Bring a withdrawn record back."""
    service.restore(actor(), activity_id)
    return _shown(activity_id)


@api.post(ONE + "/decision")
@api.input(DecisionIn, location="json")
@api.output(ActivityOut)
@api.doc(summary="Confirm a record or return it with a remark", responses=[409])
def decide(activity_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Decide about a record."""
    deciding.decide(actor(), activity_id, json_data["version"], json_data["verdict"], json_data["remark"])
    return _shown(activity_id)


@api.post("/activities/decisions")
@api.input(DecisionsIn, location="json")
@api.output(DecidedOut)
@api.doc(summary="Confirm or return many records at once, all or none", responses=[409])
def decide_many(json_data: dict[str, Any]) -> dict[str, Any]:
    """Decide about many records."""
    done = deciding.decide_many(actor(), json_data["activities"], json_data["verdict"], json_data["remark"])
    return {"decided": done}


@api.post(ONE + "/reopen")
@api.input(RemarkIn, location="json")
@api.output(ActivityOut)
@api.doc(summary="Take a confirmation back", responses=[409])
def reopen(activity_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Take a confirmation back."""
    deciding.reopen(actor(), activity_id, json_data["remark"])
    return _shown(activity_id)


@api.put(ONE + "/register")
@api.input(RegisterIn, location="json")
@api.output(ActivityOut)
@api.doc(summary="Write or correct the register of a session", responses=[409])
def set_register(activity_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Write a register."""
    marks = [Mark(**mark) for mark in json_data["register"]]
    registering.set_register(actor(), activity_id, json_data["version"], marks, json_data["minutes"])
    return _shown(activity_id)


@api.put(ONE + "/leave")
@api.input(LeaveIn, location="json")
@api.output(LeaveOut)
@api.doc(summary="Ask for leave from a session of my unit", responses=[409])
def ask_leave(activity_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Ask for leave."""
    return {"beforehand": registering.ask_leave(actor(), activity_id, json_data["reason"])}


@api.delete(ONE + "/leave")
@api.output({}, status_code=204)
@api.doc(summary="Take my leave back", responses=[409])
def take_leave_back(activity_id: int) -> str:
    """Take the own leave back."""
    registering.take_leave_back(actor(), activity_id)
    return ""


@api.put(ONE + "/make-up")
@api.input(MakeUpIn, location="json")
@api.output(ActivityOut)
@api.doc(summary="Note when a member made a session up", responses=[409])
def make_up(activity_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Note when a session was made up, or take that back."""
    registering.make_up(actor(), activity_id, json_data["member"], json_data["day"])
    return _shown(activity_id)


@api.post(ONE + "/files")
@api.input({"file": File(required=True)}, location="files")
@api.output(FileOut, status_code=201)
@api.doc(summary="Put a picture or a PDF to a record, at most 20 MB")
def add_file(activity_id: int, files_data: dict[str, Any]) -> dict[str, Any]:
    """Put evidence to a record."""
    sent = files_data["file"]
    made = evidence.add_file(actor(), activity_id, sent.stream, sent.filename or "")
    return evidence.get_file(actor(), activity_id, made)._asdict()


@api.get(ONE + "/files/<int(max=2147483647):file_id>")
@api.doc(summary="Fetch a file of evidence")
def get_file(activity_id: int, file_id: int) -> Response:
    """Send a file."""
    return pages.file_response(activity_id, file_id)


@api.delete(ONE + "/files/<int(max=2147483647):file_id>")
@api.output({}, status_code=204)
@api.doc(summary="Take a file off a record")
def remove_file(activity_id: int, file_id: int) -> str:
    """Take a file off a record."""
    evidence.remove_file(actor(), activity_id, file_id)
    return ""


@api.post("/activities/pasted")
@api.input(PastedIn, location="json")
@api.output(PastedOut)
@api.doc(summary="Look through many rows from a sheet, or enter those that are sound")
def paste(json_data: dict[str, Any]) -> dict[str, Any]:
    """Look rows through, or carry them out."""
    rows = paste_pages.read(json_data["rows"], json_data["usual"], json_data["usual_category"])
    if not json_data["carry_out"]:
        return {"rows": [_looked(one) for one in pasting.look(actor(), rows)], "entered": 0}
    left = pasting.carry_out(actor(), rows)
    return {"rows": [_looked(one) for one in left], "entered": len(rows) - len(left)}


@api.get("/activities/attendance")
@api.input(AttendanceQuery, location="query")
@api.output(AttendancePage)
@api.doc(summary="How the members of a unit attended")
def attendance(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give attendance by name."""
    since, until = _days(query_data)
    page = queries.list_attendance(actor(), query_data["unit"], query_data["kind"], since, until, query_data["page"])
    items = [asdict(row) for row in page.items]
    return paged(page, items)


@api.post(ONE + "/register/pasted")
@api.input(PastedRegisterIn, location="json")
@api.output(PastedRegisterOut)
@api.doc(
    summary="Look through a register pasted from a sheet, or keep it",
    description="With anything wrong nothing is kept: 422 names each row.",
    responses=[409, 422],
)
def paste_register(activity_id: int, json_data: dict[str, Any]) -> dict[str, Any] | Response:
    """Look a pasted register through, or keep it if every row is sound."""
    row = reach.get_cared_for(actor(), activity_id)
    filled = registers_pasted.fill(row, json_data["rows"], json_data["others"])
    if json_data["carry_out"]:
        if filled.problems:
            said = {f"rows.{one.row}.{one.column}": [words(one.error)] for one in filled.problems}
            return answer(422, words(filled.problems[0].error), errors=said)
        version = row.version if json_data["version"] is None else json_data["version"]
        minutes = row.minutes if json_data["minutes"] is None else json_data["minutes"]
        registering.set_register(actor(), activity_id, version, filled.marks, minutes)
    return {
        "register": [{**asdict(mark), "named": mark.member in filled.named} for mark in filled.marks],
        "problems": [{"row": one.row, "column": one.column, "text": words(one.error)} for one in filled.problems],
        "kept": json_data["carry_out"],
    }


@api.get("/activities/table/<any(csv, xlsx):form>")
@api.input(TableQuery, location="query")
@api.doc(summary="My records, or those of my units, as CSV or XLSX", responses=[200])
def records_table(form: str, query_data: dict[str, Any]) -> Response:
    """Hand out records as a table."""
    return table_words.records(form, query_data["whose"], *_days(query_data))


@api.get("/activities/attendance/<any(csv, xlsx):form>")
@api.input(AttendanceTableQuery, location="query")
@api.doc(summary="How the members of a unit attended, as CSV or XLSX", responses=[200])
def attendance_table(form: str, query_data: dict[str, Any]) -> Response:
    """Hand out attendance as a table."""
    return table_words.attendance(form, query_data["unit"], query_data["kind"], *_days(query_data))


def _days(asked: dict[str, Any]) -> tuple[date, date]:
    year = period_of(clock.today(), Period.YEAR)
    return asked["since"] or year.since, asked["until"] or year.until


def _looked(one: Looked) -> dict[str, Any]:
    problems = [{"column": problem.column, "text": words(problem.error)} for problem in one.row.problems]
    return {"row": one.row.number, "member": one.member, "sound": one.sound, "problems": problems}


def _refusal(error: ActivityRefused) -> Response:
    return answer(422, words(error), errors={problem.field: [words(problem)] for problem in error.problems})


def _shown(activity_id: int) -> dict[str, Any]:
    reader = actor()
    view = queries.get_activity(reader, activity_id)
    lines = queries.list_register(activity_id)
    if not reach.cares(reader, view.row.unit):
        lines = [line for line in lines if line.member == reader.id]
    return {
        **view.row._asdict(),
        "text": view.text,
        "link": view.link,
        "files": [file._asdict() for file in evidence.list_files(activity_id)],
        "register": [line._asdict() for line in lines],
    }
