"""The reading side of an index."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from search_index import layout, query_language, schema
from search_index.cache import ByteBoundedCache
from search_index.damage import reporting_damage
from search_index.documents import Document, Found, Hit, Query, Results
from search_index.errors import IndexDamaged
from search_index.layout import Pointer
from search_index.likeness import plan_like
from search_index.plan import make_plan
from search_index.query_tree import Node, loosened
from search_index.searching import Search, Thing
from search_index.segment_search import LiveSegment, mean_length
from search_index.segments import Mask, SegmentReader
from search_index.snippets import Marker
from search_index.writer import IndexWriter

CACHE_BYTES = 64 * 1024 * 1024
_HIT_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """One generation, never changed: a search that began with it ends with it."""

    pointer: Pointer
    toc: int
    segments: Sequence[LiveSegment]
    mean_length: float
    count: int
    table: str
    next_table: str

    @property
    def generation(self) -> int:
        return self.pointer.generation(self.toc)

    def find(self, key: str) -> Document | None:
        """Return the living document of a key."""
        for reader, _, live in self.segments:
            for number in reader.with_key(key):
                if live is None or live[number]:
                    return reader.document(number)
        return None

    def count_of(self, term: int) -> int:
        """Return how many documents hold a term, deleted ones included."""
        wanted = np.array([term], np.uint64)
        return sum(int(reader.counts[at]) for reader, _, _ in self.segments for at in reader.find(wanted) if at >= 0)


class Index:
    """An index open for reading. One object serves all threads of a process; it never writes."""

    def __init__(
        self, path: str | Path, *, cache_bytes: int = CACHE_BYTES, lengthened: Mapping[str, float] | None = None
    ) -> None:
        """Open the index, keeping at most `cache_bytes` of what is read from it.

        `lengthened` names kinds of documents that matter less than others that say the same: each is ranked as if it
        were so many times as long as it is, so a word in it counts for less. What is found stays the same.

        Raises IndexMissing, IndexDamaged or IndexOutdated: all three call for `rebuild`.
        """
        self._path = Path(path)
        self._cache = ByteBoundedCache(cache_bytes)
        self._lengthened = dict(lengthened or {})
        self._reopening = threading.Lock()
        self._process = os.getpid()
        self._snapshot = self._open(None)

    @classmethod
    def open(
        cls, path: str | Path, *, cache_bytes: int = CACHE_BYTES, lengthened: Mapping[str, float] | None = None
    ) -> Self:
        """Open the index at a path for reading; see the class."""
        return cls(path, cache_bytes=cache_bytes, lengthened=lengthened)

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

    def readers(self, *, refreshed: bool = False) -> list[SegmentReader]:
        """Return the segments of the newest generation; once `refreshed`, without looking for it again.

        Raises as `search` does.
        """
        if not refreshed:
            self.refresh()
        return [entry.reader for entry in self._snapshot.segments]

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
        return layout.is_there(snapshot.next_table) or not layout.is_there(snapshot.table)

    def _open(self, previous: _Snapshot | None) -> _Snapshot:
        """Read the newest generation.

        A commit or a switch may remove files between our reading the table and opening them: then we begin anew, as
        often as the writer has moved on meanwhile. What is missing where nothing moved is damage.
        """
        while True:
            newest = layout.newest(self._path)
            try:
                pointer = layout.read_pointer(self._path)
                with reporting_damage(self._path):
                    return self._read(pointer, previous)
            except IndexDamaged:
                if layout.newest(self._path) == newest:
                    raise

    def _read(self, pointer: Pointer, previous: _Snapshot | None) -> _Snapshot:
        storage = FileStorage(str(pointer.directory), readonly=True)
        toc = TOC.read(storage, layout.INDEX_NAME, schema=schema.new_schema())
        known = {entry.reader.name: entry.reader for entry in previous.segments} if previous else {}
        segments: list[LiveSegment] = []
        for place, segment in enumerate(toc.segments):
            reader = known.get(segment.segment_id()) or SegmentReader(storage, segment, self._cache, self._lengthened)
            segments.append(LiveSegment(reader, place, _live(segment)))
        count = sum(segment.doc_count() for segment in toc.segments)
        table, following = [layout.table_of(pointer.directory, toc.generation + more) for more in (0, 1)]
        return _Snapshot(pointer, toc.generation, segments, mean_length(segments), count, table, following)

    def search(self, query: Query, *, refreshed: bool = False) -> Results:
        """Answer a query from the newest generation; once `refreshed`, without looking for it again.

        A quoted phrase is found only as it stands; where there are words beside it and nothing is found at all, it
        counts as the words that it is made of, and `Results.understood` says so.
        All words are wanted and any is accepted: what holds every word comes first, and alone where there is enough
        of it. A query that only filters finds all it lets through, the newest first. A text that asks for nothing
        finds nothing. Never raises because of the text; raises IndexMissing, IndexDamaged or IndexOutdated when the
        index has become unusable.
        """
        if not refreshed:
            self.refresh()
        node = query_language.parse(query.text, today=query.today, names=query.names)
        results = self._answer(query, node)
        loose = None if results.total else loosened(node)
        return self._answer(query, loose) if loose else results

    def _answer(self, query: Query, node: Node | None) -> Results:
        snapshot = self._snapshot
        plan = make_plan(node)
        if not snapshot.segments or not (plan.scores or plan.required or plan.excluded):
            return Results((), 0, 0, 0, {}, snapshot.generation, node)
        answer = Search(snapshot.segments, plan, query, snapshot.mean_length).answer()
        marker = Marker(plan.marks) if query.snippets else None
        found = _hits(snapshot, answer.things, marker)
        return Results(
            found, answer.total, answer.places, answer.complete, answer.counts, snapshot.generation, node, answer.exact
        )

    def like(
        self, key: str, audience: frozenset[str], *, limit: int = 6, facets: Mapping[str, frozenset[str]] | None = None
    ) -> tuple[Hit, ...]:
        """Return the best places of the things most like a document, without its own group.

        Judged by its telling words, and kept until the next commit. Nothing for a key that is not there. Raises as
        `search` does.
        """
        self.refresh()
        snapshot = self._snapshot
        narrowed = tuple(sorted((facets or {}).items()))
        return self._cache.get_or_make(
            ("like", snapshot.generation, key, audience, limit, narrowed),
            lambda: _like(snapshot, key, Query("", audience, facets or {}, limit=limit + 1, places=1, counts=False)),
            lambda hits: _HIT_BYTES * (len(hits) + 1),
        )

    def documents(self) -> Iterator[Document]:
        """Yield every document, in no order that means anything."""
        snapshot = self._snapshot
        for entry in snapshot.segments:
            numbers = range(entry.reader.size) if entry.live is None else np.flatnonzero(entry.live).tolist()
            for number in numbers:
                yield entry.reader.document(number)


def dump(path: str | Path) -> list[Document]:
    """Return every document of the index at a path, sorted by key: to compare an index with a rebuild of it."""
    return sorted(Index(path).documents(), key=lambda document: document.key)


def _live(segment: WhooshSegment) -> Mask | None:
    if not segment.has_deletions():
        return None
    live = np.ones(segment.doc_count_all(), np.bool_)
    live[list(segment.deleted_docs())] = False
    return live


def _like(snapshot: _Snapshot, key: str, query: Query) -> tuple[Hit, ...]:
    document = snapshot.find(key)
    if document is None:
        return ()
    size = sum(entry.reader.size for entry in snapshot.segments)
    plan = plan_like(document, snapshot.count_of, size)
    if not plan.scores:
        return ()
    answer = Search(snapshot.segments, plan, query, snapshot.mean_length, but=document.group).answer()
    return tuple(thing.hits[0] for thing in _hits(snapshot, answer.things[: query.limit - 1], None))


def _hits(snapshot: _Snapshot, things: Sequence[Thing], marker: Marker | None) -> tuple[Found, ...]:
    readers = [entry.reader for entry in snapshot.segments]
    found: list[Found] = []
    with reporting_damage(snapshot.pointer.directory):
        for places in things:
            hits = tuple([_hit(readers[segment], number, score, marker) for segment, number, score in places])
            found.append(Found(hits[0].group, hits))
    return tuple(found)


def _hit(reader: SegmentReader, number: int, score: float, marker: Marker | None) -> Hit:
    key, kind, ref, group, title, at, date, extra, facets = reader.shown(number)
    if marker:
        marked, snippet = marker.mark(title), reader.snippet(number, marker)
    else:
        marked, snippet = ((title, False),), ()
    return Hit(key, kind, ref, group, title, at, score, marked, snippet, date, extra, facets)
