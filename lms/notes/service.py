"""Commands on notes: only the writer changes a note."""

from dataclasses import dataclass
from typing import Any

from lms import clock
from lms.catalogue.models import Book
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.events import SearchableChanged, publish
from lms.members.access import Actor
from lms.notes import rules
from lms.notes.models import Note

GONE = N_("This note is not there, or you may not see it.")


@dataclass(frozen=True)
class NoteForm:
    """What the writer typed."""

    title: str
    body: str
    audience: str

    def errors(self, has_unit: bool) -> dict[str, InvalidInput]:
        """Give what is wrong, by field."""
        return rules.check_note(self.title, rules.tidy(self.body), self.audience, has_unit)

    def checked(self, has_unit: bool) -> dict[str, Any]:
        """Give the columns to write. Raises InvalidInput with the first thing that is wrong."""
        for error in self.errors(has_unit).values():
            raise error
        body = rules.tidy(self.body)
        return {
            "title": self.title.strip(),
            "body": body,
            "chars": rules.count_characters(body),
            "audience": self.audience,
        }


@transactional
def write_note(actor: Actor, form: NoteForm, book: int | None = None) -> int:
    """Keep a new note, about a book or about nothing, and give its id. Raises InvalidInput."""
    values = form.checked(actor.home is not None)
    if book is not None and not Book.select().where(Book.id == book).exists():
        raise InvalidInput(N_("There is no such book."), field="book")
    note: int = Note.create(member=actor.id, unit=actor.home, book=book, **values).id
    publish(SearchableChanged("note", note))
    return note


@transactional
def edit_note(actor: Actor, note: int, version: int, form: NoteForm) -> int:
    """Change a note that the writer saw in ``version``, and give its new version.

    Raises Conflict when it was changed since, on another device for instance: nothing is overwritten then. Raises
    NotFound when it is not the actor's or was deleted, InvalidInput.
    """
    unit = _own(actor, note).unit
    values = form.checked(unit is not None)
    changed = (
        Note.update(version=Note.version + 1, updated_at=clock.now(), **values)
        .where(Note.id == note, Note.version == version, Note.deleted_at.is_null())
        .execute()
    )
    if not changed:
        raise Conflict(N_("This note was changed in the meantime, perhaps on another device. Nothing was overwritten."))
    publish(SearchableChanged("note", note))
    return version + 1


@transactional
def delete_note(actor: Actor, note: int) -> None:
    """Take a note away; it can be brought back for a week. Raises NotFound when it is not the actor's."""
    _own(actor, note)
    Note.update(deleted_at=clock.now()).where(Note.id == note).execute()
    publish(SearchableChanged("note", note))


@transactional
def restore_note(actor: Actor, note: int) -> None:
    """Bring back a note deleted in the last week; one that is not deleted stays as it is. Raises NotFound."""
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
