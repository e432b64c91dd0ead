"""What can be read of how a unit stands: its board, names behind each number, units side by side, past periods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from lms import clock
from lms.board import rules
from lms.board.coverage import Counts, added, reckoning_day
from lms.board.judging import Judged
from lms.board.loading import Ground, load_ground
from lms.board.reckoning import Reckoning, RuleLine
from lms.board.rules import Chosen
from lms.board.unit_lines import UnitLine, UnitLines
from lms.errors import N_, NotFound
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Unit
from lms.periods import Period, Span
from lms.progress.asked_rows import RequirementRow

PEOPLE_PER_PAGE = 50
FIRST_NAMES = 8
NO_UNIT = N_("There is no such unit.")
NO_RULE = N_("There is no such requirement on this board.")


@dataclass(frozen=True)
class UnitHead:
    """A unit and where it lies."""

    id: int
    name: str
    kind: str
    path: str


@dataclass(frozen=True)
class Board:
    """How a unit stands over some days.

    ``met`` and ``late`` count members over all requirements: while the days run by the current periods, afterwards by
    all of them. ``hidden`` are requirements that may not be shown under the deployment's profile. ``titles`` are of
    what indexes and shares are made of, by series; ``member_series`` those of members.
    """

    unit: UnitHead
    chosen: Chosen
    today: date
    members: int
    asked: int
    met: int
    late: int
    lines: Sequence[RuleLine]
    unit_lines: Sequence[UnitLine]
    hidden: int
    has_units: bool
    names: Mapping[int, str]
    titles: Mapping[int, str]
    member_series: frozenset[int] = frozenset()

    @property
    def day(self) -> date:
        """Give the day of reckoning."""
        return reckoning_day(self.chosen.span, self.today)


@dataclass(frozen=True)
class UnitCell:
    """A requirement in a unit: met of those asked."""

    met: int
    asked: int
    late: int

    @property
    def share(self) -> float | None:
        """Give the coverage, None where nobody is asked."""
        return self.met / self.asked if self.asked else None


@dataclass(frozen=True)
class BesideLine:
    """A unit side by side with others: its members, who is late with anything, and each requirement."""

    id: int
    name: str
    kind: str
    members: int
    late: int
    cells: tuple[UnitCell, ...]

    @property
    def share(self) -> float | None:
        """Give the coverage over all requirements together."""
        asked = sum(cell.asked for cell in self.cells)
        return sum(cell.met for cell in self.cells) / asked if asked else None


@dataclass(frozen=True)
class Beside:
    """Units side by side over the same days, by the same requirements."""

    unit: UnitHead
    chosen: Chosen
    rules: Sequence[RequirementRow]
    lines: Sequence[BesideLine]
    kinds: Sequence[str]


@dataclass(frozen=True)
class TrendLine:
    """A requirement over past periods: the coverage in each, the earliest first; None where nobody was asked."""

    row: RequirementRow
    points: tuple[tuple[Chosen, Counts | None], ...]


def get_unit(actor: Actor, unit: int) -> UnitHead:
    """Give a unit whose board the actor may see. Raises NotFound, Forbidden."""
    found = Unit.select(Unit.id, Unit.name, Unit.kind, Unit.path).where(Unit.id == unit).tuples().first()
    if found is None:
        raise NotFound(NO_UNIT)
    head = UnitHead(*found)
    access.require(actor, Action.PROGRESS_OF_OTHERS, head.path)
    return head


def get_with_ground(actor: Actor, unit: int) -> tuple[UnitHead, Ground]:
    """Give such a unit with what its board is reckoned on, in one statement. Raises NotFound, Forbidden."""
    ground = load_ground()
    place = next((place for place in ground.places if place.id == unit), None)
    if place is None:
        raise NotFound(NO_UNIT)
    access.require(actor, Action.PROGRESS_OF_OTHERS, place.path)
    return UnitHead(place.id, place.name, place.kind, place.path), ground


def get_board(actor: Actor, unit: int, chosen: Chosen, profile: str) -> Board:
    """Give how a unit stands: a fixed number of statements, however many members. Raises NotFound, Forbidden."""
    head, ground = get_with_ground(actor, unit)
    return board_of(head, chosen, clock.today(), profile, ground)[0]


def board_of(
    head: UnitHead, chosen: Chosen, today: date, profile: str, ground: Ground | None = None
) -> tuple[Board, Reckoning]:
    """Reckon the board of a unit; for those who have checked that the actor may see it."""
    reckoning = Reckoning(head.path, chosen, today, profile, ground=ground)
    units = UnitLines(reckoning)
    asked, met, late = reckoning.overall
    unit_lines = units.lines
    board = Board(
        head,
        chosen,
        today,
        int(reckoning.members.sum()),
        int(asked.sum()),
        int(met.sum()),
        int(late.sum()),
        reckoning.lines,
        unit_lines,
        reckoning.hidden,
        any(place.path.startswith(head.path) and place.id != head.id for place in reckoning.places),
        {place.id: place.name for place in reckoning.places},
        units.titles,
        frozenset(reckoning.by_series),
    )
    return board, reckoning


def get_beside(actor: Actor, unit: int, chosen: Chosen, kind: str, profile: str) -> Beside:
    """Put units side by side: those right below a unit, or all below it of one kind that do not contain each other.

    Each member counts once in a unit, and in each unit they belong to. Raises NotFound, Forbidden.
    """
    head, ground = get_with_ground(actor, unit)
    return beside_of(head, Reckoning(head.path, chosen, clock.today(), profile, ground=ground), kind)


def beside_of(head: UnitHead, reckoning: Reckoning, kind: str = "") -> Beside:
    """Put the units below one side by side; for those who have checked that the actor may see it."""
    places = sorted(reckoning.places, key=lambda place: place.path)
    below = [UnitHead(p.id, p.name, p.kind, p.path) for p in places if p.path.startswith(head.path) and p.id != head.id]
    depth = head.path.count("/") + 1
    shown = [one for one in below if (one.kind == kind if kind else one.path.count("/") == depth)]
    shown = [one for one in shown if not any(o is not one and one.path.startswith(o.path) for o in shown)]
    division = reckoning.divided({one.id: one.path for one in shown})
    _, _, late = reckoning.overall
    here = division.members_on(reckoning.crowd, reckoning_day(reckoning.chosen.span, reckoning.today))
    everybody = division.count(np.ones(reckoning.crowd.size, bool), here)
    behind = division.count(late, here)
    rules_shown, cells = [], []
    for _, held in reckoning.shown():
        sums = np.zeros((3, len(shown)), np.int64)
        for _, judged in held:
            pairs = division.members_on(reckoning.crowd, reckoning_day(judged.span, reckoning.today))
            sums += division.met_asked_late(reckoning.standings(judged), pairs)
        rules_shown.append(held[-1][0])
        cells.append([UnitCell(*column) for column in sums.T.tolist()])
    lines = [
        BesideLine(one.id, one.name, one.kind, int(everybody[n]), int(behind[n]), tuple(column[n] for column in cells))
        for n, one in enumerate(shown)
    ]
    return Beside(head, reckoning.chosen, rules_shown, lines, sorted({one.kind for one in below}))


@dataclass(frozen=True)
class Trend:
    """A unit's requirements over past periods."""

    unit: UnitHead
    has_units: bool
    lines: Sequence[TrendLine]


def get_trend(actor: Actor, unit: int, chosen: Chosen, profile: str) -> Trend:
    """Give the coverage of each requirement in a period and those before it. Raises NotFound, Forbidden."""
    head, ground = get_with_ground(actor, unit)
    lines = trend_of(head, chosen, clock.today(), profile, ground)
    return Trend(head, ground.has_units(head.path), lines)


def trend_of(
    head: UnitHead, chosen: Chosen, today: date, profile: str, ground: Ground | None = None
) -> list[TrendLine]:
    """Reckon the trend of a unit: its members and the ledger are loaded once for all periods."""
    number = rules.TREND[Period(chosen.kind)] if chosen.kind in set(Period) else 1
    steps = [step for step in rules.past(chosen, number) if step.span.since <= today]
    if not steps:
        return []
    whole = Chosen(chosen.kind, Span(steps[0].span.since, steps[-1].span.until))
    reckoning = Reckoning(head.path, whole, today, profile, ground=ground)
    lines = []
    for series in dict.fromkeys(row.series for row in reckoning.of_members):
        held = reckoning.by_series.get(series, ())
        points = tuple((step, _coverage_in(reckoning, held, step)) for step in steps)
        if any(counts is not None and counts.asked for _, counts in points):
            lines.append(TrendLine(held[-1][0], points))
    return lines


def _coverage_in(reckoning: Reckoning, held: Sequence[tuple[RequirementRow, Judged]], step: Chosen) -> Counts | None:
    shown = [judged for row, judged in held if judged.span in rules.spans_shown(row.asked, step, reckoning.today)]
    return added([reckoning.standings(judged).counts for judged in shown]) if shown else None
