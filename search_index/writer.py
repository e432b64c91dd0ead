"""The one process that changes an index."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from whoosh.codec.base import Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.util.filelock import FileLock

from search_index import layout, schema
from search_index.bodies import DICTIONARY_FILE, train
from search_index.damage import reporting_damage
from search_index.documents import Document
from search_index.errors import WriterBusy
from search_index.segment_writer import ArraySegmentWriter

COMMIT_MERGE_LIMIT = 2_000
"""The most documents that one commit carries over into a merged segment: it bounds how long a commit can take."""

TIDY_MERGE_LIMIT = 20_000
"""The most documents that `tidy` carries over."""

SEGMENTS_PER_TIER = 4
TRAINING_DOCUMENTS = 20_000
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

    def apply(
        self,
        upserts: Iterable[Document] = (),
        deletes: Iterable[str] = (),
        groups: Iterable[str] = (),
        *,
        merging: bool = True,
    ) -> int:
        """Write documents and remove keys and whole groups in one commit; return the generation that shows them.

        With `merging` the commit also merges what `merge_small` would; without, it is sooner done.
        A document replaces the one of its key; of two with one key the later counts; a key in both is written. So
        `groups` with all that a group holds now replaces the group, whatever it held before.
        Unknown keys are no error: a batch can be applied again, which makes replay after a crash safe.
        """
        fresh = {document.key: document for document in upserts}
        gone = {*fresh, *deletes}
        gone_groups = set(groups)
        if not gone and not gone_groups:
            return self.generation
        with reporting_damage(self._path):
            writer = ArraySegmentWriter(self._index)
        try:
            with reporting_damage(self._path):
                writer.delete(gone, gone_groups)
            for document in fresh.values():
                writer.add(document)
        except BaseException:
            writer.cancel()
            raise
        with reporting_damage(self._path):
            writer.commit(mergetype=_merge_small if merging else _drop_empty)
        return self.generation

    def merge_small(self) -> int:
        """Merge like-sized small segments where there are many, in a commit of its own; return the generation.

        For after each `apply` that left it out: what is new is found before others are carried over.
        """
        with reporting_damage(self._path):
            writer = ArraySegmentWriter(self._index)
            if _full_tiers(writer.segments):
                writer.commit(mergetype=_merge_small)
            else:
                writer.cancel()
        return self.generation

    def merge(self) -> int:
        """Merge all segments into one, dropping what was deleted; return the generation.

        Takes about as long as writing every document again: for quiet hours.
        """
        with reporting_damage(self._path):
            writer = ArraySegmentWriter(self._index)
            if len(writer.segments) < 2 and not writer.has_deletions():
                writer.cancel()
            else:
                writer.commit(mergetype=_merge_all)
        return self.generation

    def tidy(self) -> int:
        """Merge the small segments, and large ones that are mostly deleted; return the generation.

        Carries over at most `TIDY_MERGE_LIMIT` documents, so it takes a second or two however large the index is: for
        quiet minutes. Each segment costs every search some tenths of a millisecond.
        """
        with reporting_damage(self._path):
            writer = ArraySegmentWriter(self._index)
            if len(_to_tidy(writer.segments)) < 2:
                writer.cancel()
            else:
                writer.commit(mergetype=_merge_tidily)
        return self.generation

    @property
    def segments(self) -> int:
        """The number of segments a search walks through."""
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
        first, rest = _with_dictionary(directory, documents)
        index = FileIndex.create(_storage(directory), schema.new_schema(), layout.INDEX_NAME)
        _write_all(index, itertools.chain(first, rest))
        layout.switch(root, directory)
        return layout.read_pointer(root).generation(index.latest_generation())
    finally:
        lock.release()


def _with_dictionary(directory: Path, documents: Iterable[Document]) -> tuple[list[Document], Iterator[Document]]:
    """Train the dictionary of bodies on the first documents; return these, and the rest."""
    rest = iter(documents)
    first = list(itertools.islice(rest, TRAINING_DOCUMENTS))
    dictionary = train([document.body for document in first])
    if dictionary:
        (directory / DICTIONARY_FILE).write_bytes(dictionary)
    return first, rest


def _write_all(index: FileIndex, documents: Iterable[Document]) -> None:
    writer = ArraySegmentWriter(index, quick=False)
    try:
        for document in _with_unique_keys(documents):
            writer.add(document)
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


class _Storage(FileStorage):
    """Whoosh's storage, whose folder for what is temporary is made when something is put there."""

    def temp_storage(self, name: str | None = None) -> FileStorage:
        """Give the folder's place."""
        return FileStorage(str(Path(self.folder) / (name or "index.tmp")))


def _storage(directory: Path) -> FileStorage:
    return _Storage(str(directory))


def _merge_all(writer: ArraySegmentWriter, segments: list[Segment]) -> list[Segment]:
    for segment in segments:
        writer.carry_over(segment)
    return []


def _merge_tidily(writer: ArraySegmentWriter, segments: list[Segment]) -> list[Segment]:
    merged = _to_tidy(segments)
    for segment in merged:
        if segment.doc_count():
            writer.carry_over(segment)
    return [segment for segment in segments if segment not in merged]


def _to_tidy(segments: list[Segment]) -> list[Segment]:
    """Choose the smallest segments that together are within the limit."""
    chosen: list[Segment] = []
    room = TIDY_MERGE_LIMIT
    for segment in sorted(segments, key=Segment.doc_count):
        room -= segment.doc_count()
        if room < 0:
            break
        chosen.append(segment)
    return chosen


def _drop_empty(_: ArraySegmentWriter, segments: list[Segment]) -> list[Segment]:
    return [segment for segment in segments if segment.doc_count()]


def _merge_small(writer: ArraySegmentWriter, segments: list[Segment]) -> list[Segment]:
    """Merge a tier of like-sized segments when it is full, as far as a commit has time for it.

    Each document is carried over about once per tier, so the cost of a commit does not grow with the index.
    """
    merged = _full_tiers(segments)
    for segment in merged:
        writer.carry_over(segment)
    return [segment for segment in _drop_empty(writer, segments) if segment not in merged]


def _full_tiers(segments: list[Segment]) -> list[Segment]:
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        if segment.doc_count():
            tiers.setdefault(_tier(segment.doc_count()), []).append(segment)
    full = [tier for tier in tiers.values() if len(tier) >= SEGMENTS_PER_TIER]
    return [segment for tier in full for segment in _within_commit_limit(tier)]


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
    return tier
