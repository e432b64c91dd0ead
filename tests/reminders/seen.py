"""What members are told, and when."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from lms import clock
from lms.members.models import Member
from lms.notices import queries
from tests.factories import Make


def at(day: date, hour: int = 10) -> datetime:
    return clock.start_of(day) + timedelta(hours=hour)


def listed(member: Member, make: Make) -> Sequence[queries.Told]:
    return queries.list_notices(make.actor(member), 1, 50).items


def told(member: Member, make: Make) -> list[str]:
    return [one.kind for one in queries.list_notices(make.actor(member), 1, 50).items][::-1]
