"""Named arrays and string tables in one file, compressed, each with a checksum.

u32 length and u32 CRC-32 of a JSON header: for each array its name, type, number of items, compressed bytes
the arrays, each a Zstandard frame with a checksum
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import zstandard

Array = npt.NDArray[np.generic]

_HEAD = struct.Struct("<II")
_LEVEL = 1
"""Of such arrays it makes no more than higher levels do, in an eighth of the time."""
_KEPT = 20_000
_SOME = 16
"""When of so many strings one has been asked for, all are made: the first search of a new segment asks for a few."""


class Strings:
    """A table of strings, each made when it is asked for; of a small one all are kept once some have been.

    `kept` are all of them, or None.
    """

    def __init__(self, blob: bytes, ends: npt.NDArray[np.uint32], texts: list[str] | None = None) -> None:
        """Take the UTF-8 of all strings, where each ends, and the strings themselves where they are at hand."""
        if (len(ends) and int(ends[-1]) != len(blob)) or (not len(ends) and blob):
            raise ValueError("a table of strings does not fit its text")
        self._blob = blob
        self._ends = ends
        self._left = len(ends) // _SOME if len(ends) <= _KEPT else None
        self.kept = texts if self._left is not None else None

    @classmethod
    def of(cls, texts: Iterable[str]) -> Strings:
        """Make a table of some strings."""
        given = list(texts)
        joined = "".join(given)
        if joined.isascii():
            return cls(joined.encode(), _ends(given), given)
        encoded = [text.encode("utf-8", "surrogatepass") for text in given]
        return cls(b"".join(encoded), _ends(encoded), given)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> str:
        if self.kept is not None:
            return self.kept[place]
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                return self.all()[place]
        start = int(self._ends[place - 1]) if place else 0
        return self._blob[start : int(self._ends[place])].decode("utf-8", "surrogatepass")

    def all(self) -> list[str]:
        """Return all strings."""
        if self.kept is not None:
            return self.kept
        ends = self._ends.tolist()
        texts = [
            self._blob[start:end].decode("utf-8", "surrogatepass") for start, end in zip([0, *ends], ends, strict=False)
        ]
        if self._left is not None:
            self.kept = texts
        return texts

    def raw(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
        """Return the UTF-8 of all strings and the length of each."""
        return np.frombuffer(self._blob, np.uint8), self._ends - np.concatenate([[0], self._ends[:-1]])

    def arrays(self, name: str) -> dict[str, Array]:
        """Return what is written of the table."""
        lengths = self._ends.copy()
        lengths[1:] -= self._ends[:-1]
        return {f"{name}.text": np.frombuffer(self._blob, np.uint8), f"{name}.lengths": lengths}

    @classmethod
    def read(cls, arrays: Mapping[str, Array], name: str) -> Strings:
        """Return the table that was written under a name. Raises KeyError or ValueError."""
        return cls(arrays[f"{name}.text"].tobytes(), np.cumsum(arrays[f"{name}.lengths"], dtype=np.uint32))


def _ends(texts: Sequence[str] | Sequence[bytes]) -> npt.NDArray[np.uint32]:
    return np.fromiter(map(len, texts), np.uint32, len(texts)).cumsum(dtype=np.uint32)


def narrow(codes: npt.NDArray[Any]) -> Array:
    """Return numbers that are not negative in the smallest type that holds them."""
    largest = int(codes.max()) if len(codes) else 0
    return codes.astype(np.min_scalar_type(largest))


def write(file: BinaryIO, arrays: Mapping[str, Array]) -> None:
    """Write arrays."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    frames: list[bytes] = []
    header: list[tuple[str, str, int, int]] = []
    for name, array in arrays.items():
        frames.append(compressor.compress(np.ascontiguousarray(array).tobytes()))
        header.append((name, array.dtype.str, len(array), len(frames[-1])))
    head = json.dumps(header).encode()
    file.write(_HEAD.pack(len(head), zlib.crc32(head)) + head)
    for frame in frames:
        file.write(frame)


def read(path: Path) -> dict[str, Array]:
    """Read all arrays of a file.

    Raises ValueError, struct.error or zstandard.ZstdError when it is not as it was written.
    """
    data = path.read_bytes()
    length, checksum = _HEAD.unpack_from(data)
    head = data[_HEAD.size : _HEAD.size + length]
    if zlib.crc32(head) != checksum:
        raise ValueError("the header of an array file is damaged")
    at = _HEAD.size + length
    decompressor = zstandard.ZstdDecompressor()
    arrays: dict[str, Array] = {}
    for name, kind, count, size in json.loads(head):
        frame = data[at : at + size]
        raw = decompressor.decompress(frame) if count else b""
        arrays[name] = np.frombuffer(raw, np.dtype(kind))
        if len(arrays[name]) != count:
            raise ValueError("an array is cut off")
        at += size
    if at != len(data):
        raise ValueError("an array file has not the length it was written with")
    return arrays


def table(texts: Sequence[str]) -> tuple[Strings, npt.NDArray[np.uint32]]:
    """Return the different strings among some, in order of first appearance, and for each the place of its string."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return Strings.of(places), np.fromiter(map(places.__getitem__, texts), np.uint32, len(texts))
