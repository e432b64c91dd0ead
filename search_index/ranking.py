"""BM25 with arrays: the best documents of a segment, without looking at most of those that match.

    score(d) = sum over terms t of w(t) idf(t) (f (k1 + 1) / (f + k1 (1 - b + b |d| / mean |d|)) + delta)
    idf(t)   = ln(1 + (N - n + 0.5) / (n + 0.5))

f is the weighted frequency of t in d, n the number of documents that hold t, N of all documents, deleted ones still
in the index included; k1 = 0.9, b = 0.4. Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
Beyond" (2009), the fields weighed into one frequency as in BM25F; delta = 1.5 as in BM25+, Lv and Zhai, "Lower-Bounding
Term Frequency Normalization" (2011): to hold a word at all counts for much. On top comes

    bonus(d) = sum over terms t of the query in d's title of w(t) idf(t), times the share of the title's terms they are

so that the thing whose title is typed comes first. The best k are found as in MaxScore, Turtle and Flood, "Query
Evaluation: Strategies and Optimizations" (1995): lists are added by falling bound until what is left cannot lift a new
document among the best; then only the documents that still can be are looked up in the lists that are left.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search_index.postings import Ids, ragged
from search_index.segments import DELTA, IMPACT_STEPS, K1, Mask, Scores, SegmentReader, Weighted

COMPLETE_BONUS = 10_000.0
"""Lifts documents that hold every word above all that do not."""

_SCALE = (np.arange(256) * ((K1 + 1) / IMPACT_STEPS) + DELTA).astype(np.float32)
_SCALE[0] = 0.0
_WORTH_A_LOOK = 1500
_FEW = 300
"""So few documents are looked up in all lists that are left at once."""

_FEW_OWNERS = 16
"""Where this many times fewer titles hold a term than there are, only those are reckoned with."""

_TITLES_FIRST = 64
_TITLE_DOCUMENTS = 4000


class Scored(NamedTuple):
    """A list with the score of each impact, and the most a document can have of it."""

    found: Weighted
    factor: float
    scores: Scores
    bound: float


class Titles(NamedTuple):
    """What titles add: to the documents with the best ones, one by one; `rest` by title for all others."""

    ids: Ids
    bonus: Scores
    rest: Scores
    rest_bound: float


class Best(NamedTuple):
    """Documents with scores, in no order."""

    ids: Ids
    scores: Scores


def scored(found: Weighted, factor: float) -> Scored:
    """Return a list with its scores; `factor` is the weight of the term times its idf."""
    scores = _SCALE * np.float32(factor)
    return Scored(found, factor, scores, float(scores[found.top]))


def scores_among(lists: Sequence[Weighted], factors: Scores, ids: Ids) -> Scores:
    """Return what lists give together to each of a few documents, ascending; `factors` are as for `scored`."""
    impacts = np.array([found.among(ids) for found in lists], np.uint8)
    scores: Scores = factors @ _SCALE[impacts]
    return scores


class TitleTerms(NamedTuple):
    """Terms to look for in titles: the factor of each, and whether it finds documents."""

    keys: npt.NDArray[np.uint64]
    factors: Scores
    primary: Mask


NO_TITLES = Titles(np.empty(0, np.int32), np.empty(0, np.float32), np.zeros(0, np.float32), 0.0)


def title_bonus(segment: SegmentReader, terms: TitleTerms, allowed: Mask | None) -> Titles:
    """Return what the titles of a segment add; those without a term that finds documents add nothing."""
    index = segment.titles
    if not len(index.keys) or not len(terms.keys):
        return NO_TITLES
    places = index.keys.searchsorted(terms.keys)
    places[places == len(index.keys)] = 0
    there = index.keys[places] == terms.keys
    if not (there & terms.primary).any():
        return NO_TITLES
    places = places[there]
    ends = index.ends[places]
    starts = np.where(places > 0, index.ends[places - 1], 0)
    counts = ends - starts
    owners = index.owners[ragged(starts, counts)]
    factors, primary = np.repeat(terms.factors[there], counts), np.repeat(terms.primary[there], counts)
    bonus = np.zeros(len(index.sizes), np.float32)
    if len(owners) * _FEW_OWNERS < len(bonus):
        some, places = np.unique(owners, return_inverse=True)
        bonus[some] = _bonus(places, factors, primary, index.sizes[some])
    else:
        bonus[:] = _bonus(owners, factors, primary, index.sizes)
    return _with_best_titles(segment, bonus, allowed)


def _bonus(owners: npt.NDArray[np.integer], factors: Scores, primary: Mask, sizes: Scores) -> npt.NDArray[np.float64]:
    """Return for each title the factors of its terms, times the share of its terms, if one of them is primary."""
    count = len(sizes)
    telling = np.bincount(owners[primary], minlength=count) > 0
    found: npt.NDArray[np.float64] = (
        np.bincount(owners, factors, minlength=count) * np.bincount(owners, minlength=count) / sizes * telling
    )
    return found


def _with_best_titles(segment: SegmentReader, bonus: Scores, allowed: Mask | None) -> Titles:
    best = np.flatnonzero(bonus > bonus.max() * np.float32(0.3))
    best = best[np.argsort(-bonus[best], kind="stable")][:_TITLES_FIRST]
    order, starts = segment.by_title
    counts = starts[best + 1] - starts[best]
    kept = np.cumsum(counts) <= _TITLE_DOCUMENTS
    best, counts = best[kept], counts[kept]
    ids = order[ragged(starts[best], counts)]
    values = np.repeat(bonus[best], counts)
    if allowed is not None:
        inside = allowed[ids]
        ids, values = ids[inside], values[inside]
    rest = bonus
    rest[best] = 0.0
    return Titles(ids, values, rest, float(rest.max()))


def kth_largest(values: Scores, most: int) -> float:
    """Return the least of the `most` largest values; there are that many."""
    return float(np.partition(values, len(values) - most)[len(values) - most])


class _Sums(threading.local):
    """One array of sums for each thread, as long as the largest segment and all zeros between searches."""

    def __init__(self) -> None:
        self.array: Scores = np.zeros(0, np.float32)

    def sized(self, size: int) -> Scores:
        if len(self.array) < size:
            self.array = np.zeros(size, np.float32)
        return self.array


_SUMS = _Sums()


class Collector:
    """The best documents of one segment for lists of terms."""

    def __init__(
        self,
        segment: SegmentReader,
        lists: Sequence[Scored],
        titles: Titles,
        allowed: Mask | None,
    ) -> None:
        """Take the lists of terms that find documents, and what titles add."""
        self._segment = segment
        self._lists = sorted(lists, key=lambda entry: -entry.bound)
        self._titles = titles
        self._allowed = allowed
        left = titles.rest_bound
        bounds = [left]
        for entry in reversed(self._lists):
            left += entry.bound
            bounds.append(left)
        self._bounds = bounds[::-1]

    def among(self, ids: Ids, most: int, floor: float) -> Best:
        """Return the best of some documents, ascending, dropping what is not among the best `most` or below `floor`."""
        scores = np.zeros(len(ids), np.float32)
        titles = self._titles
        if len(titles.ids):
            places = np.searchsorted(ids, titles.ids)
            places[places == len(ids)] = 0
            inside = ids[places] == titles.ids if len(ids) else np.zeros(len(places), np.bool_)
            scores[places[inside]] = titles.bonus[inside]
        return self._finish(ids, scores, 0, most, floor)

    def everywhere(self, head: Ids, most: int, floor: float) -> Best:
        """Return the best of all documents that a list holds; those of `head` come first."""
        sums = _SUMS.sized(self._segment.size)
        touched: list[Ids] = []
        try:
            if len(head):
                sums[head] = COMPLETE_BONUS
                touched.append(head)
            if len(self._titles.ids):
                self._add(sums, self._titles.ids, self._titles.bonus, touched)
            place = self._add_lists(sums, touched, most, floor)
            ids = np.concatenate([np.empty(0, np.int32), *touched])
            ids.sort()
            scores = sums[ids]
        finally:
            for array in touched:
                sums[array] = 0.0
        return self._finish(ids, scores, place, most, floor)

    @staticmethod
    def _add(sums: Scores, ids: Ids, values: Scores, touched: list[Ids]) -> None:
        before = sums[ids]
        sums[ids] = before + values
        touched.append(ids[before == 0.0])

    def _add_lists(self, sums: Scores, touched: list[Ids], most: int, floor: float) -> int:
        """Add lists until none can bring a new document among the best; return how many were added."""
        for place, (found, _, scores, _) in enumerate(self._lists):
            if (found.size > _WORTH_A_LOOK or found.ids is None) and self._is_enough(sums, touched, place, most, floor):
                return place
            ids = found.documents()
            impacts = found.impacts[:-1] if found.ids is not None else found.impacts[ids]
            if self._allowed is not None:
                inside = self._allowed[ids]
                ids, impacts = ids[inside], impacts[inside]
            self._add(sums, ids, scores[impacts], touched)
        return len(self._lists)

    def _is_enough(self, sums: Scores, touched: list[Ids], place: int, most: int, floor: float) -> bool:
        bound = self._bounds[place]
        if bound < floor:
            return True
        if sum(map(len, touched)) < most:
            return False
        values = np.concatenate([sums[ids] for ids in touched])
        return kth_largest(values, most) > bound

    def _finish(self, ids: Ids, scores: Scores, place: int, most: int, floor: float) -> Best:
        """Add the lists that are left, dropping documents as soon as they cannot be among the best."""
        for at in range(place, len(self._lists)):
            ids, scores = self._pruned(ids, scores, self._bounds[at], most, floor)
            if len(ids) <= _FEW:
                left = self._lists[at:]
                if len(ids):
                    factors = np.array([entry.factor for entry in left], np.float32)
                    scores = scores + scores_among([entry.found for entry in left], factors, ids)
                break
            entry = self._lists[at]
            scores = scores + entry.scores[entry.found.among(ids)]
        if self._titles.rest_bound:
            ids, scores = self._pruned(ids, scores, self._titles.rest_bound, most, floor)
            scores = scores + self._titles.rest[self._segment.columns.texts["title"].codes[ids]]
        # sums in another order differ in their last bits, which must not decide between pages
        return Best(ids, np.round(scores, 3))

    @staticmethod
    def _pruned(ids: Ids, scores: Scores, bound: float, most: int, floor: float) -> tuple[Ids, Scores]:
        threshold = floor
        if len(ids) > most:
            threshold = max(floor, kth_largest(scores, most))
        elif not floor:
            return ids, scores
        kept = scores + np.float32(bound + 0.01) >= threshold
        return (ids, scores) if kept.all() else (ids[kept], scores[kept])
