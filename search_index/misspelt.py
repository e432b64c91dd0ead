"""What a run of characters with one slip in it may be, by what stands in the texts around the slip.

Of many texts nearly every pair of characters stands somewhere, so that a wrong character breaks off nothing. But the
characters around it stand together in few texts: these are looked through for the run with something else at that
place, one character wrong, too many or missing, or two exchanged. What is found stands in a text: nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search_index.analysis import pair_key
from search_index.folding import fold
from search_index.segments import SegmentReader
from search_index.typed import HAN

SHORTEST, LONGEST = 4, 8
MOST_READ = 30
"""Texts of a segment that are read for each place at which the slip may be."""

_CHINESE = re.compile(f"[{HAN}]+")  # once: within each pattern it would take longer than all the rest


class Found(NamedTuple):
    """The run put right, how many of the texts read hold it, and whether two characters of it were exchanged."""

    text: str
    times: int
    exchanged: bool


class _Slip(NamedTuple):
    """A slip that may be: the pairs of the run that it leaves as they should be, and how a text would have it."""

    left: tuple[int, ...]
    pattern: re.Pattern[str]
    exchanged: bool


def put_right(readers: Sequence[SegmentReader], run: str) -> list[Found]:
    """Give what a run may be, the commonest first; none when it stands in a text as it is, or nothing like it does."""
    if not SHORTEST <= len(run) <= LONGEST:
        return []
    keys = np.array([pair_key(run[at : at + 2]) for at in range(len(run) - 1)], np.uint64)
    slips = list(_slips(run))
    times: Counter[tuple[str, bool]] = Counter()
    for reader in readers:
        texts = _Texts(reader, keys)
        if texts.found(range(len(keys)), re.compile(re.escape(run))):
            return []
        for slip in slips:
            times.update((text, slip.exchanged) for text in texts.found(slip.left, slip.pattern))
    found = [Found(text, count, exchanged) for (text, exchanged), count in times.most_common() if text != run]
    return sorted(found, key=lambda one: _lost(run, one))


def _lost(run: str, found: Found) -> int:
    """Say how much of a run is given up: whatever it is, it stands in more texts without, or with another last one."""
    return 0 if found.exchanged or len(found.text) > len(run) else 1 + (len(found.text) < len(run))


def _slips(run: str) -> Iterator[_Slip]:
    """Give the slips that may be; the pair at 2 is that of the characters 2 and 3."""
    pairs = range(len(run) - 1)

    def without(*touched: int) -> tuple[int, ...]:
        return tuple(pair for pair in pairs if pair not in touched)

    def pattern(first: int, end: int, instead: str) -> re.Pattern[str]:
        return re.compile(re.escape(run[:first]) + instead + re.escape(run[end:]))

    for at in range(len(run)):
        yield _Slip(without(at - 1, at), pattern(at, at + 1, ".?"), False)
    for at in pairs:
        yield _Slip(without(at), pattern(at + 1, at + 1, "."), False)
        swapped = re.escape(run[at + 1] + run[at])
        yield _Slip(without(at - 1, at, at + 1), pattern(at, at + 2, swapped), True)


class _Texts:
    """The texts of a segment, by the pairs of a run that they hold; each is read and folded once."""

    def __init__(self, reader: SegmentReader, keys: npt.NDArray[np.uint64]) -> None:
        self._reader = reader
        self._held = np.zeros((len(keys), reader.size), np.bool_)
        for row, place in enumerate(reader.find(keys)):
            if place >= 0:
                for stretch in reader.postings([place]):
                    self._held[row, stretch.ids] = True
        self._folded: dict[int, str] = {}

    def found(self, wanted: Sequence[int], pattern: re.Pattern[str]) -> list[str]:
        """Give what a pattern finds in texts that hold all of some pairs, each once for a text."""
        if not wanted:
            return []
        numbers = np.flatnonzero(self._held[list(wanted)].all(axis=0))[:MOST_READ].tolist()
        new = [number for number in numbers if number not in self._folded]
        self._folded.update(zip(new, map(fold, self._reader.texts(new)), strict=True))
        found = (text for number in numbers for text in {*pattern.findall(self._folded[number])})
        return [text for text in found if _CHINESE.fullmatch(text)]
