"""All that a member wrote and read as one ZIP: packed in the background, to be fetched for a day."""

import json
import logging
from datetime import timedelta
from tempfile import TemporaryFile

from lms import clock
from lms.db import transactional
from lms.errors import N_, LmsError, NotFound
from lms.jobs import queue
from lms.members.access import Actor, load_actor
from lms.notes import export
from lms.notes.export import Printed
from lms.notes.models import Note, NoteArchive
from lms.storage import files

log = logging.getLogger("lms.notes")

PACK = "notes.pack_archive"
KEPT = timedelta(days=1)
TOLD_EVERY = 20
LARGEST = 64 * 1024**3  # the room left in the store is the true limit


@transactional
def ask(actor: Actor, printed: Printed) -> None:
    """Ask for an archive of all that the actor wrote and read; one that is being packed goes on."""
    held = NoteArchive.get_or_none(NoteArchive.member == actor.id)
    if held is not None and held.state == "packing" and held.asked_at > clock.now() - KEPT:
        return
    values = {
        "words": json.dumps(printed._asdict(), ensure_ascii=False),
        "state": "packing",
        "total": Note.select().where(Note.member == actor.id, Note.deleted_at.is_null()).count(),
        "done": 0,
        "file_key": "",
        "file_size": 0,
        "asked_at": clock.now(),
        "ready_at": None,
    }
    if held is None:
        held = NoteArchive.create(member=actor.id, **values)
    else:
        NoteArchive.update(**values).where(NoteArchive.id == held.id).execute()
    queue.ask(PACK, held.id)


def find(actor: Actor) -> NoteArchive | None:
    """Give the actor's archive, being packed or ready; None where there is none, or its day is over."""
    held: NoteArchive | None = NoteArchive.get_or_none(NoteArchive.member == actor.id)
    if held is None or (held.ready_at or held.asked_at) < clock.now() - KEPT:
        return None
    return held


def get_ready(actor: Actor) -> NoteArchive:
    """Give the actor's archive that can be fetched. Raises NotFound."""
    held = find(actor)
    if held is None or held.state != "ready" or not files().exists(held.file_key):
        raise NotFound(N_("There is no packed file any more. Please have it packed anew."))
    return held


def pack(archive_id: int) -> None:
    """Pack an archive; running it again packs anew. What cannot be packed is said on its page."""
    held = NoteArchive.get_or_none(NoteArchive.id == archive_id)
    if held is None or held.state != "packing":
        return
    actor = load_actor(held.member)
    printed = Printed(**json.loads(held.words))
    mine = (NoteArchive.id == archive_id) & (NoteArchive.asked_at == held.asked_at)

    def told(done: int) -> None:
        if done % TOLD_EVERY == 0:
            NoteArchive.update(done=done).where(mine).execute()

    with TemporaryFile(dir=str(files().incoming())) as packed:
        try:
            export.write_all(actor, packed, printed, told)
            packed.seek(0)
            stored = files().put(packed, LARGEST)
        except LmsError as error:
            log.warning("archive not packed", extra={"archive": archive_id, "why": str(error)})
            NoteArchive.update(state="failed").where(mine).execute()
            return
    NoteArchive.update(
        state="ready", done=held.total, file_key=stored.key, file_size=stored.size, ready_at=clock.now()
    ).where(mine).execute()


def sweep() -> None:
    """Forget archives whose day is over; their files go with them."""
    old = clock.now() - KEPT
    ready = NoteArchive.ready_at < old
    NoteArchive.delete().where(ready | (NoteArchive.ready_at.is_null() & (NoteArchive.asked_at < old))).execute()


def used_keys() -> list[str]:
    """Give the storage keys of archives that can be fetched."""
    return [key for (key,) in NoteArchive.select(NoteArchive.file_key).where(NoteArchive.file_key != "").tuples()]
