"""Shares of the store that differ from the settings: an administrator gives a member or a unit more, or less."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from peewee import JOIN, Expression

from lms import clock
from lms.db import transactional
from lms.errors import N_, InvalidInput, NotFound
from lms.members.access import Action, Actor, active_on, in_subtree, require
from lms.members.models import Member, Membership, Unit
from lms.members.queries import NO_UNIT
from lms.members.service import load_managed
from lms.paging import Page
from lms.uploads import purposes
from lms.uploads.models import Quota
from lms.uploads.rules import MIB

MOST_GIB = 100_000
PAGE_SIZE = 24


@dataclass(frozen=True)
class ShareView:
    """A share of its own: whose, and how much in GiB; 0 is without a bound."""

    member: int | None
    unit: int | None
    name: str
    gib: int


def default_gib() -> tuple[int, int]:
    """Give what a member and what a unit may keep by the settings, in GiB; 0 is without a bound."""
    member, unit = purposes.default_quotas()
    return member // MIB // 1024, unit // MIB // 1024


def list_shares(actor: Actor, number: int = 1, size: int = PAGE_SIZE) -> Page[ShareView]:
    """List the shares that differ, of units and members whom the actor administers. Raises Forbidden."""
    require(actor, Action.MEMBER_MANAGE)
    within = _within(actor)
    people = Membership.select(Membership.member).join(Unit).where(within, active_on(clock.today()))
    reached = Quota.unit.in_(Unit.select(Unit.id).where(within)) | Quota.member.in_(people)
    rows = (
        Quota.select(Quota.member, Quota.unit, Member.name, Unit.name, Quota.mib)
        .join(Member, JOIN.LEFT_OUTER)
        .switch(Quota)
        .join(Unit, JOIN.LEFT_OUTER)
        .where(reached)
        .order_by(Quota.id)
    )
    items = [
        ShareView(member, unit, name or unit_name, mib // 1024)
        for member, unit, name, unit_name, mib in rows.paginate(number, size).tuples()
    ]
    return Page(items, number, size, Quota.select().where(reached).count())


def _within(actor: Actor) -> Expression:
    return reduce(or_, (in_subtree(path) for path in actor.paths_for(Action.MEMBER_MANAGE)))


@transactional
def set_share(actor: Actor, member: int | None, unit: int | None, gib: int | None) -> None:
    """Give a member or a unit a share of its own in GiB, 0 without a bound; None goes back to the settings.

    Raises Forbidden, NotFound beyond the actor's reach, InvalidInput for neither or both of the two.
    """
    require(actor, Action.MEMBER_MANAGE)
    if (member is None) == (unit is None):
        raise InvalidInput(N_("Please choose a member or a unit."), field="unit")
    if gib is not None and not 0 <= gib <= MOST_GIB:
        raise InvalidInput(
            N_("Please enter a whole number from %(low)s to %(high)s."), field="gib", low=0, high=MOST_GIB
        )
    if member is not None:
        load_managed(actor, member)
    else:
        _check_unit(actor, unit)
    whose = Quota.member == member if member is not None else Quota.unit == unit
    Quota.delete().where(whose).execute()
    if gib is not None:
        Quota.create(member=member, unit=unit, mib=gib * 1024)


def _check_unit(actor: Actor, unit: int | None) -> None:
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    if path is None:
        raise NotFound(NO_UNIT)
    require(actor, Action.MEMBER_MANAGE, path)
