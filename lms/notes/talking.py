"""What readers say to a note: comments and thanks, and the showcase in which the best stand."""

from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, fn

from lms import clock
from lms.db import transactional
from lms.errors import N_, Conflict, Forbidden, NotFound
from lms.members.access import Action, Actor, may
from lms.members.models import Member, Unit
from lms.notes import reach, rules
from lms.notes.models import Note, NoteComment, NoteThanks
from lms.notices.service import notify
from lms.paging import Page

COMMENTS_SIZE = 50
GONE = N_("This note is not there, or you may not see it.")
NO_COMMENT = N_("This comment is not there any more.")


class Comment(NamedTuple):
    """A comment as it is shown."""

    id: int
    member: int
    member_name: str
    body: str
    created_at: datetime
    edited_at: datetime | None


class _Place(NamedTuple):
    member: int
    audience: str
    state: str
    path: str | None
    title: str


@transactional
def comment(actor: Actor, note: int, body: str) -> int:
    """Say something to a note, and give the comment's id. Raises NotFound, InvalidInput."""
    place = _place(actor, note)
    made: int = NoteComment.create(note=note, member=actor.id, body=rules.check_comment(body)).id
    told = N_("%(name)s said something to “%(title)s”.")
    said = {"name": actor.name, "title": place.title}
    notify({place.member} - {actor.id}, "note", f"comment:{made}", told, said, f"/notes/{note}#comment-{made}")
    return made


@transactional
def edit_comment(actor: Actor, note: int, ident: int, body: str) -> None:
    """Change the actor's own comment; it is then marked as changed. Raises NotFound, InvalidInput."""
    _place(actor, note)
    words = rules.check_comment(body)
    changed = (
        NoteComment.update(body=words, edited_at=clock.now())
        .where(
            NoteComment.id == ident,
            NoteComment.note == note,
            NoteComment.member == actor.id,
            NoteComment.deleted_at.is_null(),
        )
        .execute()
    )
    if not changed:
        raise NotFound(NO_COMMENT)


@transactional
def delete_comment(actor: Actor, note: int, ident: int) -> None:
    """Take a comment away: the own one, or any as the note's writer or a liaison of its unit. Raises NotFound."""
    place = _place(actor, note)
    condition = (NoteComment.id == ident) & (NoteComment.note == note) & NoteComment.deleted_at.is_null()
    if not may_moderate(actor, place.member, place.path):
        condition &= NoteComment.member == actor.id
    if not NoteComment.update(deleted_at=clock.now(), deleted_by=actor.id).where(condition).execute():
        raise NotFound(NO_COMMENT)


def may_moderate(actor: Actor, writer: int, path: str | None) -> bool:
    """Say whether the actor may take away what others said: the writer of the note and the liaisons of its unit."""
    return writer == actor.id or (path is not None and may(actor, Action.NOTE_CARE, path))


def list_comments(note: int, page: int) -> Page[Comment]:
    """Give the comments on a note that was looked up for the actor before, the oldest first."""
    condition = (NoteComment.note == note) & NoteComment.deleted_at.is_null()
    rows = (
        NoteComment.select(*_columns())
        .join(Member, on=(NoteComment.member == Member.id))
        .where(condition)
        .order_by(NoteComment.created_at, NoteComment.id)
        .paginate(page, COMMENTS_SIZE)
    )
    total = NoteComment.select(fn.COUNT(NoteComment.id)).where(condition).scalar()
    return Page([Comment._make(row) for row in rows.tuples()], page, COMMENTS_SIZE, total)


def get_comment(ident: int) -> Comment:
    """Give a comment that the actor has just made or changed."""
    row = (
        NoteComment.select(*_columns())
        .join(Member, on=(NoteComment.member == Member.id))
        .where(NoteComment.id == ident)
        .tuples()
        .first()
    )
    if row is None:
        raise NotFound(NO_COMMENT)
    return Comment._make(row)


def _columns() -> tuple[Any, ...]:
    return (
        NoteComment.id,
        NoteComment.member,
        Member.name,
        NoteComment.body,
        NoteComment.created_at,
        NoteComment.edited_at,
    )


@transactional
def thank(actor: Actor, note: int) -> None:
    """Thank the writer of a note; a second time changes nothing. Raises NotFound, Forbidden for the own note."""
    place = _place(actor, note)
    if place.member == actor.id:
        raise Forbidden(N_("Thanks are for what others wrote."))
    NoteThanks.insert(note=note, member=actor.id).on_conflict(action="nothing").execute()
    told = N_("%(name)s said thanks for “%(title)s”.")
    said = {"name": actor.name, "title": place.title}
    notify([place.member], "note", f"thanks:{note}:{actor.id}", told, said, f"/notes/{note}")


@transactional
def unthank(actor: Actor, note: int) -> None:
    """Take thanks back; where there were none nothing changes. Raises NotFound."""
    _place(actor, note)
    NoteThanks.delete().where(NoteThanks.note == note, NoteThanks.member == actor.id).execute()


def count_thanks(actor: Actor, note: int) -> tuple[int, bool]:
    """Give how many thanked for a note that was looked up before, and whether the actor is among them."""
    mine = fn.SUM((NoteThanks.member == actor.id).cast("integer"))
    total, own = NoteThanks.select(fn.COUNT(NoteThanks.id), mine).where(NoteThanks.note == note).tuples().first()
    return int(total), bool(own)


@transactional
def show(actor: Actor, note: int) -> None:
    """Put an accepted note into the showcase, where those see it whom its audience takes in.

    Raises NotFound, Forbidden for who is not a liaison of its unit, Conflict when it is not accepted or when its
    writer keeps it to themself.
    """
    place = _curated(actor, note)
    if place.state != "accepted":
        raise Conflict(N_("Only an accepted note goes into the showcase."))
    if place.audience == "me":
        raise Conflict(N_("Its writer keeps this note to themself. Ask them to share it first."))
    Note.update(shown_at=clock.now(), shown_by=actor.id).where(Note.id == note, Note.shown_at.is_null()).execute()


@transactional
def unshow(actor: Actor, note: int) -> None:
    """Take a note out of the showcase; nothing else about it changes. Raises NotFound, Forbidden."""
    _curated(actor, note)
    Note.update(shown_at=None, shown_by=None).where(Note.id == note).execute()


def _curated(actor: Actor, note: int) -> _Place:
    place = _place(actor, note)
    if place.path is None or not may(actor, Action.NOTE_CARE, place.path):
        raise Forbidden(N_("Only the liaisons of its unit choose this note for the showcase."))
    return place


def _place(actor: Actor, note: int) -> _Place:
    row = (
        Note.select(Note.member, Note.audience, Note.state, Unit.path, Note.title)
        .join(Unit, JOIN.LEFT_OUTER)
        .where(Note.id == note, reach.may_open(actor))
        .tuples()
        .first()
    )
    if row is None:
        raise NotFound(GONE)
    return _Place._make(row)
