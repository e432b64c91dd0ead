"""The records that a member may take away: what they did, and the sessions in whose register they stand."""

from collections.abc import Iterator, Sequence

from lms.activities.models import Activity, ActivityMark
from lms.members.access import Actor
from lms.members.models import Unit
from lms.takeaway import Cell, Table


def _records(actor: Actor) -> Iterator[Sequence[Cell]]:
    a = Activity
    rows = a.select(a.kind, a.title, a.day, a.until, a.place, a.minutes, a.amount, a.category, a.state, a.text, a.link)
    yield from rows.where(a.member == actor.id).order_by(a.day, a.id).tuples().iterator()


def _attendance(actor: Actor) -> Iterator[Sequence[Cell]]:
    rows = (
        ActivityMark.select(
            Activity.kind,
            Activity.title,
            Activity.day,
            Unit.name,
            ActivityMark.state,
            ActivityMark.leave_reason,
            ActivityMark.made_up_on,
        )
        .join(Activity)
        .join(Unit)
        .where(ActivityMark.member == actor.id, ActivityMark.state != "", Activity.state != "withdrawn")
        .order_by(Activity.day, Activity.id)
    )
    yield from rows.tuples().iterator()


RECORDED = ("kind", "title", "day", "until", "place", "minutes", "amount", "category", "state", "text", "link")
TABLES = (
    Table("activities", RECORDED, _records),
    Table("attendance", ("kind", "title", "day", "unit", "state", "leave_reason", "made_up_on"), _attendance),
)
