"""The JSON API of boards: coverage, the members behind each number, units side by side, frozen periods."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, DateTime, Float, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms import clock
from lms.board import frozen_queries, people, queries, rules, service
from lms.board.coverage import Counts, Group
from lms.board.frozen_queries import FrozenRow
from lms.board.rules import Chosen
from lms.board.unit_lines import UnitFigure
from lms.errors import N_, InvalidInput
from lms.periods import Period
from lms.progress.asking import DATES
from lms.progress.profiles import profile
from lms.web.signin import actor

api = APIBlueprint("board_api", __name__, url_prefix="/api/v1", tag="Boards")

UNIT = "/board/<int(max=2147483647):unit_id>"
FROZEN = "/board/frozen/<int(max=2147483647):frozen_id>"
KINDS = [*[period.value for period in Period], DATES]
HIGHEST_ID = 2**31 - 1


class DaysQuery(Schema):
    """Which days: a calendar period with any day in it, or dates from ``since`` to ``until``."""

    period = String(load_default=Period.MONTH.value, validate=OneOf(KINDS))
    day = Date(load_default=None, metadata={"description": "Any day of the period; today by default."})
    since = Date(load_default=None)
    until = Date(load_default=None)


class PeopleQuery(DaysQuery):
    """Whose names."""

    group = String(load_default=Group.LATE.value, validate=OneOf([group.value for group in Group]))
    series = Integer(load_default=None, validate=Range(1, HIGHEST_ID))
    page = Integer(load_default=1, validate=Range(1, 100_000))


class BesideQuery(DaysQuery):
    """Which units."""

    kind = String(load_default="")


class PageQuery(Schema):
    """Which page."""

    page = Integer(load_default=1, validate=Range(1, 100_000))


class FreezeIn(DaysQuery):
    """Which days to freeze, with a remark."""

    note = String(load_default="", validate=Length(max=rules.NOTE_LENGTH))


class LiftIn(Schema):
    """Why a period is opened again."""

    why = String(required=True)


class CountsOut(Schema):
    """How many stand how; ``asked`` is the denominator: met, on_the_way and late add up to it."""

    members = Integer()
    asked = Integer()
    met = Integer()
    on_the_way = Integer()
    late = Integer()
    on_leave = Integer()
    exempt = Integer()
    too_late = Integer()
    not_concerned = Integer()
    part = Integer(metadata={"description": "Of those asked, who are asked for a part only."})
    moved_away = Integer()
    left = Integer()
    expected = Integer(metadata={"description": "Who will have met it by the end at today's pace."})
    share = Float(allow_none=True, metadata={"description": "Coverage, 0 to 1; null where nobody is asked."})


class CoveragePeriod(CountsOut):
    """One period of a requirement."""

    since = Date()
    until = Date()


class CoverageLine(Schema):
    """A requirement: the total of its periods (each member once a period), and each period."""

    requirement = Integer()
    series = Integer()
    title = String()
    measure = String()
    target = Integer(metadata={"description": "Percent of those asked; 0 for no target."})
    total = Nested(CountsOut)
    periods = List(Nested(CoveragePeriod))


class PartOut(Schema):
    """A part of an index."""

    series = Integer()
    weight = Integer()
    met = Integer()
    asked = Integer()


class UnitFigureOut(Schema):
    """How a unit stands with what is asked of it: an amount, an index in percent, or a share of units."""

    unit = Integer()
    since = Date()
    until = Date()
    verdict = String()
    done = Integer(allow_none=True)
    required = Integer(allow_none=True)
    index = Float(allow_none=True)
    parts = List(Nested(PartOut))
    reached = List(Integer())
    among = List(Integer())


class UnitLineOut(Schema):
    """A requirement of units."""

    requirement = Integer()
    series = Integer()
    title = String()
    figures = List(Nested(UnitFigureOut))


class CoverageOut(Schema):
    """How a unit stands over some days."""

    unit = Integer()
    name = String()
    period = String()
    since = Date()
    until = Date()
    as_of = Date()
    members = Integer()
    asked = Integer()
    met = Integer()
    late = Integer()
    requirements = List(Nested(CoverageLine))
    of_units = List(Nested(UnitLineOut))


class CoveragePerson(Schema):
    """A member in a group of a requirement."""

    id = Integer()
    name = String()
    unit_name = String()
    requirement = Integer()
    title = String()
    since = Date()
    until = Date()
    done = Integer()
    required = Integer()
    pace = String()
    why = List(String())
    periods_asked = Integer()
    periods_met = Integer()
    behind_since = Date(allow_none=True)


class CoveragePeople(Schema):
    """A page of names."""

    items = List(Nested(CoveragePerson))
    page = Integer()
    pages = Integer()
    total = Integer()


class BesideCell(Schema):
    """A requirement in a unit."""

    met = Integer()
    asked = Integer()
    late = Integer()


class BesideUnit(Schema):
    """A unit, with the requirements in their order."""

    id = Integer()
    name = String()
    kind = String()
    members = Integer()
    late = Integer()
    cells = List(Nested(BesideCell))


class BesideOut(Schema):
    """Units side by side."""

    requirements = List(Integer())
    items = List(Nested(BesideUnit))


class FrozenOut(Schema):
    """A frozen period."""

    id = Integer()
    unit = Integer()
    period = String()
    since = Date()
    until = Date()
    note = String()
    frozen_by = String()
    frozen_at = DateTime()
    open_again = Boolean()
    lifted_by = String()
    lifted_at = DateTime(allow_none=True)
    lifted_why = String()


class FrozenPage(Schema):
    """A page of frozen periods."""

    items = List(Nested(FrozenOut))
    page = Integer()
    pages = Integer()
    total = Integer()


class FrozenCoverage(Schema):
    """A requirement of a snapshot."""

    requirement = Integer()
    series = Integer()
    title = String()
    periods = List(Nested(CoveragePeriod))


class DifferenceOut(Schema):
    """Where today's ledger says otherwise."""

    title = String()
    met = Integer()
    asked = Integer()
    met_today = Integer()
    asked_today = Integer()


class SnapshotOut(FrozenOut):
    """A snapshot as it was."""

    members = Integer()
    asked = Integer()
    met = Integer()
    late = Integer()
    requirements = List(Nested(FrozenCoverage))
    differences = List(Nested(DifferenceOut))


def _chosen(data: dict[str, Any]) -> Chosen:
    if data["period"] != DATES:
        return rules.choose(data["period"], data["day"] or clock.today())
    if data["since"] is None or data["until"] is None:
        raise InvalidInput(N_("Please give the first and the last day."), field="since")
    return rules.campaign(data["since"], data["until"])


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        **{group.value: counts[group] for group in Group},
        "members": counts.members,
        "asked": counts.asked,
        "expected": counts.expected,
        "share": counts.share,
    }


@api.get(UNIT)
@api.input(DaysQuery, location="query")
@api.output(CoverageOut)
@api.doc(summary="How a unit stands", description="Coverage of each requirement, with the denominators spelled out.")
def coverage(unit_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    chosen = _chosen(query_data)
    found = queries.get_board(actor(), unit_id, chosen, profile())
    return {
        "unit": found.unit.id,
        "name": found.unit.name,
        "period": chosen.kind,
        "since": chosen.span.since,
        "until": chosen.span.until,
        "as_of": found.today,
        "members": found.members,
        "asked": found.asked,
        "met": found.met,
        "late": found.late,
        "requirements": [
            {
                "requirement": line.row.id,
                "series": line.series,
                "title": line.row.title,
                "measure": line.row.asked.measure,
                "target": line.row.asked.coverage,
                "total": _counts(line.total),
                "periods": [{"since": s.since, "until": s.until, **_counts(counts)} for s, counts in line.periods],
            }
            for line in found.lines
        ],
        "of_units": [
            {
                "requirement": line.row.id,
                "series": line.row.series,
                "title": line.row.title,
                "figures": [_figure(figure) for figure in line.figures],
            }
            for line in found.unit_lines
        ],
    }


def _figure(figure: UnitFigure) -> dict[str, Any]:
    standing, index = figure.standing, figure.index
    return {
        "unit": figure.unit,
        "since": figure.span.since,
        "until": figure.span.until,
        "verdict": figure.verdict.value,
        "done": standing.total if standing else None,
        "required": standing.required if standing else None,
        "index": index.value if index else None,
        "parts": [asdict(part) for part in index.parts] if index else [],
        "reached": list(figure.reached),
        "among": list(figure.among),
    }


@api.get(UNIT + "/people")
@api.input(PeopleQuery, location="query")
@api.output(CoveragePeople)
@api.doc(summary="The members behind a number of a board", description="By default those who are behind.")
def coverage_people(unit_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    found = people.list_people(
        actor(),
        unit_id,
        _chosen(query_data),
        Group(query_data["group"]),
        query_data["series"],
        query_data["page"],
        profile(),
    ).lines
    items = [
        {
            "id": one.id,
            "name": one.name,
            "unit_name": one.unit_name,
            "requirement": one.requirement,
            "title": one.title,
            "since": one.span.since,
            "until": one.span.until,
            "done": one.done,
            "required": one.required,
            "pace": one.pace.value,
            "why": [why.value for why in one.why],
            "periods_asked": one.asked,
            "periods_met": one.met,
            "behind_since": one.behind_since,
        }
        for one in found.items
    ]
    return {"items": items, "page": found.number, "pages": found.pages, "total": found.total}


@api.get(UNIT + "/units")
@api.input(BesideQuery, location="query")
@api.output(BesideOut)
@api.doc(summary="The units below one side by side", description="Each unit's cells follow the requirements' order.")
def coverage_units(unit_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    found = queries.get_beside(actor(), unit_id, _chosen(query_data), query_data["kind"], profile())
    return {"requirements": [row.id for row in found.rules], "items": [asdict(line) for line in found.lines]}


@api.get(UNIT + "/frozen")
@api.input(PageQuery, location="query")
@api.output(FrozenPage)
@api.doc(summary="The frozen periods of a unit")
def list_frozen_periods(unit_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    _, found = frozen_queries.list_frozen(actor(), unit_id, query_data["page"])
    items = [_frozen(row) for row in found.items]
    return {"items": items, "page": found.number, "pages": found.pages, "total": found.total}


def _frozen(row: FrozenRow) -> dict[str, Any]:
    return {
        **asdict(row),
        "period": row.chosen.kind,
        "since": row.chosen.span.since,
        "until": row.chosen.span.until,
        "open_again": row.is_open,
    }


@api.post(UNIT + "/frozen")
@api.input(FreezeIn, location="json")
@api.output(SnapshotOut, status_code=201)
@api.doc(summary="Freeze a period of a unit that is over")
def freeze_period(unit_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    note = json_data.pop("note")
    return _snapshot(service.freeze_period(actor(), unit_id, _chosen(json_data), note, profile()))


@api.get(FROZEN)
@api.output(SnapshotOut)
@api.doc(summary="Read a snapshot", description="The figures as they were, and where today's ledger differs.")
def get_frozen_period(frozen_id: int) -> dict[str, Any]:
    return _snapshot(frozen_id)


@api.post(FROZEN + "/lift")
@api.input(LiftIn, location="json")
@api.output(SnapshotOut)
@api.doc(summary="Open a frozen period again", description="The snapshot stays, with who opened it, when and why.")
def lift_frozen_period(frozen_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    service.lift_freeze(actor(), frozen_id, json_data["why"])
    return _snapshot(frozen_id)


def _snapshot(frozen: int) -> dict[str, Any]:
    view = frozen_queries.get_frozen(actor(), frozen, profile())
    held = view.snapshot
    return {
        **_frozen(view.row),
        "members": held.members,
        "asked": held.asked,
        "met": held.met,
        "late": held.late,
        "requirements": [
            {
                "requirement": line.requirement,
                "series": line.series,
                "title": line.title,
                "periods": [{"since": s.since, "until": s.until, **_counts(counts)} for s, counts in line.periods],
            }
            for line in held.lines
        ],
        "differences": [asdict(one) for one in view.differences],
    }
