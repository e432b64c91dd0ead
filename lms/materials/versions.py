"""The files that a material has had: keeping what was taken out of one, and going back to an earlier one."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, NamedTuple

from peewee import chunked

from lms import clock
from lms.db import database, transactional
from lms.errors import N_, Conflict, NotFound
from lms.events import SearchableChanged, publish
from lms.jobs.queue import ask
from lms.materials import reading_rules
from lms.materials.extraction import Taken, TakenPage
from lms.materials.models import Material, MaterialPage, MaterialPicture, MaterialReading, MaterialVersion
from lms.materials.rules import NO_VIEW
from lms.materials.service import get_managed
from lms.materials.text import HEADING_CHARS
from lms.materials.uploading import EXTRACT, VIEW
from lms.members.access import Actor
from lms.prepared import prepared
from lms.storage import files

CHUNK = 100
PICTURES_AT_ONCE = 8
OF_FILE = ("media_type", "file_key", "file_name", "file_size", "charset")


class KeptFile(NamedTuple):
    """What the row of a version says of its file."""

    id: int
    media_type: str
    file_key: str
    file_name: str
    file_size: int
    charset: str


def keep_taken(material_id: int, number: int, taken: Taken) -> None:
    """Store the pictures of a version, then write its text and put it into force; see ``keep_pages``."""
    keep_pages(material_id, number, taken, _stored(taken.pictures))


def keep_view(material_id: int, number: int, taken: Taken) -> None:
    """Store the pictures of a version whose text is in force already, then write what its pages look like."""
    _write_view(material_id, number, taken, _stored(taken.pictures))


def _stored(pictures: Sequence[bytes]) -> list[str]:
    """Store pictures and give their keys.

    The files come first and the rows that name them after: what a crash in between leaves behind is swept in time.
    Several are stored at once: each waits for the disk, and those that wait together are written together.
    """
    store = files()

    def put(picture: bytes) -> str:
        return store.put(BytesIO(picture), len(picture)).key

    if not pictures:
        return []
    with ThreadPoolExecutor(PICTURES_AT_ONCE) as pool:
        return list(pool.map(put, pictures))


@transactional
def keep_pages(material_id: int, number: int, taken: Taken, pictures: Sequence[str] = ()) -> None:
    """Write the text that was taken out of a version, in place of what was there, and put that version into force.

    ``pictures`` are the keys of its pictures in the store. How far readers are follows their pages: a page whose text
    is still there stays read, wherever it stands now.
    """
    version = find_version(material_id, number)
    if version is None:
        return
    before = _digests(material_id)
    _replace_pages(material_id, taken.pages, pictures)
    MaterialVersion.update(state="ready", failure=taken.remark, page_count=len(taken.pages)).where(
        MaterialVersion.id == version.id
    ).execute()
    values = {name: getattr(version, name) for name in OF_FILE}
    Material.update(
        **values,
        version=number,
        state="ready",
        failure=taken.remark,
        plain=taken.plain,
        page_count=len(taken.pages),
        updated_at=clock.now(),
    ).where(Material.id == material_id).execute()
    _move_readers(material_id, number, before, taken.pages)
    publish(SearchableChanged("material", material_id))
    if taken.plain:
        ask(VIEW, material_id, number)


@transactional
def _write_view(material_id: int, number: int, taken: Taken, pictures: Sequence[str]) -> None:
    """Give the pages their markup; where they are cut or read otherwise than before, all is written anew."""
    wordy = Material.plain | (Material.failure == NO_VIEW)
    waits = (Material.id == material_id) & (Material.version == number) & wordy
    if not Material.update(plain=False, failure=taken.remark).where(waits).execute():
        return
    MaterialVersion.update(failure=taken.remark).where(
        MaterialVersion.material == material_id, MaterialVersion.number == number
    ).execute()
    rows = MaterialPage.select(MaterialPage.heading, MaterialPage.text).where(MaterialPage.material == material_id)
    known = list(rows.order_by(MaterialPage.number).tuples())
    if known != [(page.heading[:HEADING_CHARS], page.text) for page in taken.pages]:
        keep_pages(material_id, number, taken, pictures)
    else:
        _replace_pages(material_id, taken.pages, pictures)


@transactional
def leave_plain(material_id: int, number: int) -> None:
    """Note that of a version no more than its text can be taken out."""
    waits = (Material.id == material_id) & (Material.version == number) & Material.plain
    if Material.update(plain=False, failure=NO_VIEW, updated_at=clock.now()).where(waits).execute():
        MaterialVersion.update(failure=NO_VIEW).where(
            MaterialVersion.material == material_id, MaterialVersion.number == number
        ).execute()


def _replace_pages(material_id: int, pages: Sequence[TakenPage], pictures: Sequence[str]) -> None:
    MaterialPage.delete().where(MaterialPage.material == material_id).execute()
    insert_pages(material_id, pages)
    MaterialPicture.delete().where(MaterialPicture.material == material_id).execute()
    rows = [(material_id, place, key) for place, key in enumerate(pictures, start=1)]
    for some in chunked(rows, CHUNK):
        fields = [MaterialPicture.material, MaterialPicture.number, MaterialPicture.file_key]
        MaterialPicture.insert_many(some, fields=fields).execute()


def find_version(material_id: int, number: int) -> KeptFile | None:
    """Give the file of a version; None when there is no such version."""
    rows = _files_of(material_id, number)
    return KeptFile(*rows[0]) if rows else None


@prepared
def _files_of(material_id: int, number: int) -> Any:
    fields = [getattr(MaterialVersion, name) for name in KeptFile._fields]
    return MaterialVersion.select(*fields).where(
        MaterialVersion.material == material_id, MaterialVersion.number == number
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]


def _digests(material_id: int) -> dict[int, bytes]:
    """Give what the pages hold now, for readers who have begun; nothing while there are none."""
    if not MaterialReading.select().where(MaterialReading.material == material_id).exists():
        return {}
    rows = MaterialPage.select(MaterialPage.number, MaterialPage.text).where(MaterialPage.material == material_id)
    return {number: _digest(text) for number, text in rows.tuples().iterator()}


def _move_readers(material_id: int, version: int, before: dict[int, bytes], pages: Sequence[TakenPage]) -> None:
    if not before:
        return
    places: dict[bytes, list[int]] = {}
    for number, page in enumerate(pages, start=1):
        places.setdefault(_digest(page.text), []).append(number)
    now_at: dict[int, int] = {}
    for number, digest in sorted(before.items()):
        if places.get(digest):
            now_at[number] = places[digest].pop(0)
    if all(old == new for old, new in now_at.items()) and len(now_at) == len(before) == len(pages):
        return
    rows = MaterialReading.select(MaterialReading.id, MaterialReading.pages, MaterialReading.last_page)
    for ident, text, last in list(rows.where(MaterialReading.material == material_id).tuples()):
        read = reading_rules.moved(reading_rules.pages_of(text), now_at)
        MaterialReading.update(
            pages=reading_rules.text_of(read),
            read=len(read),
            last_page=min(now_at.get(last, last), max(1, len(pages))),
            version=version,
        ).where(MaterialReading.id == ident).execute()


@transactional
def note_failure(material_id: int, number: int, reason: str) -> None:
    """Keep why no text could be taken out of a version: a msgid that tells the uploader what to do.

    A material that can be read already stays as it is.
    """
    MaterialVersion.update(state="failed", failure=reason).where(
        MaterialVersion.material == material_id, MaterialVersion.number == number
    ).execute()
    Material.update(state="failed", failure=reason, updated_at=clock.now()).where(
        Material.id == material_id, (Material.version == number) & (Material.state != "ready")
    ).execute()
    publish(SearchableChanged("material", material_id))


def insert_pages(material_id: int, pages: Sequence[TakenPage]) -> None:
    """Write pages, numbered from 1."""
    rows = [
        (material_id, number, page.heading[:HEADING_CHARS], page.text, page.markup)
        for number, page in enumerate(pages, start=1)
    ]
    # peewee puts each value of each row through its own maker of SQL, which takes longer than the writing.
    row = f"({', '.join([database.param] * 5)})"
    into = 'INSERT INTO "material_page" ("material_id", "number", "heading", "text", "markup") VALUES '
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        database.execute_sql(into + ", ".join([row] * len(chunk)), [value for one in chunk for value in one])


@transactional
def use_version(actor: Actor, material_id: int, number: int) -> None:
    """Put an earlier or a failed version into force, once its text is taken out; until then nothing changes.

    Raises NotFound, Forbidden, Conflict for the one in force.
    """
    row = get_managed(actor, material_id)
    version = find_version(material_id, number)
    if version is None:
        raise NotFound(N_("This material has no such version."))
    if row.version == number and row.state == "ready":
        raise Conflict(N_("This version is in force already."))
    MaterialVersion.update(state="preparing", failure="").where(MaterialVersion.id == version.id).execute()
    ask(EXTRACT, material_id, number)
