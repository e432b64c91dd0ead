"""One question asked of one generation: all its segments, one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search_index.analysis import Token
from search_index.documents import Query
from search_index.few import FewPart, FewRanker, Row, few_parts
from search_index.phrases import holding_phrase
from search_index.plan import Plan
from search_index.postings import Ids
from search_index.ranking import (
    COMPLETE_BONUS,
    WEIGHED_AGAIN,
    Best,
    Collector,
    TitleTerms,
    idf,
    kth_largest,
    scored,
    scores_among,
    title_bonus,
)
from search_index.segment_search import LiveSegment, SegmentSearch, Terms
from search_index.segments import Mask
from search_index.weighted import Scores

ENOUGH = 10
"""With so many documents that hold every word, those that hold only some are not shown."""

_NO_DATE = -1e9


Place = tuple[int, int, float]
"""A document that was found: its segment, its number, its score. Plain: many are made for each answer."""


class Ranked(NamedTuple):
    """Documents in their order: the part of the question each lies in, its number, its score."""

    parts: npt.NDArray[np.int64]
    ids: Ids
    scores: Scores

    def rows(self) -> Iterator[Row]:
        """Yield them one by one."""
        return zip(self.parts.tolist(), self.ids.tolist(), self.scores.tolist(), strict=True)

    @classmethod
    def of(cls, parts: npt.NDArray[np.int64], ids: Ids, scores: Scores) -> Ranked:
        """Put documents in their order: the best first, of equal ones the older."""
        order = np.lexsort((ids, parts, -scores))
        return cls(parts[order], ids[order], scores[order])


Thing = Sequence[Place]
"""A group that was found: its best places."""


class Answer(NamedTuple):
    """What was found: the things asked for, and how many there are of what."""

    things: Sequence[Thing]
    total: int
    places: int
    complete: int
    counts: Mapping[str, Mapping[str, int]]
    exact: bool


class Search:
    """One question asked of all segments."""

    def __init__(self, segments: Sequence[LiveSegment], plan: Plan, query: Query, mean: float, but: str = "") -> None:
        """Take what is asked of which segments, and the mean length of documents; the group `but` is passed over."""
        self.segments, self.plan, self.query, self.mean, self.but = segments, plan, query, mean, but
        self.exact = True
        self._by_relevance = query.sort == "relevance" and plan.scores

    def answer(self) -> Answer:
        """Find what is asked for and count what is wanted."""
        terms = Terms(self.plan)
        ordered = sorted(self.segments, key=lambda entry: -entry.reader.size)
        parts = [SegmentSearch(entry, self.plan, terms, self.query, self.mean) for entry in ordered]
        few = few_parts(parts, self.plan, terms) if self._by_relevance else None
        return self._answer_of_few(few, terms) if few else self._answer_of_many(parts, terms)

    def _answer_of_few(self, parts: list[FewPart], terms: Terms) -> Answer:
        complete = sum([len(part.complete) for part in parts]) >= ENOUGH
        ranker = FewRanker(self.query, terms, parts)
        things = self._things([part.search for part in parts], lambda most: ranker.ranked(most, complete=complete))
        shown = things[self.query.offset :]
        if not self.query.counts:
            return Answer(shown, len(things), sum(map(len, things)), 0, {}, self.exact)
        matching = [part.only_allowed(part.matching(complete=complete)) for part in parts]
        groups = [part.groups_of(ids) for part, ids in zip(parts, matching, strict=True)]
        counts = [part.counts(found, complete=complete).items() for part, found in zip(parts, groups, strict=True)]
        return Answer(
            shown,
            sum(map(len, groups)),
            sum(map(len, matching)),
            sum([len(part.groups_of(part.complete)) for part in parts]),
            _together(chain.from_iterable(counts)),
            self.exact,
        )

    def _answer_of_many(self, parts: list[SegmentSearch], terms: Terms) -> Answer:
        complete = self.plan.scores and sum(len(part.complete) for part in parts) >= ENOUGH
        matching = None
        if self.query.counts or self.query.sort != "relevance" or not self.plan.scores:
            matching = [self._allowed(part, part.matching(complete=complete)) for part in parts]
        ranker = _Ranker(self.plan, parts, terms) if self._by_relevance else None
        things = self._things(parts, lambda most: self._ranked(parts, ranker, matching or [], most, complete=complete))
        self.exact = not any(part.conditions.unread for part in parts)
        shown = things[self.query.offset :]
        if matching is None or not self.query.counts:
            return Answer(shown, len(things), sum(map(len, things)), 0, {}, self.exact)
        found = [part.reader.groups_in(mask) for part, mask in zip(parts, matching, strict=True)]
        return Answer(
            shown,
            sum(int(np.count_nonzero(groups)) for groups in found),
            sum(int(np.count_nonzero(mask)) for mask in matching),
            sum(map(_complete_groups, parts)) if self.plan.scores else 0,
            self._counts(parts, found, complete=complete),
            self.exact,
        )

    @staticmethod
    def _allowed(part: SegmentSearch, mask: Mask) -> Mask:
        return mask if part.allowed is None else mask & part.allowed

    def _things(self, parts: list[SegmentSearch], ranked: Callable[[int], tuple[Iterable[Row], int]]) -> list[Thing]:
        """Return the things up to the end of the stretch asked for.

        `ranked` gives the best so many documents in their order, and how many it had to choose from.
        """
        wanted = self.query.offset + self.query.limit
        if not wanted:
            return []
        most = max(WEIGHED_AGAIN, wanted if self.query.places == 1 else wanted + 2 * self.query.limit)
        while True:
            rows, seen = ranked(most)
            things = self._grouped(parts, rows)
            if len(things) >= wanted or seen < most:
                return things[:wanted]
            most *= 8

    def _ranked(
        self, parts: list[SegmentSearch], ranker: _Ranker | None, matching: list[Mask], most: int, *, complete: bool
    ) -> tuple[Iterable[Row], int]:
        found = self._best(parts, ranker, matching, most, complete=complete)
        fewer = [(at, self._few_of_each(part, best)) for at, (part, best) in enumerate(zip(parts, found, strict=True))]
        ranked = _top(fewer, most)
        if ranker:
            ranked = ranker.weighed_again(parts, ranked)
        return ranked.rows(), sum(len(best.ids) for best in found)

    def _best(
        self, parts: list[SegmentSearch], ranker: _Ranker | None, matching: list[Mask], most: int, *, complete: bool
    ) -> list[Best]:
        """Return the best documents of each segment, among them the best `most` of all."""
        if not ranker:
            return self._latest(parts, matching)
        found: list[Best] = []
        floor = 0.0
        for part in parts:
            best = ranker.best(part, most, floor, complete=complete)
            found.append(best)
            if len(best.scores) >= most:
                floor = max(floor, kth_largest(best.scores, most))
        return found

    def _latest(self, parts: list[SegmentSearch], matching: list[Mask]) -> list[Best]:
        newest = self.query.sort != "oldest"
        found: list[Best] = []
        for part, mask in zip(parts, matching, strict=True):
            ids = np.flatnonzero(mask).astype(np.int32)
            days = part.reader.columns.days[ids].astype(np.float32)
            found.append(Best(ids, days if newest else np.where(days > 0, -days, _NO_DATE)))
        return found

    def _few_of_each(self, part: SegmentSearch, best: Best) -> Best:
        """Return the best places of each group, as many as are shown; a group lies in one segment."""
        codes, first = part.reader.groups
        if len(best.ids) <= WEIGHED_AGAIN or len(first) == part.reader.size or part.conditions.unread:
            return best
        order = np.lexsort((best.ids, -best.scores, codes[best.ids]))
        groups = codes[best.ids[order]]
        starts = np.flatnonzero(np.diff(groups, prepend=np.uint32(0xFFFFFFFF)))
        within = np.arange(len(groups)) - np.repeat(starts, np.diff(starts, append=len(groups)))
        kept = order[within < self.query.places]
        return Best(best.ids[kept], best.scores[kept])

    def _grouped(self, parts: list[SegmentSearch], rows: Iterable[Row]) -> list[Thing]:
        unread = [(at, phrase) for at, part in enumerate(parts) for phrase in part.conditions.unread]
        if unread or self.but:
            rows = (row for row in rows if self._is_wanted(parts, row, unread))
        wanted, most = self.query.offset + self.query.limit, self.query.places
        codes = [part.reader.columns.texts["group"].codes.data for part in parts]
        segments = [part.entry.place for part in parts]
        by_relevance = self._by_relevance
        groups: dict[tuple[int, int], list[Place]] = {}
        for at, number, score in rows:
            of = (at, codes[at][number])
            group = groups.get(of)
            if group is None:
                if len(groups) == wanted:
                    if most == 1:
                        break
                    continue
                group = groups[of] = []
            if len(group) < most:
                lifted = COMPLETE_BONUS if score >= COMPLETE_BONUS else 0.0
                shown = round(score - lifted, 2) if by_relevance else 0.0
                group.append((segments[at], number, shown))
        return [*groups.values()]

    def _is_wanted(self, parts: list[SegmentSearch], row: Row, unread: Sequence[tuple[int, tuple[Token, ...]]]) -> bool:
        """Tell whether a document holds the phrases that were not read yet, and is not of the group passed over."""
        at, number, _ = row
        if not all(w != at or _holds(parts[at], phrase, number) for w, phrase in unread):
            return False
        return not self.but or parts[at].reader.columns.texts["group"][number] != self.but

    def _counts(self, parts: list[SegmentSearch], found: list[Mask], *, complete: bool) -> dict[str, dict[str, int]]:
        return _together(
            (name, self._counted(part, name, groups, complete=complete))
            for part, groups in zip(parts, found, strict=True)
            for name in part.reader.columns.facets
        )

    def _counted(self, part: SegmentSearch, name: str, groups: Mask, *, complete: bool) -> dict[str, int]:
        if name in self.query.facets:
            groups = part.reader.groups_in(self._without_facet(part, part.matching(complete=complete), name))
        return _facet_counts(part, name, groups)

    @staticmethod
    def _without_facet(part: SegmentSearch, mask: Mask, name: str) -> Mask:
        if part.seen is not None:
            mask = mask & part.seen
        for other, chosen in part.facet_masks.items():
            if other != name:
                mask = mask & chosen
        return mask


class _Ranker:
    """The lists of a question with what they are worth over all segments."""

    def __init__(self, plan: Plan, parts: list[SegmentSearch], terms: Terms) -> None:
        self._terms = terms
        size = sum(part.reader.size for part in parts)
        counts = np.zeros(len(terms.keys), np.float32)
        for part in parts:
            counts += part.counts
        keys, weights, title = terms.arrays
        self._factors = weights * idf(counts, size)
        prefix_counts = [sum(part.prefix_lists[at].size for part in parts) for at in range(len(plan.prefixes))]
        self._prefix_factors = idf(np.array(prefix_counts, np.float32), size) if prefix_counts else counts[:0]
        self._title = TitleTerms(keys[title], self._factors[title], title < terms.primary)

    def best(self, part: SegmentSearch, most: int, floor: float, *, complete: bool) -> Best:
        """Return the best documents of a segment by the terms that find documents."""
        factors = self._factors[: self._terms.primary]
        lists = part.lists[: self._terms.primary]
        if len(self._prefix_factors):
            factors, lists = np.concatenate([factors, self._prefix_factors]), [*lists, *part.prefix_lists]
        primary = scored(lists, factors)
        if not primary:
            return Best(np.empty(0, np.int32), np.empty(0, np.float32))
        titles = title_bonus(part.reader, self._title, part.allowed)
        collector = Collector(part.reader, primary, titles, part.allowed)
        if complete:
            ids, scores = collector.among(part.complete, most, max(0.0, floor - COMPLETE_BONUS))
            return Best(ids, scores + np.float32(COMPLETE_BONUS))
        return collector.everywhere(part.complete, most, floor)

    def weighed_again(self, parts: list[SegmentSearch], ranked: Ranked) -> Ranked:
        """Add to the first the terms that only add to scores, and rank these anew."""
        secondary = slice(self._terms.primary, self._terms.scoring)
        factors = self._factors[secondary]
        if not len(factors) or not len(ranked.ids):
            return ranked
        of, ids, scores = ranked.parts[:WEIGHED_AGAIN], ranked.ids[:WEIGHED_AGAIN], ranked.scores[:WEIGHED_AGAIN]
        added = np.zeros(len(ids), np.float32)
        for at, part in enumerate(parts):
            mine = (of == at).nonzero()[0] if len(parts) > 1 else np.arange(len(ids))
            if len(mine):
                mine = mine[ids[mine].argsort()]
                added[mine] = scores_among(part.lists[secondary], factors, ids[mine])
        first = Ranked.of(of, ids, (scores + added).round(3))
        if len(first.ids) == len(ranked.ids):
            return first
        return Ranked(
            np.concatenate([first.parts, ranked.parts[WEIGHED_AGAIN:]]),
            np.concatenate([first.ids, ranked.ids[WEIGHED_AGAIN:]]),
            np.concatenate([first.scores, ranked.scores[WEIGHED_AGAIN:]]),
        )


def _together(found: Iterable[tuple[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    """Add up the counts of facets that several segments give; of a facet that counts nothing, nothing."""
    totals: dict[str, dict[str, int]] = {}
    for name, counts in found:
        counted = totals.get(name)
        if counted is None:
            if counts:
                totals[name] = counts
        else:
            for value, count in counts.items():
                counted[value] = counted.get(value, 0) + count
    return totals


def _top(found: list[tuple[int, Best]], most: int) -> Ranked:
    """Return the best of all in their order."""
    if len(found) == 1:
        ((at, (ids, scores)),) = found
        parts = np.full(len(ids), at)
    else:
        scores = np.concatenate([best.scores for _, best in found])
        ids = np.concatenate([best.ids for _, best in found])
        parts = np.repeat([at for at, _ in found], [len(best.ids) for _, best in found])
    if len(ids) > most:
        kept = scores >= kth_largest(scores, most)
        parts, ids, scores = parts[kept], ids[kept], scores[kept]
    ranked = Ranked.of(parts, ids, scores)
    return Ranked(ranked.parts[:most], ranked.ids[:most], ranked.scores[:most])


def _holds(part: SegmentSearch, phrase: tuple[Token, ...], number: int) -> bool:
    return len(holding_phrase(part.reader, phrase, np.array([number], np.int32))) > 0


def _complete_groups(part: SegmentSearch) -> int:
    codes, _ = part.reader.groups
    return len(np.unique(codes[part.complete]))


def _facet_counts(part: SegmentSearch, name: str, groups: Mask) -> dict[str, int]:
    """Count things by the values of a facet: a thing has those of its first place."""
    texts = part.reader.columns.facet_column(name).texts
    counts = np.bincount(part.reader.facet_of_groups(name)[groups], minlength=len(texts))
    codes = counts.nonzero()[0]
    values = texts if texts.kept is None else texts.kept
    pairs = zip(codes.tolist(), counts[codes].tolist(), strict=True)
    return {value: count for code, count in pairs if (value := values[code])}
