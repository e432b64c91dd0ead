"""Whoosh's writer of a segment, given documents as term frequencies and merging segments as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.base import Segment
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from search_index import schema
from search_index.codec import ArrayCodec
from search_index.documents import Document
from search_index.postings import ListPool
from search_index.schema import Row


class ArraySegmentWriter(SegmentWriter):
    """Lock, segments, stored fields and commit are Whoosh's; the way of terms into the segment is ours."""

    def __init__(self, index: FileIndex) -> None:
        """Begin a new segment. Raises Whoosh's LockError while another is being written."""
        # compound=False: Whoosh reads a compound segment into the memory of every process that opens it
        super().__init__(index, codec=ArrayCodec(), compound=False)
        self.pool: Any = ListPool(Path(self.temp_storage().folder))
        self._stored = self.schema[schema.STORED_TUPLE]

    def add(self, document: Document) -> None:
        """Add a document; what it replaces is deleted by `delete_holding`."""
        self.pool.add_document(self.docnum, schema.term_fields(document))
        self._add_row(schema.to_row(document))

    def _add_row(self, row: Row) -> None:
        self.perdocwriter.start_doc(self.docnum)
        self.perdocwriter.add_field(schema.STORED_TUPLE, self._stored, row, 0)
        self.perdocwriter.finish_doc()
        self._added = True
        self.docnum += 1

    def delete_holding(self, field: str, texts: Iterable[str]) -> None:
        """Delete the committed documents that hold any of the terms in a field; unknown ones are no error."""
        terms = [schema.encode_term(text) for text in texts]
        for segment in self.segments:
            reader = segment.codec().terms_reader(self.storage, segment)
            for term in terms:
                found = reader.postings(field, term)
                for number in () if found is None else found.ids.tolist():
                    segment.delete_document(number)

    def carry_over(self, segment: Segment) -> None:
        """Add the documents of a segment that are not deleted."""
        codec = segment.codec()
        rows = codec.per_document_reader(self.storage, segment)
        fresh = np.full(segment.doc_count_all(), -1, np.intp)
        try:
            for number, stored in rows.iter_docs():
                fresh[number] = self.docnum
                self._add_row(stored[schema.STORED_TUPLE])
        finally:
            rows.close()
        terms = codec.terms_reader(self.storage, segment)
        for field in terms.indexed_field_names():
            for term, (ids, frequencies) in terms.with_prefix(field, b""):
                numbers = fresh[ids]
                kept = numbers >= 0
                self.pool.add_list(field, term, numbers[kept], frequencies[kept])
        self.pool.spill_if_full()
