"""One immutable segment, open for reading."""

from __future__ import annotations

import datetime
import json
from bisect import bisect_left
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage

from search_index import container
from search_index.bodies import Bodies, read_dictionary
from search_index.cache import ByteBoundedCache, Value
from search_index.codec import BODIES, POSTINGS, SEGMENT, segment_path
from search_index.columns import Columns
from search_index.container import Strings
from search_index.damage import reporting_damage
from search_index.documents import KIND, Document, Snippet
from search_index.folding import fold
from search_index.id_lookup import IdLookup
from search_index.postings import Ids
from search_index.snippets import Marker, Passage
from search_index.terms import ENTRY_OVERHEAD, TermReader
from search_index.text_terms import TextTerms
from search_index.weighted import Scores, length_codes

Mask = npt.NDArray[np.bool_]

_TEXT_BYTES = 2 * 1024 * 1024
_CHARACTER_BYTES = 4
"""Most are of two bytes, and a text is kept twice: as it was written and folded."""

_SHOWN = 4_000
"""Of no larger segment all is kept that is shown: half a kilobyte of each document."""

Shown = tuple[str, str, int, str, str, str, datetime.date | None, Mapping[str, str], Mapping[str, str]]
"""What is shown of a document beside its body: key, kind, ref, group, title, place, date, extra, facets."""


class SegmentReader(TermReader):
    """One immutable segment. Deletions are not its business: they belong to a generation. Thread-safe."""

    def __init__(
        self,
        storage: FileStorage,
        segment: WhooshSegment,
        cache: ByteBoundedCache,
        lengthened: Mapping[str, float] | None = None,
    ) -> None:
        """Open a segment's files; raises what damaged files make readers raise.

        Documents of the kinds in `lengthened` are ranked as if they were so many times as long.
        """
        folder = Path(storage.folder)
        self.name: str = segment.segment_id()
        arrays = container.read(segment_path(storage, segment, SEGMENT))
        self.columns = Columns(arrays)
        self.size = self.columns.size
        if self.size != segment.doc_count_all():
            raise ValueError("a segment has not the documents it was written with")
        self.total_length = float(self.columns.lengths.sum())
        codes = length_codes(self.columns.lengths * self._factors(lengthened or {}))
        self.titles = TextTerms(arrays, "title", len(self.columns.texts["title"].texts))
        self.authors = TextTerms(arrays, "authors", len(self.columns.texts["authors"].texts))
        super().__init__(folder, arrays, segment_path(storage, segment, POSTINGS), codes, self.titles, cache)
        ends = np.cumsum(arrays["body.lengths"], dtype=np.uint64)
        self.bodies = Bodies(segment_path(storage, segment, BODIES), ends, read_dictionary(folder))
        self.words = Strings.read(arrays, "word")
        self._ids = IdLookup(storage, segment)
        self._facets_of_groups: dict[str, npt.NDArray[np.uint32]] = {}
        self._shown: list[Shown | None] = [None] * self.size if self.size <= _SHOWN else []
        self._texts = ByteBoundedCache(_TEXT_BYTES)  # apart, or texts shown once would drive out the lists

    def _factors(self, lengthened: Mapping[str, float]) -> Scores:
        kinds = self.columns.facet_column(KIND)
        return np.array([lengthened.get(kind, 1.0) for kind in kinds.texts.all()], np.float32)[kinds.codes]

    def words_beginning(self, prefix: str, most: int) -> list[str]:
        """Return words of other scripts that begin so, in order, at most so many."""
        words = self.words
        first = bisect_left(range(len(words)), prefix, key=words.__getitem__)
        found: list[str] = []
        while first < len(words) and len(found) < most and (word := words[first]).startswith(prefix):
            found.append(word)
            first += 1
        return found

    def kept(self, name: Hashable, make: Callable[[], Value], size: Callable[[Value], int]) -> Value:
        """Return what is made of this segment and kept under a name; `size` gives its bytes."""
        return self._cache.get_or_make((self.name, name), make, size)

    def visible_to(self, audience: frozenset[str]) -> Mask | None:
        """Return which documents share a token with the audience; None when all do. Not to be changed: it is kept."""
        seen = self._cache.get_or_make(
            (self.name, "seen", audience), lambda: self._seen(audience), lambda seen: ENTRY_OVERHEAD + len(seen)
        )
        if not seen:
            return None
        # apart from the above: most members may see the same, and a mask is long
        return self._cache.get_or_make(
            (self.name, "audience", seen),
            lambda: np.frombuffer(seen, np.bool_)[self.columns.texts["audience"].codes],
            lambda mask: mask.nbytes + ENTRY_OVERHEAD,
        )

    def _seen(self, audience: frozenset[str]) -> bytes:
        """Return which of the different audiences share a token with this one; empty when all do."""
        seen = [not audience.isdisjoint(tokens) for tokens in self.columns.audiences]
        return b"" if all(seen) else bytes(seen)

    def with_facet(self, name: str, wanted: frozenset[str]) -> Mask:
        """Return which documents have one of some values, folded, of a facet. Not to be changed: it is kept."""
        return self._cache.get_or_make(
            (self.name, "facet", name, wanted),
            lambda: self._with_facet(name, wanted),
            lambda mask: mask.nbytes + ENTRY_OVERHEAD,
        )

    def _with_facet(self, name: str, wanted: frozenset[str]) -> Mask:
        column = self.columns.facet_column(name)
        return np.array([fold(text) in wanted for text in column.texts.all()], np.bool_)[column.codes]

    @cached_property
    def groups(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """The group of each document as a number, and the first document of each group."""
        column = self.columns.texts["group"]
        first = np.full(len(column.texts), self.size, np.int64)
        np.minimum.at(first, column.codes, np.arange(self.size))
        return column.codes, first

    def groups_in(self, mask: Mask) -> Mask:
        """Return which groups have a document among some."""
        count = len(self.groups[1])
        if count == self.size:
            return mask
        starts, groups = self._runs_of_groups
        flags = np.zeros(count, np.bool_)
        flags[groups[np.logical_or.reduceat(mask, starts)]] = True
        return flags

    @cached_property
    def _runs_of_groups(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint32]]:
        """Where neighbouring documents of one group begin, and which group it is: they mostly stand together."""
        codes = self.groups[0]
        starts = np.flatnonzero(np.diff(codes.astype(np.int64), prepend=-1))
        return starts, codes[starts]

    def facet_of_groups(self, name: str) -> npt.NDArray[np.uint32]:
        """Return the value of a facet for each group, that of its first document, as its place among the values."""
        found = self._facets_of_groups.get(name)
        if found is None:
            found = self.columns.facet_column(name).codes[self.groups[1]]
            self._facets_of_groups[name] = found
        return found

    @cached_property
    def facet_values(self) -> list[tuple[str, str]]:
        """Each value of each facet, with the facet's name before it: those of one facet after those of another."""
        return [(name, value) for name, column in self.columns.facets.items() for value in column.texts.all()]

    @cached_property
    def values_of_group(self) -> Callable[[int], list[int]]:
        """What gives a group's values as places in `facet_values`, but for empty ones; kept for a small segment."""
        names = self.columns.facets
        starts = accumulate([len(column.texts) for column in names.values()], initial=0)
        codes = [(start, self.facet_of_groups(name).data) for start, name in zip(starts, names, strict=False)]
        there = [bool(value) for _, value in self.facet_values]

        def values(group: int) -> list[int]:
            return [place for start, of in codes if there[place := start + of[group]]]

        return values if self.size > _SHOWN else [*map(values, range(len(self.groups[1])))].__getitem__

    @cached_property
    def by_title(self) -> tuple[Ids, npt.NDArray[np.int64]]:
        """The documents ordered by title, and where those of each title begin in this order."""
        codes = self.columns.texts["title"].codes
        order = np.argsort(codes, kind="stable").astype(np.int32)
        starts = np.searchsorted(codes[order], np.arange(len(self.columns.texts["title"].texts) + 1))
        return order, starts

    def with_key(self, key: str) -> list[int]:
        """Return the document of a key, deleted or not, in a list."""
        return self._ids.with_key(key)

    def shown(self, number: int) -> Shown:
        """Return what is shown of a document beside its body; of a small segment it is kept."""
        if not self._shown:
            return self._show(number)
        found = self._shown[number]
        if found is None:
            found = self._shown[number] = self._show(number)
        return found

    def _show(self, number: int) -> Shown:
        columns = self.columns
        texts = columns.texts
        facets = {name: value for name, column in columns.facets.items() if (value := column[number])}
        return (
            columns.keys[number],
            facets[KIND],
            columns.refs.item(number),
            texts["group"][number],
            texts["title"][number],
            texts["place"][number],
            columns.date(number),
            json.loads(texts["extra"][number]),
            facets,
        )

    def document(self, number: int) -> Document:
        """Return a document as it was written. Raises IndexDamaged."""
        with reporting_damage(self.folder):
            return self.columns.document(number, self.bodies[number])

    def snippet(self, number: int, marker: Marker) -> Snippet:
        """Return what of a body is shown. Raises what a damaged file makes readers raise."""
        return marker.snippet(self._passage(number))

    def _passage(self, number: int) -> Passage:
        found: Passage | None = self._texts.find(number)
        if found is None:
            found = Passage(self.bodies[number])
            self._texts.keep(number, found, ENTRY_OVERHEAD + _CHARACTER_BYTES * len(found.text))
        return found

    def texts(self, numbers: Sequence[int]) -> list[str]:
        """Return the bodies of some documents. Raises IndexDamaged."""
        with reporting_damage(self.folder):
            return [self.bodies[number] for number in numbers]
