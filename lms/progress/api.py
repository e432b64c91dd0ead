"""The JSON API of progress."""

from dataclasses import asdict
from datetime import date
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, Dict, Float, Integer, List, Nested, String
from apiflask.validators import OneOf, Range

from lms.progress import queries, rules, service
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import DATES, PERIODS, spec_of
from lms.progress.evidence import EvidenceRow
from lms.progress.figures import Figure
from lms.progress.measures import ASKABLE
from lms.progress.requirement_pages import PAGE_SIZE
from lms.progress.rules import Standing
from lms.progress.service import RequirementForm
from lms.web.paged import Paged, paged
from lms.web.profile import profile
from lms.web.signin import actor

api = APIBlueprint("progress_api", __name__, url_prefix="/api/v1", tag="Progress")

HIGHEST_ID = 2**31 - 1
EVIDENCE = "/progress/<int(max=2147483647):requirement_id>/evidence"
REQUIREMENT = "/requirements/<int(max=2147483647):requirement_id>"


class RequirementOut(Schema):
    """What a unit asks: one version of it; ``series`` is what its versions share."""

    id = Integer()
    series = Integer()
    version = Integer()
    title = String()
    unit = Integer()
    unit_name = String()
    measure = String()
    amount = Integer(metadata={"description": "In the measure's unit: books, minutes, tenths of days or hours, fen."})
    period = String(metadata={"enum": list(PERIODS)})
    since = Date()
    until = Date(allow_none=True)
    spec = Dict(metadata={"description": "All that differs from: every member, so much in each period."})
    preset = String()


class StandingOut(Schema):
    """How a member stands in one period; amounts in the measure's unit."""

    done = Integer()
    carried = Integer()
    total = Integer()
    required = Integer()
    remaining = Integer()
    pace = String(metadata={"enum": [pace.value for pace in rules.Pace]})
    expected_by_today = Integer()
    difference = Integer()
    elapsed = Float(metadata={"description": "The share of the time that has gone, 0 to 1."})
    deadline = Date(allow_none=True)
    started = Date(allow_none=True)
    why = List(String(), metadata={"description": "Why less than the whole is asked."})


class FigureOut(Schema):
    """A requirement's standing in the period from ``since`` to ``until``."""

    requirement = Nested(RequirementOut)
    since = Date()
    until = Date()
    standing = Nested(StandingOut)


class HistoryOut(Schema):
    """A requirement now and in its last closed periods."""

    now = Nested(FigureOut)
    past = List(Nested(FigureOut))


class ProgressOut(Schema):
    """All that is asked of the member."""

    items = List(Nested(HistoryOut))


class EvidenceItem(Schema):
    """A row of the ledger; a reversal takes an earlier one back."""

    id = Integer()
    day = Date()
    amount = Integer()
    measure = String()
    kind = String(metadata={"description": "What it rests on: a reading entry, a note, a lecture, an activity ..."})
    ref = Integer()
    reversal = Boolean()
    title = String(metadata={"description": "Empty when what it rests on was removed since."})
    href = String()


class OccasionOut(Schema):
    """An event that asked for something until its deadline, and when it was done."""

    day = Date()
    deadline = Date()
    met = Date(allow_none=True)


class EvidenceOut(Paged):
    """What stands behind a figure."""

    figure = Nested(FigureOut)
    member = Integer()
    member_name = String()
    sum = Integer(metadata={"description": "Of all rows; more than done only where a day is capped."})
    occasions = List(Nested(OccasionOut), metadata={"description": "Where each event asks for something."})
    in_part = Boolean(metadata={"description": "Of who moved or left: only the days in your units are listed."})
    items = List(Nested(EvidenceItem))


class EvidenceQuery(Schema):
    """Whose figure of which period."""

    period = Date(load_default=None, metadata={"description": "Any day of the period; today by default."})
    member = Integer(load_default=None, validate=Range(1, HIGHEST_ID))
    page = Integer(load_default=1, validate=Range(1, 100_000))


class RequirementIn(Schema):
    """What shall be asked."""

    title = String(required=True)
    measure = String(required=True, validate=OneOf(ASKABLE))
    amount = Integer(required=True, strict=True)
    period = String(required=True, validate=OneOf(PERIODS))
    since = Date(required=True)
    until = Date(load_default=None, allow_none=True)
    spec = Dict(load_default=dict)


class NewRequirement(RequirementIn):
    """What shall be asked, and of which unit."""

    unit = Integer(required=True, validate=Range(1, HIGHEST_ID))


class PageQuery(Schema):
    """Which page."""

    page = Integer(load_default=1, validate=Range(1, 100_000))


class RequirementsPage(Paged):
    """A page of requirements."""

    items = List(Nested(RequirementOut))


class AskedFromAbove(Schema):
    """Requirements of the units above."""

    items = List(Nested(RequirementOut))


@api.get("/progress")
@api.output(ProgressOut)
@api.doc(summary="How the own requirements stand")
def my_progress() -> dict[str, Any]:
    histories = queries.list_my_histories(actor())
    return {"items": [{"now": figure_out(h.now), "past": [figure_out(f) for f in h.past]} for h in histories]}


def figure_out(figure: Figure) -> dict[str, Any]:
    """Give a figure as the API shows it."""
    return {
        "requirement": requirement_out(figure.requirement),
        "since": figure.span.since,
        "until": figure.span.until,
        "standing": _standing(figure.standing),
    }


def requirement_out(row: RequirementRow) -> dict[str, Any]:
    """Give a requirement as the API shows it."""
    asked = row.asked
    return {
        "id": row.id,
        "series": row.series,
        "version": row.version,
        "title": row.title,
        "unit": row.unit,
        "unit_name": row.unit_name,
        "measure": asked.measure,
        "amount": asked.amount,
        "period": asked.period.value if asked.period else DATES,
        "since": asked.since,
        "until": asked.until,
        "spec": spec_of(asked),
        "preset": row.preset,
    }


def _standing(standing: Standing) -> dict[str, Any]:
    return {**asdict(standing), "total": standing.total, "remaining": standing.remaining}


@api.get(EVIDENCE)
@api.input(EvidenceQuery, location="query")
@api.output(EvidenceOut)
@api.doc(summary="What stands behind a figure", description="The items' amounts add up to the figure.")
def evidence(requirement_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    period: date | None = query_data["period"]
    found = queries.get_evidence(actor(), requirement_id, period, query_data["member"], query_data["page"], profile())
    rows = found.rows
    return {
        "figure": figure_out(found.figure),
        "member": found.member,
        "member_name": found.member_name,
        "sum": found.sum,
        "occasions": found.occasions,
        "in_part": found.in_part,
        "items": [_evidence_item(row) for row in rows.items],
        "page": rows.number,
        "pages": rows.pages,
        "total": rows.total,
    }


def _evidence_item(row: EvidenceRow) -> dict[str, Any]:
    return asdict(row)


@api.get("/requirements")
@api.input(PageQuery, location="query")
@api.output(RequirementsPage)
@api.doc(summary="List the requirements that may be edited")
def list_requirements(query_data: dict[str, Any]) -> dict[str, Any]:
    found = queries.list_requirements(actor(), query_data["page"], PAGE_SIZE)
    items = [requirement_out(row) for row in found.items]
    return paged(found, items)


@api.get("/requirements/above")
@api.output(AskedFromAbove)
@api.doc(summary="What units above mine ask of my people", description="To be read; each names the unit that asks it.")
def list_asked_from_above() -> dict[str, Any]:
    return {"items": [requirement_out(row) for row in queries.list_asked_from_above(actor())]}


@api.post("/requirements")
@api.input(NewRequirement, location="json")
@api.output(RequirementOut, status_code=201)
@api.doc(summary="Ask something of a unit's members")
def add_requirement(json_data: dict[str, Any]) -> dict[str, Any]:
    unit = json_data.pop("unit")
    return _shown(service.add_requirement(actor(), unit, RequirementForm(**json_data, profile=profile())))


@api.get(REQUIREMENT)
@api.output(RequirementOut)
@api.doc(summary="Read a requirement")
def get_requirement(requirement_id: int) -> dict[str, Any]:
    return _shown(requirement_id)


@api.put(REQUIREMENT)
@api.input(RequirementIn, location="json")
@api.output(RequirementOut)
@api.doc(
    summary="Change a requirement",
    description="A closed period keeps what was asked in it, so the answer may be a new requirement with its own id.",
)
def change_requirement(requirement_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    return _shown(service.change_requirement(actor(), requirement_id, RequirementForm(**json_data, profile=profile())))


@api.delete(REQUIREMENT)
@api.output({}, status_code=204)
@api.doc(summary="End a requirement", description="Today still counts; what was asked until now stays.")
def end_requirement(requirement_id: int) -> str:
    service.end_requirement(actor(), requirement_id)
    return ""


def _shown(requirement: int) -> dict[str, Any]:
    return requirement_out(queries.get_requirement(actor(), requirement))
