"""Taking roles back so that it stays known who held them: past periods are judged by the roles of their days."""

from datetime import timedelta
from typing import Any

from lms import clock
from lms.members.models import FormerRole, RoleGrant


def end_grants(condition: Any) -> None:
    """Take back the roles that a condition names, inside the caller's transaction; yesterday was their last day.

    One that was given today has never been held.
    """
    today = clock.today()
    g = RoleGrant
    ended = list(g.select(g.member, g.unit, g.role, g.since).where(condition, g.since < today).tuples())
    for member, unit, role, since in ended:
        FormerRole.create(member=member, unit=unit, role=role, since=since, until=today - timedelta(days=1))
    g.delete().where(condition).execute()
