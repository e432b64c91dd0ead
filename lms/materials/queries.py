"""Reading materials: what an actor may see, as plain rows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from peewee import JOIN, Expression, Value, fn

from lms import clock
from lms.categories.rules import is_code
from lms.errors import N_, NotFound
from lms.materials.models import (
    Material,
    MaterialPage,
    MaterialPicture,
    MaterialReading,
    MaterialVersion,
    RequiredReading,
)
from lms.materials.rules import KINDS, MEDIA_TYPES, STATES
from lms.members.access import Action, Actor, in_subtree, may, visible_to
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.plain_text import typed_words
from lms.prepared import prepared

PAGE_SIZE = 24
HEADINGS_SIZE = 60
LABEL_CHARS = 40
SORTS = ("newest", "oldest", "title", "longest")


def may_see(actor: Actor) -> Expression:
    """Make the condition that a material may be seen.

    Members see what is published, ready and not archived, as far as its audience reaches; the uploader and those who
    manage materials of the unit also see what is not published, being prepared, failed or archived.
    """
    return open_to(actor.id, sorted(actor.sees_units)) | _manages(actor)


def open_to(member: int, sees_units: Sequence[int]) -> Expression:
    """Make the condition that a material is there to be read by a member, from the parts of an actor."""
    public = (Material.state == "ready") & Material.archived_at.is_null() & Material.published_at.is_null(False)
    return public & visible_to(member, sees_units, Material.audience, Material.unit)


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


@dataclass(frozen=True)
class Wanted:
    """What a list of materials is narrowed to; an unknown filter or order counts as none.

    ``kind`` is a word of ``rules.KINDS``, ``read`` "yes", "begun" or "no" for how far the actor is, ``required`` what
    is due for the actor now.
    """

    text: str = ""
    category: str = ""
    kind: str = ""
    media_type: str = ""
    unit: int | None = None
    state: str = ""
    read: str = ""
    required: bool = False
    mine: bool = False
    archived: bool = False
    sort: str = "newest"


NO_WISH = Wanted()


def list_materials(actor: Actor, page: int = 1, wanted: Wanted = NO_WISH, size: int = PAGE_SIZE) -> Page[Any]:
    """List what the actor may see, with how far the actor is with each: two statements."""
    found = _found(actor, wanted)
    total = found.select(fn.COUNT(Material.id)).scalar()
    return Page(list(_rows(found, wanted.sort).paginate(page, size).namedtuples()), page, size, total)


def walk_materials(actor: Actor, wanted: Wanted, most: int) -> list[Any]:
    """List all that a list has, for a table to take along; at most ``most``."""
    return list(_rows(_found(actor, wanted), wanted.sort).limit(most).namedtuples())


def _rows(found: Any, sort: str) -> Any:
    return found.select(
        Material.id,
        Material.title,
        Material.summary,
        Material.category,
        Material.media_type,
        Material.page_count,
        Material.file_size,
        Material.version,
        Material.url,
        Material.state,
        Material.audience,
        Material.created_at,
        Material.archived_at,
        Material.published_at,
        Material.uploader.alias("uploader_id"),
        Material.unit.alias("unit_id"),
        Unit.name.alias("unit_name"),
        Unit.path.alias("unit_path"),
        Member.name.alias("uploader_name"),
        MaterialReading.read,
        MaterialReading.last_page,
        MaterialReading.finished_on,
        MaterialReading.on_paper,
    ).order_by(*_order(sort))


def _found(actor: Actor, wanted: Wanted) -> Any:
    mine = (MaterialReading.material == Material.id) & (MaterialReading.member == actor.id)
    return (
        Material.select()
        .join(Unit)
        .join_from(Material, Member, JOIN.LEFT_OUTER, on=(Material.uploader == Member.id))
        .join_from(Material, MaterialReading, JOIN.LEFT_OUTER, on=mine)
        .where(_condition(actor, wanted))
    )


def _condition(actor: Actor, wanted: Wanted) -> Expression:
    where = may_see(actor) & (Material.archived_at.is_null(not wanted.archived))
    media_types = KINDS.get(wanted.kind) or ((wanted.media_type,) if wanted.media_type in MEDIA_TYPES else ())
    if is_code(wanted.category):
        where &= Material.category == wanted.category
    if media_types:
        where &= Material.media_type.in_(media_types)
    if wanted.unit:
        where &= Material.unit == wanted.unit
    if wanted.state in STATES:
        where &= Material.state == wanted.state
    if wanted.mine:
        where &= Material.uploader == actor.id
    if wanted.required:
        where &= Material.id.in_(due_ids(actor))
    for word in typed_words(wanted.text, 8):
        where &= Material.title.contains(word) | Material.summary.contains(word)
    return where & _read_so_far(wanted.read)


def _read_so_far(read: str) -> Expression:
    if read == "yes":
        return MaterialReading.finished_on.is_null(False)
    if read == "begun":
        return MaterialReading.id.is_null(False) & MaterialReading.finished_on.is_null()
    if read == "no":
        return MaterialReading.id.is_null()
    return Value(1) == 1


def _order(sort: str) -> tuple[Any, ...]:
    if sort == "oldest":
        return (Material.created_at, Material.id)
    if sort == "title":
        return (Material.title, Material.id)
    if sort == "longest":
        return (Material.page_count.desc(), Material.id.desc())
    return (Material.created_at.desc(), Material.id.desc())


def due_ids(actor: Actor) -> Any:
    """Select the ids of the materials that the actor's units ask to be read now."""
    today = clock.today()
    return RequiredReading.select(RequiredReading.material).where(
        RequiredReading.unit.in_(sorted(actor.wanted_by)),
        RequiredReading.ended_at.is_null(),
        RequiredReading.since <= today,
        RequiredReading.until >= today,
    )


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
        MaterialPage.select(MaterialPage.number, MaterialPage.heading, MaterialPage.text, MaterialPage.markup)
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


def list_units(actor: Actor) -> list[tuple[int, str]]:
    """List the units that have materials which the actor may see, for a filter."""
    having = Material.select(Material.unit).where(may_see(actor))
    rows = list(Unit.select(Unit.id, Unit.name, Unit.path).where(Unit.id.in_(having)).tuples())
    return [(ident, name) for ident, name, _ in sorted(rows, key=lambda row: row[2].split("/"))]


def list_versions(material_id: int) -> list[Any]:
    """List the versions of a material that was looked up for the actor before, the newest first."""
    rows = (
        MaterialVersion.select(MaterialVersion, Member.name.alias("uploader_name"))
        .join(Member, JOIN.LEFT_OUTER, on=(MaterialVersion.uploader == Member.id))
        .where(MaterialVersion.material == material_id)
        .order_by(MaterialVersion.number.desc())
        .namedtuples()
    )
    return list(rows)


def get_version(material_id: int, number: int) -> Any:
    """Give a version of a material that was looked up for the actor before. Raises NotFound."""
    found = MaterialVersion.get_or_none(MaterialVersion.material == material_id, MaterialVersion.number == number)
    if found is None:
        raise NotFound(N_("This material has no such version."))
    return found


def get_picture(actor: Actor, material_id: int, number: int) -> str:
    """Give the key in the store of a picture within a material that the actor may see. Raises NotFound."""
    get_material(actor, material_id)
    key = _picture_key.scalar(material_id, number)
    if key is None:
        raise NotFound(N_("There is no such picture in this material."))
    return str(key)


@prepared
def _picture_key(material_id: int, number: int) -> Any:
    return MaterialPicture.select(MaterialPicture.file_key).where(
        MaterialPicture.material == material_id, MaterialPicture.number == number
    )


def used_keys() -> Iterator[str]:
    """Walk over the storage keys that materials use: all versions, those of archived ones as well."""
    keys = Material.select(Material.file_key).where(Material.file_key != "")
    for (key,) in keys.union(MaterialVersion.select(MaterialVersion.file_key)).tuples().iterator():
        yield key
    for (key,) in MaterialPicture.select(MaterialPicture.file_key).tuples().iterator():
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
        Material.published_at.is_null(False),
        visible_to(member, sees_units, Material.audience, Material.unit, Material.uploader),
    )
