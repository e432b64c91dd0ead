"""Materials as other rooms speak of them: titles, and the text of each page."""

from collections.abc import Iterator, Mapping, Sequence

from lms.materials import queries
from lms.materials.models import Material, MaterialPage
from lms.materials.rules import MARKDOWN
from lms.members.access import Actor
from lms.plain_text import from_markdown
from lms.things import Thing


def titles(actor: Actor, refs: Sequence[int]) -> Mapping[int, str]:
    """Give the titles of those materials that the actor may see."""
    if not refs:
        return {}
    rows = Material.select(Material.id, Material.title).where(Material.id.in_(list(refs)), queries.may_see(actor))
    return dict(rows.tuples())


def texts(ref: int) -> Iterator[tuple[int, str]]:
    """Walk over the pages of a material that is ready and not archived: number and text."""
    rows = (
        MaterialPage.select(MaterialPage.number, MaterialPage.text, Material.media_type)
        .join(Material)
        .where(Material.id == ref, queries.there())
        .order_by(MaterialPage.number)
    )
    for number, words, media_type in rows.tuples().iterator():
        yield number, _plain(words, media_type)


def text(ref: int, place: int) -> str:
    """Give the text of a page, empty when there is no such page."""
    row = (
        MaterialPage.select(MaterialPage.text, Material.media_type)
        .join(Material)
        .where(MaterialPage.material == ref, MaterialPage.number == place)
        .tuples()
        .first()
    )
    return _plain(*row) if row else ""


def _plain(words: str, media_type: str) -> str:
    return from_markdown(words) if media_type == MARKDOWN else words


def all_refs() -> Iterator[int]:
    """Walk over the ids of the materials that are ready and not archived."""
    rows = Material.select(Material.id).where(queries.there())
    for (ident,) in rows.order_by(Material.id).tuples():
        yield ident


THING = Thing("material", titles, texts, text, all_refs)
