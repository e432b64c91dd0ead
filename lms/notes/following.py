"""What notes do when other rooms report: materials are compared with, merged books keep their notes."""

from lms import events
from lms.catalogue import merging
from lms.catalogue.models import Book
from lms.jobs import queue
from lms.members.access import load_actor
from lms.notes import rules
from lms.notes.models import Note, NoteDraft
from lms.notes.service import NoteForm, write_note

PART = "notes"


def connect() -> None:
    """Have notes follow what the other rooms report."""
    events.subscribe(events.SearchableChanged, material_changed)
    events.subscribe(events.BooksMerged, books_merged)
    events.subscribe(events.ReviewBrought, review_brought)
    events.subscribe(events.BookMergeUndone, merge_undone)


def material_changed(event: events.SearchableChanged) -> None:
    """Ask for the fingerprints of a material that was changed."""
    if event.kind == "material":
        queue.ask("notes.fingerprint_material", event.ref)


def review_brought(event: events.ReviewBrought) -> None:
    """Keep what a member wrote of a book elsewhere as a note that only they see; the same text only once.

    It is handed in nowhere, so it counts for nothing until the member does so.
    """
    title = Book.select(Book.title).where(Book.id == event.book).scalar() or ""
    actor = load_actor(event.member)
    form = NoteForm(title[: rules.TITLE_LENGTH], event.text, "me", "reading")
    body = form.checked(actor.home is not None)["body"]
    if not Note.select().where(Note.member == event.member, Note.book == event.book, Note.body == body).exists():
        write_note(actor, form, event.book)


def books_merged(event: events.BooksMerged) -> None:
    """Move the notes on a book, and what is being typed about it, to the book that is kept."""
    moved = [ident for (ident,) in Note.select(Note.id).where(Note.book == event.dropped).tuples()]
    Note.update(book=event.kept).where(Note.book == event.dropped).execute()
    drafts = list(NoteDraft.select().where(NoteDraft.key == f"new:book:{event.dropped}"))
    merging.keep(event.merge, PART, {"notes": moved, "drafts": [(draft.id, draft.device) for draft in drafts]})
    for draft in drafts:
        _move_draft(draft, f"new:book:{event.kept}")
    for note in moved:
        events.publish(events.SearchableChanged("note", note))


def merge_undone(event: events.BookMergeUndone) -> None:
    """Give notes, and what is being typed, the book back that a merge took from them."""
    trace = merging.kept_trace(event.merge, PART)
    for start in range(0, len(trace["notes"]), 500):
        notes = trace["notes"][start : start + 500]
        Note.update(book=event.dropped).where(Note.id.in_(notes), Note.book == event.kept).execute()
    for draft, device in trace["drafts"]:
        NoteDraft.update(key=f"new:book:{event.dropped}", device=device).where(
            NoteDraft.id == draft, NoteDraft.key == f"new:book:{event.kept}"
        ).execute()
    for note in trace["notes"]:
        events.publish(events.SearchableChanged("note", note))


def _move_draft(draft: NoteDraft, key: str) -> None:
    """Give a draft its new key; where the same device writes about both books, this one takes a name of its own."""
    same = (NoteDraft.member == draft.member) & (NoteDraft.key == key) & (NoteDraft.device == draft.device)
    device = f"merged-{draft.id}" if NoteDraft.select().where(same).exists() else draft.device
    NoteDraft.update(key=key, device=device).where(NoteDraft.id == draft.id).execute()
