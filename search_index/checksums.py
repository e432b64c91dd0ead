"""CRC-32 of many blocks at once: of short ones a byte of each at a time, for a call each costs more than its bytes."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Sums = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

SHORT = 16
"""Longer blocks are left to zlib, one by one."""

_INVERTED = np.uint32(0xFFFFFFFF)
_STEPS = np.array([zlib.crc32(bytes([byte]), 0xFFFFFFFF) ^ 0xFFFFFFFF for byte in range(256)], np.uint32)
"""What a byte makes of a sum that is zero up to then."""


def crc32_of_each(data: npt.NDArray[np.uint8], starts: Places, ends: Places, begun: npt.NDArray[np.uint8]) -> Sums:
    """Return what `zlib.crc32` gives for each of some stretches of data, begun with the values given."""
    lengths = ends - starts
    sums = begun.astype(np.uint32)
    few = (lengths <= SHORT).nonzero()[0]
    few = few[(SHORT - lengths[few]).astype(np.uint8).argsort(kind="stable")]
    sums[few] = _of_short(data, starts[few], lengths[few], sums[few])
    many = (lengths > SHORT).nonzero()[0]
    raw = data.tobytes()
    stretches = zip(starts[many].tolist(), ends[many].tolist(), strict=True)
    pieces = [raw[start:end] for start, end in stretches]
    sums[many] = np.fromiter(map(zlib.crc32, pieces, sums[many].tolist()), np.uint32, len(pieces))
    return sums


def _of_short(data: npt.NDArray[np.uint8], starts: Places, lengths: Places, begun: Sums) -> Sums:
    """Return the sums of stretches that grow ever shorter."""
    sums = begun ^ _INVERTED
    left = np.bincount(lengths, minlength=1)[::-1].cumsum()[::-1].tolist()
    for at, count in enumerate(left[1:]):
        some = sums[:count]
        steps = _STEPS[(some ^ data[starts[:count] + at]) & np.uint32(0xFF)]
        sums[:count] = steps ^ some >> np.uint32(8)
    return sums ^ _INVERTED
