"""Writing the reading log. What counts as learning is published in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from lms import clock, events
from lms.catalogue.rules import block, line
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.members.access import Actor
from lms.reading import loading, rules
from lms.reading.models import OFF_SHELF, PastReading, ReadingEntry, ReadingSession
from lms.reading.rules import Change, Progress, Standing, State, Step
from lms.rows import insert_row, update_row


@dataclass(frozen=True)
class Earlier:
    """What came of noting books read earlier: how many were noted, and which were finished already."""

    noted: int
    known: frozenset[int]


@transactional
def set_state(
    actor: Actor,
    book_id: int,
    state: str,
    day: date | None = None,
    rating: int | None = None,
    reason: str | None = None,
) -> Step:
    """Put a book into a state on the actor's shelf and say what changed.

    ``day`` is the day of finishing (or beginning), today when not given; ``rating`` and ``reason`` (why it was given
    up) are left as they are when not given. Two taps at once are one fact: the entry is locked while it is decided.
    Raises NotFound, Conflict for a withdrawn book that is not on the shelf, InvalidInput.
    """
    wanted = rules.parse_state(state)
    rules.check_rating(rating)
    why = None if reason is None else line(reason, "reason", rules.REASON_CHARS)
    entry = loading.entry_to_change(actor, book_id)
    done = rules.step(_standing(entry), wanted, day, clock.today())
    if rating is not None:
        entry.rating = rating
    if wanted is State.ABANDONED:
        entry.reason = entry.reason if why is None else why
    else:
        entry.reason = ""
    _store(entry, done)
    return done


@transactional
def rate(actor: Actor, book_id: int, rating: int | None) -> None:
    """Rate a finished book with 1 to 5, or take the rating back with None.

    Raises InvalidInput, NotFound for a book not on the shelf, Conflict for one that is not finished.
    """
    rules.check_rating(rating)
    entry = loading.entry_on_shelf(actor, book_id)
    if entry.state != State.FINISHED:
        raise Conflict(N_("Only a finished book can be rated."))
    entry.rating = rating
    entry.save()


@transactional
def undo_finish(actor: Actor, book_id: int, fact: int, back_to: str) -> bool:
    """Take one finish back, the number ``fact``, and put the book where it stood: a state, or "" for off the shelf.

    Gives False when that finish is not in force any more: undoing twice, or after a further change, changes nothing.
    Raises InvalidInput, NotFound.
    """
    wanted = rules.parse_state(back_to) if back_to else None
    entry = loading.entry_on_shelf(actor, book_id)
    before = _standing(entry)
    if before.state is not State.FINISHED or before.fact != fact or wanted is State.FINISHED:
        return False
    if wanted is None:
        _leave_shelf(entry)
    else:
        _store(entry, rules.step(before, wanted, before.started_on, clock.today()))
    return True


@transactional
def read_again(actor: Actor, book_id: int, day: date | None = None) -> int:
    """Begin a book again and give the number of the new reading; the former one is kept with its days and its finish.

    ``day`` is the first day, today when not given. Raises NotFound, Conflict unless the book was finished or given up,
    InvalidInput.
    """
    entry = loading.entry_on_shelf(actor, book_id)
    before = _standing(entry)
    after = rules.read_again(before, day, clock.today())
    PastReading.create(
        entry=entry.id,
        number=entry.number,
        state=entry.state,
        started_on=before.started_on,
        finished_on=before.finished_on,
        fact=before.fact,
        rating=entry.rating,
        reason=entry.reason,
    )
    entry.number += 1
    entry.rating = entry.page = entry.percent = None
    entry.reason = ""
    _store(entry, Step(after, Change.NONE))
    return int(entry.number)


@transactional
def remove_reading(actor: Actor, book_id: int, number: int) -> None:
    """Take an earlier reading out of the log; its finish no longer counts. Raises NotFound."""
    entry = loading.entry_on_shelf(actor, book_id)
    past = PastReading.get_or_none(PastReading.entry == entry.id, PastReading.number == number)
    if past is None:
        raise NotFound(N_("There is no such reading in your log."))
    past.delete_instance()
    if past.fact:
        events.publish(events.BookUnfinished(actor.id, entry.id, past.fact))


@transactional
def remove_entry(actor: Actor, book_id: int) -> Step:
    """Take a book off the actor's shelf with its earlier readings; finishes are taken back, noted minutes stay.

    Raises NotFound.
    """
    return _leave_shelf(loading.entry_on_shelf(actor, book_id))


def _leave_shelf(entry: ReadingEntry) -> Step:
    done = rules.take_off(_standing(entry))
    for past in PastReading.select().where(PastReading.entry == entry.id, PastReading.fact > 0):
        events.publish(events.BookUnfinished(entry.member, entry.id, past.fact))
    PastReading.delete().where(PastReading.entry == entry.id).execute()
    entry.rating = None
    entry.reason = ""
    _store(entry, done)
    return done


@transactional
def log_earlier(actor: Actor, books: Sequence[tuple[int, date]]) -> Earlier:
    """Log many books as finished on days gone by, in one go. A book finished already stays as it is.

    Raises InvalidInput for none, too many, or a day that cannot be, NotFound, Conflict for a withdrawn book.
    """
    if not books:
        raise InvalidInput(N_("Please choose at least one book."), field="book")
    if len(books) > rules.AT_ONCE:
        raise InvalidInput(N_("Please choose %(limit)s books at most."), field="book", limit=rules.AT_ONCE)
    known = set()
    # In one order for all: two such lists saved at once would otherwise wait for each other's rows.
    for book_id, day in sorted(books):
        entry = loading.entry_to_change(actor, book_id)
        if entry.state == State.FINISHED:
            known.add(book_id)
        else:
            _store(entry, rules.step(_standing(entry), State.FINISHED, day, clock.today()))
    return Earlier(len(books) - len(known), frozenset(known))


@transactional
def note_progress(actor: Actor, book_id: int, progress: Progress) -> int:
    """Note some reading (minutes, the place reached, a remark, any of them) and give the note's id.

    A book that was only wanted, given up or not on the shelf is being read from now on. All notes of one day come to
    1440 minutes at most. A note with a key (``once``) that is there already is not noted again. The place of the
    book is that of the note made last for the latest day, so one that arrives late never turns it back. Raises
    NotFound, Conflict for a withdrawn book that is not on the shelf, InvalidInput.
    """
    today, now = clock.today(), clock.now()
    at = rules.noted_at(progress.at, now)
    day = progress.day or (clock.local(at).date() if progress.at else today)
    rules.check_day(day, today)
    remark, once = _checked_texts(progress)
    loading.lock_member(actor)
    noted = loading.noted_already(actor, once)
    if noted is not None:
        return noted
    entry = loading.entry_to_change(actor, book_id)
    checked = replace(progress, remark=remark)
    already = loading.minutes_on(actor, day) if progress.minutes else 0
    rules.check_progress(checked, loading.pages_of(book_id), already)
    rules.check_turning_back(checked, entry.page, entry.percent)
    before = _standing(entry)
    if before.state not in (State.READING, State.FINISHED):
        _store(entry, rules.step(before, State.READING, day, today))
    session = insert_row(
        ReadingSession,
        member=actor.id,
        book=book_id,
        day=day,
        minutes=progress.minutes,
        page=progress.page,
        percent=progress.percent,
        remark=remark,
        number=entry.number,
        noted_at=at,
        once=once,
    )
    _note_place(entry)
    if progress.minutes:
        events.publish(events.StudyTimeLogged(actor.id, session, progress.minutes, day))
    return session


def _checked_texts(progress: Progress) -> tuple[str, str | None]:
    return checked_remark(progress.remark), line(progress.once, "once", rules.ONCE_CHARS) or None


def checked_remark(text: str) -> str:
    """Give a remark on some reading, tidied. Raises InvalidInput."""
    return block(text, "remark", rules.REMARK_CHARS)


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
        entry = loading.locked_entry(actor, session.book)
        if entry is not None:
            _note_place(entry)
        if session.minutes:
            events.publish(events.StudyTimeWithdrawn(actor.id, session_id))
    return int(session.book)


def _standing(entry: ReadingEntry) -> Standing:
    state = State(entry.state) if entry.state != OFF_SHELF else None
    return Standing(state, entry.started_on, entry.finished_on, entry.times, entry.fact)


def _store(entry: ReadingEntry, done: Step) -> None:
    after = done.standing
    before_fact = entry.fact
    if after == _standing(entry):
        entry.save()
        return
    entry.state = after.state.value if after.state else OFF_SHELF
    entry.started_on = after.started_on
    entry.finished_on = after.finished_on
    entry.times = after.times
    entry.fact = after.fact
    entry.updated_at = clock.now()
    entry.save()
    if done.change is Change.FINISHED and after.finished_on:
        events.publish(events.BookFinished(entry.member, entry.book, entry.id, after.fact, after.finished_on))
    elif done.change is Change.MOVED and after.finished_on:
        moved = events.BookFinishMoved(entry.member, entry.book, entry.id, after.fact, after.finished_on, before_fact)
        events.publish(moved)
    elif done.change is Change.UNFINISHED:
        events.publish(events.BookUnfinished(entry.member, entry.id, before_fact))


def _note_place(entry: ReadingEntry) -> None:
    """Keep the place noted last for the latest day: one for an older day, or one that arrives late, counts less."""
    place = loading.last_place(entry.member, entry.book, entry.number)
    page, percent = place or (None, None)
    update_row(ReadingEntry, entry.id, page=page, percent=percent, updated_at=clock.now())
