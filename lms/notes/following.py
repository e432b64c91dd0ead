"""What notes do when other rooms report: materials are compared with, merged books keep their notes."""

from lms import events
from lms.jobs import queue
from lms.notes.models import Note, NoteDraft


def connect() -> None:
    """Have notes follow what the other rooms report."""
    events.subscribe(events.SearchableChanged, material_changed)
    events.subscribe(events.BooksMerged, books_merged)


def material_changed(event: events.SearchableChanged) -> None:
    """Ask for the fingerprints of a material that was changed."""
    if event.kind == "material":
        queue.ask("notes.fingerprint_material", event.ref)


def books_merged(event: events.BooksMerged) -> None:
    """Move the notes on a book, and what is being typed about it, to the book that is kept."""
    moved = [ident for (ident,) in Note.select(Note.id).where(Note.book == event.dropped).tuples()]
    Note.update(book=event.kept).where(Note.book == event.dropped).execute()
    for draft in NoteDraft.select().where(NoteDraft.key == f"new:book:{event.dropped}"):
        _move_draft(draft, f"new:book:{event.kept}")
    for note in moved:
        events.publish(events.SearchableChanged("note", note))


def _move_draft(draft: NoteDraft, key: str) -> None:
    """Give a draft its new key; where the same device writes about both books, this one takes a name of its own."""
    same = (NoteDraft.member == draft.member) & (NoteDraft.key == key) & (NoteDraft.device == draft.device)
    device = f"merged-{draft.id}" if NoteDraft.select().where(same).exists() else draft.device
    NoteDraft.update(key=key, device=device).where(NoteDraft.id == draft.id).execute()
