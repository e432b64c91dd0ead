"""Who may see an activity record, and who looks after it."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from peewee import SQL, Expression

from lms.activities.models import Activity, ActivityMark
from lms.errors import N_, Forbidden, NotFound
from lms.members.access import Action, Actor, in_subtree, may
from lms.members.models import Unit

GONE = N_("This record is not there, or you may not see it.")


def cared_for(actor: Actor) -> Expression:
    """Make the condition that the actor looks after the unit of a record."""
    return _below(actor.paths_for(Action.ACTIVITY_CARE))


def _below(paths: Sequence[str]) -> Expression:
    if not paths:
        return SQL("1 = 0")
    below = Unit.select(Unit.id).where(reduce(or_, (in_subtree(path) for path in paths)))
    return Activity.unit.in_(below)


def may_see(actor: Actor) -> Expression:
    """Make the condition that the actor may see a record.

    What is about one member is for that member, who entered it and the liaisons; what a unit holds is for all of the
    unit and for whoever stands in its register.
    """
    return open_to(actor.id, actor.units_seen, actor.paths_for(Action.ACTIVITY_CARE))


def open_to(member: int, sees_units: Sequence[int], care: Sequence[str]) -> Expression:
    """Make the same condition from the parts of an actor; ``care`` are the paths of the units looked after."""
    registered = ActivityMark.select(ActivityMark.activity).where(ActivityMark.member == member)
    held = Activity.member.is_null() & (Activity.state != "withdrawn")
    own = (Activity.member == member) | (Activity.entered_by == member)
    of_unit = held & (Activity.unit.in_(sees_units) | Activity.id.in_(registered))
    return own | of_unit | _below(care)


def get_row(actor: Actor, activity: int) -> Activity:
    """Give a record that the actor may see. Raises NotFound."""
    row = Activity.get_or_none(Activity.id == activity, may_see(actor))
    if row is None:
        raise NotFound(GONE)
    return row


def cares(actor: Actor, unit: int) -> bool:
    """Say whether the actor looks after the records of a unit."""
    if not may(actor, Action.ACTIVITY_CARE):
        return False
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    return may(actor, Action.ACTIVITY_CARE, path)


def get_cared_for(actor: Actor, activity: int) -> Activity:
    """Give a record whose unit the actor looks after. Raises NotFound, Forbidden."""
    row = get_row(actor, activity)
    if not cares(actor, row.unit):
        raise Forbidden(N_("Only the liaisons of its unit look after this record."))
    return row


def get_editable(actor: Actor, activity: int) -> Activity:
    """Give a record that the actor may change: a liaison any, who it is about an open one. Raises as above."""
    row = get_row(actor, activity)
    if row.member == actor.id and row.state in ("waiting", "returned"):
        return row
    if row.member == actor.id and not cares(actor, row.unit):
        raise Forbidden(N_("It is confirmed and counts. Ask your liaison if something has to be corrected."))
    return get_cared_for(actor, activity)
