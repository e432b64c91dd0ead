"""Adding up the packed ledger of many members: for each period and member what counts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lms.board.crowd import Days, Flags, Intervals
from lms.board.judging import Amounts
from lms.periods import Span
from lms.progress.asking import Counted
from lms.progress.packing import MOST_KINDS, Rows

Kinds = Mapping[tuple[str, str], int]
DAYS_A_YEAR = 367


@dataclass(frozen=True)
class PackedYear:
    """The ledger of a calendar year; ``position`` is whose each of the packed texts is."""

    year: int
    rows: Rows
    position: Days


@dataclass(frozen=True)
class PackedLedger:
    """The packed ledger of all years that matter, with the numbers of measures and categories."""

    kinds: Kinds
    years: Sequence[PackedYear]
    size: int

    def sums(self, counted: Counted, spans: Sequence[Span], within: Intervals | None = None) -> Amounts:
        """Add up what counts: a row for each period, a column for each member.

        ``within`` leaves out what lies on no day of its intervals. Named texts are not in the packed ledger.
        """
        cells = len(spans) * self.size
        total = np.zeros(cells, np.int64)
        for part in self.years:
            who, period, day, amount = self._chosen(part, counted, spans)
            if within is not None:
                keep = _inside(within, who, day, self.size)
                who, period, day, amount = who[keep], period[keep], day[keep], amount[keep]
            if counted.most_per_day:
                who, period, amount = _capped(who, period, day, amount, counted.most_per_day)
            key = period.astype(np.int64) * self.size + who
            # Sums stay far below 2**53, so that adding as floats is exact.
            total += np.bincount(key, weights=amount, minlength=cells).astype(np.int64)
        return total.reshape(len(spans), self.size)

    def days_of(self, counted: Counted, span: Span) -> Mapping[int, list[date]]:
        """Give for each member the days of what counts in a span, a day as often as it happened on it."""
        by_day: dict[tuple[int, int], int] = {}
        for part in self.years:
            who, _, day, amount = self._chosen(part, counted, [span])
            for one, on, times in zip(who.tolist(), day.tolist(), amount.tolist(), strict=True):
                by_day[one, on] = by_day.get((one, on), 0) + times
        found: dict[int, list[date]] = {}
        for (one, on), times in sorted(by_day.items()):
            found.setdefault(one, []).extend([date.fromordinal(on)] * times)
        return found

    def _chosen(self, part: PackedYear, counted: Counted, spans: Sequence[Span]) -> tuple[Days, Days, Days, Days]:
        rows = part.rows
        wanted = np.zeros(MOST_KINDS, bool)
        for (measure, category), number in self.kinds.items():
            if measure in counted.measures and (not counted.categories or category in counted.categories):
                wanted[number] = True
        offset = date(part.year, 1, 1).toordinal() - 1
        period_of_day = _periods_by_day(spans, offset)
        chosen = np.flatnonzero(wanted[rows.kind])
        if counted.least:
            chosen = chosen[rows.sizes(chosen) >= counted.least]
        day = rows.day[chosen]
        period = period_of_day[day]
        if (period < 0).any():
            keep = period >= 0
            chosen, day, period = chosen[keep], day[keep], period[keep]
        return part.position[rows.who[chosen]], period, day + offset, rows.amounts(chosen)


def _periods_by_day(spans: Sequence[Span], offset: int) -> Days:
    """Give for each day of a year the number of the span it lies in, -1 for none."""
    found = np.full(DAYS_A_YEAR, -1, np.int32)
    for number, span in enumerate(spans):
        first = max(span.since.toordinal() - offset, 0)
        last = min(span.until.toordinal() - offset, DAYS_A_YEAR - 1)
        if first <= last:
            found[first : last + 1] = number
    return found


def _inside(within: Intervals, who: Days, day: Days, size: int) -> Flags:
    """Say which rows lie within an interval of their member; most members have one."""
    times = np.bincount(within.who, minlength=size)
    since, until = np.zeros(size, np.int32), np.full(size, -1, np.int32)
    since[within.who], until[within.who] = within.since, within.until
    keep: NDArray[np.bool_] = (since[who] <= day) & (day <= until[who])
    for row in np.flatnonzero(times[who] > 1).tolist():
        held = within.who == who[row]
        keep[row] = bool(((within.since[held] <= day[row]) & (day[row] <= within.until[held])).any())
    return keep


def _capped(who: Days, period: Days, day: Days, amount: Days, most: int) -> tuple[Days, Days, Days]:
    if not len(who):
        return who, period, amount
    order = np.lexsort((day, who))
    who, period, day, amount = who[order], period[order], day[order], amount[order]
    begins = np.flatnonzero(np.r_[True, (who[1:] != who[:-1]) | (day[1:] != day[:-1])])
    return who[begins], period[begins], np.minimum(np.add.reduceat(amount, begins), most).astype(np.int32)
