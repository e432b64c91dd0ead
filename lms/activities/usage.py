"""How much of the store evidence takes, for the shares of members and units."""

from typing import Any

from peewee import fn

from lms.activities.models import Activity, ActivityFile
from lms.prepared import prepared


def bytes_of(whose: Any, of_unit: bool) -> Any:
    """Make the query of the bytes of the evidence that a member added, or of a unit's records."""
    owner = Activity.unit if of_unit else ActivityFile.added_by
    return ActivityFile.select(fn.COALESCE(fn.SUM(ActivityFile.size), 0)).join(Activity).where(owner == whose)


def by_owner(of_units: bool) -> dict[int, int]:
    """Give the bytes of evidence of every member who added any, or of every unit."""
    return {owner: int(size) for owner, size in _by_owner(of_units=of_units)}


@prepared
def _by_owner(*, of_units: bool) -> Any:
    owner = Activity.unit if of_units else ActivityFile.added_by
    found = ActivityFile.select(owner, fn.SUM(ActivityFile.size)).join(Activity)
    return found.where(owner.is_null(False)).group_by(owner)
