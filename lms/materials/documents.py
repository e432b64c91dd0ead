"""What materials give to the search index: each page a place of its own."""

from collections.abc import Iterator

from lms import clock
from lms.materials.models import Material, MaterialPage
from lms.materials.queries import visible_ids
from lms.members.access import audience_tokens
from lms.plain_text import from_markdown
from lms.searchable import Searchable, Source


def load(ref: int) -> Iterator[Searchable]:
    """Give the pages of a material, or the material itself while it has no text; none when it is gone or archived."""
    material = Material.get_or_none(Material.id == ref)
    if material is None or material.archived_at is not None or material.state != "ready":
        return
    audience = audience_tokens(material.audience, material.unit, material.uploader)
    day = clock.local(material.created_at).date()
    written = material.media_type == "text/markdown"
    found = False
    for number, heading, text in _pages(ref):
        yield Searchable(
            key=f"material:{ref}:{number}",
            kind="material",
            ref=ref,
            group=f"material:{ref}",
            title=f"{material.title} · {heading}" if heading else material.title,
            body=from_markdown(text) if written else text,
            audience=audience,
            keywords="" if found else material.summary,
            day=day,
            place=str(number),
            extra={"of": material.title},
        )
        found = True
    if not found:
        yield Searchable(
            key=f"material:{ref}",
            kind="material",
            ref=ref,
            group=f"material:{ref}",
            title=material.title,
            body=material.summary,
            audience=audience,
            day=day,
        )


def _pages(ref: int) -> Iterator[tuple[int, str, str]]:
    rows: Iterator[tuple[int, str, str]] = (
        MaterialPage.select(MaterialPage.number, MaterialPage.heading, MaterialPage.text)
        .where(MaterialPage.material == ref, (MaterialPage.text != "") | (MaterialPage.heading != ""))
        .order_by(MaterialPage.number)
        .tuples()
        .iterator()
    )
    return rows


def all_refs() -> Iterator[int]:
    """Walk over the materials that can be found."""
    rows = Material.select(Material.id).where(Material.archived_at.is_null(), Material.state == "ready")
    for (ref,) in rows.order_by(Material.id).tuples().iterator():
        yield ref


SOURCE = Source(kind="material", load=load, all_refs=all_refs, visible=visible_ids)
