"""The JSON API of boards: coverage, the members behind each number, units side by side, frozen periods."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint

from lms import clock
from lms.board import facts as unit_facts
from lms.board import frozen_queries, people, queries, rules, service
from lms.board import members as one_by_one
from lms.board.coverage import Counts, Group
from lms.board.frozen_queries import FrozenRow
from lms.board.members import MemberCell
from lms.board.rules import Chosen
from lms.board.schemas import (
    BesideOut,
    BesideQuery,
    CoverageOut,
    CoveragePeople,
    DaysQuery,
    FactsOut,
    FactsQuery,
    FreezeIn,
    FrozenPage,
    LiftIn,
    MembersOut,
    MembersQuery,
    PageQuery,
    PeopleQuery,
    SnapshotOut,
)
from lms.board.unit_lines import UnitFigure
from lms.errors import N_, InvalidInput
from lms.progress.asking import DATES
from lms.web.paged import paged
from lms.web.profile import profile
from lms.web.signin import actor

api = APIBlueprint("board_api", __name__, url_prefix="/api/v1", tag="Boards")

UNIT = "/board/<int(max=2147483647):unit_id>"
FROZEN = "/board/frozen/<int(max=2147483647):frozen_id>"


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
    return paged(found, items)


@api.get(UNIT + "/members")
@api.input(MembersQuery, location="query")
@api.output(MembersOut)
@api.doc(summary="The members of a unit one by one", description="Cells follow the requirements' order.")
def coverage_members(unit_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    chosen, page = _chosen(query_data), query_data["page"]
    found = one_by_one.list_members(actor(), unit_id, chosen, query_data["sort"], page, profile(), query_data["q"])
    items = [
        {
            "id": line.id,
            "name": line.name,
            "unit_name": line.unit_name,
            "cells": [None if cell is None else _member_cell(cell) for cell in line.cells],
        }
        for line in found.lines.items
    ]
    requirements = [{"requirement": r.id, "series": r.series, "title": r.title} for r in found.rules]
    lines = found.lines
    beside = {"page": lines.number, "pages": lines.pages, "total": lines.total}
    return {"unit": unit_id, "behind": found.late, "requirements": requirements, "items": items, **beside}


def _member_cell(cell: MemberCell) -> dict[str, Any]:
    return {
        "since": cell.span.since,
        "until": cell.span.until,
        "done": cell.done,
        "required": cell.required,
        "pace": cell.pace.value,
        "why": [why.value for why in cell.why],
        "periods_asked": cell.asked,
        "periods_met": cell.met,
    }


@api.get(UNIT + "/facts")
@api.input(FactsQuery, location="query")
@api.output(FactsOut)
@api.doc(summary="What stands behind a unit's own figure", description="Group study held, funds, plans, reports.")
def unit_figure_facts(unit_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    chosen, page = _chosen(query_data), query_data["page"]
    found = unit_facts.list_facts(actor(), unit_id, query_data["requirement"], chosen, page, profile())
    facts = found.facts
    beside = {"page": facts.number, "pages": facts.pages, "total": facts.total}
    return {"unit": unit_id, "sum": found.sum, "items": [asdict(row) for row in facts.items], **beside}


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
    found = frozen_queries.list_frozen(queries.get_unit(actor(), unit_id), query_data["page"])
    items = [_frozen(row) for row in found.items]
    return paged(found, items)


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
