"""Posting lists: as bytes on disk, as arrays in memory, and gathered while a segment is written.

On disk a list is plain little-endian arrays, which NumPy reads without decoding anything one by one:

    u32   number of postings (low 28 bits), width of a gap (2 bits), width of a frequency (2 bits)
    gaps  of ascending document numbers, the first from zero, all of one width: 1, 2 or 4 bytes
    freq  all of one width: none when all are one, else 1, 2 or 4 bytes
"""

from __future__ import annotations

import heapq
import itertools
import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping
from mmap import mmap
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.intp]
Frequencies = npt.NDArray[np.float32]
Pairs = npt.NDArray[np.uint32]

_HEADER = struct.Struct("<I")
_COUNT_MASK = (1 << 28) - 1
_WIDTHS = (1, 2, 4)
_DTYPES = tuple(np.dtype(f"<u{width}") for width in _WIDTHS)
_SMALL = 12
"""Up to so many postings Python packs a list faster than NumPy: most terms have fewer."""
_SMALL_CODES = "BHI"

POSTINGS_IN_MEMORY = 4_000_000


class Postings(NamedTuple):
    """The documents that hold a term, ascending, and how often each holds it."""

    ids: Ids
    frequencies: Frequencies


def _narrowest(largest: int) -> int:
    return 0 if largest < 1 << 8 else 1 if largest < 1 << 16 else 2


def encode(pairs: array[int]) -> bytes:
    """Encode a posting list given as number, frequency, number, frequency ...

    Numbers ascend strictly; frequencies are at least one.
    """
    count = len(pairs) // 2
    if count <= _SMALL:
        return _encode_small(count, pairs.tolist())
    both: Pairs = np.frombuffer(pairs, np.uint32)
    gaps = np.diff(both[0::2], prepend=np.uint32(0))
    frequencies = both[1::2]
    gap_width = _narrowest(int(gaps.max()))
    most = int(frequencies.max())
    frequency_width = 0 if most == 1 else 1 + _narrowest(most)
    head = _HEADER.pack(count | gap_width << 28 | frequency_width << 30) + gaps.astype(_DTYPES[gap_width]).tobytes()
    return head + frequencies.astype(_DTYPES[frequency_width - 1]).tobytes() if frequency_width else head


def _encode_small(count: int, pairs: list[int]) -> bytes:
    ids = pairs[0::2]
    gaps = [ids[0], *(later - earlier for earlier, later in itertools.pairwise(ids))]
    frequencies = pairs[1::2]
    gap_width = _narrowest(max(gaps))
    most = max(frequencies)
    frequency_width = 0 if most == 1 else 1 + _narrowest(most)
    packed = count | gap_width << 28 | frequency_width << 30
    if not frequency_width:
        return struct.pack(f"<I{count}{_SMALL_CODES[gap_width]}", packed, *gaps)
    codes = f"<I{count}{_SMALL_CODES[gap_width]}{count}{_SMALL_CODES[frequency_width - 1]}"
    return struct.pack(codes, packed, *gaps, *frequencies)


def decode(data: mmap | bytes, start: int, end: int) -> Postings:
    """Decode the posting list that lies from `start` to `end`. Raises ValueError when none does."""
    if not 0 <= start < end - _HEADER.size <= len(data) - _HEADER.size:
        raise ValueError("a posting list lies outside its file")
    (packed,) = _HEADER.unpack_from(data, start)
    count, gap_width, frequency_width = packed & _COUNT_MASK, packed >> 28 & 3, packed >> 30
    start += _HEADER.size
    if gap_width > 2 or count * (_WIDTHS[gap_width] + (0, *_WIDTHS)[frequency_width]) != end - start:
        raise ValueError("no posting list lies here")
    ids = np.frombuffer(data, _DTYPES[gap_width], count, start).cumsum(dtype=np.intp)
    if not frequency_width:
        return Postings(ids, np.ones(count, np.float32))
    start += count * _WIDTHS[gap_width]
    return Postings(ids, np.frombuffer(data, _DTYPES[frequency_width - 1], count, start).astype(np.float32))


class TermList(NamedTuple):
    """A term of a field with its postings as number, frequency, number, frequency ..."""

    field: str
    term: bytes
    pairs: array[int]


class ListPool:
    """Gather the posting lists of a segment, in bounded memory.

    Whoosh's own pool gathers single postings and sorts them all. Documents come in ascending order, so lists grow in
    order by themselves, and only terms are sorted: when memory is full, into a run on disk; at the end, together.
    """

    def __init__(self, folder: Path, limit: int = POSTINGS_IN_MEMORY) -> None:
        """Keep runs in `folder`; begin a new one after `limit` postings."""
        self._folder = folder
        self._limit = limit
        self._held = 0
        self._lists: dict[str, dict[bytes, array[int]]] = {}
        self._runs: list[Path] = []

    def add_document(self, number: int, fields: Mapping[str, Mapping[bytes, int]]) -> None:
        """Add the terms of a document, with their frequencies, by field. Numbers ascend from call to call."""
        for field, terms in fields.items():
            lists = self._lists.setdefault(field, {})
            for term, frequency in terms.items():
                pairs = lists.get(term)
                if pairs is None:
                    lists[term] = array("I", (number, frequency))
                else:
                    pairs.append(number)
                    pairs.append(frequency)
            self._held += len(terms)
        if self._held >= self._limit:
            self._spill()

    def add_list(self, field: str, term: bytes, ids: Ids, frequencies: Frequencies) -> None:
        """Add postings to a term, all of documents after those it has."""
        if not len(ids):
            return
        both = np.empty(2 * len(ids), np.uint32)
        both[0::2] = ids
        both[1::2] = frequencies
        pairs = self._lists.setdefault(field, {}).setdefault(term, array("I"))
        pairs.frombytes(both.tobytes())
        self._held += len(ids)

    def spill_if_full(self) -> None:
        """Write a run when memory is full; for between two segments, whose lists come term by term."""
        if self._held >= self._limit:
            self._spill()

    def _in_memory(self) -> Iterator[TermList]:
        for field in sorted(self._lists):
            lists = self._lists[field]
            for term in sorted(lists):
                yield TermList(field, term, lists[term])

    def _spill(self) -> None:
        path = self._folder / f"{len(self._runs):04d}.run"
        with path.open("wb") as run:
            for entry in self._in_memory():
                _write_entry(run, entry)
        self._runs.append(path)
        self._lists = {}
        self._held = 0

    def iter_postings(self) -> Iterator[TermList]:
        """Yield every term with its whole list, by field and term."""
        if not self._runs:
            yield from self._in_memory()
            return
        sources: list[Iterable[TermList]] = [*(_read_run(path) for path in self._runs), self._in_memory()]
        # stable: of one term, the lists come in the order of the runs, which is that of the documents
        merged = heapq.merge(*sources, key=lambda entry: entry[:2])
        for (field, term), entries in itertools.groupby(merged, key=lambda entry: entry[:2]):
            pairs = array("I")
            for entry in entries:
                pairs.extend(entry.pairs)
            yield TermList(field, term, pairs)

    def cleanup(self) -> None:
        """Remove the runs."""
        for path in self._runs:
            path.unlink(missing_ok=True)
        self._runs.clear()
        self._lists = {}


_ENTRY = struct.Struct("=BII")


def _write_entry(run: BinaryIO, entry: TermList) -> None:
    name, data = entry.field.encode(), entry.pairs.tobytes()
    run.write(_ENTRY.pack(len(name), len(entry.term), len(data)))
    run.write(name)
    run.write(entry.term)
    run.write(data)


def _read_run(path: Path) -> Iterator[TermList]:
    with path.open("rb") as run:
        while header := run.read(_ENTRY.size):
            name, term, data = _ENTRY.unpack(header)
            field, text, pairs = run.read(name).decode(), run.read(term), array("I")
            pairs.frombytes(run.read(data))
            yield TermList(field, text, pairs)
