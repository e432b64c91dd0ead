"""Who uses how much of the store, and what they may keep; what was changed of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from peewee import JOIN

from lms.members import queries as members
from lms.members.access import Action, Actor, require
from lms.members.models import Member, Unit
from lms.members.rules import closed_up
from lms.paging import Page
from lms.typed import typed_text
from lms.uploads import purposes, queries, shares
from lms.uploads.models import Quota, QuotaChange
from lms.uploads.rules import MIB, Room

PAGE_SIZE = 24
LONGEST_TEXT = 80
LATEST_CHANGES = 20
KINDS = ("people", "units")
WHICH = ("using", "own", "all")
SORTS = ("used", "full", "share", "name")


@dataclass(frozen=True)
class Filter:
    """Whose use is wanted: people or units; who keeps anything or has a share of their own, the latter only, or all."""

    of: str = KINDS[0]
    text: str = ""
    which: str = WHICH[0]
    sort: str = SORTS[0]


@dataclass(frozen=True)
class Use:
    """How much one member or one unit keeps, in bytes; ``allowed`` 0 is without a bound, ``own`` other than usual.

    ``units`` are those of a member; ``manageable`` whether the actor may give another share.
    """

    id: int
    name: str
    used: int
    allowed: int
    own: bool
    units: tuple[str, ...] = ()
    manageable: bool = True

    @property
    def room(self) -> Room:
        """Give it as the rules have it."""
        return Room(self.used, self.allowed)

    @property
    def filled(self) -> float:
        """Say how much of the share is used: 1 is all of it, 0 of one without a bound."""
        return self.used / self.allowed if self.allowed else 0.0


class Change(NamedTuple):
    """A share that was changed, in MiB: None as the settings say, 0 without a bound."""

    id: int
    before: int | None
    after: int | None
    made_by: str | None
    at: datetime


def list_uses(actor: Actor, wanted: Filter, number: int = 1, size: int = PAGE_SIZE) -> tuple[Page[Use], int]:
    """List who keeps how much, of people and units that the actor administers; also what all in the list keep.

    Raises Forbidden.
    """
    found = walk_uses(actor, wanted)
    shown = found[(number - 1) * size : number * size]
    if wanted.of == "people":
        shown = with_units(actor, shown)
    return Page(shown, number, size, len(found)), sum(use.used for use in found)


def walk_uses(actor: Actor, wanted: Filter) -> list[Use]:
    """Give all of the list, without the units that people belong to. Raises Forbidden.

    One statement for each room that keeps files; the rest is reckoned here, for there is nothing to order by in any
    one table.
    """
    require(actor, Action.MEMBER_MANAGE)
    of_units = wanted.of == "units"
    text = typed_text(wanted.text, LONGEST_TEXT)
    named = _units(actor, text) if of_units else _people(actor, closed_up(text))
    kept = purposes.kept_by_owner(units=of_units) + queries.coming(of_units=of_units)
    usual = purposes.default_quotas()[1 if of_units else 0]
    owner = Quota.unit if of_units else Quota.member
    own = dict(Quota.select(owner, Quota.mib).where(owner.is_null(False)).tuples())
    found = [Use(key, name, kept[key], own.get(key, usual // MIB) * MIB, key in own) for key, name in named]
    return sorted((use for use in found if _wanted(use, wanted.which)), key=_ORDERS[wanted.sort])


def _people(actor: Actor, text: str) -> Iterable[tuple[int, str]]:
    found = Member.select(Member.id, Member.name).where(members.reached(actor, Action.MEMBER_MANAGE))
    if text:
        found = found.where(Member.name.contains(text) | Member.phone.startswith(text))
    return list(found.tuples())


def _units(actor: Actor, text: str) -> Iterable[tuple[int, str]]:
    return [(unit.id, unit.name) for unit in members.unit_choices(actor) if text in unit.name]


def _wanted(use: Use, which: str) -> bool:
    return which == "all" or use.own or (which == "using" and use.used > 0)


_ORDERS = {
    "used": lambda use: (-use.used, use.name, use.id),
    "full": lambda use: (-use.filled, -use.used, use.name, use.id),
    "share": lambda use: (use.allowed > 0, -use.allowed, use.name, use.id),
    "name": lambda use: (use.name, use.id),
}


def with_units(actor: Actor, uses: Sequence[Use]) -> list[Use]:
    """Add to people the units they belong to, and whether the actor may give them another share."""
    ids = [use.id for use in uses]
    units, manageable = members.units_of(ids), members.manageable_among(actor, ids)
    return [replace(use, units=tuple(units[use.id]), manageable=use.id in manageable) for use in uses]


def get_use(actor: Actor, member: int | None, unit: int | None) -> Use:
    """Give what one member or one unit keeps. Raises what ``shares.set_share`` raises."""
    shares.check_reach(actor, member, unit)
    table, key = (Unit, unit) if member is None else (Member, member)
    name = table.select(table.name).where(table.id == key).scalar()
    return _use(member, unit, name)


def use_of(member: int, name: str) -> Use:
    """Give what a member keeps who was looked up for the actor before, as one whom the actor administers."""
    return _use(member, None, name)


def _use(member: int | None, unit: int | None, name: str) -> Use:
    room = queries.get_rooms(member, unit)[1 if member is None else 0]
    return Use(member or unit or 0, name, room.used, room.allowed, shares.find_own(member, unit) is not None)


def list_changes(member: int | None, unit: int | None) -> list[Change]:
    """Give the latest changes of a share that was looked up for the actor before, the last first."""
    whose = QuotaChange.member == member if member is not None else QuotaChange.unit == unit
    rows = (
        QuotaChange.select(QuotaChange.id, QuotaChange.before, QuotaChange.after, Member.name, QuotaChange.at)
        .join(Member, JOIN.LEFT_OUTER, on=(QuotaChange.made_by == Member.id))
        .where(whose)
        .order_by(QuotaChange.id.desc())
        .limit(LATEST_CHANGES)
    )
    return [Change(*row) for row in rows.tuples()]
