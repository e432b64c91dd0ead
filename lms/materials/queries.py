"""Reading materials: what an actor may see, as plain rows."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

from peewee import JOIN, Expression, fn

from lms.categories.rules import is_code
from lms.errors import N_, NotFound
from lms.materials.models import Material, MaterialPage
from lms.materials.rules import MEDIA_TYPES
from lms.members.access import Action, Actor, in_subtree, may, visible, visible_to
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.prepared import prepared

PAGE_SIZE = 24
HEADINGS_SIZE = 60
LABEL_CHARS = 40
SORTS = ("newest", "oldest", "title")


def may_see(actor: Actor) -> Expression:
    """Make the condition that a material may be seen.

    Members see what is ready and not archived, as far as its audience reaches; the uploader and those who manage
    materials of the unit also see what is being prepared, failed or archived.
    """
    public = (Material.state == "ready") & Material.archived_at.is_null()
    return (public & visible(actor, Material.audience, Material.unit)) | _manages(actor)


def _manages(actor: Actor) -> Expression:
    paths = actor.paths_for(Action.MATERIAL_MANAGE)
    own: Expression = Material.uploader == actor.id
    if not paths:
        return own
    units = Unit.select(Unit.id).where(reduce(or_, [in_subtree(path) for path in paths]))
    return own | Material.unit.in_(units)


def may_manage(actor: Actor, uploader: int | None, unit_path: str) -> bool:
    """Say whether the actor may change a material: its uploader, and who manages materials of its unit."""
    return uploader == actor.id or may(actor, Action.MATERIAL_MANAGE, unit_path)


def list_materials(
    actor: Actor,
    page: int = 1,
    *,
    category: str = "",
    media_type: str = "",
    mine: bool = False,
    archived: bool = False,
    sort: str = "newest",
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """List what the actor may see; an unknown filter or order counts as none."""
    where = may_see(actor) & (Material.archived_at.is_null(not archived))
    if is_code(category):
        where &= Material.category == category
    if media_type in MEDIA_TYPES:
        where &= Material.media_type == media_type
    if mine:
        where &= Material.uploader == actor.id
    total = Material.select(fn.COUNT(Material.id)).where(where).scalar()
    rows = (
        Material.select(
            Material.id,
            Material.title,
            Material.summary,
            Material.category,
            Material.media_type,
            Material.page_count,
            Material.state,
            Material.created_at,
            Unit.name.alias("unit_name"),
        )
        .join(Unit)
        .where(where)
        .order_by(*_order(sort))
        .paginate(page, size)
        .namedtuples()
    )
    return Page(list(rows), page, size, total)


def _order(sort: str) -> tuple[Any, ...]:
    if sort == "oldest":
        return (Material.created_at, Material.id)
    if sort == "title":
        return (Material.title, Material.id)
    return (Material.created_at.desc(), Material.id.desc())


def get_material(actor: Actor, material_id: int) -> Any:
    """Give a material with the names of its unit and uploader. Raises NotFound, also for what may not be seen."""
    row = (
        Material.select(
            Material,
            Material.unit.alias("unit_id"),
            Material.uploader.alias("uploader_id"),
            Unit.name.alias("unit_name"),
            Unit.path.alias("unit_path"),
            Member.name.alias("uploader_name"),
        )
        .join(Unit)
        .join(Member, JOIN.LEFT_OUTER, on=(Material.uploader == Member.id))
        .where(Material.id == material_id, may_see(actor))
        .namedtuples()
        .first()
    )
    if row is None:
        raise NotFound(N_("This material does not exist, or you may not see it."))
    return row


def list_headings(material_id: int, page: int, total: int, size: int = HEADINGS_SIZE) -> Page[Any]:
    """List the pages of a material: number, heading, and the first words for those without a heading.

    The material must have been looked up for the actor before.
    """
    rows = (
        MaterialPage.select(
            MaterialPage.number, MaterialPage.heading, fn.SUBSTR(MaterialPage.text, 1, LABEL_CHARS).alias("opening")
        )
        .where(MaterialPage.material == material_id)
        .order_by(MaterialPage.number)
        .paginate(page, size)
        .namedtuples()
    )
    return Page(list(rows), page, size, total)


def get_page(material_id: int, number: int) -> Any:
    """Give a page of a material that was looked up for the actor before. Raises NotFound."""
    row = (
        MaterialPage.select(MaterialPage.number, MaterialPage.heading, MaterialPage.text)
        .where(MaterialPage.material == material_id, MaterialPage.number == number)
        .namedtuples()
        .first()
    )
    if row is None:
        raise NotFound(N_("This material has no such page."))
    return row


def list_pages(material_id: int, page: int, total: int, size: int = PAGE_SIZE) -> Page[Any]:
    """List the pages of a material with their text, for programs."""
    rows = (
        MaterialPage.select(MaterialPage.number, MaterialPage.heading, MaterialPage.text)
        .where(MaterialPage.material == material_id)
        .order_by(MaterialPage.number)
        .paginate(page, size)
        .namedtuples()
    )
    return Page(list(rows), page, size, total)


def list_upload_units(actor: Actor) -> list[Any]:
    """List the units to which the actor may upload, as id, name and path, in the order of the tree."""
    paths = actor.paths_for(Action.MATERIAL_UPLOAD)
    if not paths:
        return []
    reached = reduce(or_, [in_subtree(path) for path in paths])
    rows = list(Unit.select(Unit.id, Unit.name, Unit.path).where(reached).namedtuples())
    return sorted(rows, key=lambda unit: [int(part) for part in unit.path.strip("/").split("/")])


def used_keys() -> Iterator[str]:
    """Walk over the storage keys that materials use, archived ones as well."""
    for (key,) in Material.select(Material.file_key).distinct().tuples().iterator():
        yield key


def visible_ids(actor: Actor, refs: Iterable[int]) -> set[int]:
    """Give those of the ids that the actor may find: ready, not archived, within the audience."""
    return {ref for (ref,) in _findable(actor.id, sorted(actor.sees_units), list(refs))}


@prepared
def _findable(member: int, sees_units: Sequence[int], refs: Sequence[int]) -> Any:
    return Material.select(Material.id).where(
        Material.id.in_(refs),
        Material.state == "ready",
        Material.archived_at.is_null(),
        visible_to(member, sees_units, Material.audience, Material.unit, Material.uploader),
    )
