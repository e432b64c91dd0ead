"""Shares of the store that differ from the settings: an administrator gives a member or a unit more, or less."""

from typing import Any

from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.members.access import Action, Actor, require
from lms.members.models import Unit
from lms.members.queries import NO_UNIT
from lms.members.service import load_managed
from lms.uploads.models import Quota, QuotaChange

MOST_GIB = 100_000
MIB_OF_GIB = 1024


@transactional
def set_share(actor: Actor, member: int | None, unit: int | None, gib: int | None) -> int | None:
    """Give a member or a unit a share of its own in GiB, 0 without a bound; None goes back to the settings.

    Gives the id of the change, by which it can be taken back; None when nothing is different. Raises Forbidden,
    NotFound beyond the actor's reach, InvalidInput for neither or both of the two.
    """
    if gib is not None and not 0 <= gib <= MOST_GIB:
        raise InvalidInput(
            N_("Please enter a whole number from %(low)s to %(high)s."), field="gib", low=0, high=MOST_GIB
        )
    check_reach(actor, member, unit)
    before, after = find_own(member, unit), None if gib is None else gib * MIB_OF_GIB
    return None if before == after else _change(actor, member, unit, before, after)


def check_reach(actor: Actor, member: int | None, unit: int | None) -> None:
    """Raise unless the actor administers the one member, or the one unit. Raises as ``set_share``."""
    require(actor, Action.MEMBER_MANAGE)
    if (member is None) == (unit is None):
        raise InvalidInput(N_("Please choose a member or a unit."), field="unit")
    if member is not None:
        load_managed(actor, member)
        return
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    if path is None:
        raise NotFound(NO_UNIT)
    require(actor, Action.MEMBER_MANAGE, path)


def _whose(table: Any, member: int | None, unit: int | None) -> Any:
    return table.member == member if member is not None else table.unit == unit


def find_own(member: int | None, unit: int | None) -> int | None:
    """Give the share of its own that a member or a unit has, in MiB; None as the settings say."""
    found: int | None = Quota.select(Quota.mib).where(_whose(Quota, member, unit)).scalar()
    return found


def _change(actor: Actor, member: int | None, unit: int | None, before: int | None, after: int | None) -> int:
    Quota.delete().where(_whose(Quota, member, unit)).execute()
    if after is not None:
        Quota.create(member=member, unit=unit, mib=after)
    made = QuotaChange.create(member=member, unit=unit, before=before, after=after, made_by=actor.id)
    return int(made.id)


@transactional
def take_back(actor: Actor, change: int) -> None:
    """Let a share be what it was before a change. Raises NotFound, Forbidden, Conflict when it was changed since."""
    row = QuotaChange.get_or_none(QuotaChange.id == change)
    if row is None:
        raise NotFound(N_("This change is not there."))
    check_reach(actor, row.member, row.unit)
    if find_own(row.member, row.unit) != row.after:
        raise Conflict(N_("This share was changed again since, so it stays as it is."))
    if row.before != row.after:
        _change(actor, row.member, row.unit, row.after, row.before)
