"""What is asked of many members in one period, as columns: reckoned at once for all patterns of days. Pure.

The numbers come from the same functions of ``lms.progress.rules`` as one member's, given whole columns; a single
``Demand`` is made when somebody looks at one. A property test holds the two against each other.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from lms.board.belongings import Patterns
from lms.progress import rules
from lms.progress.asking import Asked
from lms.progress.days import count
from lms.progress.rules import NO_GROUND, Demand, Ground, Terms, Why

MOST_KEPT = 500  # requirements in a period
NOTHING = Demand(0, 0, 0, 0, 0, over=False, elapsed=0.0, started=None, deadline=None, days=0)

Amounts = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shares = NDArray[np.float64]
Made = TypeVar("Made")


class Columns(NamedTuple):
    """What is asked of each, and the thresholds that what is done is compared with, as in ``Demand``."""

    required: Amounts
    behind_below: Amounts
    ahead_above: Amounts
    lost_below: Amounts
    over: Flags
    elapsed: Shares


class Demands:
    """What is asked of members, each demand once, for most share one; number 0 asks nothing."""

    def __init__(self, columns: Columns, whys: Sequence[tuple[Why, ...]], one: Callable[[int], Demand]) -> None:
        """Take the columns, why each asks less than the whole, and how to make a single demand."""
        self.columns, self.whys, self._one = columns, whys, one
        self._made: dict[Any, Any] = {}

    @staticmethod
    def known(demands: Sequence[Demand]) -> "Demands":
        """Make them of single ones."""
        table = [(d.required, d.behind_below, d.ahead_above, d.lost_below) for d in demands]
        required, behind, ahead, lost = np.array(table, np.int64).reshape(-1, 4).T
        over, elapsed = np.array([d.over for d in demands], bool), np.array([d.elapsed for d in demands])
        columns = Columns(required, behind, ahead, lost, over, elapsed)
        return Demands(columns, [d.why for d in demands], demands.__getitem__)

    def __len__(self) -> int:
        return len(self.whys)

    def __getitem__(self, number: int) -> Demand:
        return self._one(number)

    def once(self, make: Callable[["Demands"], Made]) -> Made:
        """Give what a function makes of the demands, made once: they are kept from one board to the next."""
        if make not in self._made:
            self._made[make] = make(self)
        found: Made = self._made[make]
        return found

    @property
    def all_over(self) -> bool:
        """Say whether the time is over for everybody of whom something is asked."""
        return self.once(_all_over)


def _all_over(demands: Demands) -> bool:
    return bool((demands.columns.over | (demands.columns.required == 0)).all())


@lru_cache(MOST_KEPT)
def on_patterns(asked: Asked, patterns: Patterns, day: date) -> Demands:
    """Reckon what is asked on each pattern of days, nothing first, and keep it for the next board.

    A demand depends on nothing but these. Of a period that is over, today says nothing: ``day`` is the one after it.
    """
    span = patterns.span
    grounds = _grounds(rules.terms_of(asked, span), patterns)
    total, gone, over = _days(grounds, day)
    required = np.where(grounds.total > 0, rules.share(asked.amount, grounds.whole, span.days), 0)
    _, behind, ahead, lost = rules.thresholds(asked, required, gone, total)
    idle = required == 0
    behind, ahead, lost = (np.where(idle, 0, column) for column in (behind, ahead, lost))
    columns = Columns(required, behind, ahead, lost, over & ~idle, np.where(idle, 0.0, gone / total))

    def one(number: int) -> Demand:
        return rules.demand(asked, span, patterns.belongings[number - 1], day) if number else NOTHING

    return Demands(columns, grounds.whys, one)


class _Grounds(NamedTuple):
    """The days for which something is asked on each pattern: as they are, and as columns of numbers of days."""

    found: Sequence[Ground]
    whys: Sequence[tuple[Why, ...]]
    whole: Amounts
    total: Amounts
    started: Amounts
    deadline: Amounts


@lru_cache(MOST_KEPT)
def _grounds(terms: Terms, patterns: Patterns) -> _Grounds:
    """Reckon them once for all requirements on the same terms, whatever their amounts."""
    found = [NO_GROUND, *[rules.ground_of(terms, patterns.span, one) for one in patterns.belongings]]
    numbers = [
        (g.whole, count(g.days), g.days[0].since.toordinal(), g.days[-1].until.toordinal()) if g.days else (0, 0, 0, 0)
        for g in found
    ]
    return _Grounds(found, [g.why for g in found], *np.array(numbers, np.int64).T)


def _days(grounds: _Grounds, day: date) -> tuple[Amounts, Amounts, Flags]:
    """Give how many days are asked for (at least one, to divide by), how many have gone by, and whether all have."""
    on = day.toordinal()
    gone = np.clip(on - grounds.started, 0, grounds.total)
    with_gaps = (grounds.deadline - grounds.started + 1 != grounds.total) & (grounds.total > 0)
    for number in np.flatnonzero(with_gaps).tolist():
        gone[number] = rules.gone_by(grounds.found[number].days, day)
    return np.maximum(grounds.total, 1), gone, on > grounds.deadline
