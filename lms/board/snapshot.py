"""A board as it was on the day it was frozen: written as JSON, read again, compared with today's ledger. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.board.coverage import Counts, Group
from lms.board.queries import Beside, Board
from lms.periods import Span

FORM = 1


@dataclass(frozen=True)
class FrozenLine:
    """A requirement in a snapshot: its title then, how often and how many, period by period."""

    requirement: int
    series: int
    title: str
    measure: str
    coverage: int
    periods: tuple[tuple[Span, Counts], ...]


@dataclass(frozen=True)
class FrozenUnit:
    """A unit below in a snapshot: members, those late, and met of asked for each requirement in order."""

    unit: int
    name: str
    members: int
    late: int
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class FrozenUnitRule:
    """What was asked of a unit itself: whether it was reached, and in how many of its periods."""

    title: str
    unit: str
    reached: int
    periods: int


@dataclass(frozen=True)
class Snapshot:
    """The figures of a board as they were."""

    members: int
    asked: int
    met: int
    late: int
    lines: tuple[FrozenLine, ...]
    units: tuple[FrozenUnit, ...]
    unit_rules: tuple[FrozenUnitRule, ...]


def written(board: Board, beside: Beside) -> str:
    """Write a board as JSON."""
    return json.dumps(
        {
            "form": FORM,
            "members": board.members,
            "asked": board.asked,
            "met": board.met,
            "late": board.late,
            "lines": [_line(board, number) for number in range(len(board.lines))],
            "units": [
                {
                    "unit": line.id,
                    "name": line.name,
                    "members": line.members,
                    "late": line.late,
                    "cells": [[cell.met, cell.asked] for cell in line.cells],
                }
                for line in beside.lines
            ],
            "unit_rules": [
                {
                    "title": line.row.title,
                    "unit": board.names.get(unit, ""),
                    "reached": sum(one.verdict.value == "reached" for one in line.of(unit)),
                    "periods": len(line.of(unit)),
                }
                for line in board.unit_lines
                for unit in dict.fromkeys(figure.unit for figure in line.figures)
            ],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _line(board: Board, number: int) -> dict[str, Any]:
    line = board.lines[number]
    return {
        "requirement": line.row.id,
        "series": line.row.series,
        "title": line.row.title,
        "measure": line.row.asked.measure,
        "coverage": line.row.asked.coverage,
        "periods": [
            {
                "since": span.since.isoformat(),
                "until": span.until.isoformat(),
                "counts": {group.value: counts[group] for group in Group},
                "expected": counts.expected,
            }
            for span, counts in line.periods
        ],
    }


def read(text: str) -> Snapshot:
    """Read a board from JSON."""
    held = json.loads(text)
    return Snapshot(
        held["members"],
        held["asked"],
        held["met"],
        held["late"],
        tuple(_read_line(line) for line in held["lines"]),
        tuple(
            FrozenUnit(one["unit"], one["name"], one["members"], one["late"], tuple((m, a) for m, a in one["cells"]))
            for one in held["units"]
        ),
        tuple(FrozenUnitRule(**one) for one in held["unit_rules"]),
    )


def _read_line(line: Mapping[str, Any]) -> FrozenLine:
    periods = tuple(
        (
            Span(date.fromisoformat(one["since"]), date.fromisoformat(one["until"])),
            Counts({Group(name): number for name, number in one["counts"].items()}, one["expected"]),
        )
        for one in line["periods"]
    )
    return FrozenLine(line["requirement"], line["series"], line["title"], line["measure"], line["coverage"], periods)


@dataclass(frozen=True)
class Difference:
    """What a requirement's total was when it was frozen, and what the ledger says today."""

    title: str
    met: int
    asked: int
    met_today: int
    asked_today: int


def differences(snapshot: Snapshot, board: Board) -> Sequence[Difference]:
    """Say where today's ledger gives other figures than the snapshot; a requirement of only one of them counts as 0."""
    then = {line.series: (line.title, _totals(line.periods)) for line in snapshot.lines}
    now = {line.series: (line.row.title, _totals(line.periods)) for line in board.lines}
    found = []
    for series in dict.fromkeys((*then, *now)):
        title = (then.get(series) or now[series])[0]
        before, after = then.get(series, ("", (0, 0)))[1], now.get(series, ("", (0, 0)))[1]
        if before != after:
            found.append(Difference(title, *before, *after))
    return found


def _totals(periods: Sequence[tuple[Span, Counts]]) -> tuple[int, int]:
    return sum(counts[Group.MET] for _, counts in periods), sum(counts.asked for _, counts in periods)
