"""How much of the store evidence takes, for the shares of members and units."""

from typing import Any

from peewee import fn

from lms.activities.models import Activity, ActivityFile
from lms.prepared import prepared


def bytes_of(member: int | None, unit: int | None) -> int:
    """Give the bytes of the evidence that a member added, or (member None) of a unit's records."""
    return int(_bytes.scalar(unit if member is None else member, of_unit=member is None))


@prepared
def _bytes(whose: int | None, *, of_unit: bool) -> Any:
    owner = Activity.unit if of_unit else ActivityFile.added_by
    return ActivityFile.select(fn.COALESCE(fn.SUM(ActivityFile.size), 0)).join(Activity).where(owner == whose)
