"""The best documents of one segment where the lists are short: `ranking.Collector` step by step, without arrays."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from search_index.ranking import COMPLETE_BONUS, FEW_AT_ONCE, SCALE, TITLE_DOCUMENTS, TITLES_FIRST
from search_index.segments import SegmentReader

Scored = list[tuple[int, float]]

SCALE_OF: list[float] = SCALE.tolist()
_TITLE_SHARE = float(np.float32(0.3))


def single(values: Iterable[float]) -> array[float]:
    """Round numbers to single precision."""
    return array("f", values)


def rounded(scores: Iterable[float]) -> array[float]:
    """Round to three places as NumPy does."""
    return single([round(value) / 1000.0 for value in single([score * 1000.0 for score in scores])])


class Titles(NamedTuple):
    """What titles add: to the documents with the best ones, one by one; `rest` by title to all others."""

    best: Scored
    rest: Mapping[int, float]
    rest_bound: float


NO_TITLES = Titles([], {}, 0.0)


class List(NamedTuple):
    """The documents that hold a term, with the most that one can have of it."""

    impacts: Mapping[int, int]
    factor: float
    bound: float


class Part(Protocol):
    """What is asked of a segment's side of a question."""

    reader: SegmentReader
    allowed: memoryview | None

    def only_allowed(self, ids: Iterable[int]) -> list[int]:
        """Return those documents that may be found."""


def kth_largest(scores: Sequence[float], most: int) -> float:
    """Return the least of the `most` largest; there are that many."""
    return sorted(scores, reverse=True)[most - 1]


def with_best_titles(part: Part, bonus: dict[int, float]) -> Titles:
    """Take apart the documents of the best titles; `bonus` is that of each of some titles, ascending."""
    (enough,) = single([max(bonus.values()) * _TITLE_SHARE])
    best = sorted([title for title, value in bonus.items() if value > enough], key=lambda title: -bonus[title])
    order, starts = [one.data for one in part.reader.by_title]
    found: Scored = []
    left = TITLE_DOCUMENTS
    for title in best[:TITLES_FIRST]:
        first, last = starts[title], starts[title + 1]
        left -= last - first
        if left < 0:
            break
        value = bonus.pop(title)
        found += [(number, value) for number in part.only_allowed(order[first:last].tolist())]
    return Titles(found, bonus, max(bonus.values(), default=0.0))


class Collector:
    """The best documents of one segment: `ranking.Collector` step by step."""

    def __init__(self, part: Part, lists: Sequence[List], titles: Titles, most: int) -> None:
        """Take the lists by falling bound, and what titles add."""
        self._part, self._lists, self._titles, self._most = part, lists, titles, most
        bounds = [titles.rest_bound]
        for entry in reversed(lists):
            bounds.append(bounds[-1] + entry.bound)
        self._bounds = bounds[::-1]

    def among(self, ids: Sequence[int], floor: float) -> Scored:
        """Return the best of some documents."""
        scores = dict.fromkeys(ids, 0.0)
        scores.update([pair for pair in self._titles.best if pair[0] in scores])
        return self._finish(self._pruned(scores, self._bounds[0], floor), 0, floor)

    def everywhere(self, head: Iterable[int], floor: float) -> Scored:
        """Return the best of all documents that a list holds; those of `head` come first."""
        sums = dict.fromkeys(head, COMPLETE_BONUS)
        get = sums.get
        best = self._titles.best
        if best:
            added = single([get(number, 0.0) + value for number, value in best])
            sums.update(zip([number for number, _ in best], added, strict=True))
        allowed = self._part.allowed
        place = 0
        for place, entry in enumerate(self._lists):
            if self._bounds[place] < floor:
                break
            factor = entry.factor
            pairs: Collection[tuple[int, int]] = entry.impacts.items()
            if allowed is not None:
                pairs = [pair for pair in pairs if allowed[pair[0]]]
            values = single([factor * SCALE_OF[impact] for _, impact in pairs])
            added = single([get(number, 0.0) + value for (number, _), value in zip(pairs, values, strict=True)])
            sums.update(zip([number for number, _ in pairs], added, strict=True))
        else:
            place = len(self._lists)
        return self._finish(self._pruned(sums, self._bounds[place], floor), place, floor)

    def _finish(self, scores: dict[int, float], place: int, floor: float) -> Scored:
        """Add the lists that are left, dropping documents as soon as they cannot be among the best."""
        for at in range(place, len(self._lists)):
            left = self._lists[at:] if len(scores) <= FEW_AT_ONCE else self._lists[at : at + 1]
            sums = [0.0] * len(scores)
            for entry in left:
                get, factor = entry.impacts.get, entry.factor
                sums = [sum_ + factor * SCALE_OF[get(number, 0)] for sum_, number in zip(sums, scores, strict=True)]
            totals = single([a + b for a, b in zip(scores.values(), single(sums), strict=True)])
            scores = dict(zip(scores, totals, strict=True))
            if len(left) == len(self._lists) - at:
                break
            scores = self._pruned(scores, self._bounds[at + 1], floor)
        rest = self._titles.rest
        if self._titles.rest_bound:
            scores = self._pruned(scores, self._titles.rest_bound, floor)
            title_of = self._part.reader.columns.texts["title"].codes.data
            totals = single([score + rest.get(title_of[number], 0.0) for number, score in scores.items()])
            return [*zip(scores, rounded(totals), strict=True)]
        return [*zip(scores, rounded(scores.values()), strict=True)]

    def _pruned(self, scores: dict[int, float], bound: float, floor: float) -> dict[int, float]:
        bound += 0.01
        if len(scores) <= self._most and floor <= bound:
            return scores
        if floor > bound and len(scores) > self._most:
            (least,) = single([floor - bound])
            scores = {number: score for number, score in scores.items() if score >= least}
        threshold = floor
        if len(scores) > self._most:
            threshold = max(floor, kth_largest([*scores.values()], self._most))
        if threshold <= bound:
            return scores
        (least,) = single([threshold - bound])
        return {number: score for number, score in scores.items() if score >= least}
