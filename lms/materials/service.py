"""Commands on materials: upload, edit, put away and bring back, read anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from lms import clock
from lms.categories import queries as categories
from lms.db import transactional
from lms.errors import N_, Conflict, Forbidden, InvalidInput
from lms.events import SearchableChanged, publish
from lms.jobs.queue import ask
from lms.materials import kinds, pdf, rules, text
from lms.materials.models import Material, MaterialPage
from lms.materials.queries import get_material, may_manage
from lms.members.access import Action, Actor, require
from lms.members.models import Unit
from lms.storage import StoredFile, files

EXTRACT = "materials.extract"
CHUNK = 400
LARGEST_LOADED = 64 * 1024 * 1024


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
class _Judged:
    media_type: str
    charset: str


def upload_material(actor: Actor, upload: Upload, limit: int) -> int:
    """Store an uploaded file of at most ``limit`` bytes and ask for its text; gives the material's id.

    The file is judged by its content and stored before the transaction; when the transaction fails, it is taken back.
    Raises Forbidden, InvalidInput, TooLarge, Unavailable: nothing stays behind then.
    """
    unit = _upload_unit(actor, upload.unit)
    facts = _facts(upload, unit.path)
    is_pdf = kinds.refuse_other_kinds(upload.stream)
    stored = files().put(upload.stream, limit)
    try:
        judged = _judge(files().path(stored.key), upload.file_name, is_pdf)
        return _register(actor, upload, facts, unit, stored, judged)
    except BaseException:
        files().take_back(stored)
        raise


def _upload_unit(actor: Actor, unit_id: int | None) -> Unit:
    unit = Unit.get_or_none(Unit.id == unit_id) if unit_id is not None else None
    if unit is None:
        require(actor, Action.MATERIAL_UPLOAD)
        raise InvalidInput(N_("Please choose the unit this belongs to."), field="unit")
    require(actor, Action.MATERIAL_UPLOAD, unit.path)
    return unit


def _facts(upload: Upload, path: str) -> rules.Facts:
    return rules.Facts(
        title=rules.check_title(upload.title, required=False),
        summary=rules.check_summary(upload.summary),
        category=categories.check(upload.category, path),
        audience=rules.check_audience(upload.audience),
    )


def _judge(path: Path, name: str, is_pdf: bool) -> _Judged:
    if is_pdf:
        try:
            pdf.look(path)
        except InvalidInput as error:
            raise InvalidInput(error.message, field="file") from error
        return _Judged(rules.PDF, "")
    media_type = kinds.text_kind(name)
    if path.stat().st_size > kinds.MAX_TEXT_BYTES:
        raise InvalidInput(N_("A text file may have 20 MB at most. Please split it."), field="file")
    return _Judged(media_type, text.guess_charset(path.read_bytes()))


@transactional
def _register(actor: Actor, upload: Upload, facts: rules.Facts, unit: Unit, stored: StoredFile, judged: _Judged) -> int:
    name = kinds.clean_name(upload.file_name, judged.media_type)
    material = Material.create(
        title=facts.title or kinds.title_of(name),
        summary=facts.summary,
        category=facts.category,
        media_type=judged.media_type,
        file_key=stored.key,
        file_name=name,
        file_size=stored.size,
        charset=judged.charset,
        uploader=actor.id,
        unit=unit,
        audience=facts.audience,
    )
    ask(EXTRACT, material.id)
    made: int = material.id
    return made


def get_managed(actor: Actor, material_id: int) -> Any:
    """Give a material that the actor may change. Raises NotFound, Forbidden."""
    row = get_material(actor, material_id)
    if not may_manage(actor, row.uploader_id, row.unit_path):
        raise Forbidden(N_("Only who uploaded this material, or who manages those of its unit, can change it."))
    return row


def _change(material_id: int, **values: object) -> None:
    Material.update(updated_at=clock.now(), **values).where(Material.id == material_id).execute()
    publish(SearchableChanged("material", material_id))


@transactional
def edit_material(actor: Actor, material_id: int, facts: rules.Facts) -> None:
    """Change what is said about a material. Raises NotFound, Forbidden, InvalidInput."""
    row = get_managed(actor, material_id)
    _change(
        material_id,
        title=rules.check_title(facts.title),
        summary=rules.check_summary(facts.summary),
        category=categories.check(facts.category, row.unit_path, row.category),
        audience=rules.check_audience(facts.audience),
    )


@transactional
def archive_material(actor: Actor, material_id: int) -> None:
    """Put a material away: nobody finds it any more, but it can be brought back. Doing it twice is fine."""
    row = get_managed(actor, material_id)
    if row.archived_at is None:
        _change(material_id, archived_at=clock.now())


@transactional
def restore_material(actor: Actor, material_id: int) -> None:
    """Bring an archived material back to where it was. Doing it twice is fine."""
    get_managed(actor, material_id)
    _change(material_id, archived_at=None)


@transactional
def retry_material(actor: Actor, material_id: int) -> None:
    """Ask again for the text of a material that failed. Raises Conflict when it did not."""
    row = get_managed(actor, material_id)
    if row.state != "failed":
        raise Conflict(N_("This material has not failed, so there is nothing to try again."))
    _prepare(material_id)


@transactional
def read_as(actor: Actor, material_id: int, charset: str) -> None:
    """Read a text file in another encoding than the guessed one. Raises InvalidInput, Conflict for a PDF."""
    row = get_managed(actor, material_id)
    if row.media_type == rules.PDF:
        raise Conflict(N_("A PDF has no encoding to choose."))
    _prepare(material_id, charset=rules.check_charset(charset))


def _prepare(material_id: int, **values: object) -> None:
    _change(material_id, state="preparing", failure="", **values)
    ask(EXTRACT, material_id)


@transactional
def keep_pages(material_id: int, sections: Sequence[text.Section], remark: str = "") -> None:
    """Write the text that was taken out, in place of what was there, and make the material ready."""
    MaterialPage.delete().where(MaterialPage.material == material_id).execute()
    _insert_pages(material_id, sections)
    _change(material_id, state="ready", failure=remark, page_count=len(sections))


@transactional
def note_failure(material_id: int, reason: str) -> None:
    """Keep why no text could be taken out: a msgid that tells the uploader what to do."""
    _change(material_id, state="failed", failure=reason)


def _insert_pages(material_id: int, sections: Sequence[text.Section]) -> None:
    rows = [
        (material_id, number, heading[: text.HEADING_CHARS], body)
        for number, (heading, body) in enumerate(sections, start=1)
    ]
    fields = [MaterialPage.material, MaterialPage.number, MaterialPage.heading, MaterialPage.text]
    for start in range(0, len(rows), CHUNK):
        MaterialPage.insert_many(rows[start : start + CHUNK], fields=fields).execute()


def load_text_material(
    unit_id: int,
    title: str,
    pages: Sequence[text.Section],
    source_key: str,
    day: date,
    *,
    category: str = "other",
    summary: str = "",
    uploader: int | None = None,
    audience: str = "everyone",
) -> tuple[int, bool]:
    """Load a material whose text is known already, as (heading, text) pairs, and give its id and whether it is new.

    One transaction: material, pages, outbox. ``source_key`` names the record it comes from: loading that again changes
    nothing. The stored file is the text as Markdown. No access check: this is for the command line.
    """
    known = Material.select(Material.id).where(Material.source_key == source_key).scalar()
    if known is not None:
        return known, False
    sections = [(text.clean(heading)[: text.HEADING_CHARS], text.clean(body)) for heading, body in pages]
    stored = files().put(BytesIO(_as_markdown(title, sections)), LARGEST_LOADED)
    values = {
        "title": " ".join(title.split())[: rules.TITLE_CHARS],
        "summary": summary[: rules.SUMMARY_CHARS],
        "category": category,
        "uploader": uploader,
        "unit": unit_id,
        "audience": audience,
        "source_key": source_key,
        "file_key": stored.key,
        "file_size": stored.size,
    }
    try:
        return _load(values, sections, day), True
    except BaseException:
        files().take_back(stored)
        raise


@transactional
def _load(values: dict[str, Any], sections: Sequence[text.Section], day: date) -> int:
    moment = clock.start_of(day) + timedelta(hours=9)
    material = Material.create(
        **values,
        file_name=kinds.clean_name(str(values["title"]), rules.MARKDOWN),
        media_type=rules.MARKDOWN,
        charset="utf-8",
        page_count=len(sections),
        state="ready",
        created_at=moment,
        updated_at=moment,
    )
    _insert_pages(material.id, sections)
    publish(SearchableChanged("material", material.id))
    made: int = material.id
    return made


def _as_markdown(title: str, sections: Sequence[text.Section]) -> bytes:
    parts = [f"# {title}"]
    for heading, body in sections:
        parts.append(f"## {heading}\n\n{body}" if heading else body)
    return ("\n\n".join(parts) + "\n").encode()
