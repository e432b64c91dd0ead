"""Judging many members against a requirement, by the same decisions as one member's page. Pure.

What is asked depends on the days of belonging only, and most members of a town share them: it is reckoned
once for each pattern of days, and what is done is compared with its thresholds in arrays. A property test holds it
against judging one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lms.board.belongings import Belongings, Patterns
from lms.board.carrying import CrowdStocks
from lms.board.crowd import Days, Flags
from lms.board.demands import NOTHING, Amounts, Demands, on_patterns
from lms.periods import Span
from lms.progress import rules
from lms.progress.asking import Asked, Each
from lms.progress.rules import Demand, Pace, Why
from lms.progress.who import Belonging

PACES = tuple(Pace)
CODE: Mapping[Pace, int] = {pace: number for number, pace in enumerate(PACES)}
DONE, MISSED = np.int8(CODE[Pace.DONE]), np.int8(CODE[Pace.MISSED])
DAY = timedelta(days=1)
NONE = np.int64(0)

Codes = NDArray[np.int8]


def _idle(demands: Demands) -> Codes:
    spared = [bool({Why.ON_LEAVE, Why.EXEMPT} & set(why)) for why in demands.whys]
    return np.where(spared, np.int8(CODE[Pace.EXEMPT]), np.int8(CODE[Pace.NOT_ASKED]))


def _missed_or_done(demands: Demands) -> Codes:
    """Give two paces for each demand whose time is over: of who did too little, of who did enough."""
    idle, asked = demands.once(_idle), demands.columns.required > 0
    return np.stack([np.where(asked, MISSED, idle), np.where(asked, DONE, idle)], axis=1).reshape(-1)


@dataclass(frozen=True)
class Judged:
    """How all members stand in one period: of each, what was done, which of the ``demands`` is theirs, the pace."""

    span: Span
    done: Amounts
    carried: Amounts
    number: Days
    demands: Demands
    pace: Codes
    patterns: Patterns | None = None

    def belonging_of(self, who: int) -> Belonging | None:
        """Give the days of belonging by which a member is judged; None where something else decides."""
        number = int(self.number[who])
        return self.patterns.belongings[number - 1] if self.patterns is not None and number else None

    def of(self, pace: Pace) -> Flags:
        """Say who stands so."""
        return self.pace == CODE[pace]

    def demand_of(self, who: int) -> Demand:
        """Give what is asked of a member."""
        return self.demands[int(self.number[who])]

    @property
    def over(self) -> bool:
        """Say whether the time is over for everybody of whom something is asked."""
        return self.demands.all_over

    @property
    def required(self) -> Amounts:
        """Give what is asked of each."""
        return self.demands.columns.required[self.number]

    @property
    def total(self) -> Amounts:
        """Give what counts of each: done and carried over."""
        return _total(self.done, self.carried)


def judge_all(
    asked: Asked,
    path: str,
    spans: Sequence[Span],
    belongings: Belongings,
    done: Amounts,
    today: date,
    exempt: Mapping[int, Sequence[Span]] | None = None,
    sessions: Amounts | None = None,
    stocks: CrowdStocks | None = None,
) -> list[Judged]:
    """Judge every member in every period; ``done`` and ``sessions`` have a row for each period.

    ``spans`` follow each other without a gap where a surplus is carried over; ``stocks`` are what is left of those
    before the first, and hold afterwards what is left after the last.
    """
    found: list[Judged] = []
    if stocks is None and asked.carry:
        stocks = CrowdStocks(belongings.crowd.size)
    for row, span in enumerate(spans):
        expecting = sessions[row] if sessions is not None and asked.each is Each.SESSION else None
        patterns = belongings.patterns(asked.who, path, span, exempt)
        number, demands = _demands(asked, patterns, today, expecting)
        carried = stocks.bring_into(asked, span) if stocks else None
        pace = paces(demands, number, done[row], carried)
        brought = np.broadcast_to(NONE, done[row].shape) if carried is None else carried
        found.append(Judged(span, done[row], brought, number, demands, pace, patterns if expecting is None else None))
        if stocks:
            stocks.leave_after(span, found[-1].required, done[row])
    return found


def _demands(asked: Asked, patterns: Patterns, today: date, sessions: Amounts | None) -> tuple[Days, Demands]:
    """Reckon what is asked of everybody: once for each pattern of days."""
    span, number = patterns.span, patterns.number
    if sessions is None:
        return number, on_patterns(asked, patterns, min(today, span.until + DAY))
    pairs, inverse = np.unique(np.stack([number, sessions], axis=1), axis=0, return_inverse=True)
    demands = [
        rules.demand(asked, span, patterns.belongings[one - 1], today, sessions=expected) if one else NOTHING
        for one, expected in pairs.tolist()
    ]
    return inverse.reshape(-1).astype(np.int32), Demands.known(demands)


def _total(done: Amounts, carried: Amounts | None) -> Amounts:
    """Add what is brought in to what was done: a negative sum, of corrections, counts as nothing."""
    counts = np.maximum(done, 0)
    return counts if carried is None else counts + carried


def paces(demands: Demands, number: Days, done: Amounts, carried: Amounts | None) -> Codes:
    """Give everybody's pace, as ``rules.pace_of`` does for one."""
    columns = demands.columns
    required = columns.required[number]
    # Of whom nothing is asked the pace does not depend on it, so that a negative sum may stay as it is.
    enough = (done if carried is None else _total(done, carried)) >= required
    if demands.all_over:
        return demands.once(_missed_or_done)[2 * number + enough]
    total = _total(done, carried)
    lost, behind, ahead = (c[number] for c in (columns.lost_below, columns.behind_below, columns.ahead_above))
    over = columns.over[number]
    pace: Codes = np.select(
        [enough, over, total < lost, total < behind, total > ahead],
        [np.int8(CODE[one]) for one in (Pace.DONE, Pace.MISSED, Pace.UNREACHABLE, Pace.BEHIND, Pace.AHEAD)],
        np.int8(CODE[Pace.ON_TRACK]),
    )
    return np.where(required > 0, pace, demands.once(_idle)[number]).astype(np.int8)
