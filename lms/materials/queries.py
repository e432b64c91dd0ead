"""Reading materials: what an actor may see, as plain rows."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import JOIN, Expression, fn

from lms.errors import N_, NotFound
from lms.materials.models import (
    Material,
    MaterialPage,
    MaterialPicture,
    MaterialVersion,
    RequiredReading,
)
from lms.members.access import Action, Actor, in_subtree, may, reaches, visible_to
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.prepared import prepared

PAGE_SIZE = 24
HEADINGS_SIZE = 60
LABEL_CHARS = 40


def may_see(actor: Actor) -> Expression:
    """Make the condition that a material may be seen.

    Members see what is published, ready and not archived, as far as its audience reaches; the uploader and those who
    manage materials of the unit also see what is not published, being prepared, failed or archived.
    """
    return seen_by(actor.id, actor.units_seen, tuple(actor.paths_for(Action.MATERIAL_MANAGE)))


def there() -> Expression:
    """Make the condition that a material is there for its audience: ready, published, not put away."""
    return (Material.state == "ready") & Material.archived_at.is_null() & Material.published_at.is_null(False)


def open_to(member: int, sees_units: Sequence[int]) -> Expression:
    """Make the condition that a material is there to be read by a member, from the parts of an actor."""
    return there() & visible_to(member, sees_units, Material.audience, Material.unit)


def seen_by(member: int, sees_units: Sequence[int], paths: tuple[str, ...]) -> Expression:
    """Make the same condition from the parts of an actor; ``paths`` are those of the units it manages."""
    seen = open_to(member, sees_units) | (Material.uploader == member)
    if not paths:
        return seen
    units = Unit.select(Unit.id).where(reduce(or_, [in_subtree(path) for path in paths]))
    return seen | Material.unit.in_(units)


def may_manage(actor: Actor, uploader: int | None, unit_path: str) -> bool:
    """Say whether the actor may change a material: its uploader, and who manages materials of its unit."""
    return uploader == actor.id or may(actor, Action.MATERIAL_MANAGE, unit_path)


def due_for(wanted_by: Sequence[int], today: date | None) -> Any:
    """Select the ids of the materials that an actor's units ask to be read now, from the parts of an actor."""
    return RequiredReading.select(RequiredReading.material).where(
        RequiredReading.unit.in_(wanted_by),
        RequiredReading.ended_at.is_null(),
        RequiredReading.since <= today,
        RequiredReading.until >= today,
    )


class MaterialRow(NamedTuple):
    """A material with the names of its unit and uploader."""

    id: int
    title: str
    summary: str
    category: str
    media_type: str
    file_key: str
    file_name: str
    file_size: int
    charset: str
    page_count: int
    state: str
    failure: str
    plain: bool
    version: int
    url: str
    audience: str
    source_key: str | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    published_at: datetime | None
    uploader_id: int | None
    unit_id: int
    unit_name: str
    unit_path: str
    uploader_name: str | None


def get_material(actor: Actor, material_id: int) -> MaterialRow:
    """Give a material with the names of its unit and uploader. Raises NotFound, also for what may not be seen.

    What may be seen is decided as ``may_see`` decides it, on the one row: so the statement is prepared.
    """
    found = _material.first(material_id)
    row = MaterialRow._make(found) if found is not None else None
    if row is None or not (_is_open(actor, row) or may_manage(actor, row.uploader_id, row.unit_path)):
        raise NotFound(N_("This material does not exist, or you may not see it."))
    return row


def _is_open(actor: Actor, row: MaterialRow) -> bool:
    is_there = row.state == "ready" and row.archived_at is None and row.published_at is not None
    return is_there and reaches(actor, row.audience, row.unit_id)


@prepared
def _material(material_id: int) -> Any:
    own = [getattr(Material, name) for name in MaterialRow._fields[:21]]
    return (
        Material.select(*own, Material.uploader, Material.unit, Unit.name, Unit.path, Member.name)
        .join(Unit)
        .join(Member, JOIN.LEFT_OUTER, on=(Material.uploader == Member.id))
        .where(Material.id == material_id)
        .limit(1)
    )


class Heading(NamedTuple):
    """A page in a table of contents; ``opening`` are its first words."""

    number: int
    heading: str
    opening: str


def list_headings(material_id: int, page: int, total: int, size: int = HEADINGS_SIZE) -> Page[Heading]:
    """List the pages of a material: number, heading, and the first words for those without a heading.

    The material must have been looked up for the actor before.
    """
    rows = _headings(material_id, size, (max(page, 1) - 1) * size)
    return Page([Heading._make(row) for row in rows], page, size, total)


@prepared
def _headings(material_id: int, size: int, offset: int) -> Any:
    opening = fn.SUBSTR(MaterialPage.text, 1, LABEL_CHARS)
    return (
        MaterialPage.select(MaterialPage.number, MaterialPage.heading, opening)
        .where(MaterialPage.material == material_id)
        .order_by(MaterialPage.number)
        .limit(size)
        .offset(offset)
    )


class PageRow(NamedTuple):
    """A page with its text and markup."""

    number: int
    heading: str
    text: str
    markup: str


def get_page(material_id: int, number: int) -> PageRow:
    """Give a page of a material that was looked up for the actor before. Raises NotFound."""
    row = _page.first(material_id, number)
    if row is None:
        raise NotFound(N_("This material has no such page."))
    return PageRow._make(row)


@prepared
def _page(material_id: int, number: int) -> Any:
    return MaterialPage.select(MaterialPage.number, MaterialPage.heading, MaterialPage.text, MaterialPage.markup).where(
        MaterialPage.material == material_id, MaterialPage.number == number
    )


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


class NewestVersion(NamedTuple):
    """The version that came last, in force or not."""

    number: int
    state: str
    failure: str


def find_newest(material_id: int) -> NewestVersion | None:
    """Give the newest version of a material that was looked up for the actor before; a web link has none."""
    row = _newest.first(material_id)
    return NewestVersion._make(row) if row is not None else None


@prepared
def _newest(material_id: int) -> Any:
    columns = [getattr(MaterialVersion, name) for name in NewestVersion._fields]
    rows = MaterialVersion.select(*columns).where(MaterialVersion.material == material_id)
    return rows.order_by(MaterialVersion.number.desc()).limit(1)


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
    return {ref for (ref,) in _findable(actor.id, actor.units_seen, list(refs))}


@prepared
def _findable(member: int, sees_units: Sequence[int], refs: Sequence[int]) -> Any:
    return findable_among(member, sees_units, refs)


def findable_among(member: int, sees_units: Sequence[int], refs: Sequence[int], _care: Sequence[str] = ()) -> Any:
    """Make the query of those of some materials that a member may find."""
    return Material.select(Material.id).where(
        Material.id.in_(refs),
        there(),
        visible_to(member, sees_units, Material.audience, Material.unit, Material.uploader),
    )
