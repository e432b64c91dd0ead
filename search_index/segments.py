"""One immutable segment, open for reading."""

from __future__ import annotations

import mmap
import re
from bisect import bisect_left
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage

from search_index import container
from search_index.analysis import Keys, Token, phrase_pattern
from search_index.bodies import Bodies, read_dictionary
from search_index.builder import TermLists
from search_index.cache import ByteBoundedCache
from search_index.codec import BODIES, IDS, POSTINGS, SEGMENT, START, segment_path
from search_index.columns import Columns, text_hash
from search_index.container import Array, Strings
from search_index.damage import reporting_damage
from search_index.documents import Document
from search_index.folding import fold
from search_index.postings import Ids, Postings, decode, single

K1 = 0.9
B = 0.4
DELTA = 1.5

Mask = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float32]
Impacts = npt.NDArray[np.uint8]

IMPACT_STEPS = 255
_DENSE_SHARE = 6
_ENTRY_OVERHEAD = 400


class Weighted(NamedTuple):
    """What holds a term, and the BM25 weight of its frequency there, in `IMPACT_STEPS` of K1 + 1.

    `ids` ascend, with an impact for each, and end with `BEYOND` and the impact 0, so that every document has a place
    among them; where they are None there is an impact for every document, 0 for "not here".
    `top` is the greatest impact, `size` the number of documents.
    """

    ids: Ids | None
    impacts: Impacts
    top: int
    size: int

    def documents(self) -> Ids:
        """Return the documents, ascending."""
        return np.flatnonzero(self.impacts).astype(np.int32) if self.ids is None else self.ids[:-1]

    def among(self, wanted: Ids) -> Impacts:
        """Return the impact for each of some documents, ascending, 0 where they do not hold the term."""
        if self.ids is None:
            return self.impacts[wanted]
        places = self.ids.searchsorted(wanted)
        found: Impacts = self.impacts[places] * (self.ids[places] == wanted)
        return found


BEYOND = np.iinfo(np.int32).max
NOTHING = Weighted(np.array([BEYOND], np.int32), np.zeros(1, np.uint8), 0, 0)


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

    def __init__(self, storage: FileStorage, segment: WhooshSegment, cache: ByteBoundedCache) -> None:
        """Open a segment's files; raises what damaged files make readers raise."""
        self.folder = Path(storage.folder)
        self.name: str = segment.segment_id()
        arrays = container.read(segment_path(storage, segment, SEGMENT))
        self.columns = Columns(arrays)
        self.size = self.columns.size
        if self.size != segment.doc_count_all():
            raise ValueError("a segment has not the documents it was written with")
        self.total_length = float(self.columns.lengths.sum())
        self._read_terms(arrays)
        self._postings = _map(segment_path(storage, segment, POSTINGS))
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
        self._norms: tuple[float, Scores] = (0.0, self.columns.lengths)

    def _read_terms(self, arrays: dict[str, Array]) -> None:
        self.keys: Keys = np.cumsum(arrays["term.keys"], dtype=np.uint64)
        self._counts_or_none = np.append(arrays["term.counts"], 0).astype(np.uint32)
        self.counts = self._counts_or_none[:-1]
        lengths = arrays["term.lengths"].astype(np.int64)
        ends = START + np.cumsum(lengths)
        self._places = np.zeros(len(self.keys), np.int64)
        self._places[self.counts == 1] = arrays["term.singles"]
        self._places[self.counts > 1] = ends - lengths
        self._postings_size = int(ends[-1]) if len(ends) else START

    def find(self, keys: Keys) -> list[int]:
        """Return the place of each term in the directory, -1 where the segment lacks it."""
        if not len(self.keys):
            return [-1] * len(keys)
        places = self.keys.searchsorted(keys)
        places[places == len(self.keys)] = 0
        return np.where(self.keys[places] == keys, places, -1).tolist()

    def counts_at(self, places: list[int]) -> npt.NDArray[np.uint32]:
        """Return how many documents hold each of the terms at some places, 0 for the place -1."""
        return self._counts_or_none[places]

    def postings(self, place: int) -> Postings:
        """Return all postings of a term, deleted documents included. Raises IndexDamaged."""
        with reporting_damage(self.folder):
            count, at = int(self.counts[place]), int(self._places[place])
            found = single(at) if count == 1 else decode(self._postings, at, count, self.size)
            if int(found.ids[-1]) >= self.size:
                raise ValueError("a posting leads to no document")
            return found

    def weighted(self, place: int, mean_length: float) -> Weighted:
        """Return the documents that hold a term with what its frequency is worth; `mean_length` is the pivot."""
        if place < 0:
            return NOTHING
        return self._cache.get_or_make((self.name, mean_length, place), lambda: self._weigh(place, mean_length), _size)

    def _weigh(self, place: int, mean_length: float) -> Weighted:
        ids, frequencies = self.postings(place)
        return self._impacts(ids, frequencies, mean_length)

    def _impacts(self, ids: Ids, frequencies: npt.NDArray[np.uint8], mean_length: float) -> Weighted:
        norms = self._norms_for(mean_length)[ids]
        steps = frequencies * np.float32(IMPACT_STEPS) / (frequencies + norms)
        impacts = np.maximum(steps, 1).astype(np.uint8)
        top = int(impacts.max())
        if len(ids) * _DENSE_SHARE < self.size:
            return Weighted(np.append(ids, np.int32(BEYOND)), np.append(impacts, np.uint8(0)), top, len(ids))
        dense = np.zeros(self.size, np.uint8)
        dense[ids] = impacts
        return Weighted(None, dense, top, len(ids))

    def prefixed(self, prefix: str, keys: Keys, mean_length: float) -> Weighted:
        """Return the documents that hold any of the terms that a prefix stands for, as if they were one term."""
        return self._cache.get_or_make(
            (self.name, mean_length, "prefix", prefix), lambda: self._weigh_any(keys, mean_length), _size
        )

    def _weigh_any(self, keys: Keys, mean_length: float) -> Weighted:
        totals = np.zeros(self.size, np.uint8)
        for place in self.find(keys):
            if place >= 0:
                ids, frequencies = self.postings(place)
                totals[ids] = np.minimum(totals[ids] + frequencies, 200)
        ids = np.flatnonzero(totals).astype(np.int32)
        return self._impacts(ids, totals[ids], mean_length) if len(ids) else NOTHING

    def words_beginning(self, prefix: str, most: int) -> list[str]:
        """Return words of other scripts that begin so, in order, at most so many."""
        words = self.words
        first = bisect_left(range(len(words)), prefix, key=words.__getitem__)
        found: list[str] = []
        while first < len(words) and len(found) < most and (word := words[first]).startswith(prefix):
            found.append(word)
            first += 1
        return found

    def _norms_for(self, mean_length: float) -> Scores:
        pivot, norms = self._norms
        if pivot != mean_length:
            norms = (K1 * (1 - B) + K1 * B / mean_length * self.columns.lengths).astype(np.float32)
            self._norms = (mean_length, norms)
        return norms

    def visible_to(self, audience: frozenset[str]) -> Mask | None:
        """Return which documents share a token with the audience; None when all do."""
        seen = np.array([not audience.isdisjoint(tokens) for tokens in self.columns.audiences], np.bool_)
        if seen.all():
            return None
        codes = self.columns.texts["audience"].codes
        key = (self.name, "audience", seen.tobytes())
        return self._cache.get_or_make(key, lambda: seen[codes], lambda mask: mask.nbytes + _ENTRY_OVERHEAD)

    @cached_property
    def groups(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """The group of each document as a number, and the first document of each group."""
        column = self.columns.texts["group"]
        first = np.full(len(column.texts), self.size, np.int64)
        np.minimum.at(first, column.codes, np.arange(self.size))
        return column.codes, first

    def groups_in(self, mask: Mask) -> Mask:
        """Return which groups have a document among some."""
        codes, first = self.groups
        if len(first) == self.size:
            return mask
        flags = np.zeros(len(first), np.bool_)
        flags[codes[mask]] = True
        return flags

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

    def body(self, number: int) -> str:
        """Return the body of a document. Raises IndexDamaged."""
        with reporting_damage(self.folder):
            return self.bodies[number]

    def holds_phrase(self, number: int, phrase: tuple[Token, ...], pattern: re.Pattern[str] | None = None) -> bool:
        """Tell whether a document's text holds tokens that follow each other."""
        pattern = pattern or re.compile(phrase_pattern(phrase))
        columns = self.columns.texts
        texts = (self.body(number), *(columns[name][number] for name in ("title", "keywords", "authors")))
        return any(pattern.search(fold(text)) for text in texts)

    def term_lists(self) -> TermLists:
        """Return the lists of all terms, for a merge."""
        found = [self.postings(place) for place in range(len(self.keys))]
        return TermLists(
            self.keys,
            self.counts.astype(np.int64),
            np.concatenate([np.empty(0, np.int32), *(postings.ids for postings in found)]),
            np.concatenate([np.empty(0, np.uint8), *(postings.frequencies for postings in found)]),
        )


def _size(found: Weighted) -> int:
    return found.impacts.nbytes + (0 if found.ids is None else found.ids.nbytes) + _ENTRY_OVERHEAD


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class IdLookup:
    """Which documents of a segment have a key or belong to a group, by the hashes of both: what a writer asks."""

    def __init__(self, storage: FileStorage, segment: WhooshSegment) -> None:
        """Map the file. Raises OSError or ValueError when it is missing or damaged."""
        data = _map(segment_path(storage, segment, IDS))
        size = int(np.frombuffer(data, "<u8", 1)[0])
        if len(data) != 16 + 24 * size:
            raise ValueError("the file of keys has not the length it was written with")
        self._sorted = [
            (np.frombuffer(data, "<u8", size, 8 + at), np.frombuffer(data, "<u4", size, 8 + at + 8 * size))
            for at in (0, 12 * size)
        ]

    def with_key(self, key: str) -> list[int]:
        """Return the document of a key, deleted or not, in a list."""
        return self._holding(0, key)

    def of_group(self, group: str) -> list[int]:
        """Return the documents of a group, deleted or not."""
        return self._holding(1, group)

    def _holding(self, which: int, text: str) -> list[int]:
        hashes, numbers = self._sorted[which]
        wanted = np.uint64(text_hash(text))
        first, last = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
        return numbers[first:last].tolist()
