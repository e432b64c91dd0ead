"""The reading side of an index."""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from search_index import layout, schema
from search_index.analysis import Clause, parse
from search_index.cache import ByteBoundedCache
from search_index.damage import reporting_damage
from search_index.documents import Document, Hit, Part, Query, Results
from search_index.layout import Pointer
from search_index.ranking import LiveSegment, best, find, mean_length
from search_index.segments import Mask, SegmentArrays
from search_index.snippets import Marker
from search_index.writer import IndexWriter

CACHE_BYTES = 64 * 1024 * 1024
_OPEN_TRIES = 5


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """One generation, never changed: a search that began with it ends with it."""

    pointer: Pointer
    toc: int
    segments: Sequence[LiveSegment]
    bases: Sequence[int]
    mean_length: float
    count: int

    @property
    def generation(self) -> int:
        return self.pointer.generation(self.toc)

    def document(self, number: int) -> Document:
        entry = self.segments[bisect_right(self.bases, number) - 1]
        return entry.segment.document(number - entry.base)


class Index:
    """An index open for reading. One object serves all threads of a process; it never writes."""

    def __init__(self, path: str | Path, *, cache_bytes: int = CACHE_BYTES) -> None:
        """Open the index, keeping at most `cache_bytes` of what is read from it.

        Raises IndexMissing, IndexDamaged or IndexOutdated: all three call for `rebuild`.
        """
        self._path = Path(path)
        self._cache = ByteBoundedCache(cache_bytes)
        self._reopening = threading.Lock()
        self._process = os.getpid()
        self._snapshot = self._open(None)

    @classmethod
    def open(cls, path: str | Path, *, cache_bytes: int = CACHE_BYTES) -> Self:
        """Open the index at a path for reading; see the class."""
        return cls(path, cache_bytes=cache_bytes)

    @staticmethod
    def writer(path: str | Path, *, timeout: float = 0.0) -> IndexWriter:
        """Open the index at a path for writing; see IndexWriter."""
        return IndexWriter(path, timeout=timeout)

    @property
    def generation(self) -> int:
        """A number that grows with every commit and rebuild: that of the state last read."""
        return self._snapshot.generation

    def count(self) -> int:
        """Return how many documents there are, for whatever audience."""
        return self._snapshot.count

    def refresh(self) -> bool:
        """Follow the writer, if it has moved on; tell whether it had.

        Costs three looks at the file system when nothing moved. While one thread reads a new generation the others
        go on with the old. Raises IndexMissing, IndexDamaged or IndexOutdated.
        """
        snapshot = self._snapshot
        if os.getpid() != self._process:
            self._reopen_after_fork()
            return False
        if not self._moved(snapshot) or not self._reopening.acquire(blocking=False):
            return False
        try:
            self._snapshot = self._open(self._snapshot)
        finally:
            self._reopening.release()
        return self._snapshot.generation != snapshot.generation

    def _reopen_after_fork(self) -> None:
        """Open the files anew: a parent and its children would move each other's place in shared ones."""
        self._cache = ByteBoundedCache(self._cache.capacity)
        self._reopening = threading.Lock()
        self._process = os.getpid()
        self._snapshot = self._open(None)

    def _moved(self, snapshot: _Snapshot) -> bool:
        """Tell whether there is something newer: files appear and vanish, whatever the resolution of their times."""
        if layout.pointer_state(self._path) != snapshot.pointer.state:
            return True
        directory, toc = snapshot.pointer.directory, snapshot.toc
        return layout.has_generation(directory, toc + 1) or not layout.has_generation(directory, toc)

    def _open(self, previous: _Snapshot | None) -> _Snapshot:
        tries = _OPEN_TRIES
        while True:
            tries -= 1
            pointer = layout.read_pointer(self._path)
            with reporting_damage(self._path):
                try:
                    return self._read(pointer, previous)
                except FileNotFoundError:
                    # a commit or a switch removed files between our reading the table and opening them
                    if not tries:
                        raise

    def _read(self, pointer: Pointer, previous: _Snapshot | None) -> _Snapshot:
        storage = FileStorage(str(pointer.directory), readonly=True)
        toc = TOC.read(storage, layout.INDEX_NAME, schema=schema.new_schema())
        known = {entry.segment.name: entry.segment for entry in previous.segments} if previous else {}
        segments: list[LiveSegment] = []
        base = 0
        for segment in toc.segments:
            arrays = known.get(segment.segment_id()) or SegmentArrays(storage, segment, self._cache)
            segments.append(LiveSegment(arrays, base, _live(segment)))
            base += arrays.size
        count = sum(segment.doc_count() for segment in toc.segments)
        bases = [entry.base for entry in segments]
        return _Snapshot(pointer, toc.generation, segments, bases, mean_length(segments), count)

    def search(self, query: Query) -> Results:
        """Answer a query from the newest generation.

        All words are wanted; when no document the audience may see holds them all, any is accepted. A text without
        a single word finds nothing. Never raises because of the text; raises IndexMissing, IndexDamaged or
        IndexOutdated when the index has become unusable.
        """
        self.refresh()
        snapshot = self._snapshot
        clauses = parse(query.text)
        if not clauses or not snapshot.segments:
            return Results((), 0, {}, snapshot.generation)
        found = find(snapshot.segments, snapshot.mean_length, clauses, query.audience, query.kinds)
        chosen = best(found, query.offset, query.limit)
        hits = _hits(snapshot, chosen, clauses if query.snippets else ())
        return Results(hits, len(found.ids), found.counts, snapshot.generation, found.all_words)

    def documents(self) -> Iterator[Document]:
        """Yield every document, in no order that means anything."""
        snapshot = self._snapshot
        for entry in snapshot.segments:
            numbers = range(entry.segment.size) if entry.live is None else np.flatnonzero(entry.live).tolist()
            for number in numbers:
                yield entry.segment.document(number)


def dump(path: str | Path) -> list[Document]:
    """Return every document of the index at a path, sorted by key: to compare an index with a rebuild of it."""
    return sorted(Index(path).documents(), key=lambda document: document.key)


def _live(segment: WhooshSegment) -> Mask | None:
    if not segment.has_deletions():
        return None
    live = np.ones(segment.doc_count_all(), np.bool_)
    live[list(segment.deleted_docs())] = False
    return live


def _hits(snapshot: _Snapshot, chosen: list[tuple[int, float]], clauses: Sequence[Clause]) -> tuple[Hit, ...]:
    marker = Marker(clauses) if clauses else None
    return tuple(_hit(snapshot.document(number), score, marker) for number, score in chosen)


def _hit(document: Document, score: float, marker: Marker | None) -> Hit:
    return Hit(
        key=document.key,
        kind=document.kind,
        ref=document.ref,
        group=document.group,
        title=document.title,
        place=document.place,
        score=score,
        marked_title=marker.mark(document.title) if marker else (Part(document.title, False),),
        snippet=marker.snippet(document.body) if marker else (),
        date=document.date,
        extra=document.extra,
    )
