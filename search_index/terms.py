"""The terms of one immutable segment, and their lists as they are asked for: as arrays, or posting by posting."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search_index.analysis import Keys
from search_index.builder import TermLists
from search_index.cache import ByteBoundedCache
from search_index.codec import START
from search_index.container import Array
from search_index.damage import reporting_damage
from search_index.mapped import map_file
from search_index.postings import (
    MAX_FREQUENCY,
    Block,
    Frequencies,
    Stretch,
    checked_dense,
    decode,
    dense_frequencies,
    is_dense,
    ragged,
    singles,
    split,
)
from search_index.text_terms import TextTerms
from search_index.weighted import NOTHING, Dense, Impacts, LengthCodes, Listed, Nothing, Weighted, Weights

ENTRY_OVERHEAD = 400
"""About the bytes that one more entry of a cache takes beside its value."""

LISTED = 120
"""Longer lists are never kept posting by posting, which takes forty times the memory; no dense one is that short."""

TINY = 512
"""In segments of so many documents at most no list is too long for that."""

_PLACE_BITS = 40
_HELD_BITS = 44
_POSTING_BYTES = 200
_TITLE_BYTES = 36
_LISTS_AT_ONCE = 2_000

_numbers = itertools.count()
"""Names weights in the cache: a new number for each segment and mean length."""


Looked = tuple[list[int], npt.NDArray[np.uint32]]
"""The places of some terms in the directory, and how many documents hold each."""


class Worth(NamedTuple):
    """What a term of some factor gives to each document that holds it: exactly, in single precision, and at most."""

    factor: float
    exact: dict[int, float]
    single: array[float]
    most: float


class Held:
    """What a segment holds of one term, to be looked at one by one: the documents with an impact each, and the titles.

    `size` is how many documents there are. `impacts` is None for a list of more than `LISTED`, `titles` for a term of
    more titles than that; `top` is the greatest impact, `place` that in the directory.
    """

    __slots__ = ("_worth", "impacts", "place", "size", "titles", "top")

    def __init__(self, size: int, place: int, impacts: dict[int, int] | None, titles: list[int] | None) -> None:
        """Take what was read."""
        self.size, self.place, self.impacts, self.titles = size, place, impacts, titles
        self.top = max(impacts.values()) if impacts else 0
        self._worth: Worth | None = None

    @property
    def nbytes(self) -> int:
        """About what it takes in memory, with what each document is worth."""
        return _POSTING_BYTES * len(self.impacts or ()) + _TITLE_BYTES * len(self.titles or ())

    def worth(self, factor: float, scale: Sequence[float]) -> Worth:
        """Return what the term gives to each document; `scale` holds what each impact is worth at a factor of one.

        Kept for the factor asked for last: it changes with a commit at most.
        """
        kept = self._worth
        if kept is None or kept.factor != factor:
            exact = {number: factor * scale[impact] for number, impact in (self.impacts or {}).items()}
            (most,) = array("f", [factor * scale[self.top]])
            self._worth = kept = Worth(factor, exact, array("f", exact.values()), most)
        return kept


class TermReader:
    """The terms of a segment. Thread-safe."""

    def __init__(
        self,
        folder: Path,
        arrays: dict[str, Array],
        postings: Path,
        codes: LengthCodes,
        titles: TextTerms,
        cache: ByteBoundedCache,
    ) -> None:
        """Take what was written of the terms, the file of postings, and what belongs to the documents: lengths, titles.

        Raises ValueError when they do not fit each other.
        """
        self.folder, self.size, self.titles = folder, len(codes), titles
        self._cache, self._codes = cache, codes
        self._read_terms(arrays)
        self._postings = map_file(postings)
        if len(self._postings) != self._postings_size:
            raise ValueError("the posting file has not the length it was written with")
        self._weights: tuple[int, Weights] = (next(_numbers), self._new_weights(1.0))

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
            some = [places[at] for at in missing]
            read = self._read(some, weights, above)
            for at, entry in zip(missing, read, strict=True):
                found[at] = entry
            self._cache.keep_all(
                (above | place, entry, entry.nbytes + ENTRY_OVERHEAD) for place, entry in zip(some, read, strict=True)
            )
        return found  # type: ignore[return-value]

    def held(
        self, keys: Sequence[int], finding: int, most: int, mean_length: float, look: Callable[[], Looked]
    ) -> list[Held] | None:
        """Return what is held of each of some terms, for who looks at single postings; `mean_length` is the pivot.

        None when the first `finding` of them have more than `most` postings in all. `look` finds all the terms in the
        directory. Raises IndexDamaged.
        """
        number, weights = self._weights_for(mean_length)
        above = -1 - (number << _HELD_BITS)  # below zero: the other names of lists are not
        kept = self._cache.find
        found: list[Held | None] = [kept(above - key) for key in keys]
        missing = [at for at, entry in enumerate(found) if entry is None]
        if not missing:
            made: list[Held] = found  # type: ignore[assignment]
            return None if sum([entry.size for entry in made[:finding]]) > most else made
        places, counted = look()
        counts: list[int] = counted.tolist()
        if sum(counts[:finding]) > most:
            return None
        some = np.array([keys[at] for at in missing], np.uint64)
        made = self._hold(some, [places[at] for at in missing], [counts[at] for at in missing], weights)
        for at, entry in zip(missing, made, strict=True):
            found[at] = entry
        self._cache.keep_all(
            (above - keys[at], entry, ENTRY_OVERHEAD + entry.nbytes) for at, entry in zip(missing, made, strict=True)
        )
        return found  # type: ignore[return-value]

    def _hold(self, keys: Keys, places: list[int], counts: list[int], weights: Weights) -> list[Held]:
        most = TINY if self.size <= TINY else LISTED
        listed = [at for at, count in enumerate(counts) if 0 < count <= most]
        lists = dict(zip(listed, self._read([places[at] for at in listed], weights), strict=True))
        titles = self.titles.holding_each(keys)
        made: list[Held] = []
        for at, (place, count, (first, last)) in enumerate(zip(places, counts, titles, strict=True)):
            owners = self.titles.owners[first:last].tolist() if last - first <= most else None
            pairs: dict[int, int] | None = None if count else {}
            if at in lists:
                ids, impacts = lists[at].whole()
                pairs = dict(zip(ids.tolist(), impacts.tolist(), strict=True))
            made.append(Held(count, place, pairs, owners))
        return made

    def _weights_for(self, mean_length: float) -> tuple[int, Weights]:
        kept = self._weights
        if kept[1].mean_length != mean_length:
            self._weights = kept = (next(_numbers), self._new_weights(mean_length))
        return kept

    def _read(self, places: Sequence[int], weights: Weights, above: int = 0) -> list[Weighted]:
        """Read lists that are not kept. `above` names what is kept of a dense one, of which there is none in `held`."""
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
        return found

    def _dense(self, place: int, above: int, weights: Weights) -> Dense:
        checked_dense(self._postings, self._block(place), self.size)

        def impacts() -> Impacts:
            with reporting_damage(self.folder):
                return weights.everywhere(self._frequencies_of_dense(place))

        def kept() -> Impacts:
            return self._cache.get_or_make((above | place, "all"), impacts, lambda made: made.nbytes + ENTRY_OVERHEAD)

        return Dense(self._places.item(place), self.counts.item(place), weights, kept)

    def prefixed(self, prefix: str, keys: Keys, mean_length: float) -> Weighted:
        """Return the documents that hold any of the terms that a prefix stands for, as if they were one term."""
        number, weights = self._weights_for(mean_length)
        return self._cache.get_or_make(
            (number, "prefix", prefix),
            lambda: self._weigh_any(keys, weights),
            lambda made: made.nbytes + ENTRY_OVERHEAD,
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
        return weights.listed(ids, impacts, int(impacts.max()))

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
