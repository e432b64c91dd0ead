"""Who belongs to a unit today, and the name of a member to whoever may know it: asked by all rooms in the same way."""

from typing import Any

from peewee import Expression, fn

from lms import clock
from lms.errors import N_, NotFound
from lms.members.access import Action, Actor, active_on, may
from lms.members.models import Member, Membership, Unit


def newest_memberships(wanted: Expression) -> Any:
    """Select the newest membership of each member among those wanted: somebody in two units counts once."""
    return (
        Membership.select(Membership.member, fn.MAX(Membership.id).alias("newest"))
        .join(Unit)
        .where(wanted)
        .group_by(Membership.member)
        .alias("newest")
    )


def people_of(path: str) -> Any:
    """Select the members of a unit and of those below it, each once, in the unit of the newest membership."""
    newest = newest_memberships(active_on(clock.today()) & Unit.path.startswith(path))
    return (
        Member.select(Member.id, Member.name, Unit.name)
        .join(newest, on=(newest.c.member_id == Member.id))
        .join(Membership, on=(Membership.id == newest.c.newest))
        .join(Unit, on=(Unit.id == Membership.unit))
        .where(Member.deactivated_at.is_null())
    )


def name_within_reach(actor: Actor, member: int, action: Action) -> str:
    """Give the name of a member for whom the actor may do something, in any unit of today.

    Raises NotFound where the actor may not know of the member.
    """
    units = (
        Membership.select(Unit.path, Member.name)
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(Membership.member == member, active_on(clock.today()))
        .tuples()
    )
    for path, name in units:
        if may(actor, action, path):
            return str(name)
    raise NotFound(N_("There is no such member, or you do not look after them."))
