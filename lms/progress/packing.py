"""The ledger's rows of a member's year as one text: twelve characters a row, so that NumPy reads a whole town at once.

A row is its day of the year, its kind (a number for what it counts and under which category), its amount and its size,
each as digits of six bits written as the 64 characters from "0" on. Text and not bytes, because both databases append
to a text with ``||`` in one statement, and a backup stays readable.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 12
ZERO = ord("0")
AMOUNT_OFFSET = 1 << 23  # amounts may be negative
LARGEST_AMOUNT = AMOUNT_OFFSET - 1
LARGEST_SIZE = (1 << 24) - 1
MOST_KINDS = 1 << 12

Numbers = NDArray[np.int64]
Lane = NDArray[np.int32]


def pack(day: date, kind: int, amount: int, size: int = 0) -> str:
    """Write a row of the ledger as text. An amount too large for its digits is written as several rows.

    Raises ValueError for a kind or size that has no place.
    """
    if not 0 <= kind < MOST_KINDS or not 0 <= size <= LARGEST_SIZE:
        raise ValueError(f"kind {kind} or size {size} cannot be packed")
    head = _digits(day.timetuple().tm_yday, 2) + _digits(kind, 2)
    rows = []
    rest = amount
    while True:
        part = max(-LARGEST_AMOUNT, min(LARGEST_AMOUNT, rest))
        rows.append(head + _digits(part + AMOUNT_OFFSET, 4) + _digits(size, 4))
        rest -= part
        if not rest:
            return "".join(rows)


def _digits(value: int, places: int) -> str:
    return "".join(chr(ZERO + (value >> 6 * place & 63)) for place in reversed(range(places)))


@dataclass(frozen=True)
class Rows:
    """Rows of many members and one year, column by column; ``who`` numbers the texts they came from."""

    who: Lane
    day: Lane
    kind: Lane
    _lanes: NDArray[np.uint32]

    def amounts(self, chosen: NDArray[Any]) -> Lane:
        """Give the amounts of some rows."""
        return _number(self._lanes[chosen, 1]) - AMOUNT_OFFSET

    def sizes(self, chosen: NDArray[Any]) -> Lane:
        """Give the sizes of some rows."""
        return _number(self._lanes[chosen, 2])


def unpack(texts: Sequence[str]) -> Rows:
    """Read the texts of many members; days count from 1 within the year."""
    lanes = np.frombuffer("".join(texts).encode("ascii"), "<u4").reshape(-1, WIDTH // 4)
    lengths = np.fromiter(map(len, texts), np.int32, len(texts)) // WIDTH
    who = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
    head = _number(lanes[:, 0])
    return Rows(who, head >> 12, head & MOST_KINDS - 1, lanes)


def _number(lane: NDArray[np.uint32]) -> Lane:
    """Read four characters as one number: the first character is the lowest byte and the highest digit."""
    bare = (lane - np.uint32(ZERO * 0x01010101)).astype(np.int32)
    return (bare & 63) << 18 | (bare >> 8 & 63) << 12 | (bare >> 16 & 63) << 6 | bare >> 24 & 63


def pack_many(rows: Iterable[tuple[date, int, int, int]]) -> str:
    """Write several rows: day, kind, amount, size of each."""
    return "".join(pack(*row) for row in rows)
