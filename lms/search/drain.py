"""Bringing the index up to date. Only the worker and ``lms reindex`` come here: one writer at a time."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lms.prepared import prepared
from lms.search import mending
from lms.search.models import OutboxRow
from lms.search.sources import all_documents, documents_of, group_of
from search_index import Document, Index, IndexDamaged, IndexMissing, IndexOutdated, IndexWriter, rebuild

log = logging.getLogger("lms.search")

BATCH = 100
MOST_SEGMENTS = 3
DELETED_AT_ONCE = 500


def drain_once(path: Path, limit: int = BATCH) -> int:
    """Bring the oldest changed things up to date in one commit and give the number of outbox rows worked off.

    The rows go after the commit: a crash in between repeats the batch, which changes nothing.
    Raises WriterBusy while a rebuild holds the index.
    """
    rows = _oldest(limit)
    if not rows:
        return 0
    changed = sorted({(kind, ref) for _, kind, ref in rows})
    documents = [document for kind, ref in changed for document in documents_of(kind, ref)]
    with IndexWriter(path) as writer:
        writer.apply(documents, groups=[group_of(kind, ref) for kind, ref in changed], merging=False)
    OutboxRow.delete().where(OutboxRow.id.in_([row[0] for row in rows])).execute()
    return len(rows)


@prepared
def _oldest(limit: int) -> Any:
    return OutboxRow.select(OutboxRow.id, OutboxRow.kind, OutboxRow.ref).order_by(OutboxRow.id).limit(limit)


def merge_small(path: Path) -> None:
    """Merge small parts of the index that changes have left, after they can be found. Raises WriterBusy."""
    with IndexWriter(path) as writer:
        writer.merge_small()


def merge_if_scattered(path: Path) -> bool:
    """Merge the index's small parts when it has come to lie in several, which slows each search; say whether it had.

    For quiet moments: it takes a second or two, during which changes wait and searches do not. Raises WriterBusy.
    """
    with IndexWriter(path) as writer:
        if writer.segments <= MOST_SEGMENTS:
            return False
        before = writer.generation
        return writer.tidy() != before


def ensure_index(path: Path) -> bool:
    """Build the index if it is missing, damaged or of an older form; say whether it had to be."""
    try:
        Index.open(path)
    except (IndexMissing, IndexDamaged, IndexOutdated) as error:
        log.warning("building the search index", extra={"reason": str(error)})
        reindex(path)
        return True
    return False


def mend(path: Path) -> bool:
    """Rebuild the index when a reader found it unusable, whatever opening it says; say whether one had.

    Opening reads only the beginnings of files; what lies damaged inside shows itself to the search that needs it.
    """
    reason = mending.reason(path)
    if not reason:
        return False
    log.warning("rebuilding the search index", extra={"reason": reason})
    reindex(path)
    return True


def reindex(path: Path, progress: Callable[[int], None] | None = None) -> int:
    """Build a new index of everything beside the live one, switch, and give the number of documents.

    What waited before is in the new index and leaves the outbox; what changes meanwhile stays in it, because the
    writer's lock is held, and is worked off afterwards.
    """
    waiting = [row for (row,) in OutboxRow.select(OutboxRow.id).tuples()]
    count = 0

    def counted() -> Iterator[Document]:
        nonlocal count
        for document in all_documents():
            count += 1
            if progress:
                progress(count)
            yield document

    rebuild(path, counted(), timeout=60)
    mending.done(path)
    for start in range(0, len(waiting), DELETED_AT_ONCE):
        OutboxRow.delete().where(OutboxRow.id.in_(waiting[start : start + DELETED_AT_ONCE])).execute()
    return count


def backlog() -> int:
    """Count the changes that the index does not hold yet."""
    return OutboxRow.select().count()
