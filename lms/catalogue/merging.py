"""Making two books of the catalogue one, and taking that back.

A merge leaves a trace: each room keeps what it moved (``keep``) and puts it back from there when the merge is undone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN

from lms import clock, events
from lms.catalogue import queries, rules
from lms.catalogue.models import Book, BookFile, BookMerge, MergeTrace
from lms.catalogue.names import Contributor
from lms.catalogue.rules import BookDraft
from lms.catalogue.service import STORED, announce, forget_rows, stored_values, write_rows
from lms.db import transactional
from lms.errors import N_, Conflict, NotFound
from lms.members.access import Action, Actor, require
from lms.members.models import Member
from lms.prepared import prepared

PART = "catalogue"
NAMES = "contributors"


class MergeView(NamedTuple):
    """A merge that still holds: the book that went into the other, by whom and when."""

    id: int
    dropped: int
    title: str
    merged_by: str | None
    merged_at: datetime


@transactional
def merge_books(actor: Actor, kept_id: int, dropped_id: int) -> int:
    """Make two books one and give the merge's id, by which it can be undone.

    Logs, notes and address of the dropped book follow, and what it alone has goes over. The kept book's own words
    stand; only its empty fields are filled, its cover and files added to. Books that were merged into the dropped one
    before now lead to the kept one. Raises Forbidden, NotFound, Conflict for a book merged with itself or one that was
    merged before.
    """
    require(actor, Action.CATALOGUE_EDIT)
    if kept_id == dropped_id:
        raise Conflict(N_("A book cannot be merged with itself."))
    kept, dropped = queries.get_book(kept_id), queries.get_book(dropped_id)
    if kept.merged_into is not None or dropped.merged_into is not None:
        raise Conflict(N_("One of these books was merged before. Please look at it anew."))
    moment = clock.now()
    before = _draft(kept_id)
    filled = _filled(queries.get_draft(kept_id), queries.get_draft(dropped_id))
    cover = {} if kept.cover_key else {"cover_key": dropped.cover_key, "thumb_key": dropped.thumb_key}
    _write(kept_id, filled, cover)
    led_here = [book for (book,) in Book.select(Book.id).where(Book.merged_into == dropped_id).tuples()]
    merge = BookMerge.create(kept=kept_id, dropped=dropped_id, merged_by=actor.id, merged_at=moment)
    trace = {
        "before": asdict(before),
        "after": asdict(filled),
        "cover": cover.get("cover_key", ""),
        "files": _move_files(kept_id, dropped_id),
        "led_here": led_here,
        "withdrawn": dropped.withdrawn_at is not None,
    }
    keep(merge.id, PART, trace)
    Book.update(merged_into=kept_id).where(Book.merged_into == dropped_id).execute()
    Book.update(
        merged_into=kept_id, withdrawn_at=dropped.withdrawn_at or moment, updated_at=moment, version=Book.version + 1
    ).where(Book.id == dropped_id).execute()
    events.publish(events.BooksMerged(kept_id, dropped_id, merge.id))
    announce(kept_id, dropped_id)
    return int(merge.id)


@transactional
def undo_merge(actor: Actor, merge_id: int) -> int:
    """Make two books of one again and give the one that comes back.

    What was moved goes back, with what its owner added to it since; what was changed since, or made for the kept book
    only, stays there. Nothing of it is lost. Raises Forbidden, NotFound, Conflict for a merge that was undone or lies
    below a later one.
    """
    require(actor, Action.CATALOGUE_EDIT)
    merge = BookMerge.get_or_none(BookMerge.id == merge_id)
    if merge is None:
        raise NotFound(N_("There is no such merge."))
    held = BookMerge.update(undone_at=clock.now(), undone_by=actor.id).where(
        BookMerge.id == merge_id, BookMerge.undone_at.is_null()
    )
    if not held.execute():
        raise Conflict(N_("This merge was undone already."))
    if queries.get_book(merge.kept).merged_into is not None:
        raise Conflict(N_("This book was itself merged into another one since. Please undo that first."))
    if list_merges(merge.kept)[:1] and list_merges(merge.kept)[0].id > merge_id:
        raise Conflict(N_("Another book was merged into this one since. Please undo that first."))
    trace = kept_trace(merge_id, PART)
    _put_back(merge.kept, trace)
    withdrawn = {} if trace["withdrawn"] else {"withdrawn_at": None}
    Book.update(merged_into=None, updated_at=clock.now(), version=Book.version + 1, **withdrawn).where(
        Book.id == merge.dropped
    ).execute()
    Book.update(merged_into=merge.dropped).where(Book.id.in_(trace["led_here"])).execute()
    BookFile.update(book=merge.dropped).where(BookFile.id.in_(trace["files"]), BookFile.book == merge.kept).execute()
    events.publish(events.BookMergeUndone(merge.kept, merge.dropped, merge_id))
    announce(merge.kept, merge.dropped)
    return int(merge.dropped)


def list_merges(book_id: int) -> list[MergeView]:
    """Give the merges into a book that hold, the newest first: the first can be undone, then the next."""
    return [MergeView._make(row) for row in _merges(book_id)]


@prepared
def _merges(book_id: int) -> Any:
    m = BookMerge
    return (
        m.select(m.id, m.dropped, Book.title, Member.name, m.merged_at)
        .join(Book, on=(m.dropped == Book.id))
        .join_from(m, Member, JOIN.LEFT_OUTER, on=(m.merged_by == Member.id))
        .where(m.kept == book_id, m.undone_at.is_null())
        .order_by(m.id.desc())
    )


def keep(merge_id: int, part: str, content: Any) -> None:
    """Keep what a room has to know to put back what it moved; ``part`` names it once for each merge."""
    MergeTrace.create(merge=merge_id, part=part, content=json.dumps(content, ensure_ascii=False, default=str))


def kept_trace(merge_id: int, part: str) -> Any:
    """Give what a room kept of a merge."""
    row = MergeTrace.select(MergeTrace.content).where(MergeTrace.merge == merge_id, MergeTrace.part == part)
    return json.loads(row.scalar())


def _draft(book_id: int) -> BookDraft:
    """Give a book as it is stored, to the letter."""
    book = queries.get_book(book_id)
    stored = {name: getattr(book, name) for name in STORED}
    return BookDraft(**stored, contributors=tuple(queries.list_names(book_id)))


def _write(book_id: int, draft: BookDraft, cover: Mapping[str, str]) -> None:
    Book.update(**stored_values(draft), **cover, updated_at=clock.now(), version=Book.version + 1).where(
        Book.id == book_id
    ).execute()
    forget_rows([book_id])
    write_rows({book_id: draft})


def _put_back(kept_id: int, trace: Mapping[str, Any]) -> None:
    """Empty again what the merge filled in the kept book, unless somebody wrote something else there since."""
    now, before, after = _draft(kept_id), _read(trace["before"]), _read(trace["after"])
    emptied = {
        name: getattr(before, name)
        for name in (*STORED, NAMES)
        if getattr(before, name) != getattr(after, name) and getattr(now, name) == getattr(after, name)
    }
    cover = queries.get_book(kept_id).cover_key
    filled_cover = bool(cover) and cover == trace["cover"]
    _write(kept_id, replace(now, **emptied), {"cover_key": "", "thumb_key": ""} if filled_cover else {})


def _read(stored: Mapping[str, Any]) -> BookDraft:
    return BookDraft(**{**stored, NAMES: tuple(Contributor(**one) for one in stored[NAMES])})


def _move_files(kept_id: int, dropped_id: int) -> Sequence[int]:
    there = BookFile.select(BookFile.file_key).where(BookFile.book == kept_id)
    moved = BookFile.select(BookFile.id).where(BookFile.book == dropped_id, BookFile.file_key.not_in(there))
    ids = [row_id for (row_id,) in moved.tuples()]
    BookFile.update(book=kept_id).where(BookFile.id.in_(ids)).execute()
    return ids


def _filled(kept: BookDraft, dropped: BookDraft) -> BookDraft:
    """Fill what is empty in one draft from the other; the result is checked, as both were when they were stored."""
    gaps = {
        field.name: getattr(dropped, field.name)
        for field in fields(BookDraft)
        if field.name not in ("authors", "translators", "year", NAMES, "published")
        and getattr(kept, field.name) in (None, "")
    }
    if not kept.published:
        gaps["published"] = dropped.published
    if not kept.translators:
        gaps["translators"] = dropped.translators
    return rules.check_book(replace(kept, year=None, **gaps), clock.today())
