"""Writing, changing and deleting notes: only the writer does."""

from dataclasses import dataclass
from typing import Any

from lms import clock
from lms.catalogue.models import Book
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.events import NoteWithdrawn, SearchableChanged, publish
from lms.jobs import queue
from lms.members.access import Actor
from lms.notes import drafting, images, rules
from lms.notes.about import NOTHING, Subject, require_title
from lms.notes.models import Note

GONE = N_("This note is not there, or you may not see it.")
FINGERPRINT = "notes.fingerprint"


@dataclass(frozen=True)
class NoteForm:
    """What the writer typed. Without a ``kind`` it is a reading note about a book, a free one about anything else."""

    title: str
    body: str
    audience: str
    kind: str = ""

    def errors(self, has_unit: bool) -> dict[str, InvalidInput]:
        """Give what is wrong, by field."""
        body = rules.as_kind(rules.tidy(self.body), self.kind)
        return rules.check_note(self.title, body, self.audience, has_unit, self.kind or "free")

    def checked(self, has_unit: bool, usual: str = "free") -> dict[str, Any]:
        """Give the columns to write, of the ``usual`` kind unless it says one. Raises InvalidInput: the first fault."""
        for error in self.errors(has_unit).values():
            raise error
        kind = self.kind or usual
        body = rules.as_kind(rules.tidy(self.body), kind)
        return {
            "title": self.title.strip(),
            "body": body,
            "chars": rules.count_characters(body),
            "audience": self.audience,
            "kind": kind,
        }


@transactional
def write_note(
    actor: Actor, form: NoteForm, book: int | None = None, about: Subject = NOTHING, draft: int | None = None
) -> int:
    """Keep a new note about something or nothing, and give its id; the ``draft`` it was typed in goes.

    Raises InvalidInput, also when what it is about is not there for the actor.
    """
    subject = Subject("book", book) if book is not None else about
    _check_subject(actor, subject)
    values = form.checked(actor.home is not None, "reading" if subject.kind == "book" else "free")
    note: int = Note.create(member=actor.id, unit=actor.home, **subject.columns(), **values).id
    drafting.adopt(actor, f"new:{subject}", note, draft)
    drafting.record(actor.id, note, 1, "saved", values)
    _follow(actor, note, values["body"])
    return note


def _check_subject(actor: Actor, subject: Subject) -> None:
    if subject.book is not None and not Book.select().where(Book.id == subject.book).exists():
        raise InvalidInput(N_("There is no such book."), field="book")
    require_title(actor, subject)


def _follow(actor: Actor, note: int, body: str) -> None:
    """Do what every change of a text asks for: images, search, comparison."""
    images.use(actor, note, body)
    publish(SearchableChanged("note", note))
    queue.ask(FINGERPRINT, note)


@transactional
def edit_note(actor: Actor, note: int, version: int, form: NoteForm, draft: int | None = None) -> int:
    """Change a note that the writer saw in ``version``, and give its new version; the ``draft`` typed in goes.

    Raises Conflict when it was changed since, on another device for instance: nothing is overwritten then. Conflict
    as well when it has been handed in or accepted: then its text stands, only its audience changes. Raises NotFound
    when it is not the actor's or was deleted, InvalidInput.
    """
    found = _own(actor, note)
    values = form.checked(found.unit is not None, found.kind)
    if found.version == version:
        _check_open(found, values)
    changed = (
        Note.update(version=Note.version + 1, updated_at=clock.now(), **values)
        .where(Note.id == note, Note.version == version, Note.state == found.state, Note.deleted_at.is_null())
        .execute()
    )
    if not changed:
        raise Conflict(N_("This note was changed in the meantime, perhaps on another device. Nothing was overwritten."))
    drafting.drop(actor, draft)
    drafting.record(actor.id, note, version + 1, "saved", values)
    _follow(actor, note, values["body"])
    return version + 1


def _check_open(found: Note, values: dict[str, Any]) -> None:
    same = all(values[name] == getattr(found, name) for name in ("title", "body", "kind"))
    if found.state == "submitted" and not same:
        raise Conflict(N_("This note is handed in. Take it back first, then change it."))
    if found.state == "accepted" and not same:
        raise Conflict(N_("This note was accepted, so its text stands as it is. You can still change who may read it."))


@transactional
def keep_refused(actor: Actor, note: int, version: int, form: NoteForm) -> None:
    """Keep a text that could not be saved: it stands in the history beside the one that is stored.

    Only where another device was ahead or the note has been handed in; a version that never was is no such case.
    """
    found = _own(actor, note)
    late = 0 < version < found.version or found.state in ("submitted", "accepted")
    if late and len(form.body) <= rules.BODY_LENGTH:
        values = {"title": form.title.strip(), "body": rules.tidy(form.body), "kind": form.kind or "free"}
        drafting.record(actor.id, note, version, "refused", values)


@transactional
def delete_note(actor: Actor, note: int) -> None:
    """Put a note into the bin; one that was handed in is taken back by it, so that it does not count any more.

    Raises NotFound when it is not the actor's, Conflict when it was accepted.
    """
    state = _own(actor, note).state
    if state == "accepted":
        raise Conflict(
            N_("This note was accepted and counts. Ask your liaison to take the acceptance back, then delete it.")
        )
    binned = Note.update(deleted_at=clock.now(), shown_at=None, state="open")
    if not binned.where(Note.id == note, Note.state == state, Note.deleted_at.is_null()).execute():
        raise Conflict(N_("This note was handed in or changed in the meantime. Please look at it again."))
    if state != "open":
        publish(NoteWithdrawn(actor.id, note))
    publish(SearchableChanged("note", note))


@transactional
def restore_note(actor: Actor, note: int) -> None:
    """Bring a note back from the bin; one that is not deleted stays as it is. Raises NotFound."""
    row = Note.select(Note.deleted_at).where(Note.id == note, Note.member == actor.id).tuples().first()
    if row is None or (row[0] is not None and not rules.can_be_restored(row[0], clock.now())):
        raise NotFound(GONE)
    Note.update(deleted_at=None).where(Note.id == note).execute()
    publish(SearchableChanged("note", note))


def _own(actor: Actor, note: int) -> Note:
    found = Note.get_or_none(Note.id == note, Note.member == actor.id, Note.deleted_at.is_null())
    if found is None:
        raise NotFound(GONE)
    return found
