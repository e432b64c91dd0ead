"""Writing the reading log and plans. What counts as learning is published in the same transaction."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from peewee import fn

from lms import clock, events
from lms.catalogue import queries as catalogue
from lms.catalogue.models import Book
from lms.catalogue.rules import line
from lms.db import is_sqlite, transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.members.access import Actor
from lms.members.models import Member
from lms.reading import rules
from lms.reading.models import OFF_SHELF, PlanItem, ReadingEntry, ReadingPlan, ReadingSession
from lms.reading.rules import Change, PlannedBook, Standing, State, Step


@transactional
def set_state(actor: Actor, book_id: int, state: str, day: date | None = None) -> Step:
    """Put a book into a state on the actor's shelf and say what changed.

    ``day`` is the day of finishing (or beginning), today when not given. Two taps at once are one fact: the entry is
    locked while it is decided. Raises NotFound, Conflict for a withdrawn book that is not on the shelf, InvalidInput.
    """
    wanted = rules.parse_state(state)
    entry = _entry_to_change(actor, book_id)
    done = rules.step(_standing(entry), wanted, day, clock.today())
    _store(entry, done)
    return done


@transactional
def remove_entry(actor: Actor, book_id: int) -> Step:
    """Take a book off the actor's shelf; a finish is taken back, noted minutes stay. Raises NotFound."""
    entry = _locked_entry(actor, book_id)
    if entry is None or entry.state == OFF_SHELF:
        raise NotFound(N_("This book is not on your shelf."))
    done = rules.take_off(_standing(entry))
    _store(entry, done)
    return done


@transactional
def record_session(actor: Actor, book_id: int, minutes: int, page: int | None = None, day: date | None = None) -> int:
    """Note minutes of reading, and the page reached if known; give the session's id.

    A book that was only wanted, given up or not on the shelf is being read from now on. All sessions of one day come
    to 1440 minutes at most. Raises NotFound, Conflict for a withdrawn book that is not on the shelf, InvalidInput.
    """
    today = clock.today()
    day = day or today
    rules.check_day(day, today)
    _lock_member(actor)
    entry = _entry_to_change(actor, book_id)
    book_pages = Book.select(Book.pages).where(Book.id == book_id).scalar()
    rules.check_session(minutes, page, book_pages, _minutes_on(actor, day))
    session = ReadingSession.create(member=actor.id, book=book_id, day=day, minutes=minutes, page=page)
    before = _standing(entry)
    if before.state not in (State.READING, State.FINISHED):
        _store(entry, rules.step(before, State.READING, day, today))
    _note_page(actor, book_id)
    events.publish(events.StudyTimeLogged(actor.id, session.id, minutes, day))
    return int(session.id)


@transactional
def withdraw_session(actor: Actor, session_id: int) -> int:
    """Take a noted session back and give its book. Doing it twice changes nothing. Raises NotFound."""
    session = ReadingSession.get_or_none(ReadingSession.id == session_id, ReadingSession.member == actor.id)
    if session is None:
        raise NotFound(N_("This note of reading time is not there any more."))
    changed = (
        ReadingSession.update(withdrawn_at=clock.now())
        .where(ReadingSession.id == session_id, ReadingSession.withdrawn_at.is_null())
        .execute()
    )
    if changed:
        _note_page(actor, session.book)
        events.publish(events.StudyTimeWithdrawn(actor.id, session_id))
    return int(session.book)


def _entry_to_change(actor: Actor, book_id: int) -> ReadingEntry:
    book = Book.select(Book.withdrawn_at).where(Book.id == book_id).tuples().first()
    if book is None:
        raise NotFound(N_("There is no such book in the catalogue."))
    entry = _locked_entry(actor, book_id)
    if book[0] is not None and (entry is None or entry.state == OFF_SHELF):
        raise Conflict(N_("This book has been taken off the catalogue, so it cannot be put on a shelf any more."))
    if entry is None:
        # The other of two first taps may have come in between: then its row is taken, once it is committed.
        ReadingEntry.insert(member=actor.id, book=book_id, state=OFF_SHELF).on_conflict_ignore().execute()
        entry = _locked_entry(actor, book_id)
    if entry is None:
        raise Conflict(N_("This was changed at the same moment elsewhere. Please try again."))
    return entry


def _locked_entry(actor: Actor, book_id: int) -> ReadingEntry | None:
    query = ReadingEntry.select().where(ReadingEntry.member == actor.id, ReadingEntry.book == book_id)
    return _locked(query).first()


def _lock_member(actor: Actor) -> None:
    """Have one writer at a time for what a member's rows must add up to."""
    _locked(Member.select(Member.id).where(Member.id == actor.id), "FOR NO KEY UPDATE").first()


def _locked(query: Any, lock: str = "FOR UPDATE") -> Any:
    """Lock the rows on PostgreSQL; on SQLite BEGIN IMMEDIATE has locked the whole database."""
    return query if is_sqlite() else query.for_update(lock)


def _standing(entry: ReadingEntry) -> Standing:
    state = State(entry.state) if entry.state != OFF_SHELF else None
    return Standing(state, entry.started_on, entry.finished_on, entry.times)


def _store(entry: ReadingEntry, done: Step) -> None:
    after = done.standing
    if after == _standing(entry):
        return
    before_times = entry.times
    entry.state = after.state.value if after.state else OFF_SHELF
    entry.started_on = after.started_on
    entry.finished_on = after.finished_on
    entry.times = after.times
    entry.updated_at = clock.now()
    entry.save()
    if done.change is Change.FINISHED and after.finished_on:
        events.publish(events.BookFinished(entry.member, entry.book, entry.id, after.times, after.finished_on))
    elif done.change is Change.MOVED and after.finished_on:
        events.publish(events.BookFinishMoved(entry.member, entry.book, entry.id, after.times, after.finished_on))
    elif done.change is Change.UNFINISHED:
        events.publish(events.BookUnfinished(entry.member, entry.id, before_times))


def _minutes_on(actor: Actor, day: date) -> int:
    total = (
        ReadingSession.select(fn.SUM(ReadingSession.minutes))
        .where(ReadingSession.member == actor.id, ReadingSession.day == day, ReadingSession.withdrawn_at.is_null())
        .scalar()
    )
    return int(total or 0)


def _note_page(actor: Actor, book_id: int) -> None:
    """Keep the page of the latest day's session: a session noted afterwards for an older day must not turn back."""
    page = (
        ReadingSession.select(ReadingSession.page)
        .where(
            ReadingSession.member == actor.id,
            ReadingSession.book == book_id,
            ReadingSession.withdrawn_at.is_null(),
            ReadingSession.page.is_null(False),
        )
        .order_by(ReadingSession.day.desc(), ReadingSession.id.desc())
        .limit(1)
        .scalar()
    )
    (
        ReadingEntry.update(page=page, updated_at=clock.now())
        .where(ReadingEntry.member == actor.id, ReadingEntry.book == book_id)
        .execute()
    )


@transactional
def make_plan(actor: Actor, title: str, since: date, until: date, books: Sequence[PlannedBook]) -> int:
    """Make a plan of the actor's own and give its id; due days that are not given are spread evenly.

    Raises InvalidInput; for a withdrawn or unknown book too.
    """
    title, planned = _checked_plan(title, since, until, books, frozenset())
    plan = ReadingPlan.create(member=actor.id, title=title, since=since, until=until)
    _write_items(plan.id, planned)
    return int(plan.id)


@transactional
def change_plan(actor: Actor, plan_id: int, title: str, since: date, until: date, books: Sequence[PlannedBook]) -> None:
    """Change a plan of the actor's own; a book withdrawn since then may stay in it. Raises NotFound, InvalidInput."""
    _locked_plan(actor, plan_id)
    kept = frozenset(book for (book,) in PlanItem.select(PlanItem.book).where(PlanItem.plan == plan_id).tuples())
    title, planned = _checked_plan(title, since, until, books, kept)
    ReadingPlan.update(title=title, since=since, until=until, updated_at=clock.now()).where(
        ReadingPlan.id == plan_id
    ).execute()
    PlanItem.delete().where(PlanItem.plan == plan_id).execute()
    _write_items(plan_id, planned)


@transactional
def delete_plan(actor: Actor, plan_id: int) -> None:
    """Delete a plan of the actor's own for good; the log of its books is not touched. Raises NotFound."""
    _locked_plan(actor, plan_id)
    PlanItem.delete().where(PlanItem.plan == plan_id).execute()
    ReadingPlan.delete().where(ReadingPlan.id == plan_id).execute()


def _locked_plan(actor: Actor, plan_id: int) -> None:
    query = ReadingPlan.select(ReadingPlan.id).where(ReadingPlan.id == plan_id, ReadingPlan.member == actor.id)
    if _locked(query).first() is None:
        raise NotFound(N_("There is no such plan among yours."))


def _checked_plan(
    title: str, since: date, until: date, books: Sequence[PlannedBook], kept: frozenset[int]
) -> tuple[str, list[PlannedBook]]:
    title = line(title, "title", rules.TITLE_CHARS)
    if not title:
        raise InvalidInput(N_("Please give the plan a name."), field="title")
    rules.check_plan(since, until, books)
    wanted = [planned.book for planned in books]
    if not set(wanted) <= catalogue.open_books(wanted) | kept:
        raise InvalidInput(N_("One of the books is not in the catalogue any more."), field="books")
    return title, rules.with_due_days(since, until, books)


def _write_items(plan_id: int, planned: Sequence[PlannedBook]) -> None:
    PlanItem.insert_many(
        [
            {"plan": plan_id, "book": item.book, "due_on": item.due_on, "position": place}
            for place, item in enumerate(planned)
        ]
    ).execute()
