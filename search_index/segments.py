"""A segment of the index as arrays: what ranking asks for, read once and kept within bounds."""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage

from search_index import schema
from search_index.analysis import Clause, Term, fold, phrase_pattern
from search_index.cache import ByteBoundedCache
from search_index.codec import ArrayTermsReader
from search_index.damage import reporting_damage
from search_index.documents import Document
from search_index.postings import Ids, Postings

K1 = 0.9
B = 0.4

Mask = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float32]

_ENTRY_OVERHEAD = 400


class Weighted(NamedTuple):
    """The documents that hold something, ascending, and what each is worth for it before its rarity counts."""

    ids: Ids
    impacts: Scores


_NOTHING = Weighted(np.empty(0, np.intp), np.empty(0, np.float32))


class SegmentArrays:
    """One immutable segment. Deletions are not its business: they belong to a generation. Thread-safe."""

    def __init__(self, storage: FileStorage, segment: WhooshSegment, cache: ByteBoundedCache) -> None:
        """Open a segment's files; raises what damaged files make readers raise."""
        codec = segment.codec()
        self._folder = Path(storage.folder)
        self.name: str = segment.segment_id()
        self.size: int = segment.doc_count_all()
        self._terms: ArrayTermsReader = codec.terms_reader(storage, segment)
        self._rows = codec.per_document_reader(storage, segment)
        weakref.finalize(self, self._rows.close)
        self._cache = cache
        self._lock = threading.Lock()
        self._lengths = self._read_lengths()
        self.total_length = float(self._lengths.sum())
        self._norms: tuple[float, Scores] = (0.0, self._lengths)
        if self.size:
            # opens the file of stored rows while it is sure to be there: a commit may drop a segment we still read
            self.document(0)

    def _read_lengths(self) -> Scores:
        lengths = np.ones(self.size, np.float32)
        sizes = self._terms.postings(schema.SIZE, schema.SIZE_TERM)
        if sizes is not None:
            lengths[sizes.ids] = sizes.frequencies
        return lengths

    def document(self, number: int) -> Document:
        """Return a document as it was written. Raises IndexDamaged."""
        with reporting_damage(self._folder), self._lock:
            return schema.to_document(self._rows.stored_fields(number)[schema.STORED_TUPLE])

    @cached_property
    def kinds(self) -> tuple[list[str], npt.NDArray[np.uint16]]:
        """The kinds of the segment, and for each document the index of its own."""
        names: list[str] = []
        codes = np.zeros(self.size, np.uint16)
        with reporting_damage(self._folder):
            for code, (term, found) in enumerate(self._terms.with_prefix(schema.KIND, b"")):
                names.append(schema.decode_term(term))
                codes[found.ids] = code
        return names, codes

    def visible_to(self, audience: frozenset[str]) -> Mask:
        """Return which documents share a token with the audience."""
        return self._cache.get_or_make(
            (self.name, audience), lambda: self._read_audience(audience), lambda mask: mask.nbytes + _ENTRY_OVERHEAD
        )

    def _read_audience(self, audience: Iterable[str]) -> Mask:
        mask = np.zeros(self.size, np.bool_)
        with reporting_damage(self._folder):
            for token in audience:
                found = self._terms.postings(schema.AUDIENCE, schema.encode_term(token))
                if found is not None:
                    mask[found.ids] = True
        return mask

    def weighted(self, clause: Clause, mean_length: float) -> Weighted:
        """Return the documents that hold a clause, with the BM25 weight of its frequency in each.

        The weights of a clause's several terms are added; a phrase is looked for in the stored text where the terms
        alone do not prove it. `mean_length` is the pivot of length normalisation.
        """
        key = (self.name, mean_length, clause)
        return self._cache.get_or_make(key, lambda: self._weigh(clause, mean_length), _weighted_size)

    def _weigh(self, clause: Clause, mean_length: float) -> Weighted:
        with reporting_damage(self._folder):
            lists = [self._weigh_term(term, mean_length) for term in clause.terms]
        found = intersect(lists, [1.0] * len(lists))
        if clause.needs_reading and len(found.ids):
            pattern = re.compile(phrase_pattern(clause.tokens))
            holds = np.fromiter((self._holds(number, pattern) for number in found.ids.tolist()), np.bool_)
            return Weighted(found.ids[holds], found.impacts[holds])
        return found

    def _holds(self, number: int, pattern: re.Pattern[str]) -> bool:
        document = self.document(number)
        return any(pattern.search(fold(text)) for text in (document.body, document.title, document.keywords))

    def _weigh_term(self, term: Term, mean_length: float) -> Weighted:
        found = (
            self._prefixed(term.text)
            if term.prefix
            else self._terms.postings(schema.TEXT, schema.encode_term(term.text))
        )
        if found is None:
            return _NOTHING
        norms = self._norms_for(mean_length)[found.ids]
        impacts = found.frequencies * np.float32(K1 + 1) / (found.frequencies + norms)
        return Weighted(found.ids, impacts)

    def _prefixed(self, prefix: str) -> Postings:
        totals = np.zeros(self.size, np.float32)
        for _, found in self._terms.with_prefix(schema.TEXT, schema.encode_term(prefix)):
            totals[found.ids] += found.frequencies
        ids = np.flatnonzero(totals)
        return Postings(ids, totals[ids])

    def _norms_for(self, mean_length: float) -> Scores:
        pivot, norms = self._norms
        if pivot != mean_length:
            norms = (K1 * (1 - B) + K1 * B / mean_length * self._lengths).astype(np.float32)
            self._norms = (mean_length, norms)
        return norms


def _weighted_size(found: Weighted) -> int:
    return found.ids.nbytes + found.impacts.nbytes + _ENTRY_OVERHEAD


def intersect(lists: Sequence[Weighted], factors: Sequence[float]) -> Weighted:
    """Return the documents in every list, the weights of each list times its factor added; at least one list."""
    order = sorted(range(len(lists)), key=lambda place: len(lists[place].ids))
    ids, impacts = lists[order[0]]
    impacts = impacts * np.float32(factors[order[0]])
    for other, factor in ((lists[place], np.float32(factors[place])) for place in order[1:]):
        if not len(ids):
            break
        places = np.searchsorted(other.ids, ids)
        places[places == len(other.ids)] = 0
        in_both = other.ids[places] == ids
        ids = ids[in_both]
        impacts = impacts[in_both] + other.impacts[places[in_both]] * factor
    return Weighted(ids, impacts)
