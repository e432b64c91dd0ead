"""The bodies of documents: each a Zstandard frame of its own, so that one is read without the others.

Short texts compress well only with a dictionary of what such texts have in common. It is trained when an index is
built and lies beside its segments, which all use it; an index that began empty has none until it is rebuilt.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import zstandard

DICTIONARY_FILE = "bodies.dictionary"
TRAINING_BODIES = 256
"""With fewer bodies than this a dictionary would learn them by heart."""

_DICTIONARY_BYTES = 112 * 1024
_TRAINING_BYTES = 12_000_000
_LEVEL, _LEVEL_ALONE = 12, 6
"""With a dictionary more effort pays; without one it saves three bytes of a thousand, for more than twice the time."""
_QUICK_LEVEL, _QUICK_LEVEL_ALONE = 6, -1
"""For commits, until the index is built anew: half the time and three bytes of a hundred more; without a dictionary a
third of the time and a tenth more, which is a thirtieth of what it takes to find a new book."""

_FRAMES_AT_ONCE = 1024

_ENCODING = "utf-16-le"  # compresses Chinese better than UTF-8, and is read faster


def train(bodies: Sequence[str]) -> bytes:
    """Return a dictionary for bodies like these, empty when they are too few or too short for one."""
    samples: list[bytes | bytearray | memoryview] = []
    room = _TRAINING_BYTES
    for body in bodies[:: max(1, len(bodies) // 12_000)]:
        samples.append(body.encode(_ENCODING, "surrogatepass"))
        room -= len(body) * 2
        if room < 0:
            break
    if len(samples) < TRAINING_BODIES:
        return b""
    try:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, samples).as_bytes()
    except zstandard.ZstdError:
        return b""  # too little in common


class BodyCompressor:
    """Compress bodies with the dictionary of an index."""

    def __init__(self, dictionary: bytes, *, quick: bool) -> None:
        """Take the dictionary's bytes, empty for none, and whether time counts for more than the last bytes."""
        levels = (_QUICK_LEVEL, _QUICK_LEVEL_ALONE) if quick else (_LEVEL, _LEVEL_ALONE)
        self._compressor = zstandard.ZstdCompressor(
            level=levels[0] if dictionary else levels[1],
            dict_data=_dictionary(dictionary),
            write_checksum=True,
            write_dict_id=False,
        )

    def compress(self, bodies: Sequence[str]) -> list[bytes]:
        """Return the frame of each body."""
        compress = self._compressor.compress
        return [compress(body.encode(_ENCODING, "surrogatepass")) for body in bodies]


def _dictionary(data: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(data) if data else None


class Bodies:
    """The bodies of a segment. Thread-safe."""

    def __init__(self, path: Path, ends: npt.NDArray[np.uint64], dictionary: bytes) -> None:
        """Open the file. Raises OSError or ValueError when it is missing or not as long as it was written."""
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        self._ends = ends
        self._lock = threading.Lock()
        self._decompressor = zstandard.ZstdDecompressor(dict_data=_dictionary(dictionary))
        if os.fstat(self._file).st_size != (int(ends[-1]) if len(ends) else 1):
            raise ValueError("the file of bodies has not the length it was written with")

    def frame(self, number: int) -> bytes:
        """Return a body as it is stored."""
        start = int(self._ends[number - 1]) if number else 0
        # not mapped: pages once looked at would count as this process's memory
        return os.pread(self._file, int(self._ends[number]) - start, start)

    def frames(self, numbers: npt.NDArray[np.integer]) -> Iterator[tuple[bytes, list[int]]]:
        """Yield bodies with ascending numbers as they are stored, many at a time, and how long each is."""
        starts = np.concatenate([np.zeros(1, np.int64), self._ends.astype(np.int64)])
        for first in range(0, len(numbers), _FRAMES_AT_ONCE):
            some = numbers[first : first + _FRAMES_AT_ONCE]
            begin = int(starts[some[0]])
            data = os.pread(self._file, int(starts[some[-1] + 1]) - begin, begin)
            lengths = starts[some + 1] - starts[some]
            if int(lengths.sum()) != len(data):
                bounds = zip((starts[some] - begin).tolist(), (starts[some + 1] - begin).tolist(), strict=True)
                data = b"".join([data[start:end] for start, end in bounds])
            yield data, lengths.tolist()

    def __getitem__(self, number: int) -> str:
        """Return a body. Raises zstandard.ZstdError or ValueError when it is damaged."""
        with self._lock:
            raw = self._decompressor.decompress(self.frame(number))
        return raw.decode(_ENCODING, "surrogatepass")


def read_dictionary(folder: Path) -> bytes:
    """Return the dictionary of the index in a folder, empty when it has none."""
    path = folder / DICTIONARY_FILE
    return path.read_bytes() if path.exists() else b""
