"""Files that prove a record: pictures and PDFs, judged by what is in them."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import IO, NamedTuple

from lms.activities import reach
from lms.activities.models import Activity, ActivityFile
from lms.config import MIB
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound, TooLarge
from lms.members.access import Actor
from lms.notes import pictures
from lms.storage import StoredFile, files
from lms.uploads import service as uploads
from lms.uploads.rules import Destination

LARGEST = 20 * MIB
MOST_FILES = 20
PICTURE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
MISSING = N_("This file is missing on the server. Please tell the administrator.")
PDF = "application/pdf"
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", PDF: ".pdf"}
HEAD = 1024
NAME_CHARS = 180
_SEPARATORS = re.compile(r"[/\\]")
_ODD = re.compile(r"[^\w .()\-\u3000-\u303f\uff00-\uffef]")


class EvidenceFile(NamedTuple):
    """A file of a record."""

    id: int
    activity: int
    file_key: str
    name: str
    media_type: str
    size: int


def add_file(actor: Actor, activity: int, stream: IO[bytes], name: str) -> int:
    """Put a picture or a PDF to a record; pictures are made small and lose the place they were taken at.

    Raises NotFound, Forbidden, InvalidInput for another kind of file or one too many, TooLarge, Unavailable.
    """
    row = _open_to(actor, activity)
    media_type, packed, name = _judged(stream, name)
    stored = files().put(packed, LARGEST)
    try:
        return _note_down(actor, row.id, row.unit, stored, media_type, name)
    except (InvalidInput, TooLarge):
        files().take_back(stored)
        raise


def destination(actor: Actor, activity: int) -> Destination:
    """Say where evidence of a record is kept. Raises NotFound, Forbidden, Conflict for a withdrawn record."""
    return Destination(_open_to(actor, activity).unit)


def _open_to(actor: Actor, activity: int) -> Activity:
    row = reach.get_row(actor, activity)
    if row.member != actor.id and row.entered_by != actor.id:
        row = reach.get_cared_for(actor, activity)
    if row.state == "withdrawn":
        raise Conflict(N_("This record is withdrawn. Please enter it anew."))
    return row


def _judged(stream: IO[bytes], name: str) -> tuple[str, IO[bytes], str]:
    head = stream.read(HEAD)
    stream.seek(0)
    if head.startswith(PICTURE_STARTS):
        picture = pictures.prepare(stream)
        return picture.media_type, BytesIO(picture.content), _named(name, picture.media_type)
    if b"%PDF-" not in head:
        raise InvalidInput(
            N_("Evidence is a picture or a PDF. Text can be written into the record itself."), field="file"
        )
    return PDF, stream, _named(name, PDF)


def _named(raw: str, media_type: str) -> str:
    """Give a name that is safe to show and to save under: the last part of a path, with the ending of its content."""
    stem = _SEPARATORS.split(raw)[-1].rpartition(".")[0] or _SEPARATORS.split(raw)[-1]
    return (_ODD.sub("", stem).strip(" .") or "evidence")[:NAME_CHARS] + ENDINGS[media_type]


@transactional
def _note_down(actor: Actor, activity: int, unit: int, stored: StoredFile, media_type: str, name: str) -> int:
    held = ActivityFile.select().where(ActivityFile.activity == activity)
    same = held.where(ActivityFile.file_key == stored.key).first()
    if same is not None:
        return int(same.id)
    if held.count() >= MOST_FILES:
        raise InvalidInput(N_("A record holds at most %(most)s files."), field="file", most=MOST_FILES)
    uploads.require_room(actor, Destination(unit), stored.size)
    made = ActivityFile.create(
        activity=activity, file_key=stored.key, name=name, media_type=media_type, size=stored.size, added_by=actor.id
    )
    return int(made.id)


@transactional
def remove_file(actor: Actor, activity: int, file: int) -> None:
    """Take a file off a record that does not count yet; what is confirmed keeps its evidence, but for a liaison.

    Raises NotFound, Forbidden.
    """
    row = reach.get_editable(actor, activity)
    if not ActivityFile.delete().where(ActivityFile.id == file, ActivityFile.activity == row.id).execute():
        raise NotFound(N_("This file is not there."))


def list_files(activity: int) -> list[EvidenceFile]:
    """Give the files of a record that was looked up for the actor before."""
    columns = [getattr(ActivityFile, name) for name in EvidenceFile._fields]
    rows = ActivityFile.select(*columns).where(ActivityFile.activity == activity).order_by(ActivityFile.id)
    return [EvidenceFile._make(row) for row in rows.tuples()]


def get_file(actor: Actor, activity: int, file: int) -> EvidenceFile:
    """Give a file of a record that the actor may see. Raises NotFound."""
    row = reach.get_row(actor, activity)
    found = next((one for one in list_files(row.id) if one.id == file), None)
    if found is None:
        raise NotFound(N_("This file is not there."))
    return found


def used_keys() -> Iterator[str]:
    """Walk over the storage keys of all evidence."""
    for (key,) in ActivityFile.select(ActivityFile.file_key).tuples().iterator():
        yield key
