"""A segment as files of our own. A codec is the place that Whoosh gives for this.

Whoosh keeps the table of contents with its segments and their deleted documents, commits, and the names of files. To a
segment belong, beside nothing of Whoosh's own:

    .pst  blocks of postings, mapped (postings.py)
    .bod  bodies (bodies.py)
    .ids  hashes of keys and of groups, sorted, with the documents of each, mapped: what a writer looks up
    .seg  the directory of terms, titles and their terms, words for prefixes, and the columns, compressed (container.py)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from whoosh.codec.base import Segment
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage

from search_index import container
from search_index.analysis import terms_of
from search_index.bodies import Bodies, BodyCompressor
from search_index.builder import Inverter
from search_index.columns import Columns, ColumnsBuilder, text_hashes
from search_index.container import Array, Strings, narrow, table
from search_index.documents import Document
from search_index.postings import encode

POSTINGS, BODIES, IDS, SEGMENT = "pst", "bod", "ids", "seg"
START = 8
"""Posting blocks begin here: an empty file could not be mapped."""

DOCUMENTS_AT_ONCE = 256
"""So many are written together; the inverter holds more of them anyway."""


def segment_path(storage: FileStorage, segment: Segment, extension: str) -> Path:
    """Return the path of one of a segment's files."""
    folder: Any = storage.folder
    return Path(folder) / segment.make_filename(f".{extension}")


class SegmentFiles:
    """Write the files of a new segment: documents some at a time, all else at `finish`."""

    def __init__(self, storage: FileStorage, segment: Segment, compressor: BodyCompressor) -> None:
        """Create the file of bodies."""
        self._storage, self._segment = storage, segment
        self._compressor = compressor
        self._file: BinaryIO = segment_path(storage, segment, BODIES).open("wb")
        self._body_lengths: list[int] = []
        self._columns = ColumnsBuilder()
        self._waiting: list[Document] = []
        self.is_closed = False

    def add(self, document: Document) -> None:
        """Add a document."""
        self._waiting.append(document)
        if len(self._waiting) >= DOCUMENTS_AT_ONCE:
            self._write_waiting()

    def _write_waiting(self) -> None:
        if self._waiting:
            frames = self._compressor.compress([document.body for document in self._waiting])
            self._file.write(b"".join(frames))
            self._body_lengths += map(len, frames)
            self._columns.add(self._waiting)
            self._waiting = []

    def carry_over(self, columns: Columns, bodies: Bodies, live: npt.NDArray[np.intp]) -> None:
        """Add documents of another segment of the index, those with some numbers, as they are stored there."""
        self._write_waiting()
        for frames, lengths in bodies.frames(live):
            self._file.write(frames)
            self._body_lengths += lengths
        self._columns.carry_over(columns, live)

    def finish(self, inverter: Inverter) -> None:
        """Write all that is written at the end."""
        self._write_waiting()
        arrays = self._write_postings(inverter)
        arrays |= self._columns.arrays(inverter.lengths)
        for name in ("title", "authors"):
            arrays |= _text_terms(self._columns.different(name), name)
        arrays |= Strings.of(sorted(inverter.words)).arrays("word")
        arrays["body.lengths"] = narrow(np.array(self._body_lengths, np.int64))
        with segment_path(self._storage, self._segment, SEGMENT).open("wb") as file:
            container.write(file, arrays)
        self._write_ids()

    def _write_postings(self, inverter: Inverter) -> dict[str, Array]:
        keys: list[Array] = []
        counts: list[Array] = []
        singles: list[Array] = []
        starts: list[Array] = []
        offset = START
        with segment_path(self._storage, self._segment, POSTINGS).open("wb") as file:
            file.write(bytes(START))
            for lists in inverter.lists():
                blocks = encode(lists.numbers, lists.frequencies, lists.counts, inverter.size, offset)
                file.write(blocks.data.tobytes())
                offset += len(blocks.data)
                keys.append(lists.keys)
                counts.append(lists.counts)
                alone = lists.counts == 1
                singles.append(blocks.places[alone])
                starts.append(blocks.places[~alone])
        return {
            "term.keys": np.diff(_concatenate(keys), prepend=np.uint64(0)),
            "term.counts": narrow(_concatenate(counts)),
            "term.singles": narrow(_concatenate(singles)),
            "term.lengths": narrow(np.diff(_concatenate([*starts, np.array([offset], np.uint64)]))),
        }

    def _write_ids(self) -> None:
        keys = text_hashes(self._columns.keys)
        groups, codes = table(self._columns.groups)
        group_hashes = text_hashes(groups.all())[codes]
        with segment_path(self._storage, self._segment, IDS).open("wb") as file:
            file.write(np.array([len(keys)], "<u8").tobytes())
            for hashes in (keys, group_hashes):
                order = np.argsort(hashes, kind="stable")
                file.write(hashes[order].astype("<u8").tobytes())
                file.write(order.astype("<u4").tobytes())
            file.write(bytes(START))

    def close(self) -> None:
        """Close the file of bodies; nothing is written any more."""
        if not self.is_closed:
            if not self._body_lengths:
                self._file.write(b"\0")
            self._file.close()
            self.is_closed = True


def _concatenate(arrays: list[Array]) -> Array:
    return np.concatenate([np.empty(0, np.uint64), *(array.astype(np.uint64) for array in arrays)])


def _text_terms(texts: Sequence[str], name: str) -> dict[str, Array]:
    """Return the different terms of each of some short texts, inverted: terms ascending, for each the texts' places."""
    keys, owners = terms_of(texts, proving=True)
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    term = np.ones(len(keys), np.bool_)
    term[1:] = keys[1:] != keys[:-1]
    fresh = term.copy()
    fresh[1:] |= owners[1:] != owners[:-1]
    keys, owners = keys[fresh], owners[fresh]
    firsts = term[fresh].nonzero()[0]
    return {
        f"{name}.terms": np.diff(keys[firsts], prepend=np.uint64(0)),
        f"{name}.counts": narrow(np.diff(firsts, append=len(keys))),
        f"{name}.owners": narrow(owners),
    }


class _NoDocumentWriter:
    """What Whoosh wants of a codec and ours has no use for: everything is written by SegmentFiles."""

    is_closed = True

    def close(self) -> None:
        """Do nothing."""


class _FieldWriter:
    """Called by Whoosh's commit with what the writer's pool gives: the inverter."""

    def __init__(self, files: SegmentFiles) -> None:
        self._files = files
        self.is_closed = False

    def add_postings(self, schema: object, lengths: object, inverter: Inverter) -> None:
        """Write all lists."""
        self._files.finish(inverter)

    def close(self) -> None:
        """Close the files."""
        self._files.close()
        self.is_closed = True


class ArrayCodec(W3Codec):
    """Whoosh's default codec with every file of a segment replaced."""

    length_stats = False

    def __init__(self, dictionary: bytes = b"", *, quick: bool = False) -> None:
        """Take the dictionary that bodies are compressed with, and whether that is to be quick."""
        super().__init__()
        self._dictionary = dictionary
        self._quick = quick
        self.files: SegmentFiles | None = None

    def __reduce__(self) -> tuple[type[ArrayCodec], tuple[()]]:
        """Keep nothing of the writing in the table of contents, where Whoosh pickles codecs with their segments."""
        return ArrayCodec, ()

    def per_document_writer(self, storage: FileStorage, segment: Segment) -> _NoDocumentWriter:
        """Return nothing of use."""
        return _NoDocumentWriter()

    def field_writer(self, storage: FileStorage, segment: Segment) -> _FieldWriter:
        """Create the new segment's files."""
        self.files = SegmentFiles(storage, segment, BodyCompressor(self._dictionary, quick=self._quick))
        return _FieldWriter(self.files)


__all__ = ["ArrayCodec", "Bodies", "SegmentFiles", "segment_path"]
