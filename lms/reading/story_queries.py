"""Reading the log as a story: month by month, and a year at a time. Only the actor's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from peewee import SQL, fn

from lms import clock
from lms.catalogue.models import Book
from lms.members.access import Actor
from lms.periods import Period, Span, period_of
from lms.prepared import prepared
from lms.reading.models import PastReading, ReadingEntry, ReadingSession
from lms.reading.rules import State

# A month with more notes than this shows its latest ones; the list of all notes pages through the rest.
MONTH_MOST = 400
YEAR_MOST = 2000


class Happening(NamedTuple):
    """Something on a day of the timeline: ``kind`` is "finished", "begun", "abandoned" or "noted"."""

    day: date
    kind: str
    book: int
    title: str
    minutes: int = 0
    page: int | None = None
    percent: int | None = None
    text: str = ""
    rating: int | None = None
    number: int = 1


class Finish(NamedTuple):
    """A book finished on a day, in its reading ``number``."""

    day: date
    book: int
    title: str
    authors: str
    clc: str
    pages: int | None
    rating: int | None
    started_on: date | None
    number: int


@dataclass(frozen=True)
class Month:
    """A month of the timeline, the latest day first; ``months`` are all that hold something, the latest first."""

    span: Span
    happenings: Sequence[Happening]
    months: Sequence[date]

    @property
    def earlier(self) -> date | None:
        """Give the month before this one that holds something."""
        return next((month for month in self.months if month < self.span.since), None)

    @property
    def later(self) -> date | None:
        """Give the month after this one that holds something."""
        return next((month for month in reversed(self.months) if month > self.span.since), None)


@dataclass(frozen=True)
class Year:
    """A year in books: what was finished, in the order of days, and the minutes noted in each month."""

    year: int
    finishes: Sequence[Finish]
    minutes: Mapping[int, int]
    years: Sequence[int]

    @property
    def pages(self) -> int:
        """Add up the pages of the books whose number of pages is known."""
        return sum(finish.pages or 0 for finish in self.finishes)

    @property
    def by_month(self) -> list[list[Finish]]:
        """Give what was finished in each of the twelve months."""
        return [[f for f in self.finishes if f.day.month == month] for month in range(1, 13)]

    @property
    def ratings(self) -> list[int]:
        """Count the ratings from 1 to 5."""
        return [sum(f.rating == rating for f in self.finishes) for rating in range(1, 6)]


def finishes_between(member: int, since: date, until: date, limit: int = YEAR_MOST) -> list[Finish]:
    """Give what a member finished over some days, earlier readings included, in the order of days."""
    rows = _finished(member, since, until, limit)
    return sorted(map(Finish._make, rows), key=lambda finish: (finish.day, finish.book, finish.number))


@prepared
def _finished(member: int, since: date, until: date, limit: int) -> Any:
    now = _finishes(ReadingEntry).where(ReadingEntry.state == State.FINISHED)
    before = _finishes(PastReading).where(PastReading.fact > 0)
    within = [
        query.where(ReadingEntry.member == member, reading.finished_on >= since, reading.finished_on <= until)
        for query, reading in ((now, ReadingEntry), (before, PastReading))
    ]
    return within[0].union_all(within[1]).order_by(SQL("1")).limit(limit)


def _finishes(reading: Any) -> Any:
    query = reading.select(
        reading.finished_on,
        Book.id,
        Book.title,
        Book.authors,
        Book.clc,
        Book.pages,
        reading.rating,
        reading.started_on,
        reading.number,
    )
    if reading is not ReadingEntry:
        query = query.join(ReadingEntry)
    return query.join_from(ReadingEntry, Book)


def get_month(actor: Actor, day: date) -> Month:
    """Give the month of a day with all that the log holds of it: five statements."""
    span = period_of(day, Period.MONTH)
    happened = [
        *_noted(actor, span),
        *[
            Happening(f.day, "finished", f.book, f.title, rating=f.rating, number=f.number)
            for f in finishes_between(actor.id, span.since, span.until)
        ],
        *_begun_or_given_up(actor, span),
    ]
    # Of one day the finish stands above the notes that led to it, and the beginning below them.
    rank = {"finished": 0, "abandoned": 1, "noted": 2, "begun": 3}
    happened.sort(key=lambda one: (-one.day.toordinal(), rank[one.kind]))
    return Month(span, happened, _months(actor))


def _noted(actor: Actor, span: Span) -> Iterable[Happening]:
    s = ReadingSession
    rows = (
        s.select(s.day, s.book, Book.title, s.minutes, s.page, s.percent, s.remark, s.number)
        .join(Book)
        .where(s.member == actor.id, s.withdrawn_at.is_null(), s.day.between(span.since, span.until))
        .order_by(s.day.desc(), s.noted_at.desc(), s.id.desc())
        .limit(MONTH_MOST)
        .tuples()
    )
    for day, book, title, minutes, page, percent, remark, number in rows:
        yield Happening(day, "noted", book, title, minutes, page, percent, remark, number=number)


def _begun_or_given_up(actor: Actor, span: Span) -> Iterable[Happening]:
    e = ReadingEntry
    first, last = clock.start_of(span.since), clock.start_of(span.until + timedelta(days=1))
    given_up = (e.state == State.ABANDONED) & (e.updated_at >= first) & (e.updated_at < last)
    rows = (
        e.select(e.started_on, e.state, e.updated_at, e.reason, e.number, Book.id, Book.title)
        .join(Book)
        .where(e.member == actor.id, e.started_on.between(span.since, span.until) | given_up)
        .limit(MONTH_MOST)
        .tuples()
    )
    for started, state, updated, reason, number, book, title in rows:
        if started and span.since <= started <= span.until:
            yield Happening(started, "begun", book, title, number=number)
        if state == State.ABANDONED and first <= updated < last:
            yield Happening(clock.local(updated).date(), "abandoned", book, title, text=reason, number=number)


def _months(actor: Actor) -> list[date]:
    """Give the first days of the months that hold a note or a finish, the latest first."""
    found = set()
    queries = (
        (ReadingSession, ReadingSession.day, ReadingSession.withdrawn_at.is_null()),
        (ReadingEntry, ReadingEntry.finished_on, ReadingEntry.state == State.FINISHED),
    )
    for model, day, condition in queries:
        month = fn.SUBSTR(day.cast("TEXT"), SQL("1"), SQL("7"))
        rows = model.select(month).where(model.member == actor.id, condition).group_by(month).tuples()
        found |= {date.fromisoformat(f"{text}-01") for (text,) in rows}
    return sorted(found, reverse=True)


def get_year(actor: Actor, year: int) -> Year:
    """Give a year in books, and the years for which there is one: five statements."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    month = fn.SUBSTR(ReadingSession.day.cast("TEXT"), SQL("6"), SQL("2"))
    minutes = (
        ReadingSession.select(month, fn.SUM(ReadingSession.minutes))
        .where(
            ReadingSession.member == actor.id,
            ReadingSession.withdrawn_at.is_null(),
            ReadingSession.day.between(first, last),
        )
        .group_by(month)
        .tuples()
    )
    noted = {int(number): int(total or 0) for number, total in minutes}
    return Year(year, finishes_between(actor.id, first, last), noted, _years(actor))


def _years(actor: Actor) -> list[int]:
    now = ReadingEntry.select(fn.MIN(ReadingEntry.finished_on)).where(
        ReadingEntry.member == actor.id, ReadingEntry.state == State.FINISHED
    )
    past = (
        PastReading.select(fn.MIN(PastReading.finished_on))
        .join(ReadingEntry)
        .where(ReadingEntry.member == actor.id, PastReading.fact > 0)
    )
    days = [day for day in (now.scalar(), past.scalar()) if day]
    today = clock.today()
    first = min((int(str(day)[:4]) for day in days), default=today.year)
    return list(range(today.year, min(first, today.year) - 1, -1))
