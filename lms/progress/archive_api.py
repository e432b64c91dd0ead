"""The JSON API of the study archive."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Date, Integer, List, Nested, String
from apiflask.validators import Range
from werkzeug.wrappers import Response

from lms.progress import archive
from lms.progress.api import HIGHEST_ID, EvidenceItem, FigureOut, RequirementOut, figure_out, requirement_out
from lms.progress.archive_pages import workbook
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import LAST_PAGE

api = APIBlueprint("progress_archive_api", __name__, url_prefix="/api/v1", tag="Progress")


class ArchiveQuery(Schema):
    """Which year, of whom."""

    year = Integer(load_default=None, validate=Range(2000, 2100))
    member = Integer(load_default=None, validate=Range(1, HIGHEST_ID))


class ArchivePageQuery(ArchiveQuery):
    """Which year, of whom, and which page of its entries."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class StayOut(Schema):
    """Days in a unit."""

    unit_name = String()
    since = Date()
    until = Date(allow_none=True)


class TotalOut(Schema):
    """The year's sum of a measure, in its unit."""

    measure = String()
    amount = Integer()


class AskedOut(Schema):
    """A requirement over the year."""

    requirement = Nested(RequirementOut)
    asked = Integer(metadata={"description": "Periods in which something was asked."})
    met = Integer(metadata={"description": "Periods in which it was done."})
    figures = List(Nested(FigureOut))


class ArchiveOut(Schema):
    """A member's year."""

    member = Integer()
    name = String()
    year = Integer()
    years = List(Integer())
    stays = List(Nested(StayOut))
    totals = List(Nested(TotalOut))
    requirements = List(Nested(AskedOut))
    entries = List(
        Nested(EvidenceItem),
        metadata={"description": "A page of what stands; over all pages the amounts add up to the totals."},
    )
    page = Integer()
    pages = Integer()
    entries_total = Integer(metadata={"description": "How many entries there are on all pages."})


@api.get("/progress/archive")
@api.input(ArchivePageQuery, location="query")
@api.output(ArchiveOut)
@api.doc(summary="The study archive of a year", description="One's own, or that of a member one looks after.")
def study_archive(query_data: dict[str, Any]) -> dict[str, Any]:
    found = archive.get_archive(actor(), query_data["year"], query_data["member"], profile())
    entries = archive.list_entries(found, query_data["page"], timed=True)
    return {
        "member": found.member,
        "name": found.name,
        "year": found.year,
        "years": found.years,
        "stays": found.stays,
        "totals": [{"measure": measure, "amount": amount} for measure, amount in found.totals],
        "requirements": [
            {
                "requirement": requirement_out(course.requirement),
                "asked": course.asked,
                "met": course.met,
                "figures": [figure_out(figure) for figure in course.figures],
            }
            for course in found.courses
        ],
        "entries": entries.items,
        "page": entries.number,
        "pages": entries.pages,
        "entries_total": entries.total,
    }


@api.get("/progress/archive.xlsx")
@api.input(ArchiveQuery, location="query")
@api.doc(summary="The study archive of a year as a workbook", description="All its entries.", responses=[200])
def study_archive_workbook(query_data: dict[str, Any]) -> Response:
    return workbook(archive.get_archive(actor(), query_data["year"], query_data["member"], profile()))
