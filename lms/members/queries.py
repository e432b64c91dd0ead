"""What can be read about people and units. A reader sees those within the reach of a role, and themselves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import NamedTuple

from peewee import SQL, Expression, ModelSelect, fn

from lms import clock
from lms.errors import N_, NotFound
from lms.members import rules
from lms.members.access import Action, Actor, in_subtree, may, require
from lms.members.models import Member, Membership, RoleGrant, Unit
from lms.paging import Page

PEOPLE_PER_PAGE = 30
UNITS_PER_PAGE = 100
LONGEST_TEXT = 80
STATES = ("current", "former", "deactivated")
NO_MEMBER = N_("This member does not exist, or is not in a unit of yours.")
NO_UNIT = N_("This unit does not exist, or is not one of yours.")


Placed = tuple[int, int | None, str, str, str]


class MembershipRow(NamedTuple):
    """A member's time in a unit, with the unit's name."""

    id: int
    unit: int
    unit_name: str
    kind: str
    path: str
    since: date
    until: date | None


class GrantRow(NamedTuple):
    """A role on a unit, with the unit's name."""

    id: int
    unit: int
    unit_name: str
    path: str
    role: str


@dataclass(frozen=True)
class MemberView:
    """All that the page of a member shows. ``manageable`` says whether the reader may change it.

    ``birth_date`` is None also for who may see the year only.
    """

    id: int
    name: str
    phone: str | None
    birth_year: int | None
    birth_date: date | None
    position: str
    must_change_password: bool
    deactivated: bool
    memberships: tuple[MembershipRow, ...]
    grants: tuple[GrantRow, ...]
    manageable: bool = False


@dataclass
class MemberRow:
    """A line of the list of people."""

    id: int
    name: str
    phone: str | None
    units: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class UnitRow:
    """A unit in the tree; ``depth`` counts from the topmost one that the reader reaches, ``members`` its own only."""

    id: int
    parent: int | None
    kind: str
    name: str
    path: str
    depth: int
    members: int = 0


@dataclass(frozen=True)
class MemberFilter:
    """Which people to list: below a unit, part of a name or the start of a phone number, one of STATES."""

    unit: int | None = None
    text: str = ""
    state: str = "current"


def get_account(actor: Actor) -> MemberView:
    """Give what the actor may know of themselves."""
    return _view(actor.id, open_only=True, manageable=False, dated=True)


def get_member(actor: Actor, member: int) -> MemberView:
    """Give a member within the actor's reach. Raises Forbidden without any reach, NotFound beyond it."""
    require(actor, Action.MEMBER_LIST)
    reached = Member.select(Member.id).where(Member.id == member, _within(actor.paths_for(Action.MEMBER_LIST)))
    if not reached.exists():
        raise NotFound(NO_MEMBER)
    dated = member == actor.id or _reaches(actor, Action.MEMBER_BIRTH_DATE, member)
    return _view(member, open_only=False, manageable=is_manageable(actor, member), dated=dated)


def _reaches(actor: Actor, action: Action, member: int) -> bool:
    paths = actor.paths_for(action)
    return bool(paths) and Member.select(Member.id).where(Member.id == member, _within(paths)).exists()


def is_within_reach(actor: Actor, action: Action, member: int) -> bool:
    """Say whether a member with an open account belongs to a unit on which the actor may do something."""
    paths = actor.paths_for(action)
    is_open = (Member.id == member) & Member.deactivated_at.is_null()
    return bool(paths) and Member.select(Member.id).where(is_open, _within(paths)).exists()


def is_manageable(actor: Actor, member: int) -> bool:
    """Say whether the actor administers a member: is over a unit of theirs, and over every role they hold."""
    paths = actor.paths_for(Action.MEMBER_MANAGE)
    if not paths or not Member.select(Member.id).where(Member.id == member, _within(paths)).exists():
        return False
    granted = RoleGrant.select(Unit.path).join(Unit).where(RoleGrant.member == member).tuples()
    return not rules.outranked(paths, (path for (path,) in granted))


def _view(member: int, *, open_only: bool, manageable: bool, dated: bool) -> MemberView:
    row = Member.get_or_none(Member.id == member)
    if row is None:
        raise NotFound(NO_MEMBER)
    held = (Membership.until.is_null() | (Membership.until >= clock.today())) if open_only else SQL("1 = 1")
    return MemberView(
        row.id,
        row.name,
        row.phone,
        row.birth_year,
        row.birth_date if dated else None,
        row.position,
        row.must_change_password,
        row.deactivated_at is not None,
        tuple(MembershipRow(*found) for found in _memberships(Membership.member == member, held)),
        tuple(GrantRow(*found) for found in _grants(member)),
        manageable,
    )


def _memberships(*conditions: Expression) -> ModelSelect:
    return (
        Membership.select(Membership.id, Unit.id, Unit.name, Unit.kind, Unit.path, Membership.since, Membership.until)
        .join(Unit)
        .where(*conditions)
        .order_by(Membership.since.desc(), Membership.id.desc())
        .tuples()
    )


def _grants(member: int) -> ModelSelect:
    return (
        RoleGrant.select(RoleGrant.id, Unit.id, Unit.name, Unit.path, RoleGrant.role)
        .join(Unit)
        .where(RoleGrant.member == member)
        .order_by(RoleGrant.id)
        .tuples()
    )


def _below(paths: Sequence[str]) -> Expression:
    return reduce(or_, (in_subtree(path) for path in paths)) if paths else SQL("1 = 0")


def _open() -> Expression:
    # A membership that begins tomorrow counts: who was just added for next Monday must not vanish from the list.
    return Membership.until.is_null() | (Membership.until >= clock.today())


def _current(paths: Sequence[str]) -> Expression:
    return Member.id.in_(Membership.select(Membership.member).join(Unit).where(_open(), _below(paths)))


def _former(paths: Sequence[str]) -> Expression:
    nowhere = Member.id.not_in(Membership.select(Membership.member).where(_open()))
    return nowhere & Member.id.in_(Membership.select(Membership.member).join(Unit).where(_below(paths)))


def _within(paths: Sequence[str]) -> Expression:
    """Whose units of now lie below the paths; of those who left the organisation, who was there once."""
    return _current(paths) | _former(paths)


def reached(actor: Actor, action: Action) -> Expression:
    """Make the condition that a member, by units of now or of once, is within the reach of an action of the actor's."""
    return _within(actor.paths_for(action))


def manageable_among(actor: Actor, members: Sequence[int]) -> set[int]:
    """Give those of the members within the actor's reach who hold no role beyond it: see ``is_manageable``."""
    paths = actor.paths_for(Action.MEMBER_MANAGE)
    granted = RoleGrant.select(RoleGrant.member, Unit.path).join(Unit).where(RoleGrant.member.in_(members)).tuples()
    return set(members) - {member for member, path in granted if rules.outranked(paths, [path])}


def units_of(members: Sequence[int]) -> dict[int, list[str]]:
    """Give the names of the units that members belong to now, the latest first."""
    held = _units_held(members)
    return {member: [name for one, name in held if one == member] for member in members}


def get_membership(actor: Actor, membership: int) -> tuple[MemberView, MembershipRow]:
    """Give a membership with its member, within the actor's reach. Raises Forbidden, NotFound as ``get_member``."""
    require(actor, Action.MEMBER_LIST)
    member = Membership.select(Membership.member).where(Membership.id == membership).scalar()
    if member is None:
        raise NotFound(NO_MEMBER)
    view = get_member(actor, member)
    return view, next(row for row in view.memberships if row.id == membership)


def get_grant_holder(actor: Actor, grant: int) -> int:
    """Give the member who holds a role, within the actor's reach. Raises Forbidden, NotFound as ``get_member``."""
    require(actor, Action.MEMBER_LIST)
    member = RoleGrant.select(RoleGrant.member).where(RoleGrant.id == grant).scalar()
    if member is None:
        raise NotFound(NO_MEMBER)
    return get_member(actor, member).id


def list_members(actor: Actor, wanted: MemberFilter, number: int = 1) -> Page[MemberRow]:
    """List the people within the actor's reach, by name. Raises Forbidden without a role, NotFound for the unit."""
    require(actor, Action.MEMBER_LIST)
    paths = actor.paths_for(Action.MEMBER_LIST)
    if wanted.unit is not None:
        paths = [get_unit(actor, wanted.unit).path]
    found = Member.select(Member.id, Member.name, Member.phone).where(_state(wanted.state, paths))
    text = rules.closed_up(rules.clean_line(wanted.text, "q", LONGEST_TEXT))
    if text:
        found = found.where(Member.name.contains(text) | Member.phone.startswith(text))
    total = found.count()
    rows = found.order_by(Member.name_key, Member.id).paginate(number, PEOPLE_PER_PAGE).tuples()
    people = {row[0]: MemberRow(*row) for row in rows}
    _add_units(people)
    _add_roles(people)
    return Page(list(people.values()), number, PEOPLE_PER_PAGE, total)


def _state(state: str, paths: Sequence[str]) -> Expression:
    if state == "deactivated":
        return Member.deactivated_at.is_null(False) & _within(paths)
    if state == "former":
        return Member.deactivated_at.is_null() & _former(paths)
    return Member.deactivated_at.is_null() & _current(paths)


def _add_units(people: dict[int, MemberRow]) -> None:
    for member, name in _units_held(list(people)):
        people[member].units.append(name)


def _units_held(members: Sequence[int]) -> list[tuple[int, str]]:
    held = (
        Membership.select(Membership.member, Unit.name)
        .join(Unit)
        .where(Membership.member.in_(members), _open())
        .order_by(Membership.since.desc(), Membership.id.desc())
    )
    return list(held.tuples())


def _add_roles(people: dict[int, MemberRow]) -> None:
    held = RoleGrant.select(RoleGrant.member, RoleGrant.role).where(RoleGrant.member.in_(list(people)))
    for member, role in held.order_by(RoleGrant.id).tuples():
        if role not in people[member].roles:
            people[member].roles.append(role)


def get_unit(actor: Actor, unit: int) -> UnitRow:
    """Give a unit within the actor's reach. Raises Forbidden without any reach, NotFound beyond it."""
    require(actor, Action.MEMBER_LIST)
    row = Unit.select(Unit.id, Unit.parent, Unit.kind, Unit.name, Unit.path).where(Unit.id == unit).tuples().first()
    if row is None or not may(actor, Action.MEMBER_LIST, row[4]):
        raise NotFound(NO_UNIT)
    found, above, kind, name, path = row
    return UnitRow(found, above, kind, name, path, 0, _counts([unit]).get(unit, 0))


def list_units(actor: Actor, number: int = 1) -> Page[UnitRow]:
    """List the units within the actor's reach as a tree read from top to bottom."""
    require(actor, Action.MEMBER_LIST)
    tree = _tree(actor.paths_for(Action.MEMBER_LIST))
    first = (number - 1) * UNITS_PER_PAGE
    shown = tree[first : first + UNITS_PER_PAGE]
    counts = _counts([row.id for row in shown])
    items = [
        UnitRow(row.id, row.parent, row.kind, row.name, row.path, row.depth, counts.get(row.id, 0)) for row in shown
    ]
    return Page(items, number, UNITS_PER_PAGE, len(tree))


def unit_choices(actor: Actor, action: Action = Action.MEMBER_MANAGE) -> list[UnitRow]:
    """Give the units on which the actor may do something, as a tree, for choosing one."""
    return _tree(actor.paths_for(action))


def _tree(paths: Sequence[str]) -> list[UnitRow]:
    rows = list(Unit.select(Unit.id, Unit.parent, Unit.kind, Unit.name, Unit.path).where(_below(paths)).tuples())
    known = {row[0] for row in rows}
    below: dict[int | None, list[Placed]] = defaultdict(list)
    for row in sorted(rows):
        below[row[1] if row[1] in known else None].append(row)
    return list(_walk(below, None, 0))


def _walk(below: dict[int | None, list[Placed]], parent: int | None, depth: int) -> Iterable[UnitRow]:
    for row in below[parent]:
        unit, above, kind, name, path = row
        yield UnitRow(unit, above, kind, name, path, depth)
        yield from _walk(below, row[0], depth + 1)


def _counts(units: list[int]) -> dict[int, int]:
    counted = (
        Membership.select(Membership.unit, fn.COUNT(Membership.member.distinct()))
        .join(Member, on=Membership.member == Member.id)
        .where(Membership.unit.in_(units), _open(), Member.deactivated_at.is_null())
        .group_by(Membership.unit)
        .tuples()
    )
    return dict(counted)
