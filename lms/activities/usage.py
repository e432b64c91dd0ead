"""How much of the store evidence takes, for the shares of members and units."""

from peewee import fn

from lms.activities.models import Activity, ActivityFile


def bytes_of(member: int | None, unit: int | None) -> int:
    """Give the bytes of the evidence that a member added, or (member None) of a unit's records."""
    whose = ActivityFile.added_by == member if member is not None else Activity.unit == unit
    total = ActivityFile.select(fn.COALESCE(fn.SUM(ActivityFile.size), 0)).join(Activity).where(whose)
    return int(total.scalar())
