"""How a unit stands: who of its members is asked, who met it, who is behind, and why others are not asked. Pure.

Members count for a unit who belong to it, or to a unit below it, on the day of reckoning: the last day of a period, or
today while it runs. Each counts once. They fall into met, on the way and late, or, not being asked, into on leave,
exempt, joined too late and not concerned; these seven add up to the members. Those who were there earlier in the
period and are not any more are told apart as moved away or left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lms.board.crowd import Crowd, Days, Flags, Intervals
from lms.board.demands import Demands, Shares
from lms.board.judging import CODE, PACES, Judged
from lms.periods import Span
from lms.progress.rules import LATE, Pace, Why


class Group(StrEnum):
    """Members who stand alike. The first seven part all members; the others say more of some of them."""

    MET = "met"
    ON_THE_WAY = "on_the_way"
    LATE = "late"
    ON_LEAVE = "on_leave"
    EXEMPT = "exempt"
    TOO_LATE = "too_late"
    NOT_CONCERNED = "not_concerned"
    ASKED = "asked"
    PART = "part"
    MOVED_AWAY = "moved_away"
    LEFT = "left"


PARTITION = tuple(Group)[:7]
ASKED = PARTITION[:3]
SPARED = (Group.ON_LEAVE, Group.EXEMPT, Group.TOO_LATE, Group.NOT_CONCERNED)
JOINED = frozenset({Why.JOINED, Why.MOVED_IN})
SHORTENED = frozenset({Why.JOINED, Why.MOVED_IN, Why.ON_LEAVE, Why.EXEMPT})

# Of each pace the place in PARTITION of those of whom something is asked.
OF_PACE = np.array(
    [
        PARTITION.index(Group.MET if pace is Pace.DONE else Group.LATE if pace in LATE else Group.ON_THE_WAY)
        for pace in PACES
    ],
    np.int8,
)


@dataclass(frozen=True)
class Counts:
    """How many of a unit's members stand how; of several periods added up, each member counts once a period."""

    of: Mapping[Group, int]
    expected: int  # who will have met it by the end at today's pace

    def __getitem__(self, group: Group) -> int:
        return self.of.get(group, 0)

    @property
    def members(self) -> int:
        """Count all who belong to the unit."""
        return sum(self[group] for group in PARTITION)

    @property
    def asked(self) -> int:
        """Count those of whom something is asked: the denominator of coverage."""
        return self[Group.MET] + self[Group.ON_THE_WAY] + self[Group.LATE]

    @property
    def share(self) -> float | None:
        """Give the coverage, 0 to 1; None where nobody is asked."""
        return self[Group.MET] / self.asked if self.asked else None

    @property
    def expected_share(self) -> float | None:
        """Give the coverage to expect at the end, at today's pace."""
        return self.expected / self.asked if self.asked else None


def added(counts: Sequence[Counts]) -> Counts:
    """Add up several periods."""
    return Counts({group: sum(one[group] for one in counts) for group in Group}, sum(one.expected for one in counts))


@dataclass(frozen=True)
class Presence:
    """Who counts for a unit in a period: on the day of reckoning, and at any time in it."""

    day: date
    now: Flags
    ever: Flags
    elsewhere: Flags  # belongs to another unit on the day of reckoning

    @cached_property
    def moved_away(self) -> Flags:
        """Say who was there and belongs to another unit by now."""
        return self.ever & ~self.now & self.elsewhere

    @cached_property
    def left(self) -> Flags:
        """Say who was there and belongs to no unit any more."""
        return self.ever & ~self.now & ~self.elsewhere

    @cached_property
    def gone(self) -> tuple[int, int]:
        """Count those who moved away, and those who left."""
        return int(np.count_nonzero(self.moved_away)), int(np.count_nonzero(self.left))


@dataclass(frozen=True)
class Around:
    """The stays of members in a unit and below it, and those elsewhere."""

    inside: Intervals
    outside: Intervals
    size: int

    @staticmethod
    def of(crowd: Crowd, path: str) -> "Around":
        """Part the stays by where they are."""
        within = np.array([place.path.startswith(path) for place in crowd.places], bool)
        inside = within[crowd.stay_place] if len(crowd.places) else np.zeros(0, bool)
        return Around(crowd.stays.some(inside), crowd.stays.some(~inside), crowd.size)

    def presence(self, span: Span, today: date) -> Presence:
        """Say who counts for the unit in a period."""
        day = reckoning_day(span, today)
        first, on = span.since.toordinal(), day.toordinal()
        touching = (self.inside.since <= on) & (self.inside.until >= first)
        ever = np.zeros(self.size, bool)
        ever[self.inside.who[touching]] = True
        return Presence(day, self.inside.at(on, self.size), ever, self.outside.at(on, self.size))


def reckoning_day(span: Span, today: date) -> date:
    """Give the day on which it is seen who belongs to a unit."""
    return min(span.until, today)


class Standings:
    """The members of a unit in one period of one requirement, by group."""

    def __init__(self, judged: Judged, present: Presence) -> None:
        """Take how everybody stands, and who counts for the unit."""
        self.judged, self.present = judged, present

    @cached_property
    def _codes(self) -> NDArray[np.int8]:
        """Give each member's group, with what marks those of whom less than the whole is asked."""
        table = self.judged.demands.once(_table)
        return table[self.judged.number * len(PACES) + self.judged.pace]

    @cached_property
    def groups(self) -> NDArray[np.int8]:
        """Give each member's group by its place in ``PARTITION``, also of those who do not count for the unit."""
        return self._codes & (IN_PART - 1)

    def who(self, group: Group) -> Flags:
        """Say who is of a group."""
        now = self.present.now
        if group is Group.ASKED:
            return now & (self.groups < len(ASKED))
        if group is Group.PART:
            return now & (self._codes >= IN_PART)
        if group is Group.MOVED_AWAY:
            return self.present.moved_away
        if group is Group.LEFT:
            return self.present.left
        return now & (self.groups == PARTITION.index(group))

    @cached_property
    def expected(self) -> Flags:
        """Say who will have met it at the end, going on at the pace so far: what is done, for the share gone."""
        judged, met = self.judged, self.who(Group.MET)
        if judged.over:
            return met
        elapsed = judged.demands.once(_elapsed)[judged.number]
        going = judged.total >= judged.required * elapsed - 1e-9
        reachable = judged.pace != CODE[Pace.UNREACHABLE]
        return met | (self.who(Group.ASKED) & reachable & going & (elapsed > 0) & (judged.total > 0))

    @cached_property
    def counts(self) -> Counts:
        """Count every group."""
        each = np.bincount(self._codes[self.present.now], minlength=2 * IN_PART).tolist()
        found = {group: each[n] + each[n + IN_PART] for n, group in enumerate(PARTITION)}
        found[Group.ASKED] = sum(found[group] for group in ASKED)
        found[Group.PART] = sum(each[IN_PART:])
        found[Group.MOVED_AWAY], found[Group.LEFT] = self.present.gone
        expected = found[Group.MET] if self.judged.over else int(np.count_nonzero(self.expected))
        return Counts(found, expected)


IN_PART = 8  # added to the group of those of whom less than the whole is asked


def _table(demands: Demands) -> NDArray[np.int8]:
    """Give the group for each demand and pace, a row of paces for each demand."""
    asked = demands.columns.required > 0
    spared = np.array([PARTITION.index(_spared(why)) for why in demands.whys], np.int8)
    shortened = np.array([bool(SHORTENED & set(why)) for why in demands.whys], bool)
    rows = np.where(asked[:, None], OF_PACE[None, :] + IN_PART * shortened[:, None], spared[:, None])
    return rows.astype(np.int8).reshape(-1)


def _elapsed(demands: Demands) -> Shares:
    return np.where(demands.columns.over, 0.0, demands.columns.elapsed)


def _spared(why: Sequence[Why]) -> Group:
    """Say why nothing is asked of a member; exemption by name goes before leave, leave before joining late."""
    if Why.EXEMPT in why:
        return Group.EXEMPT
    if Why.ON_LEAVE in why:
        return Group.ON_LEAVE
    return Group.TOO_LATE if JOINED & set(why) else Group.NOT_CONCERNED


@dataclass(frozen=True)
class Division:
    """Units side by side: which of them each stay belongs to, -1 for none of them.

    ``overlapping``: somebody may be in two of the units, or twice in one, on the same day.
    """

    units: Sequence[int]
    of_stay: Days
    overlapping: bool

    @staticmethod
    def of(crowd: Crowd, paths: Mapping[int, str]) -> "Division":
        """Divide the stays among units, of which none lies below another."""
        units = list(paths)
        of_place = np.full(len(crowd.places), -1, np.int32)
        for number, path in enumerate(paths.values()):
            for place, one in enumerate(crowd.places):
                if one.path.startswith(path):
                    of_place[place] = number
        of_stay = of_place[crowd.stay_place] if len(crowd.places) else np.zeros(0, np.int32)
        return Division(units, of_stay, crowd.stays.some(of_stay >= 0).overlap())

    def members_on(self, crowd: Crowd, day: date) -> tuple[Days, Days]:
        """Give who belongs to which of the units on a day, as pairs; in two of them at once counts in both."""
        stays, on = crowd.stays, day.toordinal()
        held = (self.of_stay >= 0) & (stays.since <= on) & (on <= stays.until)
        who, unit = stays.who[held], self.of_stay[held]
        if not self.overlapping:
            return who, unit
        pairs = np.unique(who.astype(np.int64) * len(self.units) + unit)
        return (pairs // len(self.units)).astype(np.int32), (pairs % len(self.units)).astype(np.int32)

    def count(self, flags: Flags, pairs: tuple[Days, Days]) -> Days:
        """Count those flagged in each unit."""
        who, unit = pairs
        return np.bincount(unit[flags[who]], minlength=len(self.units)).astype(np.int32)

    def met_asked_late(self, standings: Standings, pairs: tuple[Days, Days]) -> NDArray[np.int64]:
        """Count for each unit how many met it, were asked and are late, a column for each unit."""
        who, unit = pairs
        found = np.bincount(unit * len(PARTITION) + standings.groups[who], minlength=len(self.units) * len(PARTITION))
        met, on_the_way, late = found.reshape(-1, len(PARTITION))[:, : len(ASKED)].T
        return np.stack([met, met + on_the_way + late, late])
