"""BM25 with arrays: which documents match, and the best of them.

    score(d) = sum over clauses c of idf(c) * f (k1 + 1) / (f + k1 (1 - b + b |d| / mean |d|))
    idf(c)   = ln(1 + (N - n + 0.5) / (n + 0.5))

f is the weighted frequency of c in d, n the number of documents that hold c, N of all documents, deleted ones still
in the index included; k1 = 0.9, b = 0.4. Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
Beyond" (2009), with the fields weighed into one frequency as in BM25F.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from search_index.analysis import Clause
from search_index.postings import Ids
from search_index.segments import Mask, Scores, SegmentArrays, Weighted, intersect

_LENGTH_STEP = math.log(1.1)


class LiveSegment(NamedTuple):
    """A segment as one generation sees it: where its numbers begin, and which documents live (None: all)."""

    segment: SegmentArrays
    base: int
    live: Mask | None


class Found(NamedTuple):
    """What matches: document numbers over all segments, ascending, and scores; counts by kind before filtering."""

    ids: Ids
    scores: Scores
    counts: Mapping[str, int]
    all_words: bool


def mean_length(segments: Sequence[LiveSegment]) -> float:
    """Return the mean document length, rounded to a step of ten per cent.

    Rounded, so that a commit of a few documents leaves every weight computed so far as it is.
    """
    total = sum(entry.segment.total_length for entry in segments)
    count = sum(entry.segment.size for entry in segments)
    return math.exp(round(math.log(max(total / max(count, 1), 1.0)) / _LENGTH_STEP) * _LENGTH_STEP)


def _units(clauses: Sequence[Clause]) -> list[Clause]:
    """Split unquoted clauses into their terms: each counts by its own rarity."""
    units: dict[Clause, None] = {}
    for clause in clauses:
        if clause.quoted:
            units[clause] = None
        else:
            units.update((Clause((term.text,), (term,)), None) for term in clause.terms)
    return list(units)


def find(
    segments: Sequence[LiveSegment],
    pivot: float,
    clauses: Sequence[Clause],
    audience: frozenset[str],
    kinds: frozenset[str],
) -> Found:
    """Find the documents that hold every word; if there is none the audience may see, those that hold any."""
    units = _units(clauses)
    table = [[entry.segment.weighted(unit, pivot) for unit in units] for entry in segments]
    rarity = _rarity(table, sum(entry.segment.size for entry in segments))
    every = [_visible(entry, intersect(lists, rarity), audience) for entry, lists in zip(segments, table, strict=True)]
    if len(units) == 1 or any(len(found.ids) for found in every):
        return _filtered(segments, every, kinds, all_words=True)
    some = [_any(entry, lists, rarity, audience) for entry, lists in zip(segments, table, strict=True)]
    return _filtered(segments, some, kinds, all_words=False)


def _rarity(table: list[list[Weighted]], documents: int) -> list[float]:
    holders = [sum(len(found.ids) for found in column) for column in zip(*table, strict=True)]
    return [math.log1p((documents - n + 0.5) / (n + 0.5)) for n in holders]


def _visible(entry: LiveSegment, found: Weighted, audience: frozenset[str]) -> Weighted:
    if not len(found.ids):
        return found
    seen = entry.segment.visible_to(audience)[found.ids]
    if entry.live is not None:
        seen &= entry.live[found.ids]
    return Weighted(found.ids[seen], found.impacts[seen])


def _any(entry: LiveSegment, lists: list[Weighted], rarity: list[float], audience: frozenset[str]) -> Weighted:
    scores = np.zeros(entry.segment.size, np.float32)
    for found, factor in zip(lists, rarity, strict=True):
        scores[found.ids] += found.impacts * np.float32(factor)
    ids = np.flatnonzero(scores > 0)
    return _visible(entry, Weighted(ids, scores[ids]), audience)


def _filtered(
    segments: Sequence[LiveSegment], found: list[Weighted], kinds: frozenset[str], *, all_words: bool
) -> Found:
    counts: Counter[str] = Counter()
    ids: list[Ids] = []
    scores: list[Scores] = []
    for entry, (numbers, values) in zip(segments, found, strict=True):
        if not len(numbers):
            continue
        names, codes = entry.segment.kinds
        own = codes[numbers]
        for name, count in zip(names, np.bincount(own, minlength=len(names)).tolist(), strict=True):
            if count:
                counts[name] += count
        if kinds:
            wanted = np.array([name in kinds for name in names], np.bool_)[own]
            numbers, values = numbers[wanted], values[wanted]
        ids.append(numbers + entry.base)
        scores.append(values)
    if not ids:
        return Found(np.empty(0, np.intp), np.empty(0, np.float32), counts, all_words)
    return Found(np.concatenate(ids), np.concatenate(scores), counts, all_words)


def best(found: Found, offset: int, limit: int) -> list[tuple[int, float]]:
    """Return number and score of the hits from `offset` on, best first; of equal scores the older document first.

    The order is total, so pages neither repeat nor skip a hit of one generation.
    """
    wanted = min(offset + limit, len(found.ids))
    if wanted <= offset:
        return []
    ids, scores = found.ids, found.scores
    if wanted < len(ids):
        least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        above = np.flatnonzero(scores > least)
        level = np.flatnonzero(scores == least)[: wanted - len(above)]
        chosen = np.concatenate((above, level))
        ids, scores = ids[chosen], scores[chosen]
    order = np.lexsort((ids, -scores))[offset:wanted]
    return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))
