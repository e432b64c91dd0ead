"""Background work of notes: fingerprints, and what is old and finished goes."""

import logging
from datetime import timedelta

from lms import clock
from lms.db import transactional
from lms.jobs import queue
from lms.notes import archive, fingerprints, images, rules
from lms.notes.models import Note, NoteComment, NoteDraft, NoteImageUse, NoteRevision, NoteThanks

log = logging.getLogger("lms.notes")

TYPED_KEPT = timedelta(days=90)
DRAFTS_KEPT = timedelta(days=180)
COMMENTS_KEPT = timedelta(days=30)
AT_ONCE = 500


@queue.task("notes.fingerprint")
def fingerprint(note: int) -> None:
    """Bring the fingerprints of a note up to date."""
    fingerprints.note_down_note(note)


@queue.task("notes.fingerprint_material")
def fingerprint_material(material: int) -> None:
    """Bring the fingerprints of a material's pages up to date."""
    fingerprints.note_down_thing("material", material)


@queue.task(archive.PACK)
def pack_archive(ident: int) -> None:
    """Pack all that a member wrote and read. Running it again packs anew."""
    archive.pack(ident)


def sweep() -> None:
    """Empty the bin, thin out the history of typing, forget unused images, catch up with fingerprints."""
    gone = purge()
    archive.sweep()
    now = clock.now()
    NoteRevision.delete().where(
        NoteRevision.how.in_(("typed", "discarded")), NoteRevision.made_at < now - TYPED_KEPT
    ).execute()
    NoteDraft.delete().where(NoteDraft.updated_at < now - DRAFTS_KEPT).execute()
    NoteComment.delete().where(NoteComment.deleted_at < now - COMMENTS_KEPT).execute()
    idle = images.forget_unused()
    asked = fingerprints.catch_up()
    log.info("swept notes", extra={"purged": gone, "images": idle, "fingerprints": asked})


@transactional
def purge() -> int:
    """Remove for good what has been in the bin for thirty days, and give the number.

    A note that was ever accepted keeps its row, emptied: the ledger's facts name it, and no other note may get its id.
    """
    old = (Note.deleted_at < clock.now() - rules.UNDO_FOR) & (Note.body != "")
    ids = [ident for (ident,) in Note.select(Note.id).where(old).limit(AT_ONCE).tuples()]
    if not ids:
        return 0
    booked = [ident for (ident,) in Note.select(Note.id).where(Note.id.in_(ids), Note.times > 0).tuples()]
    for model in (NoteRevision, NoteDraft, NoteImageUse, NoteComment, NoteThanks):
        model.delete().where(model.note.in_(booked)).execute()
    Note.update(title="", body="", chars=0, audience="me").where(Note.id.in_(booked)).execute()
    Note.delete().where(Note.id.in_([ident for ident in ids if ident not in booked])).execute()
    for ident in ids:
        fingerprints.note_down(fingerprints.NOTE, ident, [])
    return len(ids)
