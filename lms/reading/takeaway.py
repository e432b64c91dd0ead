"""The rows of reading that a member may take away: where they stand with each book, and what they noted of reading."""

from collections.abc import Iterator, Sequence

from lms.catalogue.models import Book
from lms.members.access import Actor
from lms.reading.models import OFF_SHELF, ReadingEntry, ReadingSession
from lms.takeaway import Cell, Table


def _entries(actor: Actor) -> Iterator[Sequence[Cell]]:
    rows = (
        ReadingEntry.select(
            Book.title,
            Book.authors,
            Book.isbn,
            ReadingEntry.state,
            ReadingEntry.page,
            ReadingEntry.started_on,
            ReadingEntry.finished_on,
        )
        .join(Book)
        .where(ReadingEntry.member == actor.id, ReadingEntry.state != OFF_SHELF)
        .order_by(ReadingEntry.id)
    )
    yield from rows.tuples().iterator()


def _sessions(actor: Actor) -> Iterator[Sequence[Cell]]:
    rows = (
        ReadingSession.select(ReadingSession.day, Book.title, ReadingSession.minutes, ReadingSession.page)
        .join(Book)
        .where(ReadingSession.member == actor.id, ReadingSession.withdrawn_at.is_null())
        .order_by(ReadingSession.day, ReadingSession.id)
    )
    yield from rows.tuples().iterator()


TABLES = (
    Table("books", ("title", "authors", "isbn", "state", "page", "started_on", "finished_on"), _entries),
    Table("reading", ("day", "title", "minutes", "page"), _sessions),
)
