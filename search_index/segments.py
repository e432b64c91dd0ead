"""One immutable segment, open for reading."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage

from search_index import container
from search_index.analysis import Keys
from search_index.bodies import Bodies, read_dictionary
from search_index.builder import TermLists
from search_index.cache import ByteBoundedCache, Value
from search_index.codec import BODIES, POSTINGS, SEGMENT, START, segment_path
from search_index.columns import Columns
from search_index.container import Array, Strings
from search_index.damage import reporting_damage
from search_index.documents import KIND, Document
from search_index.folding import Folded, fold, fold_with_origins
from search_index.id_lookup import IdLookup
from search_index.mapped import map_file
from search_index.postings import (
    MAX_FREQUENCY,
    Block,
    Frequencies,
    Ids,
    Stretch,
    checked_dense,
    decode,
    dense_frequencies,
    is_dense,
    ragged,
    singles,
    split,
)
from search_index.weighted import NOTHING, Dense, Impacts, Listed, Nothing, Scores, Weighted, Weights, length_codes

Mask = npt.NDArray[np.bool_]

_ENTRY_OVERHEAD = 400
_TEXT_BYTES = 2 * 1024 * 1024
_PLACE_BITS = 40
_LISTS_AT_ONCE = 2_000

_numbers = itertools.count()
"""Names weights in the cache: a new number for each segment and mean length."""


class Body(NamedTuple):
    """The text of a document, as it was written and folded."""

    text: str
    folded: Folded

    @property
    def bytes(self) -> int:
        """About what it takes in memory: of characters of two bytes, twice."""
        return _ENTRY_OVERHEAD + 4 * len(self.text)


class TextTerms:
    """The terms of a table of short texts: which texts hold them, and how many different ones each text has."""

    def __init__(self, arrays: dict[str, Array], name: str, size: int) -> None:
        """Take what was written under a name for a table of `size` texts."""
        self.keys: Keys = np.cumsum(arrays[f"{name}.terms"], dtype=np.uint64)
        self.ends = np.cumsum(arrays[f"{name}.counts"], dtype=np.int64)
        self.owners = arrays[f"{name}.owners"].astype(np.int32)
        self.sizes = np.maximum(np.bincount(self.owners, minlength=size), 1).astype(np.float32)

    def holding(self, key: int) -> Ids:
        """Return the texts that hold a term."""
        place = int(np.searchsorted(self.keys, np.uint64(key)))
        if place == len(self.keys) or int(self.keys[place]) != key:
            return np.empty(0, np.int32)
        return self.owners[int(self.ends[place - 1]) if place else 0 : int(self.ends[place])]


class SegmentReader:
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
        self.folder = Path(storage.folder)
        self.name: str = segment.segment_id()
        arrays = container.read(segment_path(storage, segment, SEGMENT))
        self.columns = Columns(arrays)
        self.size = self.columns.size
        if self.size != segment.doc_count_all():
            raise ValueError("a segment has not the documents it was written with")
        self.total_length = float(self.columns.lengths.sum())
        self._read_terms(arrays)
        self._postings = map_file(segment_path(storage, segment, POSTINGS))
        if len(self._postings) != self._postings_size:
            raise ValueError("the posting file has not the length it was written with")
        ends = np.cumsum(arrays["body.lengths"], dtype=np.uint64)
        self.bodies = Bodies(segment_path(storage, segment, BODIES), ends, read_dictionary(self.folder))
        self.titles = TextTerms(arrays, "title", len(self.columns.texts["title"].texts))
        self.authors = TextTerms(arrays, "authors", len(self.columns.texts["authors"].texts))
        self.words = Strings.read(arrays, "word")
        self._ids = IdLookup(storage, segment)
        self._facets_of_groups: dict[str, npt.NDArray[np.uint32]] = {}
        self._cache = cache
        self._texts = ByteBoundedCache(_TEXT_BYTES)  # apart, or texts shown once would drive out the lists
        self._codes = length_codes(self.columns.lengths * self._factors(lengthened or {}))
        self._weights: tuple[int, Weights] = (next(_numbers), self._new_weights(1.0))

    def _factors(self, lengthened: Mapping[str, float]) -> Scores:
        kinds = self.columns.facet_column(KIND)
        return np.array([lengthened.get(kind, 1.0) for kind in kinds.texts.all()], np.float32)[kinds.codes]

    def _new_weights(self, mean_length: float) -> Weights:
        return Weights(self._codes, np.frombuffer(self._postings, np.uint8), mean_length)

    def _read_terms(self, arrays: dict[str, Array]) -> None:
        self.keys: Keys = np.cumsum(arrays["term.keys"], dtype=np.uint64)
        self._counts_or_none = np.append(arrays["term.counts"], 0).astype(np.uint32)
        self.counts = self._counts_or_none[:-1]
        lengths = arrays["term.lengths"].astype(np.int64)
        ends = START + np.cumsum(lengths)
        several = self.counts > 1
        self._places = np.zeros(len(self.keys), np.int64)
        self._places[~several] = arrays["term.singles"]
        self._places[several] = ends - lengths
        self._lengths = np.zeros(len(self.keys), np.uint32)
        self._lengths[several] = lengths
        self._postings_size = int(ends[-1]) if len(ends) else START

    def find(self, keys: Keys) -> list[int]:
        """Return the place of each term in the directory, -1 where the segment lacks it."""
        if not len(self.keys):
            return [-1] * len(keys)
        places = self.keys.searchsorted(keys)
        places[self.keys.take(places, mode="clip") != keys] = -1
        return places.tolist()

    def counts_at(self, places: list[int]) -> npt.NDArray[np.uint32]:
        """Return how many documents hold each of the terms at some places, 0 for the place -1."""
        return self._counts_or_none[places]

    def postings(self, places: Sequence[int]) -> Iterator[Stretch]:
        """Yield all postings of some terms, deleted documents included, in stretches. Raises IndexDamaged."""
        with reporting_damage(self.folder):
            alone, blocks, sparse = [], [], []
            for at, (place, count) in enumerate(zip(places, self.counts[places].tolist(), strict=True)):
                if count == 1:
                    alone.append(at)
                elif is_dense(count, self.size):
                    yield self._all_of_dense(at, place, count)
                else:
                    blocks.append(Block(self._places.item(place), self._lengths.item(place), count))
                    sparse.append(at)
            if alone:
                yield self._singles(alone, [places[at] for at in alone])
            if blocks:
                stretch = decode(self._postings, blocks, self.size)
                yield stretch._replace(places=[sparse[at] for at in stretch.places])

    def _singles(self, alone: list[int], places: list[int]) -> Stretch:
        found = singles(self._places[places])
        if int(found.ids.max()) >= self.size:
            raise ValueError("a posting leads to no document")
        return Stretch(alone, [1] * len(alone), *found)

    def _block(self, place: int) -> Block:
        return Block(self._places.item(place), self._lengths.item(place), self.counts.item(place))

    def _frequencies_of_dense(self, place: int) -> Frequencies:
        return dense_frequencies(checked_dense(self._postings, self._block(place), self.size), self.size)

    def _all_of_dense(self, at: int, place: int, count: int) -> Stretch:
        times = self._frequencies_of_dense(place)
        ids = times.nonzero()[0].astype(np.int32)
        if len(ids) != count:
            raise ValueError("a posting list has not the length it was written with")
        return Stretch([at], [count], ids, times[ids])

    def weighted(self, places: Sequence[int], mean_length: float) -> list[Weighted]:
        """Return the documents that hold each of some terms with what its frequency is worth.

        A place may be -1 for a term that is not here; `mean_length` is the pivot. Raises IndexDamaged.
        """
        number, weights = self._weights_for(mean_length)
        above = number << _PLACE_BITS
        kept = self._cache.find
        found: list[Weighted | None] = [NOTHING if place < 0 else kept(above | place) for place in places]
        missing = [at for at, entry in enumerate(found) if entry is None]
        if missing:
            read = self._read([places[at] for at in missing], above, weights)
            for at, entry in zip(missing, read, strict=True):
                found[at] = entry
        return found  # type: ignore[return-value]

    def _weights_for(self, mean_length: float) -> tuple[int, Weights]:
        kept = self._weights
        if kept[1].mean_length != mean_length:
            self._weights = kept = (next(_numbers), self._new_weights(mean_length))
        return kept

    def _read(self, places: Sequence[int], above: int, weights: Weights) -> list[Weighted]:
        """Read lists that are not kept, and keep them."""
        found: list[Weighted] = [NOTHING] * len(places)
        blocks, sparse = [], []
        with reporting_damage(self.folder):
            for at, (place, count) in enumerate(zip(places, self.counts[places].tolist(), strict=True)):
                if count == 1:
                    found[at] = weights.one(self._places.item(place))
                elif is_dense(count, self.size):
                    found[at] = self._dense(place, above, weights)
                else:
                    blocks.append(Block(self._places.item(place), self._lengths.item(place), count))
                    sparse.append(at)
            if blocks:
                stretch = decode(self._postings, blocks, self.size)
                for which, entry in zip(stretch.places, weights.lists(stretch), strict=True):
                    found[sparse[which]] = entry
        self._cache.keep_all(
            (above | place, entry, entry.nbytes + _ENTRY_OVERHEAD) for place, entry in zip(places, found, strict=True)
        )
        return found

    def _dense(self, place: int, above: int, weights: Weights) -> Dense:
        checked_dense(self._postings, self._block(place), self.size)

        def impacts() -> Impacts:
            with reporting_damage(self.folder):
                return weights.everywhere(self._frequencies_of_dense(place))

        def kept() -> Impacts:
            return self._cache.get_or_make((above | place, "all"), impacts, lambda made: made.nbytes + _ENTRY_OVERHEAD)

        return Dense(self._places.item(place), self.counts.item(place), weights, kept)

    def prefixed(self, prefix: str, keys: Keys, mean_length: float) -> Weighted:
        """Return the documents that hold any of the terms that a prefix stands for, as if they were one term."""
        number, weights = self._weights_for(mean_length)
        return self._cache.get_or_make(
            (number, "prefix", prefix),
            lambda: self._weigh_any(keys, weights),
            lambda made: made.nbytes + _ENTRY_OVERHEAD,
        )

    def _weigh_any(self, keys: Keys, weights: Weights) -> Listed | Nothing:
        totals = np.zeros(self.size, np.uint8)
        for stretch in self.postings([place for place in self.find(keys) if place >= 0]):
            for _, (ids, frequencies) in split(stretch):
                totals[ids] = np.minimum(totals[ids] + frequencies, MAX_FREQUENCY)
        ids = totals.nonzero()[0].astype(np.int32)
        if not len(ids):
            return NOTHING
        impacts = weights.of(ids, totals[ids])
        return Listed(ids, impacts, int(impacts.max()))

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
        """Return which documents share a token with the audience; None when all do."""
        seen = np.array([not audience.isdisjoint(tokens) for tokens in self.columns.audiences], np.bool_)
        if seen.all():
            return None
        codes = self.columns.texts["audience"].codes
        key = (self.name, "audience", seen.tobytes())
        return self._cache.get_or_make(key, lambda: seen[codes], lambda mask: mask.nbytes + _ENTRY_OVERHEAD)

    def with_facet(self, name: str, wanted: frozenset[str]) -> Mask:
        """Return which documents have one of some values, folded, of a facet. Not to be changed: it is kept."""
        return self._cache.get_or_make(
            (self.name, "facet", name, wanted),
            lambda: self._with_facet(name, wanted),
            lambda mask: mask.nbytes + _ENTRY_OVERHEAD,
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
    def by_title(self) -> tuple[Ids, npt.NDArray[np.int64]]:
        """The documents ordered by title, and where those of each title begin in this order."""
        codes = self.columns.texts["title"].codes
        order = np.argsort(codes, kind="stable").astype(np.int32)
        starts = np.searchsorted(codes[order], np.arange(len(self.columns.texts["title"].texts) + 1))
        return order, starts

    def with_key(self, key: str) -> list[int]:
        """Return the document of a key, deleted or not, in a list."""
        return self._ids.with_key(key)

    def document(self, number: int) -> Document:
        """Return a document as it was written. Raises IndexDamaged."""
        with reporting_damage(self.folder):
            return self.columns.document(number, self.bodies[number])

    def body(self, number: int) -> Body:
        """Return a body with its folded form. Raises what a damaged file makes readers raise."""

        def read() -> Body:
            text = self.bodies[number]
            return Body(text, fold_with_origins(text))

        return self._texts.get_or_make(number, read, lambda body: body.bytes)

    def texts(self, numbers: Sequence[int]) -> list[str]:
        """Return the bodies of some documents. Raises IndexDamaged."""
        with reporting_damage(self.folder):
            return [self.bodies[number] for number in numbers]

    def term_lists(self) -> TermLists:
        """Return the lists of all terms, for a merge."""
        counts = self.counts.astype(np.int64)
        starts = np.cumsum(counts) - counts
        ids, frequencies = np.empty(int(counts.sum()), np.int32), np.empty(int(counts.sum()), np.uint8)
        for first in range(0, len(counts), _LISTS_AT_ONCE):
            for stretch in self.postings(range(first, min(first + _LISTS_AT_ONCE, len(counts)))):
                places = np.array(stretch.places) + first
                at = ragged(starts[places], counts[places])
                ids[at], frequencies[at] = stretch.ids, stretch.frequencies
        return TermLists(self.keys, counts, ids, frequencies)
