"""Reading the log. It is the member's own: every query takes only what is the actor's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import Expression, fn

from lms.catalogue import rules as books
from lms.catalogue.models import Book
from lms.errors import N_, NotFound
from lms.members.access import Actor
from lms.paging import Page
from lms.prepared import prepared
from lms.reading.models import OFF_SHELF, PastReading, ReadingEntry, ReadingSession
from lms.reading.rules import State
from lms.typed import typed_words

SORTS = ("recent", "finished", "title", "rating")
WORDS = 5


class EntryView(NamedTuple):
    """Where the actor stands with one book; ``pages`` is how many the book has, if that is known."""

    id: int
    state: str
    page: int | None
    percent: int | None
    started_on: date | None
    finished_on: date | None
    times: int
    fact: int
    number: int
    rating: int | None
    reason: str
    pages: int | None

    @property
    def share(self) -> int | None:
        """Give how much of the book is read, in percent; None while that is not known."""
        return share_of(self.page, self.percent, self.pages)


class SessionRow(NamedTuple):
    """A note of reading: minutes (0 when not said), the place reached, a remark."""

    id: int
    book: int
    title: str
    day: date
    minutes: int
    page: int | None
    percent: int | None
    remark: str
    number: int


class PastRow(NamedTuple):
    """An earlier reading of a book."""

    number: int
    state: str
    started_on: date | None
    finished_on: date | None
    rating: int | None
    reason: str


class ShelfRow(NamedTuple):
    """A book on the actor's shelf."""

    book: int
    title: str
    authors: str
    clc: str
    state: str
    page: int | None
    percent: int | None
    pages: int | None
    started_on: date | None
    finished_on: date | None
    rating: int | None
    reason: str
    number: int
    updated_at: datetime

    @property
    def share(self) -> int | None:
        """Give how much of the book is read, in percent; None while that is not known."""
        return share_of(self.page, self.percent, self.pages)


@dataclass(frozen=True)
class ShelfFilter:
    """Which books of the shelf to list: ``clc`` is the letter of a main class, ``q`` words of title or authors."""

    state: str = State.READING
    sort: str = "recent"
    clc: str = ""
    q: str = ""

    @property
    def narrows(self) -> bool:
        """Say whether fewer books than all of the state are asked for."""
        return bool(self.clc or self.q.strip())


class Current(NamedTuple):
    """A book that is being read, and where."""

    book: int
    title: str
    authors: str
    clc: str
    page: int | None
    percent: int | None
    pages: int | None

    @property
    def share(self) -> int | None:
        """Give how much of the book is read, in percent; None while that is not known."""
        return share_of(self.page, self.percent, self.pages)


def share_of(page: int | None, percent: int | None, pages: int | None) -> int | None:
    """Give how much of a book a place is, in percent: as noted, or by the pages; None while that is not known."""
    if page is not None and pages:
        return min(100, page * 100 // pages)
    return percent


def find_entry(actor: Actor, book_id: int) -> EntryView | None:
    """Give where the actor stands with a book; None when it is not on the shelf."""
    row = _entry.first(actor.id, book_id)
    return EntryView._make(row) if row else None


@prepared
def _entry(member: int, book_id: int) -> Any:
    e = ReadingEntry
    columns = (e.id, e.state, e.page, e.percent, e.started_on, e.finished_on, e.times, e.fact, e.number, e.rating)
    return (
        e.select(*columns, e.reason, Book.pages)
        .join(Book)
        .where(e.member == member, e.book == book_id, e.state != OFF_SHELF)
        .limit(1)
    )


def past_readings(actor: Actor, book_id: int) -> list[PastRow]:
    """Give the actor's earlier readings of a book, the latest first."""
    rows = (
        PastReading.select(
            PastReading.number,
            PastReading.state,
            PastReading.started_on,
            PastReading.finished_on,
            PastReading.rating,
            PastReading.reason,
        )
        .join(ReadingEntry)
        .where(ReadingEntry.member == actor.id, ReadingEntry.book == book_id)
        .order_by(PastReading.number.desc())
        .tuples()
    )
    return [PastRow._make(row) for row in rows]


def states_of(actor: Actor, book_ids: Sequence[int]) -> dict[int, str]:
    """Give the actor's states of several books at once; books not on the shelf are left out."""
    if not book_ids:
        return {}
    return dict(_states(actor.id, list(book_ids)))


@prepared
def _states(member: int, book_ids: Sequence[int]) -> Any:
    return ReadingEntry.select(ReadingEntry.book, ReadingEntry.state).where(
        ReadingEntry.member == member, ReadingEntry.book.in_(book_ids), ReadingEntry.state != OFF_SHELF
    )


def count_states(actor: Actor) -> Mapping[str, int]:
    """Count the actor's books by state."""
    return dict(_counts(actor.id))


@prepared
def _counts(member: int) -> Any:
    return (
        ReadingEntry.select(ReadingEntry.state, fn.COUNT(ReadingEntry.id))
        .where(ReadingEntry.member == member, ReadingEntry.state != OFF_SHELF)
        .group_by(ReadingEntry.state)
    )


def list_shelf(actor: Actor, wanted: ShelfFilter, number: int, size: int, total: int) -> Page[ShelfRow]:
    """Give a page of the actor's shelf: one statement, two where the filter narrows.

    ``total`` is the number of books in the state as ``count_states`` gave it.
    """
    skipped = (number - 1) * size
    if not wanted.narrows:
        rows = _shelf_page(actor.id, wanted.state, size, skipped, sort=_sort_of(wanted))
        return Page([ShelfRow._make(row) for row in rows], number, size, total)
    conditions = _narrowed(wanted)
    of_state = (ReadingEntry.member == actor.id) & (ReadingEntry.state == wanted.state)
    total = ReadingEntry.select().join(Book).where(of_state, *conditions).count()
    query = _shelf(actor.id, wanted.state, _sort_of(wanted)).where(*conditions)
    return Page([ShelfRow._make(row) for row in query.limit(size).offset(skipped).tuples()], number, size, total)


def _shelf(member: int, state: str, sort: str) -> Any:
    e = ReadingEntry
    columns = (e.state, e.page, e.percent, Book.pages, e.started_on, e.finished_on, e.rating, e.reason, e.number)
    return (
        e.select(Book.id, Book.title, Book.authors, Book.clc, *columns, e.updated_at)
        .join(Book)
        .where(e.member == member, e.state == state)
        .order_by(*_order(sort))
    )


@prepared
def _shelf_page(member: int, state: str, size: int, skipped: int, *, sort: str) -> Any:
    return _shelf(member, state, sort).limit(size).offset(skipped)


def _narrowed(wanted: ShelfFilter) -> list[Expression]:
    letter = books.clc_class(wanted.clc)
    found = [(Book.clc >= letter) & (Book.clc < chr(ord(letter) + 1))] if letter else []
    words = typed_words(wanted.q[:100], WORDS)
    return found + [Book.title.contains(word) | Book.authors.contains(word) for word in words]


def _sort_of(wanted: ShelfFilter) -> str:
    return "finished" if wanted.sort == "recent" and wanted.state == State.FINISHED else wanted.sort


def _order(sort: str) -> tuple[Any, ...]:
    e = ReadingEntry
    if sort == "title":
        return (Book.sort_key, Book.title, Book.id)
    if sort == "rating":
        return (e.rating.is_null(), e.rating.desc(), e.id.desc())
    return (e.finished_on.desc() if sort == "finished" else e.updated_at.desc(), e.id.desc())


def recent_sessions(actor: Actor, book_id: int, limit: int) -> list[SessionRow]:
    """Give the actor's last notes of reading a book."""
    return [SessionRow._make(row) for row in _recent(actor.id, book_id, limit)]


@prepared
def _recent(member: int, book_id: int, limit: int) -> Any:
    return _sessions(member).where(ReadingSession.book == book_id).limit(limit)


def get_session(actor: Actor, session_id: int) -> SessionRow:
    """Give a note of the actor's reading. Raises NotFound, also when it was taken back."""
    row = _sessions(actor.id).where(ReadingSession.id == session_id).tuples().first()
    if row is None:
        raise NotFound(N_("This note of reading time is not there any more."))
    return SessionRow._make(row)


def list_sessions(actor: Actor, number: int, size: int) -> Page[SessionRow]:
    """Give a page of the actor's notes of reading, the latest day first."""
    total = ReadingSession.select().where(*_noted(actor.id)).count()
    rows = _sessions(actor.id).paginate(number, size).tuples()
    return Page([SessionRow._make(row) for row in rows], number, size, total)


def _noted(member: int) -> tuple[Expression, ...]:
    return (ReadingSession.member == member, ReadingSession.withdrawn_at.is_null())


def _sessions(member: int) -> Any:
    s = ReadingSession
    return (
        s.select(s.id, s.book, Book.title, s.day, s.minutes, s.page, s.percent, s.remark, s.number)
        .join(Book)
        .where(*_noted(member))
        .order_by(s.day.desc(), s.noted_at.desc(), s.id.desc())
    )


def minutes_between(actor: Actor, since: date, until: date) -> int:
    """Add up the minutes the actor noted with books over some days, both included."""
    return int(_minutes_between.scalar(actor.id, since, until) or 0)


@prepared
def _minutes_between(member: int, since: date, until: date) -> Any:
    return ReadingSession.select(fn.SUM(ReadingSession.minutes)).where(
        *_noted(member), ReadingSession.day >= since, ReadingSession.day <= until
    )


def in_hand(member: int, limit: int, *columns: Any) -> Any:
    """Make the query of the books that a member is reading, the one moved last first."""
    e = ReadingEntry
    return (
        e.select(*columns)
        .join(Book)
        .where(e.member == member, e.state == State.READING)
        .order_by(e.updated_at.desc(), e.id.desc())
        .limit(limit)
    )
