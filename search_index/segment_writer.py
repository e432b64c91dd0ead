"""Whoosh's writer of a segment, given whole documents and merging segments as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.base import Segment
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from search_index.bodies import read_dictionary
from search_index.builder import Inverter, TermLists
from search_index.cache import ByteBoundedCache
from search_index.codec import ArrayCodec, SegmentFiles
from search_index.columns import text_hashes
from search_index.documents import Document
from search_index.id_lookup import IdLookup
from search_index.segments import SegmentReader


class _Pool(Inverter):
    """The inverter under the names by which Whoosh's writer calls what gathers postings."""

    def iter_postings(self) -> Inverter:
        """Return what the codec writes."""
        return self

    def cleanup(self) -> None:
        """Do nothing: the folder of runs is Whoosh's and goes with the writer."""


class ArraySegmentWriter(SegmentWriter):
    """Lock, table of contents and commit are Whoosh's; everything in the segment is ours."""

    def __init__(self, index: FileIndex, *, quick: bool = True) -> None:
        """Begin a new segment, whose bodies are compressed quickly or thoroughly.

        Raises Whoosh's LockError while another is being written.
        """
        folder: Any = index.storage.folder  # type: ignore[attr-defined]
        codec = ArrayCodec(read_dictionary(Path(folder)), quick=quick)
        # compound=False: Whoosh reads a compound segment into the memory of every process that opens it
        super().__init__(index, codec=codec, compound=False)
        self.pool: Any = _Pool(Path(self.temp_storage().folder))

    @property
    def _files(self) -> SegmentFiles:
        files: SegmentFiles = self.codec.files
        return files

    def add(self, document: Document) -> None:
        """Add a document; what it replaces is deleted by `delete`.

        Raises ValueError for one without a key or a kind, which could never be replaced, deleted or shown.
        """
        if not document.key or not document.kind:
            raise ValueError("a document needs a key and a kind")
        self._files.add(document)
        self.pool.add(document)
        self._added = True
        self.docnum += 1

    def delete(self, keys: Iterable[str], groups: Iterable[str]) -> None:
        """Delete the committed documents of some keys and of whole groups; unknown ones are no error."""
        wanted, whole = text_hashes(keys), text_hashes(groups)
        for segment in self.segments:
            lookup = IdLookup(self.storage, segment)
            for number in lookup.with_keys(wanted) + lookup.of_groups(whole):
                segment.delete_document(number)

    def carry_over(self, segment: Segment) -> None:
        """Add the documents of a segment that are not deleted, their bodies as they are stored."""
        reader = SegmentReader(self.storage, segment, ByteBoundedCache(0))
        live = np.ones(reader.size, np.bool_)
        live[list(segment.deleted_docs())] = False
        numbers = np.flatnonzero(live)
        self._files.carry_over(reader.columns, reader.bodies, numbers)
        self.docnum += len(numbers)
        self.pool.add_lists(_only(reader.term_lists(), live), reader.columns.lengths[live], reader.words.all())
        self._added = True


def _only(lists: TermLists, live: np.ndarray[Any, np.dtype[np.bool_]]) -> TermLists:
    """Return the lists without the documents that do not live, the others numbered anew."""
    if live.all():
        return lists
    fresh = np.cumsum(live, dtype=np.int32) - 1
    kept = live[lists.numbers]
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])[np.cumsum(lists.counts)]
    counts = np.diff(ends, prepend=0)
    some = counts > 0
    return TermLists(lists.keys[some], counts[some], fresh[lists.numbers[kept]], lists.frequencies[kept])
