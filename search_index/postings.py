"""Posting lists: as bytes on disk and as arrays in memory.

A posting is a document number and how often the document holds the term, counted up to `MAX_FREQUENCY`. The list of a
term that stands in one document only is a number in the directory of terms (`single`); any other is a block:

    u8     how gaps are written (bits 0-1), number of frequency planes (bits 2-3)
    u16    the low bits of a CRC-32 of what follows
    gaps   of ascending document numbers, the first from -1, as
             0  bytes, 255 standing for "add 255 and go on", so that a gap takes gap // 255 + 1 of them
             1  u16      2  u32
             3  one bit for each document of the segment
    planes plane p holds a bit for each posting of frequency p or more: "is it more than p?", padded to bytes

All is written and read by whole arrays.
"""

from __future__ import annotations

import zlib
from mmap import mmap
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]
Frequencies = npt.NDArray[np.uint8]
Bytes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]

MAX_FREQUENCY = 4
HEAD = 3
BYTES, SHORTS, LONGS, BITS = range(4)
_SINGLE_SHIFT = 2


class Postings(NamedTuple):
    """The documents that hold a term, ascending, and how often each holds it, at most `MAX_FREQUENCY`."""

    ids: Ids
    frequencies: Frequencies


class Blocks(NamedTuple):
    """Encoded lists: `places` holds for each the offset of its block, or the single posting itself."""

    data: Bytes
    places: npt.NDArray[np.uint64]


def single(place: int) -> Postings:
    """Return the list of a term that stands in one document."""
    number, frequency = place >> _SINGLE_SHIFT, (place & MAX_FREQUENCY - 1) + 1
    return Postings(np.array([number], np.int32), np.array([frequency], np.uint8))


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
        gaps = np.diff(numbers.astype(np.int64), prepend=-1)
        gaps[self.first] = numbers[self.first] + 1
        self.gaps = gaps

    def encode(self) -> tuple[Bytes, Counts]:
        """Return the bytes of all blocks and where each begins."""
        modes, gap_bytes = self._modes()
        planes = [self._plane(frequency) for frequency in range(1, MAX_FREQUENCY)]
        depth = np.maximum.reduceat(self.frequencies, self.first).astype(np.int64) - 1
        plane_bytes = [np.where(depth > level, sizes + 7 >> 3, 0) for level, (sizes, _) in enumerate(planes)]
        lengths = HEAD + gap_bytes + sum(plane_bytes)
        starts = np.cumsum(lengths) - lengths
        data = np.zeros(int(lengths.sum()), np.uint8)
        data[starts] = modes | depth << 2
        self._write_gaps(data, starts + HEAD, modes, gap_bytes)
        at = starts + HEAD + gap_bytes
        for level, (sizes, flags) in enumerate(planes):
            _write_bits(data, at, np.where(depth > level, sizes, 0), flags[np.repeat(depth > level, sizes)])
            at = at + plane_bytes[level]
        sums = [
            zlib.crc32(data[start + HEAD : start + length].data) & 0xFFFF
            for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
        ]
        data[starts + 1] = np.array(sums) & 0xFF
        data[starts + 2] = np.array(sums) >> 8
        return data, starts

    def _modes(self) -> tuple[Counts, Counts]:
        """Choose the shortest way of writing the gaps of each list; return it and its bytes."""
        escapes = np.add.reduceat(self.gaps // 255 + 1, self.first)
        widest = np.maximum.reduceat(self.gaps, self.first)
        shorts = np.where(widest < 1 << 16, 2 * self.counts, 1 << 60)
        sizes = np.stack([escapes, shorts, 4 * self.counts, np.full(len(self.counts), self.size + 7 >> 3)])
        modes = sizes.argmin(axis=0)
        return modes, sizes[modes, np.arange(len(modes))]

    def _plane(self, frequency: int) -> tuple[Counts, npt.NDArray[np.bool_]]:
        """Return how many postings of each list reach a frequency, and of these which exceed it."""
        reach = self.frequencies >= frequency
        return np.add.reduceat(reach.astype(np.int64), self.first), (self.frequencies > frequency)[reach]

    def _write_gaps(self, data: Bytes, starts: Counts, modes: Counts, gap_bytes: Counts) -> None:
        mode_of_posting = np.repeat(modes, self.counts)
        for mode, kind in ((SHORTS, "<u2"), (LONGS, "<u4")):
            which = modes == mode
            gaps = self.gaps[mode_of_posting == mode].astype(kind)
            data[ragged(starts[which], gap_bytes[which])] = gaps.view(np.uint8)
        which = modes == BYTES
        gaps = self.gaps[mode_of_posting == BYTES]
        escaped = np.full(int(gap_bytes[which].sum()), 255, np.uint8)
        escaped[np.cumsum(gaps // 255 + 1) - 1] = gaps % 255
        data[ragged(starts[which], gap_bytes[which])] = escaped
        for place in np.flatnonzero(modes == BITS).tolist():
            bits = np.zeros(self.size, np.bool_)
            bits[self.numbers[self.first[place] : self.first[place] + self.counts[place]]] = True
            data[starts[place] : starts[place] + gap_bytes[place]] = np.packbits(bits)


def _write_bits(data: Bytes, starts: Counts, sizes: Counts, flags: npt.NDArray[np.bool_]) -> None:
    """Write stretches of bits, each padded to whole bytes."""
    padded = sizes + 7 & ~7
    bits = np.zeros(int(padded.sum()), np.bool_)
    bits[ragged(np.cumsum(padded) - padded, sizes)] = flags
    data[ragged(starts, padded >> 3)] = np.packbits(bits)


def decode(data: mmap | bytes, start: int, count: int, size: int) -> Postings:
    """Decode the block at `start`, of `count` postings of a segment with `size` documents.

    Raises ValueError when no such block lies there.
    """
    if not 0 <= start <= len(data) - HEAD:
        raise ValueError("a posting list lies outside its file")
    head = data[start]
    ids, at = _decode_gaps(data, start + HEAD, head & 3, count, size)
    if len(ids) != count or ids[0] < 0 or ids[-1] >= size or (ids[1:] <= ids[:-1]).any():
        raise ValueError("no posting list lies here")
    frequencies = np.ones(count, np.uint8)
    reached: npt.NDArray[np.intp] | slice = slice(None)
    left = count
    for _ in range(head >> 2):
        more = np.unpackbits(np.frombuffer(data, np.uint8, left + 7 >> 3, at), count=left).view(np.bool_)
        at += left + 7 >> 3
        reached = np.flatnonzero(more) if isinstance(reached, slice) else reached[more]
        frequencies[reached] += 1
        left = len(reached)
    if zlib.crc32(memoryview(data)[start + HEAD : at]) & 0xFFFF != data[start + 1] | data[start + 2] << 8:
        raise ValueError("a posting list is damaged")
    return Postings(ids, frequencies)


def _decode_gaps(data: mmap | bytes, at: int, mode: int, count: int, size: int) -> tuple[Ids, int]:
    if mode == BITS:
        length = size + 7 >> 3
        bits = np.unpackbits(np.frombuffer(data, np.uint8, length, at), count=size).view(np.bool_)
        return np.flatnonzero(bits).astype(np.int32), at + length
    if mode == BYTES:
        return _decode_bytes(data, at, count)
    kind = np.dtype("<u2" if mode == SHORTS else "<u4")
    gaps = np.frombuffer(data, kind, count, at)
    return gaps.cumsum(dtype=np.int32) - 1, at + count * kind.itemsize


def _decode_bytes(data: mmap | bytes, at: int, count: int) -> tuple[Ids, int]:
    # few gaps take more than one byte; a list of bytes is never longer than one of longs would be
    for room in (count + (count >> 2) + 8, 4 * count):
        raw = np.frombuffer(data, np.uint8, min(room, len(data) - at), at)
        ends = np.flatnonzero(raw != 255)
        if len(ends) >= count:
            length = int(ends[count - 1]) + 1
            return (raw[:length].cumsum(dtype=np.int32) - 1)[ends[:count]], at + length
    raise ValueError("a posting list is cut off")
