"""Taking files and web links in as materials, and further files as new versions of one."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from lms import clock
from lms.categories import queries as categories
from lms.db import transactional
from lms.errors import N_, Conflict, Forbidden, InvalidInput, LmsError, NotFound, naming_file
from lms.events import SearchableChanged, publish
from lms.jobs.queue import ask
from lms.materials import kinds, pdf, pictures, rules, text
from lms.materials.models import Material, MaterialVersion
from lms.materials.queries import get_material, may_manage
from lms.members.access import Action, Actor, may_publish, require, require_publish
from lms.members.models import Unit
from lms.members.queries import unit_choices
from lms.storage import StoredFile, files
from lms.uploads import service as uploads
from lms.uploads.queries import get_mine
from lms.uploads.rules import Destination

EXTRACT, VIEW = "materials.extract", "materials.view"
PURPOSE = "material"
LARGEST = {rules.PLAIN: 20, rules.MARKDOWN: 20, rules.HTML: 20}
"""The largest file of a kind in MiB, where it is not the setting's."""
MIB = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """What came with an upload. An empty title is made from the file's name."""

    title: str
    summary: str
    category: str
    audience: str
    unit: int | None
    file_name: str
    stream: IO[bytes]


@dataclass(frozen=True)
class Said:
    """What is said of files that arrived in pieces beforehand, or of a web link."""

    title: str
    summary: str
    category: str
    audience: str
    unit: int | None


@dataclass(frozen=True)
class _File:
    stored: StoredFile
    name: str
    media_type: str
    charset: str


def upload_material(actor: Actor, upload: Upload, limit: int) -> int:
    """Store an uploaded file of at most ``limit`` bytes and ask for its text; gives the material's id.

    The file is judged by its content and stored before the transaction; when the transaction fails, it is taken back.
    Raises Forbidden, InvalidInput, TooLarge, Unavailable: nothing stays behind then.
    """
    said = Said(upload.title, upload.summary, upload.category, upload.audience, upload.unit)
    unit = _upload_unit(actor, said.unit)
    facts = _facts(said, unit.path)
    with naming_file(upload.file_name):
        media_type = kinds.judge(upload.stream, upload.file_name)
        stored = files().put(upload.stream, limit)
        try:
            file = _judged(stored, files().path(stored.key), upload.file_name, media_type)
            return _register(actor, facts, unit, file)
        except BaseException:
            files().take_back(stored)
            raise


@transactional
def upload_arrived(actor: Actor, token: str, said: Said) -> int:
    """Make a material of a file that arrived in pieces; gives its id. Raises as ``upload_material``, and NotFound."""
    unit = _upload_unit(actor, said.unit)
    facts = _facts(said, unit.path)
    arrived = uploads.peek(actor, token, PURPOSE)
    with naming_file(arrived.name):
        file = _judged(arrived.stored, arrived.path, arrived.name)
        uploads.take(actor, token, PURPOSE)
        return _register(actor, facts, unit, file)


@contextmanager
def throwing_away_refused(actor: Actor, token: str) -> Iterator[None]:
    """Take a file that arrived in pieces, "" for none; what is refused is thrown away as by ``throw_away_refused``."""
    try:
        yield
    except LmsError as error:
        throw_away_refused(actor, token, error)
        raise


def throw_away_refused(actor: Actor, token: str, error: LmsError) -> None:
    """Throw away a file that arrived in pieces and was refused for what is in it: it would be refused again.

    One that was refused for another reason waits on, as does one that was sent for something else.
    """
    if not (token and isinstance(error, InvalidInput) and error.field == "file"):
        return
    with suppress(NotFound, Conflict):
        if get_mine(actor, token).purpose == PURPOSE:
            uploads.terminate(actor, token)


@transactional
def add_link(actor: Actor, said: Said, url: str) -> int:
    """Make a material of a web page elsewhere; gives its id. Raises Forbidden, InvalidInput."""
    unit = _upload_unit(actor, said.unit)
    facts = _facts(said, unit.path)
    material = Material.create(
        title=rules.check_title(facts.title),
        summary=rules.check_summary(facts.summary, required=True),
        category=facts.category,
        media_type=rules.LINK,
        file_key="",
        file_name="",
        file_size=0,
        url=rules.check_url(url),
        state="ready",
        uploader=actor.id,
        unit=unit,
        audience=facts.audience,
        published_at=_published(actor, unit),
    )
    publish(SearchableChanged("material", material.id))
    return int(material.id)


def _published(actor: Actor, unit: Unit) -> datetime | None:
    """Give when a new material is published: at once by who may publish for the unit on this very day, else not yet."""
    return clock.now() if may_publish(actor, Action.MATERIAL_MANAGE, unit.path) else None


def _upload_unit(actor: Actor, unit_id: int | None) -> Unit:
    unit = Unit.get_or_none(Unit.id == unit_id) if unit_id is not None else None
    if unit is None:
        require(actor, Action.MATERIAL_UPLOAD)
        raise InvalidInput(N_("Please choose the unit this belongs to."), field="unit")
    require(actor, Action.MATERIAL_UPLOAD, unit.path)
    return unit


def _facts(said: Said, path: str) -> rules.Facts:
    return rules.Facts(
        title=rules.check_title(said.title, required=False),
        summary=rules.check_summary(said.summary),
        category=categories.check(said.category, path),
        audience=rules.check_audience(said.audience),
    )


def _judged(stored: StoredFile, path: Path, name: str, media_type: str = "") -> _File:
    """Judge a stored file by its content; ``media_type`` says what that is, where it has been judged already.

    Raises InvalidInput saying what the uploader can do.
    """
    if not media_type:
        with path.open("rb") as stream:
            media_type = kinds.judge(stream, name)
    limit = LARGEST.get(media_type)
    if limit is not None and stored.size > limit * MIB:
        raise InvalidInput(N_("A text file may have 20 MB at most. Please split it."), field="file")
    if media_type == rules.PDF:
        try:
            pdf.look(path)
        except InvalidInput as error:
            raise InvalidInput(error.message, field="file") from error
    elif media_type in rules.IMAGES:
        pictures.look(path)
    charset = text.guess_charset(path.read_bytes()) if media_type in rules.TEXTS else ""
    return _File(stored, kinds.clean_name(name, media_type), media_type, charset)


@transactional
def _register(actor: Actor, facts: rules.Facts, unit: Unit, file: _File) -> int:
    uploads.require_room(actor, Destination(unit.id), file.stored.size)
    values = {
        "media_type": file.media_type,
        "file_key": file.stored.key,
        "file_name": file.name,
        "file_size": file.stored.size,
        "charset": file.charset,
        "uploader": actor.id,
    }
    material = Material.create(
        title=facts.title or kinds.title_of(file.name),
        summary=facts.summary,
        category=facts.category,
        unit=unit,
        audience=facts.audience,
        published_at=_published(actor, unit),
        **values,
    )
    MaterialVersion.create(material=material, number=1, **values)
    ask(EXTRACT, material.id, 1)
    return int(material.id)


def replace_file(actor: Actor, material_id: int, remark: str, file_name: str, stream: IO[bytes], limit: int) -> int:
    """Take in a new file for a material, beside those it had; gives the version's number.

    It comes into force once its text is taken out. Raises NotFound, Forbidden, InvalidInput, TooLarge, Unavailable.
    """
    said = rules.check_remark(remark)
    _changeable(actor, material_id)
    with naming_file(file_name):
        kinds.judge(stream, file_name)
        stored = files().put(stream, limit)
        try:
            return _add_version(actor, material_id, said, _judged(stored, files().path(stored.key), file_name))
        except BaseException:
            files().take_back(stored)
            raise


@transactional
def replace_arrived(actor: Actor, material_id: int, remark: str, token: str) -> int:
    """Take in a new file that arrived in pieces; gives the version's number. Raises as ``replace_file``."""
    said = rules.check_remark(remark)
    _changeable(actor, material_id)
    arrived = uploads.peek(actor, token, PURPOSE)
    with naming_file(arrived.name):
        file = _judged(arrived.stored, arrived.path, arrived.name)
        uploads.take(actor, token, PURPOSE)
        return _add_version(actor, material_id, said, file)


def version_destination(actor: Actor, material_id: int) -> Destination:
    """Say where a new file for a material is kept. Raises NotFound, Forbidden, Conflict for a web link."""
    return Destination(_changeable(actor, material_id), page=f"/materials/{material_id}/versions")


def new_destinations(actor: Actor) -> list[Destination]:
    """Give the units that a new material of the actor's may be for."""
    return [Destination(unit.id) for unit in unit_choices(actor, Action.MATERIAL_UPLOAD)]


def _changeable(actor: Actor, material_id: int) -> int:
    """Give the unit of a material that may have another file."""
    row = get_material(actor, material_id)
    if not may_manage(actor, row.uploader_id, row.unit_path):
        raise Forbidden(N_("Only who uploaded this material, or who manages those of its unit, can change it."))
    if row.media_type == rules.LINK:
        raise Conflict(N_("A web link has no file: change its address instead."))
    if row.published_at is not None:
        require_publish(actor, Action.MATERIAL_MANAGE, row.unit_path)
    return int(row.unit_id)


@transactional
def _add_version(actor: Actor, material_id: int, remark: str, file: _File) -> int:
    """Add a version. Raises Conflict for the file that is in force already."""
    # The row of the material is written first: on PostgreSQL that makes two new versions follow each other.
    Material.update(updated_at=clock.now()).where(Material.id == material_id).execute()
    material = Material.get_by_id(material_id)
    if material.file_key == file.stored.key and material.state == "ready":
        raise Conflict(N_("This is the file that the material has already."))
    uploads.require_room(actor, Destination(material.unit), file.stored.size)
    numbers = [
        n
        for (n,) in MaterialVersion.select(MaterialVersion.number)
        .where(MaterialVersion.material == material_id)
        .tuples()
    ]
    number = max(numbers, default=0) + 1
    MaterialVersion.create(
        material=material_id,
        number=number,
        media_type=file.media_type,
        file_key=file.stored.key,
        file_name=file.name,
        file_size=file.stored.size,
        charset=file.charset,
        remark=remark,
        uploader=actor.id,
    )
    if material.state == "failed":
        Material.update(state="preparing", failure="", version=number).where(Material.id == material_id).execute()
    ask(EXTRACT, material_id, number)
    return number
