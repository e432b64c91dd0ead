"""Rows of the log as commands need them: held against others while it is decided what becomes of them.

The statements are prepared: saving a note of reading is what readers do most.
"""

from datetime import date
from typing import Any

from peewee import fn

from lms.catalogue.models import Book
from lms.db import is_sqlite
from lms.errors import N_, Conflict, NotFound
from lms.members.access import Actor
from lms.members.models import Member
from lms.prepared import prepared
from lms.reading.models import OFF_SHELF, ReadingEntry, ReadingSession

ENTRY = tuple(ReadingEntry._meta.sorted_fields)
OFF_CATALOGUE = N_("This book has been taken off the catalogue, so it cannot be put on a shelf any more.")
ENTRY_NAMES = tuple(field.name for field in ENTRY)


def entry_to_change(actor: Actor, book_id: int) -> ReadingEntry:
    """Give the actor's entry of a book, made if there was none, and hold it.

    Raises NotFound for an unknown book, Conflict for a withdrawn one that is not on the shelf.
    """
    book = _book_facts.first(book_id)
    if book is None:
        raise NotFound(N_("There is no such book in the catalogue."))
    entry = locked_entry(actor, book_id)
    if book[0] is not None and (entry is None or entry.state == OFF_SHELF):
        raise Conflict(OFF_CATALOGUE)
    if entry is None:
        # The other of two first taps may have come in between: then its row is taken, once it is committed.
        ReadingEntry.insert(member=actor.id, book=book_id, state=OFF_SHELF).on_conflict_ignore().execute()
        entry = locked_entry(actor, book_id)
    if entry is None:
        raise Conflict(N_("This was changed at the same moment elsewhere. Please try again."))
    return entry


def entry_on_shelf(actor: Actor, book_id: int) -> ReadingEntry:
    """Give the actor's entry of a book and hold it. Raises NotFound when the book is not on the shelf."""
    entry = locked_entry(actor, book_id)
    if entry is None or entry.state == OFF_SHELF:
        raise NotFound(N_("This book is not on your shelf."))
    return entry


def locked_entry(actor: Actor, book_id: int) -> ReadingEntry | None:
    """Give the actor's entry of a book, on the shelf or off it, and hold it."""
    row = _entry.first(actor.id, book_id, lock=not is_sqlite())
    if row is None:
        return None
    entry = ReadingEntry()
    # As peewee fills it from a row: nothing counts as changed yet.
    entry.__data__.update(zip(ENTRY_NAMES, row, strict=True))
    entry._dirty.clear()
    return entry


@prepared
def _entry(member: int, book_id: int, *, lock: bool) -> Any:
    query = ReadingEntry.select(*ENTRY).where(ReadingEntry.member == member, ReadingEntry.book == book_id).limit(1)
    return query.for_update("FOR UPDATE") if lock else query


@prepared
def _book_facts(book_id: int) -> Any:
    return Book.select(Book.withdrawn_at, Book.pages).where(Book.id == book_id)


def pages_of(book_id: int) -> int | None:
    """Give how many pages a book has, None where that is not known."""
    row = _book_facts.first(book_id)
    return row[1] if row else None


def lock_member(actor: Actor) -> None:
    """Have one writer at a time for what a member's rows must add up to; on SQLite there is only one anyway."""
    if not is_sqlite():
        Member.select(Member.id).where(Member.id == actor.id).for_update("FOR NO KEY UPDATE").first()


def minutes_on(actor: Actor, day: date) -> int:
    """Add up the minutes the actor noted for a day."""
    return int(_minutes.scalar(actor.id, day) or 0)


@prepared
def _minutes(member: int, day: date) -> Any:
    return ReadingSession.select(fn.SUM(ReadingSession.minutes)).where(
        ReadingSession.member == member, ReadingSession.day == day, ReadingSession.withdrawn_at.is_null()
    )


def noted_already(actor: Actor, once: str | None) -> int | None:
    """Give the note that was made with a key, None where there is none."""
    found = _with_key.scalar(actor.id, once) if once else None
    return None if found is None else int(found)


@prepared
def _with_key(member: int, once: str) -> Any:
    return ReadingSession.select(ReadingSession.id).where(ReadingSession.member == member, ReadingSession.once == once)


def last_place(member: int, book_id: int, number: int) -> tuple[int | None, int | None] | None:
    """Give page and percent noted last for the latest day of a reading, None where nothing was."""
    row = _place.first(member, book_id, number)
    return (row[0], row[1]) if row else None


@prepared
def _place(member: int, book_id: int, number: int) -> Any:
    s = ReadingSession
    return (
        s.select(s.page, s.percent)
        .where(
            s.member == member,
            s.book == book_id,
            s.number == number,
            s.withdrawn_at.is_null(),
            s.page.is_null(False) | s.percent.is_null(False),
        )
        .order_by(s.day.desc(), s.noted_at.desc(), s.id.desc())
        .limit(1)
    )
