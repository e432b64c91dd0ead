"""Reading the log and the plans. Both are the member's own: every query takes only what is the actor's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from peewee import JOIN, Case, Expression, fn

from lms import clock
from lms.catalogue.models import Book
from lms.errors import N_, NotFound
from lms.members.access import Actor
from lms.paging import Page
from lms.prepared import prepared
from lms.reading import rules
from lms.reading.models import OFF_SHELF, PlanItem, ReadingEntry, ReadingPlan, ReadingSession
from lms.reading.rules import State, Tick

# A plan that ended still shows what is left of it on the first page for this long.
LINGER = timedelta(days=30)


class EntryView(NamedTuple):
    """Where the actor stands with one book; ``pages`` is how many the book has, if that is known."""

    id: int
    state: str
    page: int | None
    started_on: date | None
    finished_on: date | None
    times: int
    pages: int | None


class SessionRow(NamedTuple):
    """A stretch of reading."""

    id: int
    book: int
    title: str
    day: date
    minutes: int
    page: int | None


class ShelfRow(NamedTuple):
    """A book on the actor's shelf."""

    book: int
    title: str
    authors: str
    clc: str
    state: str
    page: int | None
    pages: int | None
    started_on: date | None
    finished_on: date | None
    updated_at: datetime


class PlanRow(NamedTuple):
    """A plan with how far it has come; ``next_due`` is the first due day among the books not yet finished."""

    id: int
    title: str
    since: date
    until: date
    total: int
    done: int
    next_due: date | None


@dataclass(frozen=True)
class ItemView:
    """A book of a plan and how it stands; ``days`` counts from today to the due day, below zero when it is past."""

    book: int
    title: str
    authors: str
    clc: str
    due_on: date
    state: str
    finished_on: date | None
    tick: Tick
    days: int

    @property
    def done(self) -> bool:
        """Say whether the log ticks the book off."""
        return self.tick in rules.DONE


@dataclass(frozen=True)
class PlanView:
    """A plan with its books."""

    id: int
    title: str
    since: date
    until: date
    items: Sequence[ItemView]

    @property
    def done(self) -> int:
        """Count the books ticked off."""
        return sum(item.done for item in self.items)

    @property
    def next(self) -> ItemView | None:
        """Give the book that is due next among those not finished."""
        return next((item for item in self.items if not item.done), None)

    def pace(self, today: date) -> float:
        """Give the share of the plan's days that have gone, 0 to 1."""
        days = (self.until - self.since).days + 1
        return min(1.0, max(0.0, ((today - self.since).days + 1) / days))


@dataclass(frozen=True)
class Current:
    """The book being read most recently, and where."""

    book: int
    title: str
    authors: str
    clc: str
    page: int | None
    pages: int | None


@dataclass(frozen=True)
class Due:
    """The book of a plan that is due next; ``days`` counts from today, below zero when it is late."""

    plan: int
    plan_title: str
    book: int
    title: str
    authors: str
    clc: str
    due_on: date
    days: int


@dataclass(frozen=True)
class NextStep:
    """What a reader can go on with: the book in hand and the next one due, either of which may be missing."""

    current: Current | None
    due: Due | None


def find_entry(actor: Actor, book_id: int) -> EntryView | None:
    """Give where the actor stands with a book; None when it is not on the shelf."""
    row = _entry.first(actor.id, book_id)
    return EntryView._make(row) if row else None


@prepared
def _entry(member: int, book_id: int) -> Any:
    return (
        ReadingEntry.select(
            ReadingEntry.id,
            ReadingEntry.state,
            ReadingEntry.page,
            ReadingEntry.started_on,
            ReadingEntry.finished_on,
            ReadingEntry.times,
            Book.pages,
        )
        .join(Book)
        .where(ReadingEntry.member == member, ReadingEntry.book == book_id, ReadingEntry.state != OFF_SHELF)
        .limit(1)
    )


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
    query = (
        ReadingEntry.select(ReadingEntry.state, fn.COUNT(ReadingEntry.id))
        .where(ReadingEntry.member == actor.id, ReadingEntry.state != OFF_SHELF)
        .group_by(ReadingEntry.state)
    )
    return dict(query.tuples())


def list_shelf(actor: Actor, state: str, number: int, size: int, total: int) -> Page[ShelfRow]:
    """Give a page of the actor's books in a state, what moved last first; ``total`` as ``count_states`` gave it."""
    order = ReadingEntry.finished_on if state == State.FINISHED else ReadingEntry.updated_at
    rows = (
        ReadingEntry.select(
            Book.id,
            Book.title,
            Book.authors,
            Book.clc,
            ReadingEntry.state,
            ReadingEntry.page,
            Book.pages,
            ReadingEntry.started_on,
            ReadingEntry.finished_on,
            ReadingEntry.updated_at,
        )
        .join(Book)
        .where(ReadingEntry.member == actor.id, ReadingEntry.state == state)
        .order_by(order.desc(), ReadingEntry.id.desc())
        .paginate(number, size)
        .tuples()
    )
    return Page([ShelfRow._make(row) for row in rows], number, size, total)


def recent_sessions(actor: Actor, book_id: int, limit: int) -> list[SessionRow]:
    """Give the actor's last stretches with a book."""
    return [SessionRow._make(row) for row in _recent(actor.id, book_id, limit)]


@prepared
def _recent(member: int, book_id: int, limit: int) -> Any:
    return _sessions(member).where(ReadingSession.book == book_id).limit(limit)


def get_session(actor: Actor, session_id: int) -> SessionRow:
    """Give a stretch of the actor's reading. Raises NotFound, also when it was taken back."""
    row = _sessions(actor.id).where(ReadingSession.id == session_id).tuples().first()
    if row is None:
        raise NotFound(N_("This note of reading time is not there any more."))
    return SessionRow._make(row)


def list_sessions(actor: Actor, number: int, size: int) -> Page[SessionRow]:
    """Give a page of the actor's stretches of reading, the latest day first."""
    total = ReadingSession.select().where(*_noted(actor.id)).count()
    rows = _sessions(actor.id).paginate(number, size).tuples()
    return Page([SessionRow._make(row) for row in rows], number, size, total)


def _noted(member: int) -> tuple[Expression, ...]:
    return (ReadingSession.member == member, ReadingSession.withdrawn_at.is_null())


def _sessions(member: int) -> Any:
    return (
        ReadingSession.select(
            ReadingSession.id,
            ReadingSession.book,
            Book.title,
            ReadingSession.day,
            ReadingSession.minutes,
            ReadingSession.page,
        )
        .join(Book)
        .where(*_noted(member))
        .order_by(ReadingSession.day.desc(), ReadingSession.id.desc())
    )


def minutes_between(actor: Actor, since: date, until: date) -> int:
    """Add up the minutes the actor noted with books over some days, both included."""
    total = (
        ReadingSession.select(fn.SUM(ReadingSession.minutes))
        .where(*_noted(actor.id), ReadingSession.day >= since, ReadingSession.day <= until)
        .scalar()
    )
    return int(total or 0)


def next_step(actor: Actor) -> NextStep:
    """Give what the actor can go on with: two statements."""
    return NextStep(_current(actor), _next_due(actor))


def _current(actor: Actor) -> Current | None:
    row = _in_hand.first(actor.id)
    return Current(*row) if row else None


@prepared
def _in_hand(member: int) -> Any:
    return (
        ReadingEntry.select(Book.id, Book.title, Book.authors, Book.clc, ReadingEntry.page, Book.pages)
        .join(Book)
        .where(ReadingEntry.member == member, ReadingEntry.state == State.READING)
        .order_by(ReadingEntry.updated_at.desc(), ReadingEntry.id.desc())
        .limit(1)
    )


def _next_due(actor: Actor) -> Due | None:
    today = clock.today()
    row = _due_first.first(actor.id, today - LINGER)
    return Due(*[*row, (row[-1] - today).days]) if row else None


@prepared
def _due_first(member: int, since: date) -> Any:
    return (
        PlanItem.select(ReadingPlan.id, ReadingPlan.title, Book.id, Book.title, Book.authors, Book.clc, PlanItem.due_on)
        .join_from(PlanItem, ReadingPlan)
        .join_from(PlanItem, Book)
        .join_from(PlanItem, ReadingEntry, JOIN.LEFT_OUTER, on=_logged())
        .where(
            ReadingPlan.member == member,
            ReadingPlan.until >= since,
            ReadingEntry.state.is_null() | (ReadingEntry.state != State.FINISHED),
        )
        .order_by(PlanItem.due_on, PlanItem.id)
        .limit(1)
    )


def _logged() -> Expression:
    return (ReadingEntry.member == ReadingPlan.member) & (ReadingEntry.book == PlanItem.book)


def _plans(actor: Actor) -> Any:
    finished = ReadingEntry.state == State.FINISHED
    open_due = Case(None, [(finished, None)], PlanItem.due_on)
    return (
        ReadingPlan.select(
            ReadingPlan.id,
            ReadingPlan.title,
            ReadingPlan.since,
            ReadingPlan.until,
            fn.COUNT(PlanItem.id),
            fn.COUNT(Case(None, [(finished, 1)])),
            fn.MIN(open_due).converter(_as_day),
        )
        .join_from(ReadingPlan, PlanItem, JOIN.LEFT_OUTER)
        .join_from(PlanItem, ReadingEntry, JOIN.LEFT_OUTER, on=_logged())
        .where(ReadingPlan.member == actor.id)
        .group_by(ReadingPlan.id, ReadingPlan.title, ReadingPlan.since, ReadingPlan.until)
        .order_by(ReadingPlan.until.desc(), ReadingPlan.id.desc())
    )


def _as_day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def list_plans(actor: Actor, number: int, size: int) -> Page[PlanRow]:
    """Give a page of the actor's plans, the one that ends last first: two statements."""
    total = ReadingPlan.select().where(ReadingPlan.member == actor.id).count()
    return Page([PlanRow._make(row) for row in _plans(actor).paginate(number, size).tuples()], number, size, total)


def plan_overview(actor: Actor, limit: int = 3) -> list[PlanRow]:
    """Give the actor's plans that run today, with how far they have come: one statement, for the first page."""
    today = clock.today()
    rows = _plans(actor).where(ReadingPlan.since <= today, ReadingPlan.until >= today).limit(limit).tuples()
    return [PlanRow._make(row) for row in rows]


def get_plan(actor: Actor, plan_id: int) -> PlanView:
    """Give a plan of the actor's own with its books and their ticks: two statements. Raises NotFound."""
    head: Any = (
        ReadingPlan.select(ReadingPlan.id, ReadingPlan.title, ReadingPlan.since, ReadingPlan.until)
        .where(ReadingPlan.id == plan_id, ReadingPlan.member == actor.id)
        .tuples()
        .first()
    )
    if head is None:
        raise NotFound(N_("There is no such plan among yours."))
    rows = (
        PlanItem.select(
            Book.id, Book.title, Book.authors, Book.clc, PlanItem.due_on, ReadingEntry.state, ReadingEntry.finished_on
        )
        .join_from(PlanItem, ReadingPlan)
        .join_from(PlanItem, Book)
        .join_from(PlanItem, ReadingEntry, JOIN.LEFT_OUTER, on=_logged())
        .where(PlanItem.plan == plan_id)
        .order_by(PlanItem.due_on, PlanItem.position, PlanItem.id)
        .tuples()
    )
    today = clock.today()
    return PlanView(*[*head, [_item(row, head[2], today) for row in rows]])


def _item(row: tuple[Any, ...], since: date, today: date) -> ItemView:
    book, title, authors, clc, due_on, state, finished_on = row
    finished = finished_on if state == State.FINISHED else None
    return ItemView(
        book,
        title,
        authors,
        clc,
        due_on,
        state or "",
        finished,
        rules.tick(finished, since, due_on, today),
        (due_on - today).days,
    )
