"""Posting lists: as bytes on disk and as arrays in memory.

A posting is a document number and how often the document holds the term, counted up to `MAX_FREQUENCY`. The list of a
term that stands in one document only is a number in the directory of terms (`singles`); any other is a block:

    u8     how gaps are written (bits 0-1), bits of a frequency (bits 2-3)
    u16    the low bits of a CRC-32 of what follows, begun with the first byte
    gaps   of ascending document numbers, the first from -1, as
             0  bytes, 255 standing for "add 255 and go on", so that a gap takes gap // 255 + 1 of them
             1  u16      2  u32
    the frequencies less one, in 0, 1 or 2 bits each, padded to bytes

Of a large segment, a list of one document in `DENSE_SHARE` or more is written so that single documents can be looked
up in the mapped file, which is nearly all that is ever asked of it:

    3      two bits for each document of the segment, the first in the low ones: how often, `DENSE_FREQUENCY` at most

All is written and read by whole arrays, those of many lists at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate
from mmap import mmap
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search_index.checksums import crc32_of_each

Ids = npt.NDArray[np.int32]
Frequencies = npt.NDArray[np.uint8]
Bytes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]

MAX_FREQUENCY = 4
DENSE_FREQUENCY = 3
DENSE_SHARE = 8
DENSE_SIZE = 4096
"""Smaller segments have no dense lists."""

HEAD = 3
ESCAPED = 255
BYTES, SHORTS, LONGS, DENSE = range(4)
_SINGLE_SHIFT = 2
_PAIRS_OF_BITS = np.array([[byte >> shift & 3 for shift in (0, 2, 4, 6)] for byte in range(256)], np.uint8)
_FOUR_AT_ONCE = _PAIRS_OF_BITS.view(np.uint32).ravel()


class Postings(NamedTuple):
    """The documents that hold a term, ascending, and how often each holds it, at most `MAX_FREQUENCY`."""

    ids: Ids
    frequencies: Frequencies


class Blocks(NamedTuple):
    """Encoded lists: `places` holds for each the offset of its block, or the single posting itself."""

    data: Bytes
    places: npt.NDArray[np.uint64]


class Block(NamedTuple):
    """Where the block of a list lies, and how many postings it has."""

    start: int
    length: int
    postings: int


def is_dense(count: int, size: int) -> bool:
    """Tell whether a list of so many postings is written as two bits for each document of a segment of that size."""
    return size >= DENSE_SIZE and count * DENSE_SHARE >= size


def singles(places: Counts) -> Postings:
    """Return the postings of terms that stand in one document each, one after the other."""
    frequencies = (places & MAX_FREQUENCY - 1) + 1
    return Postings((places >> _SINGLE_SHIFT).astype(np.int32), frequencies.astype(np.uint8))


def single(place: int) -> tuple[int, int]:
    """Return the one posting of a term: its document and how often that holds it."""
    return place >> _SINGLE_SHIFT, (place & MAX_FREQUENCY - 1) + 1


def ragged(starts: Counts, counts: Counts) -> Counts:
    """Return the positions start, start + 1 ... of each of several stretches, one after the other."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()), dtype=np.int64)


def encode(numbers: Ids, frequencies: Frequencies, counts: Counts, size: int, offset: int) -> Blocks:
    """Encode lists that lie one after the other, each of `counts` postings, of a segment with `size` documents.

    `offset` is where the blocks will begin.
    """
    first = np.cumsum(counts) - counts
    several = counts > 1
    places = np.zeros(len(counts), np.uint64)
    alone = first[~several]
    places[~several] = numbers[alone].astype(np.uint64) << np.uint64(_SINGLE_SHIFT) | (frequencies[alone] - 1)
    keep = np.repeat(several, counts)
    numbers, frequencies, counts = numbers[keep], frequencies[keep], counts[several]
    if not len(counts):
        return Blocks(np.empty(0, np.uint8), places)
    data, starts = _Encoder(numbers, frequencies, counts, size).encode()
    places[several] = (starts + offset).astype(np.uint64)
    return Blocks(data, places)


class _Encoder:
    """Lists of two postings or more, written into one array of bytes."""

    def __init__(self, numbers: Ids, frequencies: Frequencies, counts: Counts, size: int) -> None:
        self.numbers, self.frequencies, self.counts, self.size = numbers, frequencies, counts, size
        self.first = np.cumsum(counts) - counts
        gaps = np.diff(numbers, prepend=np.int32(-1))
        gaps[self.first] = numbers[self.first] + 1
        self.gaps = gaps

    def encode(self) -> tuple[Bytes, Counts]:
        """Return the bytes of all blocks and where each begins."""
        modes, gap_bytes = self._modes()
        bits = np.minimum(np.maximum.reduceat(self.frequencies, self.first).astype(np.int64) - 1, 2)
        bits[modes == DENSE] = 0
        frequency_bytes = self.counts * bits + 7 >> 3
        lengths = HEAD + gap_bytes + frequency_bytes
        starts = np.cumsum(lengths) - lengths
        heads = np.full(len(lengths), HEAD, np.int64)
        parts = np.tile(np.arange(3, dtype=np.uint8), len(lengths))
        parts = parts.repeat(np.stack([heads, gap_bytes, frequency_bytes], axis=1).ravel())
        data = np.zeros(len(parts), np.uint8)
        data[starts] = modes | bits << 2
        data[parts == 1] = self._gaps(modes, gap_bytes)
        data[parts == 2] = self._frequencies(bits, frequency_bytes)
        sums = crc32_of_each(data, starts + HEAD, starts + lengths, data[starts])
        data[starts + 1] = sums & 0xFF
        data[starts + 2] = sums >> 8 & 0xFF
        return data, starts

    def _modes(self) -> tuple[Counts, Counts]:
        """Choose the shortest way of writing the gaps of each list; return it and its bytes."""
        widest = np.maximum.reduceat(self.gaps, self.first)
        if self.size < DENSE_SIZE and len(widest) and int(widest.max()) < ESCAPED:
            return np.full(len(widest), BYTES), self.counts
        escapes = self._escapes() + self.counts
        shorts = np.where(widest < 1 << 16, 2 * self.counts, 1 << 60)
        sizes = np.stack([escapes, shorts, 4 * self.counts, np.full(len(self.counts), self.size + 3 >> 2)])
        modes = sizes[:DENSE].argmin(axis=0)
        if self.size >= DENSE_SIZE:
            modes[self.counts * DENSE_SHARE >= self.size] = DENSE
        return modes, sizes[modes, np.arange(len(modes))]

    def _escapes(self) -> Counts:
        """Return how many bytes more the gaps of each list take when they are written as bytes; few are wide."""
        wide = (self.gaps >= ESCAPED).nonzero()[0]
        lists = self.first.searchsorted(wide, side="right") - 1
        return np.bincount(lists, self.gaps[wide] // ESCAPED, len(self.first)).astype(np.int64)

    def _gaps(self, modes: Counts, gap_bytes: Counts) -> Bytes:
        """Return the gaps of all lists, and the dense lists, one after the other."""
        present = np.unique(modes).tolist()
        if present == [BYTES]:
            return _escaped(self.gaps)
        modes = modes.astype(np.uint8)
        mode_of_posting, mode_of_byte = modes.repeat(self.counts), modes.repeat(gap_bytes)
        data = np.empty(len(mode_of_byte), np.uint8)
        for mode in present:
            data[mode_of_byte == mode] = self._gaps_of(mode, modes, self.gaps[mode_of_posting == mode])
        return data

    def _gaps_of(self, mode: int, modes: Counts, gaps: Ids) -> Bytes:
        if mode == DENSE:
            return np.concatenate([self._dense(place) for place in (modes == DENSE).nonzero()[0].tolist()])
        return _escaped(gaps) if mode == BYTES else gaps.astype("<u2" if mode == SHORTS else "<u4").view(np.uint8)

    def _dense(self, place: int) -> Bytes:
        inside = slice(int(self.first[place]), int(self.first[place] + self.counts[place]))
        times = np.zeros(self.size + 3 & ~3, np.uint8)
        times[self.numbers[inside]] = np.minimum(self.frequencies[inside], DENSE_FREQUENCY)
        return _four_in_one(times)

    def _frequencies(self, bits: Counts, frequency_bytes: Counts) -> Bytes:
        """Return the frequencies of all lists, one after the other, each padded to whole bytes."""
        data = np.empty(int(frequency_bytes.sum()), np.uint8)
        bits = bits.astype(np.uint8)
        bits_of_posting, bits_of_byte = bits.repeat(self.counts), bits.repeat(frequency_bytes)
        for width in (1, 2):
            which = bits == width
            counts, room = self.counts[which], frequency_bytes[which] * (8 // width)
            inside = np.tile(np.array([True, False]), len(counts)).repeat(np.stack([counts, room - counts], 1).ravel())
            less_one = np.zeros(len(inside), np.uint8)
            less_one[inside] = self.frequencies[bits_of_posting == width] - np.uint8(1)
            packed = np.packbits(less_one, bitorder="little") if width == 1 else _four_in_one(less_one)
            data[bits_of_byte == width] = packed
        return data


def _escaped(gaps: Ids) -> Bytes:
    """Return gaps as bytes, 255 standing for "add 255 and go on"."""
    if int(gaps.max(initial=0)) < ESCAPED:
        return gaps.astype(np.uint8)
    wide = (gaps >= ESCAPED).nonzero()[0]
    times, rest = np.divmod(gaps[wide], ESCAPED)
    data = gaps.astype(np.uint8)
    data[wide] = rest
    return np.insert(data, wide.repeat(times), np.uint8(ESCAPED))


def _four_in_one(twos: Bytes) -> Bytes:
    """Pack numbers of two bits, four a byte, the first in the low bits."""
    fours = twos.view("<u4")
    return (fours | fours >> 6 | fours >> 12 | fours >> 18).astype(np.uint8)


def checked(data: mmap | bytes, block: Block) -> bytes:
    """Return the bytes of a block. Raises ValueError when no such block lies there."""
    found = data[block.start : block.start + block.length] if block.start >= 0 else b""
    if len(found) != block.length or block.length <= HEAD:
        raise ValueError("a posting list lies outside its file")
    if zlib.crc32(memoryview(found)[HEAD:], found[0]) & 0xFFFF != found[1] | found[2] << 8:
        raise ValueError("a posting list is damaged")
    return found


def checked_dense(data: mmap | bytes, block: Block, size: int) -> bytes:
    """Return the bytes of a dense block of a segment with `size` documents. Raises ValueError where none lies."""
    found = checked(data, block)
    if len(found) != HEAD + (size + 3 >> 2) or found[0] & 3 != DENSE:
        raise ValueError("no dense posting list lies here")
    return found


def dense_frequencies(found: bytes, size: int) -> Frequencies:
    """Return how often each document of a segment holds the term of a dense block, given its bytes."""
    frequencies: Frequencies = _FOUR_AT_ONCE[np.frombuffer(found, np.uint8, offset=HEAD)].view(np.uint8)[:size]
    return frequencies


class Stretch(NamedTuple):
    """Some lists, one after the other: which of those asked for they are, and how long each is."""

    places: list[int]
    counts: list[int]
    ids: Ids
    frequencies: Frequencies


def decode(data: mmap | bytes, blocks: Sequence[Block], size: int) -> Stretch:
    """Decode blocks of a segment with `size` documents, none of them dense, in one go.

    Raises ValueError when no such blocks lie there.
    """
    raw = [checked(data, block) for block in blocks]
    places = sorted(range(len(raw)), key=[found[0] & 3 for found in raw].__getitem__)
    raw = [raw[at] for at in places]
    counts = [blocks[at].postings for at in places]
    tails = [len(found) - (count * (found[0] >> 2) + 7 >> 3) for found, count in zip(raw, counts, strict=True)]
    return Stretch(places, counts, _ids(raw, tails, counts, size), _frequencies(raw, tails, counts))


def split(stretch: Stretch) -> Iterator[tuple[int, Postings]]:
    """Yield the lists of a stretch one by one, each with its place."""
    end = 0
    for at, count in zip(stretch.places, stretch.counts, strict=True):
        start, end = end, end + count
        yield at, Postings(stretch.ids[start:end], stretch.frequencies[start:end])


def _ids(raw: list[bytes], tails: list[int], counts: list[int], size: int) -> Ids:
    """Return the document numbers of lists that are ordered by the way in which their gaps are written."""
    wide = np.int32 if len(raw) * size < 1 << 30 else np.int64
    gaps: tuple[list[bytes], ...] = ([], [], [], [])
    for found, tail in zip(raw, tails, strict=True):
        gaps[found[0] & 3].append(found[HEAD:tail])
    steps = np.frombuffer(b"".join(gaps[BYTES]), np.uint8)
    sums = [steps.cumsum(dtype=wide)[(steps != ESCAPED).nonzero()[0]]]
    for mode, kind in ((SHORTS, "<u2"), (LONGS, "<u4")):
        if gaps[mode]:
            sums.append(np.frombuffer(b"".join(gaps[mode]), kind).cumsum(dtype=wide))
    before = list(accumulate(map(len, sums), initial=0))
    joined = np.concatenate(sums) if len(sums) > 1 else sums[0]
    if gaps[DENSE] or before[-1] != sum(counts):
        raise ValueError("a posting list is not as it was written")
    starts = list(accumulate(counts[:-1], initial=0))
    base = joined[[start - 1 for start in starts]]
    base[[at for at, start in enumerate(starts) if start in before]] = 0
    joined -= (base + 1).repeat(counts)
    if int(np.minimum.reduce(joined)) < 0 or int(np.maximum.reduce(joined)) >= size:
        raise ValueError("a posting list leads to documents that are not there")
    ids: Ids = joined.astype(np.int32, copy=False)
    return ids


def _frequencies(raw: list[bytes], tails: list[int], counts: list[int]) -> Frequencies:
    """Return how often each document of some lists holds its term, one list after the other."""
    frequencies = np.ones(sum(counts), np.uint8)
    starts = list(accumulate(counts, initial=0))
    for width in (1, 2):
        some = [at for at, found in enumerate(raw) if found[0] >> 2 == width]
        if some:
            pieces = [raw[at][tails[at] :] for at in some]
            joined = np.frombuffer(b"".join(pieces), np.uint8)
            less_one = np.unpackbits(joined, bitorder="little") if width == 1 else _FOUR_AT_ONCE[joined].view(np.uint8)
            begin = 0
            for at, piece in zip(some, pieces, strict=True):
                frequencies[starts[at] : starts[at + 1]] += less_one[begin : begin + counts[at]]
                begin += len(piece) * 8 // width
    return frequencies
