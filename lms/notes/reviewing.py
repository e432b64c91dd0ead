"""A note's way through review: handed in, returned with a remark or accepted; each step leaves a trace.

Two people may have the same note open: a decision names the version it was made on, and the one who comes second is
told who decided, and loses no word of the remark.
"""

from datetime import datetime
from typing import NamedTuple

from peewee import JOIN

from lms import clock
from lms.db import transactional
from lms.errors import N_, Conflict, Forbidden, InvalidInput, NotFound
from lms.events import NoteAccepted, NoteSubmitted, NoteUnaccepted, NoteWithdrawn, publish
from lms.members.access import Action, Actor, may
from lms.members.models import Member, Unit
from lms.notes import reach, rules
from lms.notes.about import thing_of
from lms.notes.models import Note, NoteReview
from lms.notices.service import notify

GONE = N_("This note is not there, or you may not see it.")
VERDICTS = ("accepted", "returned")


class Step(NamedTuple):
    """Something that happened to a note on its way through review."""

    step: str
    remark: str
    at: datetime
    version: int
    member: int | None
    member_name: str | None


@transactional
def submit(actor: Actor, note: int, version: int) -> None:
    """Hand a note in to the liaisons of its unit.

    Raises NotFound when it is not the actor's, Conflict when it was changed since ``version`` or is handed in or
    accepted already, InvalidInput when it belongs to no unit: nobody would read it then.
    """
    found = _own(actor, note)
    if found.unit is None:
        raise InvalidInput(N_("You belong to no unit just now, so nobody could review it."), field="unit")
    moment = clock.now()
    changed = _move(note, version, ("open", "returned"), state="submitted", submitted_at=moment)
    if not changed:
        raise Conflict(N_("This note was handed in or changed in the meantime. Please look at it again."))
    _trace(actor, note, "submitted", version)
    times = NoteReview.select().where(NoteReview.note == note, NoteReview.step == "submitted").count()
    day = clock.local(moment).date()
    about = thing_of(found.book, found.about_kind, found.about_ref)
    publish(NoteSubmitted(actor.id, note, times, day, found.kind, found.chars, about))


@transactional
def withdraw(actor: Actor, note: int) -> None:
    """Take a note back that was handed in, to go on writing. Raises NotFound, Conflict when it was decided already."""
    found = _own(actor, note)
    if not _move(note, found.version, ("submitted",), state="open", submitted_at=None):
        raise Conflict(N_("This note is not waiting for a review any more. Please look at it again."))
    _trace(actor, note, "withdrawn", found.version)
    publish(NoteWithdrawn(actor.id, note))


@transactional
def decide(actor: Actor, note: int, version: int, verdict: str, remark: str = "") -> None:
    """Accept a note or return it with a remark; accepting is booked once in the writer's ledger.

    Raises NotFound when the actor does not review its unit, Forbidden for the own note, InvalidInput when a return
    says nothing, Conflict when somebody else decided first or the text was changed since ``version``.
    """
    found = _to_review(actor, note)
    checked = _remark(verdict, remark)
    moment = clock.now()
    values = {"state": verdict, "decided_at": moment, "decided_by": actor.id}
    if verdict == "accepted":
        values["times"] = Note.times + 1
    if not _move(note, version, ("submitted",), **values):
        raise _overtaken(note, version)
    _trace(actor, note, verdict, version, checked)
    told = N_("“%(title)s” is accepted.") if verdict == "accepted" else N_("“%(title)s” was returned with a remark.")
    notify([found.member], "note", f"note:{note}:{verdict}:{version}", told, {"title": found.title}, f"/notes/{note}")
    if verdict == "accepted":
        day = clock.local(found.submitted_at or moment).date()
        subject = thing_of(found.book, found.about_kind, found.about_ref)
        publish(NoteAccepted(found.member, note, found.times + 1, day, found.kind, found.chars, subject))


@transactional
def reopen(actor: Actor, note: int, remark: str) -> None:
    """Take an acceptance back: the note waits for a review again, and the ledger books the reversal.

    Raises NotFound, Forbidden for the own note, InvalidInput without a reason, Conflict when it is not accepted.
    """
    found = _to_review(actor, note)
    checked = _remark("returned", remark)
    values = {"state": "submitted", "shown_at": None, "shown_by": None, "decided_at": None, "decided_by": None}
    if not _move(note, found.version, ("accepted",), **values):
        raise Conflict(N_("This note is not accepted, so there is nothing to take back."))
    _trace(actor, note, "reopened", found.version, checked)
    publish(NoteUnaccepted(found.member, note, found.times))


def _own(actor: Actor, note: int) -> Note:
    found = Note.get_or_none(Note.id == note, Note.member == actor.id, Note.deleted_at.is_null())
    if found is None:
        raise NotFound(GONE)
    return found


def _to_review(actor: Actor, note: int) -> Note:
    found = (
        Note.select(Note, Unit.path.alias("unit_path"))
        .join(Unit, JOIN.LEFT_OUTER)
        .where(Note.id == note, Note.deleted_at.is_null(), reach.may_open(actor))
        .objects()
        .first()
    )
    if found is None:
        raise NotFound(GONE)
    if found.member == actor.id:
        raise Forbidden(N_("Nobody reviews their own note."))
    if not found.unit_path or not may(actor, Action.NOTE_REVIEW, found.unit_path):
        raise Forbidden(N_("Only the liaisons of its unit review this note."))
    return found


def _remark(verdict: str, remark: str) -> str:
    checked = rules.check_remark(remark)
    if verdict not in VERDICTS:
        raise InvalidInput(N_("A note is accepted or returned."), field="verdict")
    if verdict == "returned" and not checked:
        raise InvalidInput(N_("Please say why, so that the writer knows what to do."), field="remark")
    return checked


def _move(note: int, version: int, states: tuple[str, ...], **values: object) -> bool:
    condition = (Note.id == note) & (Note.version == version) & Note.state.in_(states) & Note.deleted_at.is_null()
    return bool(Note.update(**values).where(condition).execute())


def _overtaken(note: int, version: int) -> Conflict:
    state, now, name = (
        Note.select(Note.state, Note.version, Member.name)
        .join(Member, JOIN.LEFT_OUTER, on=(Note.decided_by == Member.id))
        .where(Note.id == note)
        .tuples()
        .first()
    )
    if state == "accepted" and name:
        return Conflict(N_("%(name)s has just accepted this note. Your remark was not sent."), name=name)
    if state == "returned" and name:
        return Conflict(N_("%(name)s has just returned this note. Your remark was not sent."), name=name)
    if state == "submitted" and now != version:
        return Conflict(N_("The writer has changed this note since you opened it. Please read it again."))
    return Conflict(N_("The writer has taken this note back. There is nothing to decide just now."))


def _trace(actor: Actor, note: int, step: str, version: int, remark: str = "") -> None:
    NoteReview.create(note=note, member=actor.id, step=step, version=version, remark=remark)


def list_steps(note: int) -> list[Step]:
    """Give the way of a note through review, the latest first; the note was looked up for the actor before."""
    rows = (
        NoteReview.select(
            NoteReview.step, NoteReview.remark, NoteReview.at, NoteReview.version, NoteReview.member, Member.name
        )
        .join(Member, JOIN.LEFT_OUTER)
        .where(NoteReview.note == note)
        .order_by(NoteReview.at.desc(), NoteReview.id.desc())
        .limit(100)
    )
    return [Step._make(row) for row in rows.tuples()]


def require_reviewer(actor: Actor, note: int) -> None:
    """Raise NotFound or Forbidden unless the actor reviews the note."""
    _to_review(actor, note)


def require_reader(actor: Actor, note: int) -> None:
    """Raise NotFound or Forbidden unless the note is the actor's or the actor reviews it."""
    if not Note.select().where(Note.id == note, Note.member == actor.id, Note.deleted_at.is_null()).exists():
        _to_review(actor, note)
