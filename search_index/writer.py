"""The one process that changes an index."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from whoosh.codec.base import Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.util.filelock import FileLock
from whoosh.writing import SegmentWriter

from search_index import layout, schema
from search_index.codec import ArrayCodec
from search_index.damage import reporting_damage
from search_index.documents import Document
from search_index.errors import WriterBusy

COMMIT_MERGE_LIMIT = 2_000
"""The most documents that one commit carries over into a merged segment: it bounds how long a commit can take."""

SEGMENTS_PER_TIER = 8
_SORT_MEMORY_MB = 128
_EMPTY_TIER = -1
_LOCK_POLL_SECONDS = 0.05


class _Lock:
    """The writer's lock of an index: held by the operating system, so it goes with the process that dies."""

    def __init__(self, path: Path, timeout: float) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(str(path / layout.LOCK))
        deadline = time.monotonic() + timeout
        while not self._lock.acquire():
            if time.monotonic() >= deadline:
                raise WriterBusy(f"another writer holds the index at {path}")
            time.sleep(_LOCK_POLL_SECONDS)

    def release(self) -> None:
        self._lock.release()


class IndexWriter:
    """Change an index, one batch a commit. Use it as a context manager; it holds the lock until `close`."""

    def __init__(self, path: str | Path, *, timeout: float = 0.0) -> None:
        """Open the index for writing, waiting up to `timeout` seconds for another writer to finish.

        Raises WriterBusy, IndexMissing, IndexDamaged or IndexOutdated.
        """
        self._path = Path(path)
        if not self._path.is_dir():
            layout.pointer_state(self._path)
        self._lock: _Lock | None = _Lock(self._path, timeout)
        try:
            self._pointer = layout.read_pointer(self._path)
            layout.sweep(self._pointer.directory)
            with reporting_damage(self._path):
                self._index = FileIndex(_storage(self._pointer.directory), schema.new_schema(), layout.INDEX_NAME)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the lock go. Closing twice is harmless."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @property
    def generation(self) -> int:
        """The generation of the last commit."""
        return self._pointer.generation(self._index.latest_generation())

    def apply(self, upserts: Iterable[Document] = (), deletes: Iterable[str] = ()) -> int:
        """Write documents and remove keys in one commit, and return the generation that shows them.

        A document replaces the one of its key; of two with one key the later counts; a key in both is written.
        Unknown keys are no error: a batch can be applied again, which makes replay after a crash safe.
        """
        fresh = {document.key: document for document in upserts}
        gone = {*fresh, *deletes}
        if not gone:
            return self.generation
        rows = [schema.to_fields(document) for document in fresh.values()]
        with reporting_damage(self._path):
            writer = _segment_writer(self._index)
            try:
                _delete(writer, gone)
                for row in rows:
                    writer.add_document(**row)
            except BaseException:
                writer.cancel()
                raise
            writer.commit(mergetype=_merge_small)
        return self.generation

    def merge(self) -> int:
        """Merge all segments into one, dropping what was deleted; return the generation.

        Takes about as long as writing every document again: for quiet hours.
        """
        with reporting_damage(self._path):
            writer = _segment_writer(self._index)
            if len(writer.segments) < 2 and not writer.has_deletions():
                writer.cancel()
            else:
                writer.commit(optimize=True)
        return self.generation

    @property
    def segments(self) -> int:
        """The number of segments a search walks through: over some fifty, a `merge` pays."""
        with reporting_damage(self._path):
            return len(list(self._index._segments()))


def rebuild(path: str | Path, documents: Iterable[Document], *, timeout: float = 0.0) -> int:
    """Build an index of just these documents beside the live one, switch to it and return its generation.

    Readers serve the old one until the switch and follow by themselves. The lock is held throughout, waiting up to
    `timeout` seconds for it. If `documents` raises, the live index stays as it was. Raises WriterBusy, and
    ValueError for two documents of one key.
    """
    root = Path(path)
    lock = _Lock(root, timeout)
    try:
        layout.remove_others(root, keep={layout.current_name(root)})
        directory = layout.new_directory(root)
        index = FileIndex.create(_storage(directory), schema.new_schema(), layout.INDEX_NAME)
        _write_all(index, documents)
        layout.switch(root, directory)
        return layout.read_pointer(root).generation(index.latest_generation())
    finally:
        lock.release()


def _write_all(index: FileIndex, documents: Iterable[Document]) -> None:
    writer = _segment_writer(index)
    try:
        for document in _with_unique_keys(documents):
            writer.add_document(**schema.to_fields(document))
    except BaseException:
        writer.cancel()
        raise
    writer.commit(merge=False)


def _with_unique_keys(documents: Iterable[Document]) -> Iterator[Document]:
    seen: set[str] = set()
    for document in documents:
        if document.key in seen:
            raise ValueError(f"two documents have the key {document.key!r}")
        seen.add(document.key)
        yield document


def _storage(directory: Path) -> FileStorage:
    return FileStorage(str(directory))


def _segment_writer(index: FileIndex) -> SegmentWriter:
    # compound=False: Whoosh reads a compound segment into the memory of every process that opens it
    writer = index.writer(codec=ArrayCodec(), compound=False, limitmb=_SORT_MEMORY_MB)
    assert isinstance(writer, SegmentWriter)  # noqa: S101
    return writer


def _delete(writer: SegmentWriter, keys: Iterable[str]) -> None:
    terms = [schema.encode_term(key) for key in keys]
    for segment in writer.segments:
        reader = segment.codec().terms_reader(writer.storage, segment)
        try:
            for term in terms:
                found = reader.postings(schema.KEY, term)
                for number in () if found is None else found.ids.tolist():
                    segment.delete_document(number)
        finally:
            reader.close()


def _merge_small(writer: SegmentWriter, segments: list[Segment]) -> list[Segment]:
    """Merge a tier of like-sized segments when it is full, as far as a commit has time for it.

    Each document is carried over about once per tier, so the cost of a commit does not grow with the index.
    """
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        tiers.setdefault(_tier(segment.doc_count()), []).append(segment)
    merged = tiers.pop(_EMPTY_TIER, [])
    for tier in tiers.values():
        if len(tier) >= SEGMENTS_PER_TIER:
            merged += _within_commit_limit(tier)
    _carry_over(writer, [segment for segment in merged if segment.doc_count()])
    return [segment for segment in segments if segment not in merged]


def _within_commit_limit(tier: list[Segment]) -> list[Segment]:
    chosen: list[Segment] = []
    room = COMMIT_MERGE_LIMIT
    for segment in sorted(tier, key=Segment.doc_count):
        room -= segment.doc_count()
        if room < 0:
            break
        chosen.append(segment)
    return chosen if len(chosen) > 1 else []


def _tier(documents: int) -> int:
    tier = 0
    while documents >= SEGMENTS_PER_TIER:
        documents //= SEGMENTS_PER_TIER
        tier += 1
    return tier if documents else _EMPTY_TIER


def _carry_over(writer: SegmentWriter, segments: list[Segment]) -> None:
    for segment in segments:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
