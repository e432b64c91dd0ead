"""Loading materials whose text is known already: real text in bulk, from the command line."""

from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from lms import clock
from lms.db import transactional
from lms.events import SearchableChanged, publish
from lms.materials import kinds, rules, text
from lms.materials.extraction import TakenPage
from lms.materials.models import Material, MaterialVersion
from lms.materials.versions import OF_FILE, insert_pages
from lms.storage import files

LARGEST_LOADED = 64 * 1024 * 1024


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
    values = {name: getattr(material, name) for name in (*OF_FILE, "page_count", "state", "uploader", "created_at")}
    MaterialVersion.create(material=material, number=1, **values)
    insert_pages(material.id, [TakenPage(*section) for section in sections])
    publish(SearchableChanged("material", material.id))
    made: int = material.id
    return made


def _as_markdown(title: str, sections: Sequence[text.Section]) -> bytes:
    parts = [f"# {title}"]
    for heading, body in sections:
        parts.append(f"## {heading}\n\n{body}" if heading else body)
    return ("\n\n".join(parts) + "\n").encode()
