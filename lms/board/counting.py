"""Adding up the packed ledger of many members: for each period and member what counts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lms.board.crowd import Days, Flags, Intervals
from lms.board.demands import Amounts
from lms.periods import Span
from lms.progress.asking import Counted
from lms.progress.packing import Rows, together

Kinds = Mapping[tuple[str, str], int]
DAYS_A_YEAR = 367
BLOCK = 1 << 16  # members


@dataclass(frozen=True)
class PackedYear:
    """Rows of a calendar year by kind; ``position`` says who each of the packed texts is.

    Texts of who is none of the members stand at the place behind the last of them. What is booked for one member stands
    in one ``PackedYear`` of a year only.
    """

    year: int
    rows: Mapping[int, Rows]
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
        # A row more for days in no period and a column more for others: that is quicker than to leave them out.
        shape = (len(spans) + 1, self.size + 1)
        parts = ((part, self._chosen(part, counted)) for part in self.years)
        found = [self._sums_of(part, rows, spans, counted, within) for part, rows in parts if rows is not None]
        total = reduce(lambda one, other: np.add(one, other, out=one), found) if found else np.zeros(shape, np.int64)
        return total.reshape(shape)[:-1, :-1]

    def _sums_of(
        self, part: PackedYear, rows: Rows, spans: Sequence[Span], counted: Counted, within: Intervals | None
    ) -> Amounts:
        shape = (len(spans) + 1, self.size + 1)
        period = _periods_by_day(spans, part.year)
        if within is None and not counted.most_per_day:
            return _added_by_blocks(part, rows, period, shape)
        who = part.position[rows.who]
        day = rows.day.astype(np.int32) + _before(part.year)
        keep = (who < self.size) & (period[rows.day] < len(spans))
        if within is not None:
            keep[keep] = _inside(within, who[keep], day[keep])
        who, day, amount, which = who[keep], day[keep], rows.amount[keep], period[rows.day[keep]]
        if counted.most_per_day:
            who, which, amount = _capped(who, which, day, amount, counted.most_per_day)
        return _added(who, which, np.arange(shape[0]), amount, shape)

    def days_of(self, counted: Counted, span: Span) -> Mapping[int, list[date]]:
        """Give for each member the days of what counts in a span, a day as often as it happened on it."""
        by_day: dict[tuple[int, int], int] = {}
        for part in self.years:
            rows = self._chosen(part, counted)
            if rows is None:
                continue
            who = part.position[rows.who]
            keep = (who < self.size) & (_periods_by_day([span], part.year)[rows.day] == 0)
            day = rows.day[keep].astype(np.int32) + _before(part.year)
            for one, on, times in zip(who[keep].tolist(), day.tolist(), rows.amount[keep].tolist(), strict=True):
                by_day[one, on] = by_day.get((one, on), 0) + times
        found: dict[int, list[date]] = {}
        for (one, on), times in sorted(by_day.items()):
            found.setdefault(one, []).extend([date.fromordinal(on)] * times)
        return found

    def _chosen(self, part: PackedYear, counted: Counted) -> Rows | None:
        wanted = [
            part.rows[number]
            for (measure, category), number in self.kinds.items()
            if number in part.rows
            and measure in counted.measures
            and (not counted.categories or category in counted.categories)
        ]
        if counted.least:
            wanted = [_of_size(rows, rows.size >= counted.least) for rows in wanted if rows.size is not None]
        return together(wanted) if wanted else None


def _of_size(rows: Rows, keep: Flags) -> Rows:
    return Rows(rows.who[keep], rows.day[keep], rows.amount[keep], None)


def _added_by_blocks(part: PackedYear, rows: Rows, period: NDArray[Any], shape: tuple[int, int]) -> Amounts:
    """Add all rows up, some tens of thousands of members at a time, so that what is worked on stays in the caches.

    For that the members must come in order among the texts; otherwise, and of few, all are added up at once.
    """
    others = shape[1] - 1
    strange = part.position == others
    reach = np.maximum.accumulate(np.where(strange, 0, part.position)) if len(strange) else part.position
    if others <= BLOCK or not (strange | (reach == part.position)).all():
        return _added(part.position[rows.who], rows.day, period, None if rows.are_ones else rows.amount, shape)
    total = np.zeros(shape, np.int64)
    firsts = np.arange(0, others, BLOCK)
    edges = np.searchsorted(rows.who, np.searchsorted(reach, firsts)).tolist()
    for first, begin, end in zip(firsts.tolist(), edges, [*edges[1:], rows.count], strict=True):
        width = min(BLOCK, others - first)
        who = np.minimum(part.position[rows.who[begin:end]] - first, width)
        amount = None if rows.are_ones else rows.amount[begin:end]
        found = _added(who, rows.day[begin:end], period, amount, (shape[0], width + 1))
        total[:, first : first + width] = found.reshape(shape[0], width + 1)[:, :-1]
    return total.reshape(-1)


def _added(who: Days, when: NDArray[Any], period: NDArray[Any], amount: Days | None, shape: tuple[int, int]) -> Amounts:
    """Add amounts (ones when None) up by member and by the period of when they happened.

    There are millions of rows: each array that is made on the way costs more than the adding.
    """
    cell = (period.astype(np.intp) * shape[1])[when]
    cell += who
    # Sums stay far below 2**53, so that adding as floats is exact.
    return np.bincount(cell, weights=amount, minlength=shape[0] * shape[1]).astype(np.int64, copy=False)


def _before(year: int) -> int:
    """Give the ordinal of the day before a year."""
    return date(year, 1, 1).toordinal() - 1


def _periods_by_day(spans: Sequence[Span], year: int) -> Days:
    """Give for each day of a year the number of the span it lies in; a number too many for a day in none."""
    found = np.full(DAYS_A_YEAR, len(spans), np.int32)
    for number, span in enumerate(spans):
        first = max(span.since.toordinal() - _before(year), 0)
        last = min(span.until.toordinal() - _before(year), DAYS_A_YEAR - 1)
        if first <= last:
            found[first : last + 1] = number
    return found


def _inside(within: Intervals, who: Days, day: Days) -> Flags:
    """Say which rows lie within an interval of their member; the intervals of a member do not overlap."""
    if not len(within.who):
        return np.zeros(len(who), bool)
    order = np.lexsort((within.since, within.who))
    whose, until = within.who[order], within.until[order]
    begins = _at(whose, within.since[order])
    place = np.searchsorted(begins, _at(who, day), side="right") - 1
    inside: Flags = (place >= 0) & (whose[place] == who) & (day <= until[place])
    return inside


def _at(who: Days, day: Days) -> NDArray[np.int64]:
    """Make one number of a member and a day, in the order of both."""
    return who.astype(np.int64) << 22 | day


def _capped(who: Days, period: Days, day: Days, amount: Days, most: int) -> tuple[Days, Days, Days]:
    if not len(who):
        return who, period, amount
    key = _at(who, day)
    order = np.argsort(key, kind="stable")  # nearly in order already, which this way of sorting makes use of
    key = key[order]
    begins = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    who, period, amount = who[order], period[order], amount[order]
    return who[begins], period[begins], np.minimum(np.add.reduceat(amount, begins), most).astype(np.int32)
