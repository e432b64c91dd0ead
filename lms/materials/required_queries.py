"""Reading requests: what is due for a member, what a liaison asked, and who has read it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from peewee import JOIN, SQL, Case, fn

from lms import clock
from lms.errors import N_, Forbidden, NotFound
from lms.materials.models import Material, MaterialReading, RequiredReading
from lms.materials.queries import open_to
from lms.materials.reading_queries import Begun
from lms.members.access import Action, Actor, active_on, may, require
from lms.members.belonging import people_of
from lms.members.models import Member, Membership, Unit
from lms.paging import Page
from lms.prepared import evened, prepared
from lms.profiles import members_may_be_ranked

READERS_SHOWN = 50
MOST_ASKED = 200
ROWS_SHOWN = 30


class Due(NamedTuple):
    """A material that the actor is asked to read, and how far the actor is."""

    id: int
    material: int
    title: str
    unit_name: str
    until: date
    days_left: int
    note: str
    pages: int
    read: int
    last_page: int
    finished: bool


class Request(NamedTuple):
    """A request as its liaison sees it."""

    id: int
    material: int
    title: str
    unit: int
    unit_name: str
    unit_path: str
    since: date
    until: date
    note: str
    ended: bool
    members: int
    finished: int


class Reader(NamedTuple):
    """A member of whom reading is asked; ``finished_on`` None while not read through, ``read`` pages so far."""

    member: int
    name: str
    unit: str
    finished_on: date | None
    on_paper: bool
    read: int
    begun: bool


def list_due(actor: Actor, limit: int = 20, *, finished: bool = False) -> list[Due]:
    """List what the actor is asked to read now, the soonest due first; with ``finished`` also what is read through.

    A material that two units ask for stands there once, with the earlier day.
    """
    units = actor.wanted_by
    if not units:
        return []
    today = clock.today()
    rows = _asked_of(actor.id, sorted(units), actor.units_seen, today)
    return _due(rows, today, finished=finished)[:limit]


def _due(rows: Iterable[tuple[Any, ...]], today: date, *, finished: bool) -> list[Due]:
    due: dict[int, Due] = {}
    for ident, material, title, unit, until, note, pages, read, last, done, _ in rows:
        if done is None or finished:
            left = (until - today).days
            row = Due(ident, material, title, unit, until, left, note, pages, read or 0, last or 1, done is not None)
            due.setdefault(material, row)
    return list(due.values())


class AtHand(NamedTuple):
    """What a member has to read, and what the member has begun of own accord."""

    due: list[Due]
    begun: list[Begun]


def list_at_hand(actor: Actor, due: int, begun: int) -> AtHand:
    """List what the actor is asked to read now and what is begun and not finished: one statement for a first page."""
    units, today = actor.wanted_by, clock.today()
    rows = _asked_or_begun(actor.id, sorted(units), actor.units_seen, today)
    asked = sorted((row for row in rows if row[0]), key=lambda row: (row[4], row[0]))
    others = sorted((row for row in rows if not row[0]), key=lambda row: (row[10], row[1]), reverse=True)
    required = {row[1] for row in asked}
    going_on = [Begun(row[1], row[2], row[6], row[8], row[7]) for row in others if row[1] not in required]
    return AtHand(_due(asked, today, finished=False)[:due], going_on[:begun])


@prepared
def _asked_of(member: int, units: Sequence[int], sees_units: Sequence[int], today: date) -> Any:
    asked = _asked(member, units, sees_units, today)
    return asked.order_by(RequiredReading.until, RequiredReading.id).limit(MOST_ASKED)


@prepared
def _asked_or_begun(member: int, units: Sequence[int], sees_units: Sequence[int], today: date) -> Any:
    begun = (
        MaterialReading.select(
            SQL("0"),
            Material.id,
            Material.title,
            SQL("NULL"),
            SQL("NULL"),
            SQL("NULL"),
            Material.page_count,
            MaterialReading.read,
            MaterialReading.last_page,
            MaterialReading.finished_on,
            MaterialReading.updated_at,
        )
        .join(Material)
        .where(
            MaterialReading.member == member,
            MaterialReading.finished_on.is_null(),
            Material.page_count > 1,
            open_to(member, sees_units),
        )
    )
    return _asked(member, units, sees_units, today).union_all(begun).limit(MOST_ASKED)


def _asked(member: int, units: Sequence[int], sees_units: Sequence[int], today: date) -> Any:
    mine = (MaterialReading.material == Material.id) & (MaterialReading.member == member)
    return (
        RequiredReading.select(
            RequiredReading.id,
            Material.id,
            Material.title,
            Unit.name,
            RequiredReading.until,
            RequiredReading.note,
            Material.page_count,
            MaterialReading.read,
            MaterialReading.last_page,
            MaterialReading.finished_on,
            MaterialReading.updated_at,
        )
        .join(Material)
        .join_from(RequiredReading, Unit)
        .join_from(Material, MaterialReading, JOIN.LEFT_OUTER, on=mine)
        .where(
            RequiredReading.unit.in_(units),
            RequiredReading.ended_at.is_null(),
            RequiredReading.since <= today,
            RequiredReading.until >= today,
            open_to(member, sees_units),
        )
    )


def find_due(actor: Actor, material_id: int) -> Due | None:
    """Give what is asked of the actor about one material, None for nothing."""
    return next((row for row in list_due(actor, 200, finished=True) if row.material == material_id), None)


def _requests(where: Any) -> Any:
    return (
        RequiredReading.select(
            RequiredReading.id,
            Material.id,
            Material.title,
            Unit.id,
            Unit.name,
            Unit.path,
            RequiredReading.since,
            RequiredReading.until,
            RequiredReading.note,
            RequiredReading.ended_at,
        )
        .join(Material)
        .join_from(RequiredReading, Unit)
        .where(where)
    )


def _counted(rows: Iterable[tuple[Any, ...]]) -> list[Request]:
    """Add to requests of how many members each asks, and how many of them have read it: one statement for all."""
    requests = list(rows)
    ids = evened([row[0] for row in requests])
    counts = {ident: (people, done) for ident, people, done in _counts(ids, clock.today())} if ids else {}
    return [Request._make((*said, ended_at is not None, *counts.get(said[0], (0, 0)))) for *said, ended_at in requests]


@prepared
def _counts(requests: Sequence[int], today: date) -> Any:
    """Select the members of a request's unit and of those below it, each once, as ``people_of`` gives them."""
    below = Unit.alias()
    done = (MaterialReading.member == Member.id) & (MaterialReading.material == RequiredReading.material)
    return (
        RequiredReading.select(
            RequiredReading.id, fn.COUNT(fn.DISTINCT(Member.id)), fn.COUNT(fn.DISTINCT(MaterialReading.member))
        )
        .join_from(RequiredReading, Unit)
        .join_from(Unit, below, on=below.path.startswith(Unit.path))
        .join_from(below, Membership, on=(Membership.unit == below.id) & active_on(today))
        .join_from(Membership, Member, on=(Member.id == Membership.member) & Member.deactivated_at.is_null())
        .join_from(Member, MaterialReading, JOIN.LEFT_OUTER, on=done & MaterialReading.finished_on.is_null(False))
        .where(RequiredReading.id.in_(requests))
        .group_by(RequiredReading.id)
    )


def list_requests(actor: Actor, page: int, *, gone: bool = False, size: int = ROWS_SHOWN) -> Page[Request]:
    """List what is asked in the units that the actor looks after: what runs or will, or (``gone``) what is over.

    Raises Forbidden.
    """
    require(actor, Action.READING_REQUIRE)
    paths = actor.paths_for(Action.READING_REQUIRE)
    where: Any = Unit.path.startswith(paths[0])
    for path in paths[1:]:
        where |= Unit.path.startswith(path)
    over = RequiredReading.ended_at.is_null(False) | (RequiredReading.until < clock.today())
    where &= over if gone else ~over
    found = _requests(where)
    order = (RequiredReading.until.desc(),) if gone else (RequiredReading.until,)
    rows = found.order_by(*order, RequiredReading.id).paginate(page, size).tuples()
    return Page(_counted(rows), page, size, found.count())


def list_of_material(actor: Actor, material_id: int) -> list[Request]:
    """List the requests of the actor's units for one material, the latest first."""
    return _counted(row for row in _of_material(material_id) if may(actor, Action.READING_REQUIRE, row[5]))


@prepared
def _of_material(material_id: int) -> Any:
    return _requests(RequiredReading.material == material_id).order_by(RequiredReading.id.desc()).limit(20)


def get_kept(actor: Actor, request_id: int) -> Request:
    """Give a request of a unit that the actor looks after. Raises NotFound, Forbidden."""
    row = _requests(RequiredReading.id == request_id).tuples().first()
    if row is None or row[3] not in actor.sees_units:
        raise NotFound(N_("There is no such request, or it is not for a unit of yours."))
    if not may(actor, Action.READING_REQUIRE, row[5]):
        raise Forbidden(N_("Only those who look after this unit can see or change what it asks."))
    return _counted([row])[0]


def list_readers(actor: Actor, request_id: int, page: int, profile: str, size: int = READERS_SHOWN) -> Page[Reader]:
    """List the members of whom reading is asked: those who have not read it first, where a profile lets them be ranked.

    Raises NotFound, Forbidden.
    """
    kept = get_kept(actor, request_id)
    theirs = (MaterialReading.member == Member.id) & (MaterialReading.material == kept.material)
    people = people_of(kept.unit_path)
    done = (Case(None, [(MaterialReading.finished_on.is_null(), 0)], 1),) if members_may_be_ranked(profile) else ()
    rows = (
        people.select(
            Member.id,
            Member.name,
            Unit.name,
            MaterialReading.finished_on,
            MaterialReading.on_paper,
            MaterialReading.read,
            MaterialReading.id,
        )
        .join_from(Member, MaterialReading, JOIN.LEFT_OUTER, on=theirs)
        .order_by(*done, Unit.path, Member.name_key, Member.id)
        .paginate(page, size)
        .tuples()
    )
    readers = [
        Reader(member, name, unit, day, bool(on_paper), read or 0, begun is not None)
        for member, name, unit, day, on_paper, read, begun in rows
    ]
    return Page(readers, page, size, kept.members)
