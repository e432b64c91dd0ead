"""Lists of materials: narrowed, in an order, with how far the asking member is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import JOIN, Expression, Value, fn

from lms import clock
from lms.categories.rules import is_code
from lms.materials.models import Material, MaterialReading
from lms.materials.queries import PAGE_SIZE, due_for, seen_by
from lms.materials.rules import KINDS, MEDIA_TYPES, STATES
from lms.members.access import Action, Actor
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.prepared import prepared
from lms.typed import typed_words

SORTS = ("newest", "oldest", "title", "longest")
READ = ("yes", "begun", "no")


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
    """List what the actor may see, with how far the actor is with each: two statements.

    They are prepared, unless words were typed.
    """
    values, shape = _asked(actor, wanted)
    if shape["words"]:
        total = _found(*values, **shape).select(fn.COUNT(Material.id)).scalar()
        rows = _rows(_found(*values, **shape), wanted.sort).paginate(page, size).tuples()
    else:
        total = _counted.scalar(*values, **shape)
        rows = _listed(
            *values, size, (page - 1) * size, sort=wanted.sort if wanted.sort in SORTS else SORTS[0], **shape
        )
    return Page([ListedMaterial._make(row) for row in rows], page, size, total)


def walk_materials(actor: Actor, wanted: Wanted, most: int) -> list[Any]:
    """List all that a list has, for a table to take along; at most ``most``."""
    values, shape = _asked(actor, wanted)
    rows = _rows(_found(*values, **shape), wanted.sort).limit(most).tuples()
    return [ListedMaterial._make(row) for row in rows]


def list_ids(actor: Actor, wanted: Wanted, most: int) -> list[int]:
    """Give the ids of all that a list has on all its pages; at most one more than ``most``."""
    values, shape = _asked(actor, wanted)
    return [row[0] for row in _found(*values, **shape).select(Material.id).limit(most + 1).tuples()]


class ListedMaterial(NamedTuple):
    """A material in a list, with how far the asking member is."""

    id: int
    title: str
    summary: str
    category: str
    media_type: str
    page_count: int
    file_size: int
    version: int
    url: str
    state: str
    audience: str
    created_at: datetime
    archived_at: datetime | None
    published_at: datetime | None
    uploader_id: int | None
    unit_id: int
    unit_name: str
    unit_path: str
    uploader_name: str | None
    read: int | None
    last_page: int | None
    finished_on: date | None
    on_paper: bool | None


def _asked(actor: Actor, wanted: Wanted) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Take a wish apart into the values of a statement and what decides how it is made."""
    kinds = KINDS.get(wanted.kind) or ((wanted.media_type,) if wanted.media_type in MEDIA_TYPES else ())
    values = (
        actor.id,
        actor.units_seen,
        wanted.category if is_code(wanted.category) else None,
        list(kinds) or None,
        wanted.unit or None,
        wanted.state if wanted.state in STATES else None,
        sorted(actor.wanted_by) if wanted.required else None,
        clock.today() if wanted.required else None,
    )
    shape = {
        "paths": tuple(actor.paths_for(Action.MATERIAL_MANAGE)),
        "archived": wanted.archived,
        "mine": wanted.mine,
        "read": wanted.read if wanted.read in READ else "",
        "words": tuple(typed_words(wanted.text, 8)),
    }
    return values, shape


def _found(
    member: int,
    sees_units: Sequence[int],
    category: str | None,
    media_types: Sequence[str] | None,
    unit: int | None,
    state: str | None,
    wanted_by: Sequence[int] | None,
    today: date | None,
    *,
    paths: tuple[str, ...],
    archived: bool,
    mine: bool,
    read: str,
    words: tuple[str, ...],
) -> Any:
    reading = (MaterialReading.material == Material.id) & (MaterialReading.member == member)
    where = seen_by(member, sees_units, paths) & Material.archived_at.is_null(not archived)
    if category is not None:
        where &= Material.category == category
    if media_types is not None:
        where &= Material.media_type.in_(media_types)
    if unit is not None:
        where &= Material.unit == unit
    if state is not None:
        where &= Material.state == state
    if mine:
        where &= Material.uploader == member
    if wanted_by is not None:
        where &= Material.id.in_(due_for(wanted_by, today))
    for word in words:
        where &= Material.title.contains(word) | Material.summary.contains(word)
    return (
        Material.select()
        .join(Unit)
        .join_from(Material, Member, JOIN.LEFT_OUTER, on=(Material.uploader == Member.id))
        .join_from(Material, MaterialReading, JOIN.LEFT_OUTER, on=reading)
        .where(where & _read_so_far(read))
    )


@prepared
def _counted(*values: Any, **shape: Any) -> Any:
    return _found(*values, **shape).select(fn.COUNT(Material.id))


@prepared
def _listed(*values: Any, sort: str, **shape: Any) -> Any:
    *values_of_list, size, offset = values
    return _rows(_found(*values_of_list, **shape), sort).limit(size).offset(offset)


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
        Material.uploader,
        Material.unit,
        Unit.name,
        Unit.path,
        Member.name,
        MaterialReading.read,
        MaterialReading.last_page,
        MaterialReading.finished_on,
        MaterialReading.on_paper,
    ).order_by(*_order(sort))


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


def list_units(actor: Actor) -> list[tuple[int, str]]:
    """List the units that have materials which the actor may see, for a filter."""
    paths = tuple(actor.paths_for(Action.MATERIAL_MANAGE))
    rows = _units_with_materials(actor.id, actor.units_seen, paths=paths)
    return [(ident, name) for ident, name, _ in sorted(rows, key=lambda row: row[2].split("/"))]


@prepared
def _units_with_materials(member: int, sees_units: Sequence[int], *, paths: tuple[str, ...]) -> Any:
    having = Material.select(Material.unit).where(seen_by(member, sees_units, paths))
    return Unit.select(Unit.id, Unit.name, Unit.path).where(Unit.id.in_(having))
