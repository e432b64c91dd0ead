"""Reads for those who review: the queue, its counts, what comes next."""

from datetime import datetime
from typing import Any, NamedTuple

from peewee import Expression, fn

from lms.members.access import Action, Actor, require
from lms.members.models import Member, Unit
from lms.notes import reach
from lms.notes.models import Note, NoteReview
from lms.paging import Page

PAGE_SIZE = 20
SHELVES = ("waiting", "returned", "accepted")
STATE_OF = {"waiting": "submitted", "returned": "returned", "accepted": "accepted"}


class QueueRow(NamedTuple):
    """A note in the queue; ``decided_by`` is who decided last."""

    id: int
    title: str
    kind: str
    chars: int
    member_name: str
    unit_name: str
    submitted_at: datetime | None
    decided_at: datetime | None
    shown_at: datetime | None


def _reviewable(actor: Actor) -> Expression:
    return reach.reviewed_by(actor) & Note.deleted_at.is_null() & (Note.member != actor.id)


def list_queue(actor: Actor, shelf: str, kind: str, page: int) -> Page[QueueRow]:
    """Give the notes handed in to the actor: who waits longest first; of those decided the latest. Raises Forbidden."""
    require(actor, Action.NOTE_REVIEW)
    condition = _reviewable(actor) & (Note.state == STATE_OF[shelf])
    if kind:
        condition &= Note.kind == kind
    rows = (
        Note.select(
            Note.id,
            Note.title,
            Note.kind,
            Note.chars,
            Member.name,
            Unit.name,
            Note.submitted_at,
            Note.decided_at,
            Note.shown_at,
        )
        .join(Member, on=(Note.member == Member.id))
        .switch(Note)
        .join(Unit)
        .where(condition)
        .order_by(*_order(shelf))
        .paginate(page, PAGE_SIZE)
    )
    total = Note.select(fn.COUNT(Note.id)).where(condition).scalar()
    return Page([QueueRow._make(row) for row in rows.tuples()], page, PAGE_SIZE, total)


def _order(shelf: str) -> tuple[Any, Any]:
    if shelf == "waiting":
        return Note.submitted_at, Note.id
    return Note.decided_at.desc(), Note.id.desc()


def count_queue(actor: Actor) -> dict[str, int]:
    """Count the notes on each shelf of the queue."""
    rows = Note.select(Note.state, fn.COUNT(Note.id)).where(_reviewable(actor), Note.state != "open")
    counts = dict(rows.group_by(Note.state).tuples())
    return {shelf: counts.get(state, 0) for shelf, state in STATE_OF.items()}


def waiting_for(actor: Actor) -> Any:
    """Make the query that counts the notes that wait for the actor."""
    return Note.select(fn.COUNT(Note.id)).where(_reviewable(actor), Note.state == "submitted")


def find_neighbours(actor: Actor, note: int, submitted_at: datetime | None) -> tuple[int | None, int | None]:
    """Give the notes that wait just before and just after one, by when they were handed in."""
    if submitted_at is None:
        return None, None
    waiting = _reviewable(actor) & (Note.state == "submitted")
    earlier = (Note.submitted_at < submitted_at) | ((Note.submitted_at == submitted_at) & (Note.id < note))
    later = (Note.submitted_at > submitted_at) | ((Note.submitted_at == submitted_at) & (Note.id > note))
    before = Note.select(Note.id).where(waiting & earlier).order_by(Note.submitted_at.desc(), Note.id.desc()).limit(1)
    after = Note.select(Note.id).where(waiting & later).order_by(Note.submitted_at, Note.id).limit(1)
    return before.scalar(), after.scalar()


def count_decided(actor: Actor, since: datetime) -> int:
    """Count the decisions that the actor has made since an instant."""
    mine = (NoteReview.member == actor.id) & NoteReview.step.in_(("accepted", "returned")) & (NoteReview.at >= since)
    return int(NoteReview.select(fn.COUNT(NoteReview.id)).where(mine).scalar())
