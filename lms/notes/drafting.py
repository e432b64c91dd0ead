"""What is being typed, kept on the server, and every text that was: so that nothing typed is ever lost.

Each device sends to a draft of its own, so no device overwrites another's. A draft that is replaced by much less, or
after it stood for a while, is kept in the history first; so is every saved text and every one that was refused.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from lms import clock
from lms.db import one_at_a_time, transactional
from lms.errors import N_, InvalidInput, NotFound
from lms.members.access import Actor
from lms.notes import about, rules
from lms.notes.models import Note, NoteDraft, NoteRevision
from lms.paging import Page
from lms.prepared import prepared

MOST_DRAFTS = 200
HISTORY_SIZE = 30
SLOW_LINE = timedelta(minutes=10)
BEGINNING = 30  # characters of a draft that tell it from others
GONE = N_("This draft is not there any more.")
_NOTE_KEY = re.compile(r"note:([1-9][0-9]{0,9})")
_DEVICE = re.compile(r"[A-Za-z0-9-]{1,40}")


@dataclass(frozen=True)
class Typed:
    """What a device has sent: ``version`` is the note's version that the typing began from, 0 for a new note."""

    title: str
    body: str
    kind: str
    audience: str
    version: int = 0


class Draft(NamedTuple):
    """A draft as its writer sees it."""

    id: int
    key: str
    device: str
    note: int | None
    version: int
    title: str
    body: str
    kind: str
    audience: str
    updated_at: datetime

    @property
    def chars(self) -> int:
        """Count its characters as a note's are counted."""
        return rules.count_characters(self.body)

    @property
    def beginning(self) -> str:
        """Give its first words, by which a writer knows it among others."""
        return rules.excerpt(self.body, BEGINNING)


class Begun(NamedTuple):
    """What is being written and not saved: the latest of its drafts, and how many devices hold one."""

    latest: Draft
    devices: int


class Revision(NamedTuple):
    """A text in the history. ``how`` is saved, typed, refused or discarded."""

    id: int
    version: int
    how: str
    title: str
    kind: str
    chars: int
    made_at: datetime
    body: str


@dataclass(frozen=True)
class Kept:
    """The answer to a device: its draft, the note's version now, and the drafts of other devices that are newer."""

    draft: int
    at: datetime
    version: int
    others: Sequence[Draft]


@transactional
def keep_draft(actor: Actor, key: str, device: str, typed: Typed) -> Kept:
    """Keep what a device has typed. The same text again changes nothing.

    Raises InvalidInput for a key, device, kind or length that cannot be, NotFound when the note is not the actor's.
    """
    note = _note_of(actor, key)
    _check(device, typed)
    one_at_a_time(f"draft:{actor.id}:{key}:{device}")
    now = clock.now()
    mine = (NoteDraft.member == actor.id) & (NoteDraft.key == key)
    before = NoteDraft.get_or_none(mine, NoteDraft.device == device)
    values = _values(typed)
    if before is None and _is_saved(actor, note, typed):
        return Kept(0, now, note.version if note else 0, ())
    if before is None:
        _make_room(actor)
        ident = NoteDraft.create(
            member=actor.id, key=key, device=device, note=note.id if note else None, updated_at=now, **values
        ).id
    else:
        ident = before.id
        if rules.keeps_former(before.body, typed.body, now - before.updated_at):
            record(actor.id, before.note, before.version, "typed", before.__data__, key=key, at=before.updated_at)
        NoteDraft.update(updated_at=now, **values).where(NoteDraft.id == ident).execute()
    others = [draft for draft in _drafts(mine & (NoteDraft.device != device)) if draft.body != typed.body]
    return Kept(ident, now, note.version if note else 0, others)


def _is_saved(actor: Actor, note: Note | None, typed: Typed) -> bool:
    """Say whether a text has been saved: what a slow line brings after the form was sent is no draft."""
    body = rules.tidy(typed.body)
    if note is not None:
        return bool(note.body == body and note.title == typed.title.strip())
    late = (Note.member == actor.id) & (Note.created_at >= clock.now() - SLOW_LINE)
    return bool(Note.select().where(late, Note.body == body, Note.title == typed.title.strip()).exists())


def _values(typed: Typed) -> dict[str, Any]:
    return {
        "title": typed.title[: rules.DRAFT_TITLE_LENGTH],
        "body": rules.tidy(typed.body),
        "kind": typed.kind,
        "audience": typed.audience,
        "version": typed.version,
    }


def _check(device: str, typed: Typed) -> None:
    if not _DEVICE.fullmatch(device):
        raise InvalidInput(N_("The name of a device has 1 to 40 letters, digits and hyphens."), field="device")
    if typed.kind not in rules.KINDS:
        raise InvalidInput(N_("Please choose a kind of note."), field="kind")
    if typed.audience not in rules.AUDIENCES:
        raise InvalidInput(N_("Please choose who may read it."), field="audience")
    if len(typed.body) > 2 * rules.BODY_LENGTH:
        raise InvalidInput(
            N_("The text has %(have)s characters; at most %(most)s can be kept."),
            field="body",
            have=len(typed.body),
            most=2 * rules.BODY_LENGTH,
        )
    if "\x00" in typed.title + typed.body:
        raise InvalidInput(N_("There are characters in it that cannot be shown."), field="body")


def _note_of(actor: Actor, key: str) -> Note | None:
    if key.startswith("new:"):
        about.parse(key.removeprefix("new:"))
        return None
    found = _NOTE_KEY.fullmatch(key)
    if found is None or int(found[1]) > about.HIGHEST:
        raise InvalidInput(N_("A draft is of a note, or of a new one."), field="key")
    note = Note.get_or_none(Note.id == int(found[1]), Note.member == actor.id, Note.deleted_at.is_null())
    if note is None:
        raise NotFound(N_("This note is not there, or you may not see it."))
    return note


def _make_room(actor: Actor) -> None:
    """Move the oldest draft to the history when there are very many: a device that forgets its name makes them."""
    mine = NoteDraft.select().where(NoteDraft.member == actor.id)
    if mine.count() >= MOST_DRAFTS:
        _discard(mine.order_by(NoteDraft.updated_at).first(), "typed")


def list_drafts(actor: Actor, key: str = "") -> list[Draft]:
    """Give what the actor typed and has not saved, the latest first; of one key if it is given."""
    return [Draft._make(row) for row in (_with_key(actor.id, key) if key else _all_drafts(actor.id))]


def list_begun(actor: Actor, most: int) -> list[Begun]:
    """Give what the actor is writing, however many devices it was typed on: each once, the latest first."""
    drafts = list_drafts(actor)
    latest = {draft.key: draft for draft in reversed(drafts)}
    held = Counter(draft.key for draft in drafts)
    return [Begun(latest[key], number) for key, number in islice(held.items(), most)]


@prepared
def _all_drafts(member: int) -> Any:
    return _selected(NoteDraft.member == member)


@prepared
def _with_key(member: int, key: str) -> Any:
    return _selected((NoteDraft.member == member) & (NoteDraft.key == key))


def get_draft(actor: Actor, draft: int) -> Draft:
    """Give an own draft. Raises NotFound."""
    found = _drafts((NoteDraft.member == actor.id) & (NoteDraft.id == draft))
    if not found:
        raise NotFound(GONE)
    return found[0]


def _drafts(condition: Any) -> list[Draft]:
    return [Draft._make(row) for row in _selected(condition).tuples()]


def _selected(condition: Any) -> Any:
    columns = [getattr(NoteDraft, name) for name in Draft._fields]
    rows = NoteDraft.select(*columns).where(condition).order_by(NoteDraft.updated_at.desc(), NoteDraft.id.desc())
    return rows.limit(MOST_DRAFTS)


@transactional
def discard_draft(actor: Actor, draft: int) -> None:
    """Take a draft away; its text stays in the history. Raises NotFound."""
    found = NoteDraft.get_or_none(NoteDraft.id == draft, NoteDraft.member == actor.id)
    if found is None:
        raise NotFound(GONE)
    _discard(found, "discarded")


def _discard(draft: NoteDraft, how: str) -> None:
    if draft.body.replace(rules.PART_MARK, "").strip():
        record(draft.member, draft.note, draft.version, how, draft.__data__, key=draft.key, at=draft.updated_at)
    draft.delete_instance()


def drop(actor: Actor, draft: int | None) -> None:
    """Take away a draft whose text has just been saved."""
    if draft is not None:
        NoteDraft.delete().where(NoteDraft.id == draft, NoteDraft.member == actor.id).execute()


def adopt(actor: Actor, key: str, note: int, draft: int | None) -> None:
    """Give a note that was new until now the history of its typing; the ``draft`` it was saved from goes."""
    drop(actor, draft)
    NoteRevision.update(note=note, key=f"note:{note}").where(
        NoteRevision.member == actor.id, NoteRevision.key == key, NoteRevision.how == "typed"
    ).execute()


def record(
    member: int,
    note: int | None,
    version: int,
    how: str,
    values: Mapping[str, Any],
    *,
    key: str = "",
    at: datetime | None = None,
) -> None:
    """Put a text into the history."""
    NoteRevision.create(
        member=member,
        key=key or f"note:{note}",
        note=note,
        version=version,
        how=how,
        title=values["title"],
        body=values["body"],
        kind=values["kind"],
        chars=rules.count_characters(values["body"]),
        made_at=at or clock.now(),
    )


def list_revisions(actor: Actor, note: int, page: int) -> Page[Revision]:
    """Give the history of an own note, the latest first. Raises NotFound when it is not the actor's."""
    if not Note.select().where(Note.id == note, Note.member == actor.id).exists():
        raise NotFound(N_("This note is not there, or you may not see it."))
    condition = NoteRevision.note == note
    total = NoteRevision.select().where(condition).count()
    order = (NoteRevision.made_at.desc(), NoteRevision.id.desc())
    rows = _revisions(condition).order_by(*order).paginate(page, HISTORY_SIZE)
    return Page([Revision._make(row) for row in rows], page, HISTORY_SIZE, total)


def get_revision(actor: Actor, note: int, revision: int) -> Revision:
    """Give a text of an own note's history. Raises NotFound."""
    condition = (NoteRevision.id == revision) & (NoteRevision.note == note) & (NoteRevision.member == actor.id)
    row = _revisions(condition).first()
    if row is None:
        raise NotFound(N_("This earlier text is not there any more."))
    return Revision._make(row)


def _revisions(condition: Any) -> Any:
    columns = [getattr(NoteRevision, name) for name in Revision._fields]
    return NoteRevision.select(*columns).where(condition).tuples()
