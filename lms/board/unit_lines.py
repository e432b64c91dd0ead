"""What is asked of units themselves, on a board: reckoned for all units at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any, NamedTuple

from peewee import Case, Value, fn

from lms.board import rules
from lms.board.coverage import Division, reckoning_day
from lms.board.crowd import Place
from lms.board.judging import Judged
from lms.board.reckoning import Reckoning
from lms.board.unit_rules import Index, Rate, Verdict, index_verdict, verdict
from lms.members.models import Unit
from lms.periods import Span
from lms.progress.asked_rows import RequirementRow, within
from lms.progress.asking import Counted, Subject, Where, spans_between
from lms.progress.models import LedgerEntry
from lms.progress.rules import Pace, Standing, demand, judge
from lms.progress.sums import counting
from lms.progress.who import ALWAYS

MOST_WINDOWS = 400  # in one statement: SQLite puts no more than 500 together


@dataclass(frozen=True)
class UnitFigure:
    """How one unit stands with what is asked of it in one period: an amount, an index, or a share of units."""

    unit: int
    span: Span
    verdict: Verdict
    standing: Standing | None = None
    index: Index | None = None
    reached: tuple[int, ...] = ()
    among: tuple[int, ...] = ()


@dataclass(frozen=True)
class UnitLine:
    """A requirement of units with the figures of each unit that it asks, the periods of a unit in order."""

    row: RequirementRow
    figures: tuple[UnitFigure, ...]

    def of(self, unit: int) -> list[UnitFigure]:
        """Give the figures of a unit."""
        return [figure for figure in self.figures if figure.unit == unit]


class Window(NamedTuple):
    """What counts for units on some days; ``own``: only what was booked for a unit itself, not for its members."""

    counted: Counted
    span: Span
    own: bool


class UnitLines:
    """Reckons what is asked of the units of a subtree; made before the reckoning is read, which it may widen."""

    def __init__(self, reckoning: Reckoning) -> None:
        """Take the board; ask it to judge what indexes are made of."""
        self._board = reckoning
        self._today = reckoning.today
        self._rows = reckoning.of_units
        self._windows: set[Window] = set()
        self._counted: dict[int, Mapping[int, tuple[int, int]]] = {}
        self._parts = self._part_rows()
        for row in self._rows:
            for span in self._spans(row):
                self._need(row, span)

    def _part_rows(self) -> Mapping[int, Sequence[RequirementRow]]:
        """Give all versions of the requirements that indexes and shares are made of."""
        wanted = {part.series for row in self._rows for part in row.asked.parts}
        if not wanted:
            return {}
        first = min((span.since for row in self._rows for span in self._spans(row)), default=self._today)
        found: dict[int, list[RequirementRow]] = {}
        rows = within(self._board.known, first, self._today)
        more = {part.series for row in rows if row.series in wanted for part in row.asked.parts}
        for row in rows:
            if row.series in wanted | more:
                found.setdefault(row.series, []).append(row)
        return found

    @property
    def titles(self) -> dict[int, str]:
        """Give the titles of what indexes and shares are made of, by series."""
        return {series: rows[-1].title for series, rows in self._parts.items() if rows}

    def _need(self, row: RequirementRow, span: Span) -> None:
        """Note what a figure is made of: sums of the ledger, and requirements of members to be judged."""
        if row.asked.subject is Subject.UNIT:
            self._windows.add(_window(row, span))
        for part in row.asked.parts:
            for other in self._parts.get(part.series, ()):
                if other.asked.subject is Subject.MEMBER:
                    self._board.also_need(other.series, span.since, min(span.until, self._today))
                else:
                    for inner in self._within(other, span):
                        self._need(other, inner)

    def _spans(self, row: RequirementRow) -> Sequence[Span]:
        return rules.spans_shown(row.asked, self._board.chosen, self._today)

    @cached_property
    def lines(self) -> list[UnitLine]:
        """Give the requirements of units with their figures; those that ask no unit of this subtree are left out."""
        found = []
        for row in self._rows:
            units = self._asked(row)
            figures = [figure for span in self._spans(row) for figure in self._figures(row, span, units)]
            if figures:
                found.append(UnitLine(row, tuple(sorted(figures, key=lambda one: (one.unit, one.span.since)))))
        return found

    def _asked(self, row: RequirementRow) -> list[Place]:
        """Give the units of the subtree that a requirement asks: of some kinds below its unit, or its unit itself."""
        kinds = row.asked.who.kinds
        return [
            place
            for place in self._board.places
            if place.path.startswith(self._board.path)
            and (
                place.id == row.unit
                if not kinds or row.asked.subject is Subject.SHARE
                else place.kind in kinds and place.path.startswith(row.unit_path) and place.id != row.unit
            )
        ]

    def _figures(self, row: RequirementRow, span: Span, units: Sequence[Place]) -> Iterable[UnitFigure]:
        if row.asked.subject is Subject.INDEX:
            return [self._index(row, span, unit) for unit in units]
        if row.asked.subject is Subject.SHARE:
            return [self._share(row, span, unit) for unit in units]
        return self._amounts(row, span, units)

    def _amounts(self, row: RequirementRow, span: Span, units: Sequence[Place]) -> list[UnitFigure]:
        booked = self._booked[_window(row, span)]
        found = []
        for unit in units:
            below = row.asked.where is Where.ANYWHERE
            done = sum(
                amount for path, amount in booked if (path.startswith(unit.path) if below else path == unit.path)
            )
            heads = int(self._board.presence(span, unit.path).now.sum()) if row.asked.per_head else 1
            standing = judge(demand(row.asked, span, ALWAYS, self._today, heads=heads), done)
            found.append(UnitFigure(unit.id, span, _of_pace(standing), standing=standing))
        return found

    @cached_property
    def _booked(self) -> Mapping[Window, list[tuple[str, int]]]:
        """Add up what counts by unit, for all units and all windows at once."""
        windows = sorted(self._windows, key=repr)
        found: dict[Window, list[tuple[str, int]]] = {window: [] for window in windows}
        for first in range(0, len(windows), MOST_WINDOWS):
            some = windows[first : first + MOST_WINDOWS]
            parts = [self._sums_of(number, window) for number, window in enumerate(some)]
            for number, path, amount in reduce(add, parts).tuples():
                found[some[number]].append((path, int(amount or 0)))
        return found

    def _sums_of(self, number: int, window: Window) -> Any:
        """Ask for the sums of a window by the path of the unit; of a unit alone only its own facts."""
        e = LedgerEntry
        amount = Case(None, ((e.member.is_null(), e.amount),), 0) if window.own else e.amount
        return (
            e.select(Value(number), Unit.path, fn.SUM(amount))
            .join(Unit, on=(e.unit == Unit.id))
            .where(counting(window.counted, window.span), Unit.path.startswith(self._board.path))
            .group_by(Unit.path)
        )

    def _index(self, row: RequirementRow, span: Span, unit: Place) -> UnitFigure:
        parts = tuple(self._rate(part.series, part.weight, span, unit) for part in row.asked.parts)
        index = Index(parts)
        over = span.until < self._today
        return UnitFigure(unit.id, span, index_verdict(index, row.asked.amount, over=over), index=index)

    def _rate(self, series: int, weight: int, span: Span, unit: Place) -> Rate:
        """Give the share of a requirement met by a unit over the periods of an index: of members, or of its amount."""
        rows = self._parts.get(series, ())
        met = asked = 0
        last = min(span.until, self._today)
        if any(row.asked.subject is Subject.MEMBER for row in rows):
            for _, judged in self._board.by_series.get(series, ()):
                if span.since <= judged.span.until and judged.span.since <= last:
                    of_unit = self._by_unit(judged)[unit.id]
                    met, asked = met + of_unit[0], asked + of_unit[1]
            return Rate(series, weight, met, asked)
        for row in rows:
            for part_span in spans_between(row.asked, span.since, last):
                for figure in self._amounts(row, part_span, [unit]):
                    if figure.standing is not None:
                        met += min(figure.standing.total, figure.standing.required)
                        asked += figure.standing.required
        return Rate(series, weight, met, asked)

    def _by_unit(self, judged: Judged) -> Mapping[int, tuple[int, int]]:
        """Count how many members of each unit below met a requirement and were asked for it: all units at once."""
        key = id(judged)
        if key not in self._counted:
            day, crowd = reckoning_day(judged.span, self._today), self._board.crowd
            standings = self._board.standings(judged)
            found: dict[int, tuple[int, int]] = {}
            for division in self._layers:
                met, asked, _ = division.met_asked_late(standings, division.members_on(crowd, day)).tolist()
                found.update(zip(division.units, zip(met, asked, strict=True), strict=True))
            self._counted[key] = found
        return self._counted[key]

    @cached_property
    def _layers(self) -> Sequence[Division]:
        """Divide the members among the units below, once for each depth: units of one depth contain nobody twice."""
        by_depth: dict[int, dict[int, str]] = {}
        for place in self._board.places:
            if place.path.startswith(self._board.path):
                by_depth.setdefault(place.path.count("/"), {})[place.id] = place.path
        return [self._board.divided(paths) for paths in by_depth.values()]

    def _share(self, row: RequirementRow, span: Span, unit: Place) -> UnitFigure:
        (part,) = row.asked.parts
        rows = self._parts.get(part.series, ())
        among: dict[int, bool] = {}
        for other in rows:
            for place in self._asked(other):
                if place.path.startswith(unit.path):
                    held = [self._figures(other, s, [place]) for s in self._within(other, span)]
                    among[place.id] = any(one.verdict is Verdict.REACHED for figures in held for one in figures)
        reached = tuple(sorted(one for one, holds in among.items() if holds))
        said = verdict(len(reached), len(among), row.asked.amount, over=span.until < self._today)
        return UnitFigure(unit.id, span, said, reached=reached, among=tuple(sorted(among)))

    def _within(self, row: RequirementRow, span: Span) -> list[Span]:
        return spans_between(row.asked, span.since, min(span.until, self._today))


def _window(row: RequirementRow, span: Span) -> Window:
    return Window(row.asked.counted, span, own=row.asked.where is Where.INSIDE)


def _of_pace(standing: Standing) -> Verdict:
    if not standing.required:
        return Verdict.UNDECIDED
    if standing.pace is Pace.DONE:
        return Verdict.REACHED
    return Verdict.MISSED if standing.pace is Pace.MISSED else Verdict.NOT_YET


def newest(figures: Iterable[UnitFigure]) -> UnitFigure | None:
    """Give the figure of the latest period."""
    return max(figures, key=lambda one: one.span.since, default=None)
