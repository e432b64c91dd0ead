"""The ledger's rows of a member's year as one text: twelve characters a row, so that NumPy reads a whole town at once.

A row is its day of the year, its kind (a number for what it counts and under which category), its amount and its size,
each as digits of six bits written as the 64 characters from "0" on. Text and not bytes, because both databases append
to a text with ``||`` in one statement, and a backup stays readable.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

WIDTH = 12
ZERO = ord("0")
AMOUNT_OFFSET = 1 << 23  # amounts may be negative
LARGEST_AMOUNT = AMOUNT_OFFSET - 1
LARGEST_SIZE = (1 << 24) - 1
MOST_KINDS = 1 << 12

Lane = NDArray[np.int32]
Short = NDArray[np.int16]


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
    """Rows of one kind: whose (``who`` numbers the texts they came from), day of the year from 1 on, amount, size.

    ``size`` is None where no row has any: it is so of most kinds, and a town's rows are millions.
    """

    who: Lane
    day: Short
    amount: Lane
    size: Lane | None

    @property
    def count(self) -> int:
        """Count the rows."""
        return len(self.who)

    @cached_property
    def are_ones(self) -> bool:
        """Say whether each row counts one: so it is of books and lectures, and such are added up faster."""
        return bool((self.amount == 1).all())


class Unpacking:
    """Reads the texts of many members bit by bit, so that a town's ledger need not be held as text all at once."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._parts: dict[int, list[Rows]] = {}
        self._texts = 0

    def add(self, texts: Sequence[str]) -> None:
        """Read further texts; they are numbered on from those before."""
        lanes = np.frombuffer("".join(texts).encode("ascii"), "<u4").reshape(-1, WIDTH // 4)
        lengths = np.fromiter(map(len, texts), np.int32, len(texts)) // WIDTH
        who = np.repeat(np.arange(self._texts, self._texts + len(texts), dtype=np.int32), lengths)
        self._texts += len(texts)
        head = _number(lanes[:, 0])
        kind, day = (head & MOST_KINDS - 1).astype(np.int16), (head >> 12).astype(np.int16)
        order = np.argsort(kind, kind="stable")
        who, day, lanes = who[order], day[order], lanes[order]
        amount, size = _number(lanes[:, 1]) - AMOUNT_OFFSET, _number(lanes[:, 2])
        edges = np.searchsorted(kind[order], np.arange(MOST_KINDS + 1))
        for one in np.flatnonzero(edges[1:] > edges[:-1]).tolist():
            part = slice(int(edges[one]), int(edges[one + 1]))
            sizes = size[part] if size[part].any() else None
            self._parts.setdefault(one, []).append(Rows(who[part], day[part], amount[part], sizes))

    def rows(self) -> dict[int, Rows]:
        """Give all that was read, by kind."""
        return {kind: together(self._parts[kind]) for kind in sorted(self._parts)}


def together(parts: Sequence[Rows]) -> Rows:
    """Put rows behind one another."""
    if len(parts) == 1:
        return parts[0]
    who, day, amount = (np.concatenate([getattr(part, name) for part in parts]) for name in ("who", "day", "amount"))
    if all(part.size is None for part in parts):
        return Rows(who, day, amount, None)
    sizes = [np.zeros(part.count, np.int32) if part.size is None else part.size for part in parts]
    return Rows(who, day, amount, np.concatenate(sizes))


def unpack(texts: Sequence[str]) -> dict[int, Rows]:
    """Read the texts of many members: the rows by kind."""
    reading = Unpacking()
    reading.add(texts)
    return reading.rows()


def _number(lane: NDArray[np.uint32]) -> Lane:
    """Read four characters as one number: the first character is the lowest byte and the highest digit."""
    bare = (lane - np.uint32(ZERO * 0x01010101)).astype(np.int32)
    return (bare & 63) << 18 | (bare >> 8 & 63) << 12 | (bare >> 16 & 63) << 6 | bare >> 24 & 63


def pack_many(rows: Iterable[tuple[date, int, int, int]]) -> str:
    """Write several rows: day, kind, amount, size of each."""
    return "".join(pack(*row) for row in rows)
