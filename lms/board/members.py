"""A unit's members one by one, each with every requirement of the board: how they stand in its latest period."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lms import clock
from lms.board import rules
from lms.board.coverage import Group, reckoning_day
from lms.board.judging import PACES, Judged
from lms.board.people import NOWHERE, names_of, whereabouts_of
from lms.board.queries import UnitHead, get_with_ground
from lms.board.reckoning import Reckoning
from lms.board.rules import Chosen
from lms.members.access import Actor
from lms.members.rules import closed_up
from lms.name_order import name_key
from lms.paging import Page
from lms.periods import Span
from lms.progress.asked_rows import RequirementRow
from lms.progress.rules import Pace, Why

PER_PAGE = 50
SORTS = ("behind", "name")
NAME_CHARS = 40


@dataclass(frozen=True)
class MemberCell:
    """How a member stands with a requirement in its latest period; and in how many periods it was asked and met."""

    requirement: int
    measure: str
    span: Span
    done: int
    required: int
    pace: Pace
    why: tuple[Why, ...]
    asked: int
    met: int


@dataclass(frozen=True)
class MemberLine:
    """A member with the unit and a cell for each requirement, None where it does not reach them."""

    id: int
    name: str
    unit_name: str
    cells: tuple[MemberCell | None, ...]


@dataclass(frozen=True)
class Members:
    """Members of a unit and those below it, against the requirements of the board; ``late``: how many are behind."""

    unit: UnitHead
    chosen: Chosen
    rules: Sequence[RequirementRow]
    lines: Page[MemberLine]
    late: int
    hidden: int
    has_units: bool


def list_members(
    actor: Actor, unit: int, chosen: Chosen, sort: str, page: int | None, profile: str, text: str = ""
) -> Members:
    """Give a page of a unit's members (all of them with ``page`` None) with how they stand.

    ``text``: only those with it in their name. In order of "behind", who is so with most requirements first, or of
    "name"; by name alone where members may not be ranked. A fixed number of statements, however many members. Raises
    NotFound, Forbidden.
    """
    head, ground = get_with_ground(actor, unit)
    reckoning = Reckoning(head.path, chosen, clock.today(), profile, ground=ground)
    columns = [_Column(reckoning, held) for _, held in reckoning.shown() if _concerns_anybody(reckoning, held)]
    ids = reckoning.crowd.ids
    who = np.flatnonzero(reckoning.members)
    names = names_of(ids[who].tolist())
    order = sorted(who.tolist(), key=lambda one: (name_key(names.get(int(ids[one]), "")), one))
    behind = sum((column.late.astype(np.int64) for column in columns), np.zeros(len(ids), np.int64))
    if sort == "behind" and rules.members_may_be_ranked(profile):
        left = sum((column.left for column in columns), np.zeros(len(ids)))
        order.sort(key=lambda one: (-int(behind[one]), -float(left[one])))
    wanted = closed_up(" ".join(text.split())).casefold()
    if wanted:
        order = [one for one in order if wanted in names.get(int(ids[one]), "").casefold()]
    shown = order if page is None else order[(page - 1) * PER_PAGE : page * PER_PAGE]
    lines = Page(_lines(reckoning, shown, columns), page or 1, PER_PAGE if page else max(1, len(order)), len(order))
    late = int(np.count_nonzero(behind[who]))
    rows, has_units = [column.row for column in columns], ground.has_units(head.path)
    return Members(head, chosen, rows, lines, late, reckoning.hidden, has_units)


def _concerns_anybody(reckoning: Reckoning, held: Sequence[tuple[RequirementRow, Judged]]) -> bool:
    return any((judged.number[reckoning.members] > 0).any() for _, judged in held)


class _Column:
    """A requirement as arrays over all members."""

    def __init__(self, reckoning: Reckoning, held: Sequence[tuple[RequirementRow, Judged]]) -> None:
        self.row, self.judged = held[-1]
        standings = reckoning.standings(self.judged)
        self.late = standings.who(Group.LATE)
        self._required, self._total = self.judged.required, self.judged.total
        self._asked, self._met = (self._periods(reckoning, held, group) for group in (Group.ASKED, Group.MET))

    def _periods(
        self, reckoning: Reckoning, held: Sequence[tuple[RequirementRow, Judged]], group: Group
    ) -> NDArray[np.int32]:
        found = np.zeros(reckoning.crowd.size, np.int32)
        for _, judged in held:
            found += reckoning.standings(judged).who(group)
        return found

    @property
    def left(self) -> NDArray[np.float64]:
        """Give the share that is left to do."""
        return np.maximum(0, self._required - self._total) / np.maximum(1, self._required)

    def cell(self, who: int) -> MemberCell | None:
        """Give how a member stands."""
        if not self.judged.number[who]:
            return None
        return MemberCell(
            self.row.id,
            self.row.asked.measure,
            self.judged.span,
            int(self._total[who]),
            int(self._required[who]),
            PACES[self.judged.pace[who]],
            self.judged.demand_of(who).why,
            int(self._asked[who]),
            int(self._met[who]),
        )


def _lines(reckoning: Reckoning, shown: Sequence[int], columns: Sequence[_Column]) -> list[MemberLine]:
    ids = reckoning.crowd.ids
    day = reckoning_day(reckoning.chosen.span, reckoning.today)
    known = whereabouts_of((int(ids[one]) for one in shown), reckoning.path, day)
    return [
        MemberLine(ident, who.name, who.unit_name, tuple(column.cell(one) for column in columns))
        for one in shown
        for ident in [int(ids[one])]
        for who in [known.get(ident, NOWHERE)]
    ]
