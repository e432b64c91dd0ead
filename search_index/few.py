"""Questions whose terms stand in few documents, answered without arrays: exactly as `ranking` and `searching` would.

To set up an array costs as much as to look at a hundred postings one by one. So where the lists of a question are that
short, each is a plain dict from document to impact. All is added up in the same order and rounded to single precision
at the same places as with arrays: which way was taken shows in nothing but the time.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import lru_cache
from itertools import chain, repeat
from operator import attrgetter, neg, sub

import numpy as np

from search_index.documents import Query
from search_index.few_scores import (
    NO_TITLES,
    SCALE_OF,
    Collector,
    Scored,
    Titles,
    added_up,
    rounded,
    single,
    with_best_titles,
)
from search_index.plan import Plan, Want
from search_index.ranking import COMPLETE_BONUS, WEIGHED_AGAIN, idf
from search_index.segment_search import SegmentSearch, Terms
from search_index.terms import Held
from search_index.weighted import impacts_among

FEW, FEW_COUNTED = 120, 350
"""With more postings in the lists that find documents, arrays are as quick; later where there is much to count."""

SURELY_SMALL = 4096
"""In larger segments it is counted first how much there is to look at."""

Row = tuple[int, int, float]
"""A document that was found: the part of the question it lies in, its number, its score."""

_MOST = attrgetter("most")

_Ranked = tuple[float, int, int]
"""The same as it is put into order: what its score is below zero, the part, the number."""


@lru_cache(65_536)
def _factor(weight: float, count: int, size: int) -> float:
    """Return what a term that so many documents hold is worth: as an array would have it."""
    found: float = (np.array([weight], np.float32) * idf(np.array([count], np.float32), size)).item()
    return found


def few_parts(parts: Sequence[SegmentSearch], plan: Plan, terms: Terms) -> list[FewPart] | None:
    """Return what the segments hold of a question that only asks for words, few of them; None for any other."""
    if plan.required or plan.excluded or plan.prefixes:
        return None
    left = FEW_COUNTED if parts[0].query.counts else FEW
    large = [part for part in parts if part.reader.size > SURELY_SMALL]
    if any(int(np.add.reduce(part.counts[: terms.primary])) > left for part in large):
        return None
    wanted = {key for wants in plan.wanted for want in wants for key in want.keys}
    if not terms.places.keys() >= wanted:
        return None
    finding = {*range(terms.primary), *map(terms.places.__getitem__, wanted)}
    found: list[FewPart] = []
    for part in parts:
        held = part.reader.held(terms.keys, terms.primary, left, part.mean, part.look)
        if (
            held is None
            or None in [held[at].impacts for at in finding]
            or None in [held[at].titles for at in terms.title]
        ):
            return None
        left -= sum([one.size for one in held[: terms.primary]])
        found.append(FewPart(part, held))
    return found


class FewPart:
    """What one segment holds of a question."""

    def __init__(self, search: SegmentSearch, held: Sequence[Held]) -> None:
        """Take the segment's side of the question, and what it holds of each term."""
        self.search, self.held, self.reader = search, held, search.reader
        allowed = search.allowed
        self.allowed = None if allowed is None else allowed.data
        self.complete_everywhere = self._complete()
        self.complete = self.only_allowed(self.complete_everywhere)
        self.groups = self.reader.groups[0].data
        self.titles = self.reader.columns.texts["title"].codes.data

    def only_allowed(self, ids: Iterable[int]) -> list[int]:
        """Return those documents that may be found."""
        allowed = self.allowed
        return [*ids] if allowed is None else [number for number in ids if allowed[number]]

    def _complete(self) -> Set[int]:
        """Return the documents that hold every wanted word, seen or not."""
        found: Set[int] | None = None
        for wants in self.search.plan.wanted:
            ids = self._holding(wants[0])
            for want in wants[1:]:
                ids = ids | self._holding(want)
            found = ids if found is None else found & ids
            if not found:
                break
        return found or set()

    def _holding(self, want: Want) -> Set[int]:
        places = self.search.terms.places
        first, *others = [self.held[places[key]].impacts or {} for key in want.keys]
        found: Set[int] = first.keys()
        for other in others:
            found = found & other.keys()
        return found

    def matching(self, *, complete: bool) -> Iterable[int]:
        """Return the documents that match, seen or not: all words, or any."""
        if complete:
            return self.complete_everywhere
        found: dict[int, int] = {}
        for held in self.held[: self.search.terms.primary]:
            if held.impacts:
                found |= held.impacts
        return found

    def _without_facet(self, ids: Iterable[int], name: str) -> Iterable[int]:
        """Return those documents that may be seen and are of what is chosen of all facets but one."""
        masks = [self.search.seen, *(mask for other, mask in self.search.facet_masks.items() if other != name)]
        for mask in masks:
            if mask is not None:
                flags = mask.data
                ids = [number for number in ids if flags[number]]
        return ids

    def counts(self, groups: Iterable[int], *, complete: bool) -> dict[str, dict[str, int]]:
        """Return for each facet how many of some groups, those found, have which value."""
        counts = self._counted(groups)
        for name in filter(self.search.query.facets.__contains__, self.reader.columns.facets):
            all_but_it = self.groups_of(self._without_facet(self.matching(complete=complete), name))
            counts[name] = self._counted(all_but_it).get(name, {})
        return counts

    def _counted(self, groups: Iterable[int]) -> dict[str, dict[str, int]]:
        """Count the values of some groups by facet."""
        found = Counter(chain.from_iterable(map(self.reader.values_of_group, groups)))
        counts: dict[str, dict[str, int]] = {}
        values_of_facets = self.reader.facet_values
        for place in sorted(found):
            name, value = values_of_facets[place]
            if name in counts:
                counts[name][value] = found[place]
            else:
                counts[name] = {value: found[place]}
        return counts

    def groups_of(self, ids: Iterable[int]) -> set[int]:
        """Return the groups that some documents belong to."""
        groups = self.groups
        return {groups[number] for number in ids}


class FewRanker:
    """The documents of a question that finds few, the best first."""

    def __init__(self, query: Query, terms: Terms, parts: Sequence[FewPart]) -> None:
        """Weigh each term by how many documents of all segments hold it."""
        self._query, self._terms, self._parts = query, terms, parts
        size = sum(part.reader.size for part in parts)
        if len(parts) == 1:
            counts = [held.size for held in parts[0].held]
        else:
            counts = [sum(each) for each in zip(*([held.size for held in part.held] for part in parts), strict=True)]
        self._factors = [_factor(weight, count, size) for weight, count in zip(terms.weights, counts, strict=True)]

    def ranked(self, most: int, *, complete: bool) -> tuple[Iterable[Row], int]:
        """Return the best `most` in their order, and how many there were to choose from."""
        found: list[_Ranked] = []
        floor, seen = 0.0, 0
        for at, part in enumerate(self._parts):
            rows = sorted([(-score, at, number) for number, score in self._best(part, most, floor, complete=complete)])
            if len(rows) >= most:
                floor = max(floor, -rows[most - 1][0])
            seen += len(rows)
            found += self._few_of_each(part, rows)
        if len(self._parts) > 1:
            found.sort()
        return [(at, number, -below) for below, at, number in self._weighed_again(found[:most])], seen

    def _best(self, part: FewPart, most: int, floor: float, *, complete: bool) -> Scored:
        """Return the best documents of a segment by the terms that find documents."""
        finding = zip(part.held, self._factors[: self._terms.primary], strict=False)
        lists = [one.worth(factor, SCALE_OF) for one, factor in finding if one.size]
        if not lists:
            return []
        lists.sort(key=_MOST, reverse=True)
        collector = Collector(part, lists, self._titles(part), most)
        if complete:
            found = collector.among(part.complete, max(0.0, floor - COMPLETE_BONUS))
            lifted = single([score + COMPLETE_BONUS for _, score in found])
            return [(number, score) for (number, _), score in zip(found, lifted, strict=True)]
        return collector.everywhere(part.complete, floor)

    def _titles(self, part: FewPart) -> Titles:
        """Return what the titles of a segment add; those without a term that finds documents add nothing."""
        primary, factors, held = self._terms.primary, self._factors, part.held
        sums: dict[int, float] = {}
        times: dict[int, int] = {}
        found: set[int] = set()
        for at in self._terms.title:
            titles = held[at].titles
            if titles:
                factor = factors[at]
                for title in titles:
                    sums[title] = sums.get(title, 0.0) + factor
                    times[title] = times.get(title, 0) + 1
                if at < primary:
                    found.update(titles)
        if not found:
            return NO_TITLES
        sizes = part.reader.titles.sizes.data
        ordered = sorted(found)
        bonus = single([sums[title] * times[title] / sizes[title] for title in ordered])
        return with_best_titles(part, dict(zip(ordered, bonus, strict=True)))

    def _few_of_each(self, part: FewPart, rows: list[_Ranked]) -> list[_Ranked]:
        """Return the best places of each group, as many as are shown."""
        if len(rows) <= WEIGHED_AGAIN or len(part.reader.groups[1]) == part.reader.size:
            return rows
        left: dict[int, int] = {}
        kept: list[_Ranked] = []
        for row in rows:
            group = part.groups[row[2]]
            if (shown := left.get(group, 0)) < self._query.places:
                left[group] = shown + 1
                kept.append(row)
        return kept

    def _weighed_again(self, found: list[_Ranked]) -> list[_Ranked]:
        """Add to the first the terms that only add to scores, and rank these anew."""
        if self._terms.primary == self._terms.scoring:
            return found
        first = found[:WEIGHED_AGAIN]
        again: list[_Ranked] = []
        for at, part in enumerate(self._parts):
            mine = [row for row in first if row[1] == at] if len(self._parts) > 1 else first
            if mine:
                below, _, ids = zip(*mine, strict=True)
                sums = single(map(sub, self._added(part, ids), below))
                again += zip(map(neg, rounded(sums)), repeat(at), ids)
        again.sort()
        return again + found[WEIGHED_AGAIN:]

    def _added(self, part: FewPart, ids: Sequence[int]) -> array[float]:
        """Return what the terms that only add to scores give to some documents."""
        primary, scoring = self._terms.primary, self._terms.scoring
        some = part.held[primary:scoring]
        long = [held.place for held in some if held.size and held.impacts is None]
        looked_up = _looked_up(part, long, ids) if long else iter(())
        sums = [0.0] * len(ids)
        for held, factor in zip(some, self._factors[primary:scoring], strict=True):
            if held.impacts:
                sums = added_up(sums, held.worth(factor, SCALE_OF).exact, ids)
            elif held.size:
                sums = [total + factor * SCALE_OF[impact] for total, impact in zip(sums, next(looked_up), strict=True)]
        return single(sums)


def _looked_up(part: FewPart, places: list[int], ids: Sequence[int]) -> Iterator[list[int]]:
    """Return, for each of some long lists, its impact for each of some documents."""
    wanted = np.array(ids, np.int32)
    order = wanted.argsort()
    impacts = impacts_among(part.reader.weighted(places, part.search.mean), wanted[order])
    found = np.empty_like(impacts)
    found[:, order] = impacts
    return iter(found.tolist())
