"""Posting lists as plain little-endian arrays, read whole into NumPy.

A codec is the place Whoosh gives for this. Ours is its default one with another layout of posting lists:

    u32   number of postings (low 28 bits), width of a gap (2 bits), width of a frequency (2 bits)
    gaps  of ascending document numbers, the first from zero, all of one width: 1, 2 or 4 bytes
    freq  all of one width: none when all are one, else 1, 2 or 4 bytes
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import W3Codec, W3PostingsWriter, W3TermsReader
from whoosh.matching.mcore import ListMatcher
from whoosh.reading import TermNotFound

Ids = npt.NDArray[np.intp]
Frequencies = npt.NDArray[np.float32]

_HEADER = struct.Struct("<I")
_COUNT_MASK = (1 << 28) - 1
_GAP_CODES = ("B", "H", "I")
_FREQUENCY_CODES = ("", "B", "H", "I")
_DTYPES: dict[str, np.dtype[np.unsignedinteger]] = {
    "B": np.dtype(np.uint8),
    "H": np.dtype(np.uint16).newbyteorder("<"),
    "I": np.dtype(np.uint32).newbyteorder("<"),
}
_WIDTHS = {"B": 1, "H": 2, "I": 4}


class Postings(NamedTuple):
    """The documents that hold a term, ascending, and how often each holds it."""

    ids: Ids
    frequencies: Frequencies


def _narrowest(largest: int) -> int:
    return 0 if largest < 1 << 8 else 1 if largest < 1 << 16 else 2


def _bytes(code: str, values: list[int]) -> bytes:
    packed = array(code, values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def encode(ids: list[int], frequencies: list[int]) -> bytes:
    """Encode a posting list; ids ascend strictly, frequencies are at least one."""
    gaps = [ids[0], *(later - earlier for earlier, later in pairwise(ids))]
    gap_width = _narrowest(max(gaps))
    most = max(frequencies)
    frequency_width = 0 if most == 1 else 1 + _narrowest(most)
    header = _HEADER.pack(len(ids) | gap_width << 28 | frequency_width << 30)
    tail = _bytes(_FREQUENCY_CODES[frequency_width], frequencies) if frequency_width else b""
    return header + _bytes(_GAP_CODES[gap_width], gaps) + tail


def _widths(header: bytes) -> tuple[int, str, str]:
    (packed,) = _HEADER.unpack(header)
    gap_width = packed >> 28 & 3
    if gap_width == 3:
        raise ValueError("no posting list begins here")
    return packed & _COUNT_MASK, _GAP_CODES[gap_width], _FREQUENCY_CODES[packed >> 30]


def encoded_size(header: bytes) -> int:
    """Return the number of bytes behind a header. Raises ValueError when it is none."""
    count, gap_code, frequency_code = _widths(header)
    return count * (_WIDTHS[gap_code] + (_WIDTHS[frequency_code] if frequency_code else 0))


def decode(header: bytes, data: bytes) -> Postings:
    """Decode a posting list. Raises ValueError when the bytes are too few or none of ours."""
    count, gap_code, frequency_code = _widths(header)
    ids = np.frombuffer(data, _DTYPES[gap_code], count).cumsum(dtype=np.intp)
    if not frequency_code:
        return Postings(ids, np.ones(count, np.float32))
    offset = count * _WIDTHS[gap_code]
    return Postings(ids, np.frombuffer(data, _DTYPES[frequency_code], count, offset).astype(np.float32))


class ArrayPostingsWriter(W3PostingsWriter):
    """Gather a whole list, then write it as one block."""

    def add_posting(self, id_: int, weight: float, vbytes: bytes, length: int | None = None) -> None:
        """Add a posting; ids ascend."""
        self._ids.append(id_)
        self._weights.append(weight)

    def _write_block(self, last: bool = False) -> None:
        self._maxweight = max(self._weights)
        if self._terminfo is None:
            raise RuntimeError("a posting list is written between start and finish")
        self._terminfo.add_block(self)
        self._postfile.write(encode(list(self._ids), [int(weight) for weight in self._weights]))
        self._blockcount += 1
        self._new_block()


class ArrayTermsReader(W3TermsReader):
    """The terms of a segment, with their postings as arrays. Not thread-safe: it seeks in shared files."""

    def postings(self, field: str, term: bytes) -> Postings | None:
        """Return all postings of a term, deleted documents included, or None where the segment lacks it."""
        try:
            offset, _ = self.term_info(field, term).extent()
        except TermNotFound:
            return None
        return read_postings(self._postfile, offset)

    def terms_with_prefix(self, field: str, prefix: bytes) -> Iterator[bytes]:
        """Yield the terms of a field that begin with the prefix, in order."""
        for name, term in self.terms_from(field, prefix):
            if name != field or not term.startswith(prefix):
                return
            yield term


def read_postings(file: object, offset: int) -> Postings:
    """Read the posting list at an offset of a segment's posting file."""
    get = file.get  # type: ignore[attr-defined]
    header = get(offset, _HEADER.size)
    if len(header) < _HEADER.size:
        raise ValueError("the posting file ends too early")
    return decode(header, get(offset + _HEADER.size, encoded_size(header)))


class ArrayCodec(W3Codec):
    """Whoosh's default codec with posting lists as arrays. No field has lengths: ours are postings themselves."""

    length_stats = False

    def postings_writer(self, dbfile: object, byteids: bool = False) -> W3PostingsWriter:
        """Return a writer of posting lists; term vectors, which we have none of, stay Whoosh's."""
        if byteids:
            return super().postings_writer(dbfile, byteids=byteids)
        return ArrayPostingsWriter(dbfile, blocklimit=_COUNT_MASK)

    def postings_reader(
        self, dbfile: object, terminfo: object, format_: object, term: object = None, scorer: object = None
    ) -> ListMatcher:
        """Return a matcher over a posting list: Whoosh itself walks it when it merges segments."""
        offset, _ = terminfo.extent()  # type: ignore[attr-defined]
        postings = read_postings(dbfile, offset)
        ids, weights = postings.ids.tolist(), postings.frequencies.tolist()
        return ListMatcher(ids, weights, [b""] * len(ids), format_, scorer=scorer, term=term, terminfo=terminfo)

    def terms_reader(self, storage: object, segment: object) -> ArrayTermsReader:
        """Return the reader of a segment's terms."""
        name = segment.make_filename(self.TERMS_EXT)  # type: ignore[attr-defined]
        terms = storage.open_file(name)  # type: ignore[attr-defined]
        length = storage.file_length(name)  # type: ignore[attr-defined]
        posts = segment.open_file(storage, self.POSTS_EXT)  # type: ignore[attr-defined]
        return ArrayTermsReader(self, terms, length, posts)
