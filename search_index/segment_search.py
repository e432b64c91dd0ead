"""What one segment knows of one question: its lists, what may be found in it, and what matches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search_index.conditions import Conditions, prefix_keys
from search_index.documents import Query
from search_index.once import once
from search_index.plan import Plan
from search_index.postings import Ids
from search_index.query_tree import Phrase
from search_index.segments import Mask, SegmentReader
from search_index.weighted import Scores, Weighted, holding_all

_LENGTH_STEP = math.log(1.1)


class LiveSegment(NamedTuple):
    """A segment as one generation sees it: its place among the others, and which documents live (None: all)."""

    reader: SegmentReader
    place: int
    live: Mask | None


def mean_length(segments: Sequence[LiveSegment]) -> float:
    """Return the mean document length, rounded to a step of ten per cent.

    Rounded, so that a commit of a few documents leaves every weight computed so far as it is.
    """
    total = sum(entry.reader.total_length for entry in segments)
    count = sum(entry.reader.size for entry in segments)
    return math.exp(round(math.log(max(total / max(count, 1), 1.0)) / _LENGTH_STEP) * _LENGTH_STEP)


class TermArrays(NamedTuple):
    """The terms of a plan as arrays."""

    keys: npt.NDArray[np.uint64]
    weights: Scores
    title: npt.NDArray[np.intp]


class Terms:
    """The terms of a plan in one row: those that find documents, those that add to scores, those only of titles.

    `keys`, `weights` and `title` (the places of the terms to look for in titles) are lists, `places` leads from a term
    to its place; `arrays` are the same for who reckons with many documents at once.
    """

    def __init__(self, plan: Plan) -> None:
        """Take the terms of a plan."""
        weights = {**plan.secondary, **plan.primary}
        keys = dict.fromkeys(plan.primary)
        keys.update(dict.fromkeys(plan.secondary))
        self.primary, self.scoring = len(plan.primary), len(keys)
        keys.update(plan.title)
        self.keys = [*keys]
        self.weights = [weights.get(key, 1.0) for key in keys]
        self.places = {key: place for place, key in enumerate(keys)}
        self.title = [self.places[key] for key in plan.title]

    @once
    def arrays(self) -> TermArrays:
        """The terms as arrays."""
        return TermArrays(
            np.array(self.keys, np.uint64), np.array(self.weights, np.float32), np.array(self.title, np.intp)
        )


class SegmentSearch:
    """What one segment knows of one question: of what may be seen, and of what of that may be found."""

    def __init__(self, entry: LiveSegment, plan: Plan, terms: Terms, query: Query, mean: float) -> None:
        self.entry, self.plan, self.query, self.mean = entry, plan, query, mean
        self.reader = entry.reader
        self.terms = terms
        self.conditions = Conditions(self.reader, mean)
        self.seen = self._seen()
        self.facet_masks = {name: self.conditions.facet(name, values) for name, values in query.facets.items()}
        self.allowed = self._allowed()
        self._matching: tuple[bool, Mask] | None = None

    @once
    def places(self) -> list[int]:
        """The place of each term in the segment's directory."""
        return self.reader.find(self.terms.arrays.keys)

    @once
    def counts(self) -> npt.NDArray[np.uint32]:
        """How many documents hold each term."""
        return self.reader.counts_at(self.places)

    def look(self) -> tuple[list[int], npt.NDArray[np.uint32]]:
        """Find the terms in the directory: their places, and how many documents hold each."""
        return self.places, self.counts

    @once
    def lists(self) -> list[Weighted]:
        """The lists of the terms that find documents, then of those that only add to scores."""
        return self.reader.weighted(self.places[: self.terms.scoring], self.mean)

    @once
    def prefix_lists(self) -> list[Weighted]:
        """The lists of all prefixes."""
        return [
            self.reader.prefixed(prefix, prefix_keys(self.reader, prefix), self.mean) for prefix in self.plan.prefixes
        ]

    def _seen(self) -> Mask | None:
        """Return what lives, may be seen and meets what the text requires, whatever the chosen facets; None for all."""
        mask = self.entry.live
        visible = self.reader.visible_to(self.query.audience)
        if visible is not None:
            mask = visible if mask is None else mask & visible
        for leaves in self.plan.required:
            allowed = self._all_if_none(mask)
            if len(leaves) == 1 and isinstance(leaves[0], Phrase) and not leaves[0].field:
                mask = self.conditions.phrase(leaves[0], allowed)
            else:
                mask = self.conditions.mask(leaves, allowed)
        if self.plan.excluded:
            allowed = self._all_if_none(mask)
            mask = allowed & ~self.conditions.mask(self.plan.excluded, allowed)
        return mask

    def _all_if_none(self, mask: Mask | None) -> Mask:
        return np.ones(self.reader.size, np.bool_) if mask is None else mask

    def _allowed(self) -> Mask | None:
        """Return what may be found: seen, and of the chosen facets; None for all."""
        mask = self.seen
        for chosen in self.facet_masks.values():
            mask = chosen if mask is None else mask & chosen
        return mask

    def _only_allowed(self, ids: Ids) -> Ids:
        return ids if self.allowed is None else ids[self.allowed[ids]]

    @once
    def complete_everywhere(self) -> Ids:
        """The documents that hold every wanted word, seen or not."""
        if all(len(wants) == 1 and not wants[0].prefix for wants in self.plan.wanted):
            return holding_all([self.by_key[key] for wants in self.plan.wanted for key in wants[0].keys])
        found: Ids | None = None
        for wants in sorted(self.plan.wanted, key=lambda wants: min(map(self._expected, wants))):
            ids = self._holding_one(wants)
            found = ids if found is None else found[np.isin(found, ids, assume_unique=True)]
            if not len(found):
                break
        return np.empty(0, np.int32) if found is None else found

    @once
    def complete(self) -> Ids:
        """The allowed documents that hold every wanted word."""
        return self._only_allowed(self.complete_everywhere)

    @once
    def by_key(self) -> dict[int, Weighted]:
        """The list of each term of the plan, and of each that is only wanted."""
        found = dict(zip(self.terms.keys, self.lists, strict=False))
        missing = [key for wants in self.plan.wanted for want in wants for key in want.keys if key not in found]
        places = self.reader.find(np.array(missing, np.uint64)) if missing else []
        return found | dict(zip(missing, self.reader.weighted(places, self.mean), strict=True))

    def _expected(self, want: object) -> int:
        keys = getattr(want, "keys", ())
        return min((self.by_key[key].size for key in keys), default=self.reader.size)

    def _holding_one(self, wants: Sequence[object]) -> Ids:
        flags = np.zeros(self.reader.size, np.bool_)
        for want in wants:
            prefix, keys = getattr(want, "prefix", ""), getattr(want, "keys", ())
            if prefix:
                self.prefix_lists[self.plan.prefixes.index(prefix)].flag(flags)
            else:
                flags[holding_all([self.by_key[key] for key in keys])] = True
        return np.flatnonzero(flags).astype(np.int32)

    def matching(self, *, complete: bool) -> Mask:
        """Return which documents match, seen or not: all words, or any. Not to be changed: it is asked for again."""
        if self._matching is None or self._matching[0] is not complete:
            self._matching = complete, self._match(complete=complete)
        return self._matching[1]

    def _match(self, *, complete: bool) -> Mask:
        flags = np.zeros(self.reader.size, np.bool_)
        if not self.plan.scores:
            flags[:] = True
        elif complete:
            flags[self.complete_everywhere] = True
        else:
            for found in (*self.lists[: self.terms.primary], *self.prefix_lists):
                found.flag(flags)
        return flags
