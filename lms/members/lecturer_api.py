"""The JSON API of accredited lecturers."""

from datetime import UTC
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import AwareDateTime, Boolean, Date, Integer, List, Nested, String
from apiflask.validators import OneOf, Range

from lms import clock
from lms.members import accrediting, lecturer_queries
from lms.members.accrediting import Wanted
from lms.members.lecturer_queries import Filter
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.view import LAST_PAGE, PAGE_SIZE

api = APIBlueprint("lecturers_api", __name__, url_prefix="/api/v1", tag="Lecturers")

ONE = "/lecturers/<int(max=2147483647):accreditation>"
LARGEST_ID = 2**31 - 1


class LecturerQuery(Schema):
    """Which accreditations."""

    state = String(load_default="holding", validate=OneOf(lecturer_queries.STATES))
    q = String(load_default="")
    unit = Integer(load_default=None, allow_none=True, validate=Range(1, LARGEST_ID))
    sort = String(load_default="ends", validate=OneOf(lecturer_queries.SORTS))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class AccreditationIn(Schema):
    """A member, or the name of somebody from outside; without ``until`` it has no end."""

    member = Integer(load_default=None, allow_none=True, strict=True, validate=Range(1, LARGEST_ID))
    name = String(load_default="")
    inside = Boolean(load_default=True)
    unit = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    since = Date(required=True)
    until = Date(load_default=None, allow_none=True)
    remark = String(load_default="")


class AccreditationChange(Schema):
    """The days of an accreditation and what is noted."""

    since = Date(required=True)
    until = Date(load_default=None, allow_none=True)
    remark = String(load_default="")
    inside = Boolean(load_default=True)


class AccreditationOut(Schema):
    """An accreditation: whose, by which unit, on which days, and how it stands today."""

    id = Integer()
    member = Integer(allow_none=True)
    name = String()
    inside = Boolean()
    unit = Integer()
    unit_name = String()
    since = Date()
    until = Date(allow_none=True)
    by_name = String(allow_none=True)
    remark = String()
    revoked_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    state = String(metadata={"description": "holding, soon, coming, ended or revoked"})


class AccreditationPage(Paged):
    """A page of accreditations."""

    items = List(Nested(AccreditationOut))


def _out(accreditation: int) -> dict[str, Any]:
    row = lecturer_queries.get_accreditation(accreditation)
    return {**row._asdict(), "state": row.state(clock.today())}


@api.get("/lecturers")
@api.input(LecturerQuery, location="query", arg_name="query")
@api.output(AccreditationPage)
@api.doc(summary="List accredited lecturers of the units I look after")
def list_lecturers(query: dict[str, Any]) -> dict[str, Any]:
    """Give a page of accreditations."""
    wanted = Filter(query["state"], query["q"].replace("\0", ""), query["unit"], query["sort"])
    page = lecturer_queries.list_accreditations(actor(), wanted, query["page"], PAGE_SIZE)
    today = clock.today()
    items = [{**row._asdict(), "state": row.state(today)} for row in page.items]
    return paged(page, items)


@api.post("/lecturers")
@api.input(AccreditationIn, location="json", arg_name="said")
@api.output(AccreditationOut, status_code=201)
@api.doc(summary="Accredit a lecturer for a unit and those below it", responses=[409])
def accredit(said: dict[str, Any]) -> dict[str, Any]:
    """Accredit a lecturer; a member gets the role with it."""
    return _out(accrediting.accredit(actor(), Wanted(**said)))


@api.get(ONE)
@api.output(AccreditationOut)
@api.doc(summary="Get an accreditation")
def get_lecturer(accreditation: int) -> dict[str, Any]:
    """Give an accreditation of a unit I look after."""
    accrediting.load_kept(actor(), accreditation)
    return _out(accreditation)


@api.put(ONE)
@api.input(AccreditationChange, location="json", arg_name="said")
@api.output(AccreditationOut)
@api.doc(summary="Change the days of an accreditation", responses=[409])
def change(accreditation: int, said: dict[str, Any]) -> dict[str, Any]:
    """Renew or shorten an accreditation."""
    accrediting.change(actor(), accreditation, said["since"], said["until"], said["remark"], said["inside"])
    return _out(accreditation)


@api.post(ONE + "/revoke")
@api.output(AccreditationOut)
@api.doc(summary="End an accreditation at once; what was published stays")
def revoke(accreditation: int) -> dict[str, Any]:
    """Revoke an accreditation."""
    accrediting.revoke(actor(), accreditation)
    return _out(accreditation)


@api.post(ONE + "/reinstate")
@api.output(AccreditationOut)
@api.doc(summary="Take a revocation back", responses=[409])
def reinstate(accreditation: int) -> dict[str, Any]:
    """Let a revoked accreditation count again."""
    accrediting.reinstate(actor(), accreditation)
    return _out(accreditation)
