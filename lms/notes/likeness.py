"""Likeness of texts: the same passages, found by fingerprints of overlapping runs of characters.

What counts is letters, digits and ideographs, folded to one form; spaces, punctuation and Markdown are left out, so
that a comma more hides nothing. Every run of ten characters has a hash; of each twelve hashes in a row the smallest is
a fingerprint of the text (winnowing: Schleimer, Wilkerson, Aiken, SIGMOD 2003). Two texts that share a passage of
``LEAST`` characters therefore share a fingerprint, and a text has about one for every six characters.

Pure: NumPy and the standard library, no database.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

RUN = 10
WINDOW = 12
LEAST = RUN + WINDOW - 1
BRIDGED = 4
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_PLANE = 0x10000

Codes = NDArray[np.uint32]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Folded:
    """A text folded for comparison: the code points that count, and where in the text each of them stands."""

    codes: Codes
    at: NDArray[np.int64]
    length: int


@dataclass(frozen=True)
class Passage:
    """A passage that two texts share: where it stands in the one and in the other, and how many characters count."""

    start: int
    end: int
    other_start: int
    other_end: int
    size: int


@cache
def _folding() -> Codes:
    """Give for each code point of the first plane what it counts as, 0 for nothing."""
    table = np.zeros(_PLANE, dtype=np.uint32)
    for code in range(_PLANE):
        if 0xD800 <= code < 0xE000:
            continue
        form = unicodedata.normalize("NFKC", chr(code)).casefold()
        if form and form[0].isalnum():
            table[code] = ord(form[0])
    return table


def fold(text: str) -> Folded:
    """Fold a text: letters, digits and ideographs only, wide and narrow, capital and small the same."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    first = codes < _PLANE
    folded = np.where(first, _folding()[np.where(first, codes, 0)], codes)
    at = np.flatnonzero(folded)
    return Folded(folded[at], at, len(at))


def hashes(folded: Folded) -> Hashes:
    """Give the hash of every run of ten characters, in their order; none for a shorter text."""
    count = folded.length - RUN + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    codes = folded.codes.astype(np.uint64)
    total = np.zeros(count, dtype=np.uint64)
    for step in range(RUN):
        total = total * _BASE + codes[step : step + count]
    total ^= total >> np.uint64(31)
    total *= _MIX
    total ^= total >> np.uint64(29)
    return total >> np.uint64(1)  # databases keep signed numbers of 64 bits


def marks(folded: Folded) -> NDArray[np.int64]:
    """Give the fingerprints of a text, each once, in ascending order."""
    runs = hashes(folded)
    if len(runs) == 0:
        return np.empty(0, dtype=np.int64)
    if len(runs) <= WINDOW:
        return np.array([runs.min()], dtype=np.int64)
    return np.unique(sliding_window_view(runs, WINDOW).min(axis=1)).astype(np.int64)


def passages(one: Folded, other: Folded, least: int = LEAST) -> list[Passage]:
    """Find the passages of at least ``least`` counting characters that two texts share, in the order of the first.

    A place of ``one`` is matched with the place of ``other`` that goes on from its neighbour's, else with the first.
    Passages with no more than four other characters between them, in both texts, are one.
    """
    mine, theirs = hashes(one), hashes(other)
    if len(mine) == 0 or len(theirs) == 0:
        return []
    order = np.argsort(theirs, kind="stable")
    place = np.searchsorted(theirs, mine, sorter=order)
    place[place == len(theirs)] = 0
    found = np.flatnonzero(theirs[order[place]] == mine)
    if len(found) == 0:
        return []
    spans = _merge(_spans(found, order[place[found]], mine, theirs))
    return [_passage(span, one, other) for span in spans if span[1] - span[0] >= least]


_Span = tuple[int, int, int]
"""Where a shared run begins and ends (exclusive) in the one text, and begins in the other, in counting characters."""


def _spans(found: NDArray[np.int64], places: NDArray[np.int64], mine: Hashes, theirs: Hashes) -> list[_Span]:
    spans: list[_Span] = []
    covered = -1
    for here, there in zip(found.tolist(), places.tolist(), strict=True):
        if here <= covered:
            continue
        end = _extent(mine, theirs, here, there)
        covered = end - 1
        spans.append((here, end + RUN - 1, there))
    return spans


def _extent(mine: Hashes, theirs: Hashes, here: int, there: int) -> int:
    """Give the first place after ``here`` at which the texts do not run on together."""
    size = min(len(mine) - here, len(theirs) - there)
    apart = np.flatnonzero(mine[here : here + size] != theirs[there : there + size])
    return here + (int(apart[0]) if len(apart) else size)


def _merge(spans: Sequence[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for start, end, there in spans:
        if merged:
            begin, before, other = merged[-1]
            gap, other_gap = start - before, there - (other + before - begin)
            if gap <= BRIDGED and gap == other_gap:
                merged[-1] = (begin, max(before, end), other)
                continue
        merged.append((start, end, there))
    return merged


def _passage(span: _Span, one: Folded, other: Folded) -> Passage:
    start, end, there = span
    last = min(there + end - start, other.length) - 1
    return Passage(
        int(one.at[start]), int(one.at[end - 1]) + 1, int(other.at[there]), int(other.at[last]) + 1, end - start
    )


def share(found: Sequence[Passage], length: int) -> float:
    """Give the share of a text of ``length`` counting characters that stands in passages, from 0 to 1."""
    covered, until = 0, -1
    for passage in sorted(found, key=lambda passage: passage.start):
        if passage.start >= until:
            covered += passage.size
            until = passage.end
    return min(1.0, covered / length) if length else 0.0
