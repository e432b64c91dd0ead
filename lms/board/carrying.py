"""What is left of the surpluses of many members at once, by the rule of ``lms.progress.carrying`` for one. Pure."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from lms.periods import Span
from lms.progress.asking import Asked
from lms.progress.carrying import counts_from

Amounts = NDArray[np.int64]


class CrowdStocks:
    """What is left of each period's surplus, of each member, the oldest first."""

    def __init__(self, size: int) -> None:
        """Begin with nothing, for so many members."""
        self._size = size
        self._stocks: list[tuple[date, Amounts]] = []

    def bring_into(self, asked: Asked, span: Span) -> Amounts:
        """Let lapse what does not count in a period, and give what is brought into it."""
        total, kept = np.zeros(self._size, np.int64), []
        first = counts_from(asked, span) if asked.carry else date.max
        for since, amount in reversed(self._stocks):
            if since >= first:
                held = np.minimum(amount, asked.carry - total)
                total = total + held
                kept.append((since, held))
        self._stocks = kept[::-1]
        return total

    def leave_after(self, span: Span, required: Amounts, done: Amounts) -> None:
        """Take out what a period lacked, and put in its own surplus."""
        lacking, left = np.maximum(0, required - np.maximum(done, 0)), []
        for since, amount in self._stocks:
            used = np.minimum(lacking, amount)
            lacking = lacking - used
            left.append((since, amount - used))
        surplus = np.where(required > 0, np.maximum(0, done - required), 0).astype(np.int64)
        self._stocks = [one for one in (*left, (span.since, surplus)) if one[1].any()]
