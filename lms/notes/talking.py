"""What readers say to a note: comments and thanks, and the showcase in which the best stand."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from peewee import JOIN, fn

from lms import clock
from lms.db import transactional
from lms.errors import N_, Conflict, Forbidden, NotFound
from lms.members.access import Action, Actor, may
from lms.members.models import Member, Unit
from lms.notes import reach, rules
from lms.notes.models import Note, NoteComment, NoteReview, NoteThanks
from lms.paging import Page

COMMENTS_SIZE = 50
NEWS_FOR = timedelta(days=14)
MOST_NEWS = 8
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


class News(NamedTuple):
    """Something that others said or did to one of my notes: ``what`` is comment, thanks, accepted or returned."""

    what: str
    note: int
    title: str
    name: str
    at: datetime


class _Place(NamedTuple):
    member: int
    audience: str
    state: str
    path: str | None


@transactional
def comment(actor: Actor, note: int, body: str) -> int:
    """Say something to a note, and give the comment's id. Raises NotFound, InvalidInput."""
    _place(actor, note)
    made: int = NoteComment.create(note=note, member=actor.id, body=rules.check_comment(body)).id
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
    if _place(actor, note).member == actor.id:
        raise Forbidden(N_("Thanks are for what others wrote."))
    NoteThanks.insert(note=note, member=actor.id).on_conflict(action="nothing").execute()


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
        Note.select(Note.member, Note.audience, Note.state, Unit.path)
        .join(Unit, JOIN.LEFT_OUTER)
        .where(Note.id == note, reach.may_open(actor))
        .tuples()
        .first()
    )
    if row is None:
        raise NotFound(GONE)
    return _Place._make(row)


def list_news(actor: Actor) -> list[News]:
    """Give what others said or did to the actor's notes in the last two weeks, the latest first: three statements."""
    since = clock.now() - NEWS_FOR
    found = [
        *_news(actor, NoteComment, "comment", NoteComment.created_at, since, NoteComment.deleted_at.is_null()),
        *_news(actor, NoteThanks, "thanks", NoteThanks.at, since),
        *_news(actor, NoteReview, NoteReview.step, NoteReview.at, since, NoteReview.step.in_(("accepted", "returned"))),
    ]
    return sorted(found, key=lambda news: news.at, reverse=True)[:MOST_NEWS]


def _news(actor: Actor, model: Any, what: Any, at: Any, since: datetime, *conditions: Any) -> list[News]:
    columns = [Note.id, Note.title, Member.name, at]
    rows = (
        model.select(*columns, *([] if isinstance(what, str) else [what]))
        .join(Note)
        .switch(model)
        .join(Member, on=(model.member == Member.id))
        .where(Note.member == actor.id, Note.deleted_at.is_null(), model.member != actor.id, at >= since, *conditions)
        .order_by(at.desc())
        .limit(MOST_NEWS)
    )
    return [News(what if isinstance(what, str) else row[4], *row[:4]) for row in rows.tuples()]
