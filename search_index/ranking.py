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
from search_index.segments import Mask, SegmentReader
from search_index.weighted import IMPACT_STEPS, K1, SMALL, Dense, Scores, Weighted, impacts_among

DELTA = 1.5
COMPLETE_BONUS = 10_000.0
"""Lifts documents that hold every word above all that do not."""

SCALE = (np.arange(256) * ((K1 + 1) / IMPACT_STEPS) + DELTA).astype(np.float32)
SCALE[0] = 0.0
_DOUBLE_SCALE = SCALE.astype(np.float64)
_WORTH_A_LOOK = 1500
WEIGHED_AGAIN = 60
"""So many of the best are ranked by single characters as well, which hardly find anything that pairs do not."""

FEW_AT_ONCE = 300
"""So few documents are looked up in all lists that are left at once."""

TITLES_FIRST = 64
TITLE_DOCUMENTS = 4000


def idf(counts: Scores, size: int) -> Scores:
    """Return what terms are worth that so many documents hold, of `size` in all."""
    found: Scores = np.log((size + 1) / (counts + np.float32(0.5)))  # ln(1 + (N - n + 1/2) / (n + 1/2))
    return found


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


def scored(lists: Sequence[Weighted], factors: Scores) -> list[Scored]:
    """Return those lists that hold anything, with scores; `factors` are the weights of the terms times their idf."""
    scores = np.multiply.outer(factors, SCALE)
    return [
        Scored(found, factor, row, row.item(found.top))
        for found, factor, row in zip(lists, factors.tolist(), scores, strict=True)
        if found.size
    ]


def scores_among(lists: Sequence[Weighted], factors: Scores, ids: Ids) -> Scores:
    """Return what lists give together to each of a few documents, ascending; `factors` are as for `scored`."""
    # in double, where the order of the sums does not show: `few` adds up one by one
    scores: Scores = (factors.astype(np.float64) @ _DOUBLE_SCALE.take(impacts_among(lists, ids))).astype(np.float32)
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
    there = index.keys.take(places, mode="clip") == terms.keys
    if not (there & terms.primary).any():
        return NO_TITLES
    places = places[there]
    ends = index.ends[places]
    counts = ends - np.where(places > 0, index.ends[places - 1], 0)
    owners = index.owners[ragged(ends - counts, counts)]
    factors, primary = terms.factors[there].repeat(counts), terms.primary[there].repeat(counts)
    size = len(index.sizes)
    times = np.bincount(owners, minlength=size)
    some = np.bincount(owners[primary], minlength=size).nonzero()[0]
    bonus = np.bincount(owners, factors, size)[some] * times[some] / index.sizes[some]
    return _with_best_titles(segment, some, bonus.astype(np.float32), allowed)


def _with_best_titles(
    segment: SegmentReader, titles: npt.NDArray[np.intp], bonus: Scores, allowed: Mask | None
) -> Titles:
    """Take apart the documents of the best titles; `bonus` is that of each of some titles."""
    best = (bonus > bonus.max() * np.float32(0.3)).nonzero()[0]
    best = best[(-bonus[best]).argsort(kind="stable")][:TITLES_FIRST]
    order, starts = segment.by_title
    of_best = titles[best]
    counts = starts[of_best + 1] - starts[of_best]
    kept = counts.cumsum() <= TITLE_DOCUMENTS
    best, counts = best[kept], counts[kept]
    ids = order[ragged(starts[titles[best]], counts)]
    values = bonus[best].repeat(counts)
    if allowed is not None:
        inside = allowed[ids]
        ids, values = ids[inside], values[inside]
    rest = np.zeros(len(segment.titles.sizes), np.float32)
    bonus[best] = 0.0
    rest[titles] = bonus
    return Titles(ids, values, rest, float(bonus.max()))


def kth_largest(values: Scores, most: int) -> float:
    """Return the least of the `most` largest values; there are that many."""
    ordered = values.copy()
    ordered.partition(len(values) - most)
    return float(ordered[len(values) - most])


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
        self._best_title = float(titles.bonus.max()) if len(titles.ids) else 0.0

    def among(self, ids: Ids, most: int, floor: float) -> Best:
        """Return the best of some documents, ascending, dropping what is not among the best `most` or below `floor`."""
        scores = np.zeros(len(ids), np.float32)
        titles = self._titles
        if len(titles.ids) and len(ids):
            places = ids.searchsorted(titles.ids)
            inside = ids.take(places, mode="clip") == titles.ids
            scores[places[inside]] = titles.bonus[inside]
        return self._finish(*self._pruned(ids, scores, self._bounds[0], most, floor), 0, most, floor)

    def everywhere(self, head: Ids, most: int, floor: float) -> Best:
        """Return the best of all documents that a list holds; those of `head` come first."""
        if self._segment.size <= SMALL:
            return self._everywhere_at_once(head, most, floor)
        sums = _SUMS.sized(self._segment.size)
        touched: list[Ids] = [head]
        try:
            sums[head] = COMPLETE_BONUS
            if len(self._titles.ids):
                self._add(sums, self._titles.ids, self._titles.bonus, touched)
            place, floor = self._add_lists(sums, touched, most, floor)
            ids = np.concatenate(touched)
            scores = sums[ids]
        finally:
            for array in touched:
                sums[array] = 0.0
        ids, scores = self._pruned(ids, scores, self._bounds[place], most, floor)
        order = ids.argsort()
        return self._finish(ids[order], scores[order], place, most, floor)

    def _everywhere_at_once(self, head: Ids, most: int, floor: float) -> Best:
        """Do the same where one value for each document of the segment is little to look at: many lists in one go."""
        sums = _SUMS.sized(self._segment.size)[: self._segment.size]
        try:
            sums[head] = COMPLETE_BONUS
            sums[self._titles.ids] += self._titles.bonus
            place, floor = self._add_at_once(sums, head, most, floor)
            ids = self._touched(sums)
            scores = sums[ids]
        finally:
            sums[:] = 0.0
        return self._finish(*self._pruned(ids, scores, self._bounds[place], most, floor), place, most, floor)

    def _add_at_once(self, sums: Scores, head: Ids, most: int, floor: float) -> tuple[int, float]:
        """Add lists as `_add_lists` does, what may not be found as well."""
        waiting: list[Scored] = []
        for place, entry in enumerate(self._lists):
            if self._bounds[place] >= floor and self._is_worth_a_look(place, head, most):
                _add_all(sums, waiting)
                waiting = []
                touched = sums[self._touched(sums)]
                if len(touched) >= most:
                    floor = max(floor, kth_largest(touched, most))
            if self._bounds[place] < floor:
                _add_all(sums, waiting)
                return place, floor
            waiting.append(entry)
        _add_all(sums, waiting)
        return len(self._lists), floor

    def _touched(self, sums: Scores) -> Ids:
        ids = sums.nonzero()[0].astype(np.int32)
        return ids if self._allowed is None else ids[self._allowed[ids]]

    def _is_worth_a_look(self, place: int, head: Ids, most: int) -> bool:
        """Tell whether a list is so long that it pays to see first if it can bring another document among the best."""
        found, bound = self._lists[place].found, self._bounds[place]
        if found.size <= _WORTH_A_LOOK and not isinstance(found, Dense):
            return False
        # no document has more than the difference yet, unless it is one of `head`
        return self._bounds[0] - bound + self._best_title > bound or len(head) >= most

    @staticmethod
    def _add(sums: Scores, ids: Ids, values: Scores, touched: list[Ids]) -> None:
        before = sums[ids]
        sums[ids] = before + values
        touched.append(ids[before == 0.0])

    def _add_lists(self, sums: Scores, touched: list[Ids], most: int, floor: float) -> tuple[int, float]:
        """Add lists until none can bring a new document among the best.

        Return how many were added, and the least score of the best as far as it is known.
        """
        for place, (found, _, scores, _) in enumerate(self._lists):
            bound = self._bounds[place]
            if bound < floor:
                return place, floor
            if self._is_worth_a_look(place, touched[0], most):
                floor = max(floor, self._least_of_best(sums, touched, most))
                if bound < floor:
                    return place, floor
            ids, impacts = found.whole()
            if self._allowed is not None:
                inside = self._allowed[ids]
                ids, impacts = ids[inside], impacts[inside]
            self._add(sums, ids, scores.take(impacts), touched)
        return len(self._lists), floor

    @staticmethod
    def _least_of_best(sums: Scores, touched: list[Ids], most: int) -> float:
        if sum(map(len, touched)) < most:
            return 0.0
        return kth_largest(sums[np.concatenate(touched)], most)

    def _finish(self, ids: Ids, scores: Scores, place: int, most: int, floor: float) -> Best:
        """Add the lists that are left, dropping documents as soon as they cannot be among the best."""
        for at in range(place, len(self._lists)):
            if len(ids) <= FEW_AT_ONCE:
                left = self._lists[at:]
                if len(ids):
                    factors = np.array([entry.factor for entry in left], np.float32)
                    scores = scores + scores_among([entry.found for entry in left], factors, ids)
                break
            entry = self._lists[at]
            scores = scores + entry.scores.take(entry.found.among(ids))
            ids, scores = self._pruned(ids, scores, self._bounds[at + 1], most, floor)
        if self._titles.rest_bound:
            ids, scores = self._pruned(ids, scores, self._titles.rest_bound, most, floor)
            scores = scores + self._titles.rest[self._segment.columns.texts["title"].codes[ids]]
        # sums in another order differ in their last bits, which must not decide between pages
        return Best(ids, scores.round(3))

    @staticmethod
    def _pruned(ids: Ids, scores: Scores, bound: float, most: int, floor: float) -> tuple[Ids, Scores]:
        bound += 0.01
        if floor > bound and len(ids) > most:
            kept = scores >= floor - bound
            ids, scores = ids[kept], scores[kept]
        threshold = floor
        if len(ids) > most:
            threshold = max(floor, kth_largest(scores, most))
        if threshold <= bound:
            return ids, scores
        kept = scores >= threshold - bound
        return (ids, scores) if kept.all() else (ids[kept], scores[kept])


def _add_all(sums: Scores, lists: Sequence[Scored]) -> None:
    """Add to the sums of all documents what some lists are worth, list by list."""
    if lists:
        whole = [entry.found.whole() for entry in lists]
        values = [entry.scores.take(impacts, mode="clip") for entry, (_, impacts) in zip(lists, whole, strict=True)]
        np.add.at(sums, np.concatenate([ids for ids, _ in whole]), np.concatenate(values))
