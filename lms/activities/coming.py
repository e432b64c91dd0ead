"""Scheduled sessions of all units, for those who remind of them."""

from datetime import date
from typing import NamedTuple

from lms.activities.models import Activity, ActivityMark
from lms.members.models import Unit


class Soon(NamedTuple):
    """A scheduled session and who has asked for leave from it."""

    id: int
    title: str
    day: date
    starts: str
    unit_path: str
    away: frozenset[int]


def list_planned_on(day: date) -> list[Soon]:
    """Give the scheduled sessions of a day, of whatever unit: for what is done for all at once."""
    rows = (
        Activity.select(Activity.id, Activity.title, Activity.day, Activity.starts, Unit.path)
        .join(Unit)
        .where(Activity.state == "planned", Activity.day == day)
        .order_by(Activity.id)
        .tuples()
    )
    held = list(rows)
    leaves: dict[int, set[int]] = {}
    marks = ActivityMark.select(ActivityMark.activity, ActivityMark.member).where(
        ActivityMark.activity.in_([row[0] for row in held] or [0]), ActivityMark.state == "leave"
    )
    for activity, member in marks.tuples():
        leaves.setdefault(activity, set()).add(member)
    return [Soon._make((*row, frozenset(leaves.get(row[0], ())))) for row in held]
