"""Reading the plans of others: the queue of those who decide on them."""

from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import Expression, fn

from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.reading.models import PlanItem, ReadingPlan
from lms.reading.plan_rules import PlanState


class ReviewRow(NamedTuple):
    """A plan in the liaison's queue."""

    id: int
    title: str
    since: date
    until: date
    member_name: str
    unit_name: str
    state: str
    submitted_at: datetime | None
    items: int


def _reached(actor: Actor) -> Expression:
    """Make the condition that a plan was submitted where the actor decides. Raises Forbidden without such a unit."""
    access.require(actor, Action.PLAN_REVIEW)
    paths = actor.paths_for(Action.PLAN_REVIEW)
    condition = access.in_subtree(paths[0])
    for path in paths[1:]:
        condition |= access.in_subtree(path)
    asked = (ReadingPlan.state != PlanState.DRAFT) & ReadingPlan.submitted_at.is_null(False)
    return condition & asked & (ReadingPlan.member != actor.id)


def count_reviews(actor: Actor) -> dict[str, int]:
    """Count the plans of others by state where the actor decides. Raises Forbidden."""
    query = ReadingPlan.select(ReadingPlan.state, fn.COUNT(ReadingPlan.id)).join(Unit).where(_reached(actor))
    return dict(query.group_by(ReadingPlan.state).tuples())


def waiting_for(actor: Actor) -> Any:
    """Make the query that counts the plans that wait for the actor. Raises Forbidden."""
    waits = _reached(actor) & (ReadingPlan.state == PlanState.SUBMITTED)
    return ReadingPlan.select(fn.COUNT(ReadingPlan.id)).join(Unit).where(waits)


def list_reviews(actor: Actor, state: str, number: int, size: int, total: int) -> Page[ReviewRow]:
    """Give a page of the plans in a state where the actor decides, the longest waiting first. Raises Forbidden."""
    p = ReadingPlan
    order = p.submitted_at if state == PlanState.SUBMITTED else p.decided_at.desc()
    items = PlanItem.select(fn.COUNT(PlanItem.id)).where(PlanItem.plan == p.id)
    rows = (
        p.select(p.id, p.title, p.since, p.until, Member.name, Unit.name, p.state, p.submitted_at, items)
        .join(Unit)
        .join_from(p, Member, on=(p.member == Member.id))
        .where(_reached(actor), p.state == state)
        .order_by(order, p.id)
        .paginate(number, size)
        .tuples()
    )
    return Page([ReviewRow._make(row) for row in rows], number, size, total)
