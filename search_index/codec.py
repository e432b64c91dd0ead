"""The inverted index of a segment as files that are mapped, not parsed.

A codec is the place Whoosh gives for this: ours is its default one with other files for terms and postings. Two files
belong to a segment, beside Whoosh's own for stored fields:

    .pst  posting lists one after the other (postings.py)
    .trm  u32 length of a JSON header: where each field's terms begin and end, how many there are
          u32 ends of the terms, u64 ends of their posting lists, then the terms themselves, sorted within each field
"""

from __future__ import annotations

import json
import mmap
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.base import Segment
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage

from search_index.postings import Postings, TermList, decode, encode

_LENGTH = struct.Struct("<I")
_ALIGNMENT = 8


class ArrayFieldWriter:
    """Write the terms and posting lists of a segment."""

    def __init__(self, storage: FileStorage, segment: Segment) -> None:
        """Create the segment's files."""
        self._terms_file = segment.create_file(storage, W3Codec.TERMS_EXT)
        self._postings_file = segment.create_file(storage, W3Codec.POSTS_EXT)
        # keeps the file from being empty: an empty file cannot be mapped
        self._postings_file.write(b"\0" * _ALIGNMENT)
        self._fields: dict[str, tuple[int, int]] = {}
        self._term_ends = array("I")
        self._list_ends = array("Q", [_ALIGNMENT])
        self._blob = bytearray()
        self.is_closed = False

    def add_postings(self, schema: object, lengths: object, items: Iterable[TermList]) -> None:
        """Write all lists, which come by field and term."""
        write = self._postings_file.write
        end = self._list_ends[-1]
        for field, term, pairs in items:
            data = encode(pairs)
            write(data)
            end += len(data)
            self._list_ends.append(end)
            self._blob += term
            self._term_ends.append(len(self._blob))
            first, count = self._fields.get(field, (len(self._term_ends) - 1, 0))
            self._fields[field] = (first, count + 1)

    def close(self) -> None:
        """Write the directory of terms."""
        header = json.dumps({"fields": self._fields, "terms": len(self._term_ends)}).encode()
        header += b" " * (-(len(header) + _LENGTH.size) % _ALIGNMENT)
        write = self._terms_file.write
        write(_LENGTH.pack(len(header)) + header)
        write(np.array(self._list_ends, "<u8").tobytes())
        write(np.array(self._term_ends, "<u4").tobytes())
        write(bytes(self._blob))
        self._terms_file.close()
        self._postings_file.close()
        self.is_closed = True


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class ArrayTermsReader:
    """The terms of a segment and their posting lists. Thread-safe: it holds nothing but mapped files."""

    def __init__(self, terms: Path, postings: Path) -> None:
        """Map the files. Raises OSError, ValueError and the like when they are missing or damaged."""
        self._data = _map(terms)
        self._postings = _map(postings)
        (length,) = _LENGTH.unpack_from(self._data)
        start = _LENGTH.size + length
        header = json.loads(self._data[_LENGTH.size : start])
        count: int = header["terms"]
        self._fields: dict[str, tuple[int, int]] = {
            name: (first, size) for name, (first, size) in header["fields"].items()
        }
        self._list_ends = np.frombuffer(self._data, "<u8", count + 1, start)
        start += 8 * (count + 1)
        self._term_ends = np.frombuffer(self._data, "<u4", count, start)
        self._blob = start + 4 * count
        if len(self._postings) != self._list_ends[-1]:
            raise ValueError("the posting file has not the length it was written with")
        if count and len(self._data) != self._blob + self._term_ends[-1]:
            raise ValueError("the term file has not the length it was written with")

    def _term(self, place: int) -> bytes:
        start = int(self._term_ends[place - 1]) if place else 0
        return self._data[self._blob + start : self._blob + int(self._term_ends[place])]

    def _list(self, place: int) -> Postings:
        return decode(self._postings, int(self._list_ends[place]), int(self._list_ends[place + 1]))

    def _place(self, field: str, term: bytes) -> tuple[int, int]:
        """Return where a term is or would be among all, and where those of its field end."""
        first, count = self._fields.get(field, (0, 0))
        places = range(first, first + count)
        return first + bisect_left(places, term, key=self._term), first + count

    def postings(self, field: str, term: bytes) -> Postings | None:
        """Return all postings of a term, deleted documents included, or None where the segment lacks it."""
        place, end = self._place(field, term)
        return self._list(place) if place < end and self._term(place) == term else None

    def with_prefix(self, field: str, prefix: bytes) -> Iterator[tuple[bytes, Postings]]:
        """Yield the terms of a field that begin with the prefix, in order, each with its postings."""
        place, end = self._place(field, prefix)
        for found in range(place, end):
            term = self._term(found)
            if not term.startswith(prefix):
                return
            yield term, self._list(found)

    def indexed_field_names(self) -> list[str]:
        """Return the fields that have terms."""
        return list(self._fields)


class ArrayCodec(W3Codec):
    """Whoosh's default codec with terms and postings as arrays. Document lengths are a posting list of their own."""

    length_stats = False

    def field_writer(self, storage: FileStorage, segment: Segment) -> ArrayFieldWriter:
        """Return the writer of a new segment's terms."""
        return ArrayFieldWriter(storage, segment)

    def terms_reader(self, storage: FileStorage, segment: Segment) -> ArrayTermsReader:
        """Return the reader of a segment's terms."""
        folder: Any = storage.folder
        names = (segment.make_filename(extension) for extension in (self.TERMS_EXT, self.POSTS_EXT))
        return ArrayTermsReader(*(Path(folder) / name for name in names))
