"""What was changed in a plan after it was approved, by whom and when."""

import json
from typing import Any

from peewee import JOIN

from lms.members.models import Member
from lms.prepared import prepared
from lms.reading.models import PlanChange
from lms.reading.plan_view import ChangeView

CHANGES = 50


def list_changes(plan_id: int) -> list[ChangeView]:
    """Give the newest changes of a plan."""
    rows = _changes_of(plan_id, CHANGES)
    return [ChangeView(what, by or "", at, json.loads(detail)) for what, by, at, detail in rows]


@prepared
def _changes_of(plan_id: int, limit: int) -> Any:
    c = PlanChange
    return (
        c.select(c.what, Member.name, c.at, c.detail)
        .join(Member, JOIN.LEFT_OUTER, on=(c.by == Member.id))
        .where(c.plan == plan_id)
        .order_by(c.at.desc(), c.id.desc())
        .limit(limit)
    )
