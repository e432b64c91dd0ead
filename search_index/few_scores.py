"""The best documents of one segment where the lists are short: `ranking.Collector` step by step, without arrays."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, repeat
from operator import add, mul, truediv
from typing import NamedTuple, Protocol

import numpy as np

from search_index.ranking import COMPLETE_BONUS, FEW_AT_ONCE, SCALE, TITLE_DOCUMENTS, TITLES_FIRST
from search_index.segments import SegmentReader
from search_index.terms import Worth

Scored = list[tuple[int, float]]

SCALE_OF: list[float] = SCALE.tolist()
_ZEROS, _THOUSANDS = repeat(0.0), repeat(1000.0)
_TITLE_SHARE = float(np.float32(0.3))


def single(values: Iterable[float]) -> array[float]:
    """Round numbers to single precision."""
    return array("f", [*values])


def rounded(scores: Iterable[float]) -> array[float]:
    """Round to three places as NumPy does."""
    thousandths = map(round, single(map(mul, scores, _THOUSANDS)))
    return single(map(truediv, thousandths, _THOUSANDS))


def added_up(sums: Iterable[float], worth: Mapping[int, float], numbers: Iterable[int]) -> list[float]:
    """Add what a term gives to each of some documents."""
    return [*map(add, sums, map(worth.get, numbers, _ZEROS))]


class Titles(NamedTuple):
    """What titles add: to the documents with the best ones, one by one; `rest` by title to all others."""

    best: Scored
    rest: Mapping[int, float]
    rest_bound: float


NO_TITLES = Titles([], {}, 0.0)


class Part(Protocol):
    """What is asked of a segment's side of a question."""

    reader: SegmentReader
    allowed: memoryview | None
    titles: memoryview

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

    def __init__(self, part: Part, lists: Sequence[Worth], titles: Titles, most: int) -> None:
        """Take the lists by falling bound, and what titles add."""
        self._part, self._lists, self._titles, self._most = part, lists, titles, most
        self._bounds = [*accumulate([entry.most for entry in reversed(lists)], initial=titles.rest_bound)][::-1]

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
        place = 0
        for place, (_, exact, worth, _) in enumerate(self._lists):
            if self._bounds[place] < floor:
                break
            sums.update(zip(exact, single(map(add, map(get, exact, _ZEROS), worth)), strict=True))
        else:
            place = len(self._lists)
        allowed = self._part.allowed
        if allowed is not None:
            sums = {number: score for number, score in sums.items() if allowed[number]}
        return self._finish(self._pruned(sums, self._bounds[place], floor), place, floor)

    def _finish(self, scores: dict[int, float], place: int, floor: float) -> Scored:
        """Add the lists that are left, dropping documents as soon as they cannot be among the best."""
        for at in range(place, len(self._lists)):
            left = self._lists[at:] if len(scores) <= FEW_AT_ONCE else self._lists[at : at + 1]
            sums = [0.0] * len(scores)
            for entry in left:
                sums = added_up(sums, entry.exact, scores)
            totals = single(map(add, scores.values(), single(sums)))
            scores = dict(zip(scores, totals, strict=True))
            if len(left) == len(self._lists) - at:
                break
            scores = self._pruned(scores, self._bounds[at + 1], floor)
        if self._titles.rest_bound:
            scores = self._pruned(scores, self._titles.rest_bound, floor)
            rest, title_of = self._titles.rest, self._part.titles
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
