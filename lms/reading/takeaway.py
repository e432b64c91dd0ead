"""The rows of reading that a member may take away: where they stand with each book, what they noted, what they plan."""

from collections.abc import Iterator, Sequence

from lms.catalogue.models import Book
from lms.members.access import Actor
from lms.reading.models import OFF_SHELF, PastReading, PlanItem, ReadingEntry, ReadingPlan, ReadingSession
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
            ReadingEntry.percent,
            ReadingEntry.rating,
            ReadingEntry.reason,
            ReadingEntry.number,
        )
        .join(Book)
        .where(ReadingEntry.member == actor.id, ReadingEntry.state != OFF_SHELF)
        .order_by(ReadingEntry.id)
    )
    yield from rows.tuples().iterator()


def _sessions(actor: Actor) -> Iterator[Sequence[Cell]]:
    rows = (
        ReadingSession.select(
            ReadingSession.day,
            Book.title,
            ReadingSession.minutes,
            ReadingSession.page,
            ReadingSession.percent,
            ReadingSession.remark,
            ReadingSession.number,
        )
        .join(Book)
        .where(ReadingSession.member == actor.id, ReadingSession.withdrawn_at.is_null())
        .order_by(ReadingSession.day, ReadingSession.id)
    )
    yield from rows.tuples().iterator()


def _earlier(actor: Actor) -> Iterator[Sequence[Cell]]:
    p = PastReading
    rows = (
        p.select(Book.title, p.number, p.state, p.started_on, p.finished_on, p.rating, p.reason)
        .join(ReadingEntry)
        .join(Book)
        .where(ReadingEntry.member == actor.id)
        .order_by(p.id)
    )
    yield from rows.tuples().iterator()


def _plans(actor: Actor) -> Iterator[Sequence[Cell]]:
    p, i = ReadingPlan, PlanItem
    rows = (
        i.select(p.title, p.since, p.until, p.state, i.kind, i.title, i.amount, i.due_on)
        .join(p)
        .where(p.member == actor.id)
        .order_by(p.id, i.position)
    )
    yield from rows.tuples().iterator()


BOOKS = (
    "title",
    "authors",
    "isbn",
    "state",
    "page",
    "started_on",
    "finished_on",
    "percent",
    "rating",
    "reason",
    "number",
)
TABLES = (
    Table("books", BOOKS, _entries),
    Table("reading", ("day", "title", "minutes", "page", "percent", "remark", "number"), _sessions),
    Table("earlier_readings", ("title", "number", "state", "started_on", "finished_on", "rating", "reason"), _earlier),
    Table("plans", ("plan", "since", "until", "state", "kind", "title", "amount", "due_on"), _plans),
)
