"""What materials give to the search index: the material itself, and each page as a place of its own."""

from collections.abc import Iterator
from typing import Any

from lms import clock
from lms.materials.models import Material, MaterialPage
from lms.materials.queries import findable_among, there, visible_ids
from lms.members.access import audience_tokens
from lms.plain_text import from_markdown
from lms.prepared import prepared
from lms.searchable import Searchable, Source

HEADINGS = 40


def load(ref: int) -> Iterator[Searchable]:
    """Give a material itself with its summary, then each page of its text; none when it is gone or archived."""
    material = Material.get_or_none(Material.id == ref)
    if material is None or material.archived_at or not material.published_at or material.state != "ready":
        return
    itself = Searchable(
        key=f"material:{ref}",
        kind="material",
        ref=ref,
        group=f"material:{ref}",
        title=material.title,
        body=material.summary,
        keywords=_headings(ref),
        audience=audience_tokens(material.audience, material.unit, material.uploader),
        day=clock.local(material.created_at).date(),
        extra={"of": material.title},
        facets={"category": material.category or "other", "unit": str(material.unit)},
    )
    yield itself
    written, title = material.media_type == "text/markdown", material.title
    for number, heading, text in _pages(ref):
        yield Searchable(
            key=f"material:{ref}:{number}",
            kind="material",
            ref=ref,
            group=itself.group,
            title=f"{title} · {heading}" if heading else title,
            body=from_markdown(text) if written else text,
            audience=itself.audience,
            day=itself.day,
            place=str(number),
            extra={"of": title, "heading": heading},
            facets=itself.facets,
        )


def _headings(ref: int) -> str:
    """Give the headings of a material's first pages: what it is about, for finding others like it."""
    return " ".join(dict.fromkeys([heading for (heading,) in _first_headings(ref)]))


@prepared
def _first_headings(ref: int) -> Any:
    rows = MaterialPage.select(MaterialPage.heading).where(MaterialPage.material == ref, MaterialPage.heading != "")
    return rows.order_by(MaterialPage.number).limit(HEADINGS)


@prepared
def _pages(ref: int) -> Any:
    rows = MaterialPage.select(MaterialPage.number, MaterialPage.heading, MaterialPage.text)
    some = (MaterialPage.text != "") | (MaterialPage.heading != "")
    return rows.where(MaterialPage.material == ref, some).order_by(MaterialPage.number)


def all_refs() -> Iterator[int]:
    """Walk over the materials that can be found."""
    for (ref,) in Material.select(Material.id).where(there()).order_by(Material.id).tuples().iterator():
        yield ref


SOURCE = Source("material", load, all_refs, visible_ids, findable_among)
