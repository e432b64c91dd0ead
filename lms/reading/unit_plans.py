"""Plans that a liaison gives to everybody of a unit at once; who joins later gets them, too."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from peewee import JOIN, fn

from lms import clock, events
from lms.bulk import among
from lms.db import transactional
from lms.errors import N_, InvalidInput, NotFound
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Member, Membership, Unit
from lms.paging import Page
from lms.reading import plan_rules as rules
from lms.reading.models import PlanChange, PlanItem, ReadingPlan, UnitPlan, UnitPlanItem
from lms.reading.plan_rules import PlannedItem, PlanState
from lms.reading.plan_service import checked_plan, item_rows, titles_of, write_items

# Rows written by one statement: SQLite takes 32,766 values in one, PostgreSQL 65,535.
AT_ONCE = 500

T = TypeVar("T")


class UnitPlanRow(NamedTuple):
    """A unit's plan in a list, with how many members hold it."""

    id: int
    title: str
    since: date
    until: date
    unit_name: str
    created_at: datetime
    withdrawn_at: datetime | None
    holders: int


@transactional
def give_plan(
    actor: Actor, unit: int | None, title: str, since: date, until: date, items: Sequence[PlannedItem]
) -> tuple[int, int]:
    """Give a plan to everybody who belongs to a unit or one below it, and give its id and the number of members.

    It is approved from the beginning: the liaison made it. Raises InvalidInput, Forbidden, NotFound for the unit.
    """
    access.require(actor, Action.PLAN_REVIEW)
    if unit is None:
        raise InvalidInput(N_("Please choose a unit."), field="unit")
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    if path is None:
        raise NotFound(N_("There is no such unit."))
    access.require(actor, Action.PLAN_REVIEW, path)
    title, planned = checked_plan(actor, title, since, until, items, frozenset())
    titles = titles_of(actor, planned)
    given = UnitPlan.create(unit=unit, title=title, since=since, until=until, given_by=actor.id)
    write_items(UnitPlanItem, given.id, planned, titles)
    members = _members_below(path)
    _hand_out(given, members, planned, titles)
    events.publish(events.UnitPlanGiven(unit, int(given.id), clock.today()))
    return int(given.id), len(members)


def _members_below(path: str) -> list[int]:
    rows = (
        Membership.select(Membership.member)
        .join(Unit)
        .join_from(Membership, Member)
        .where(access.in_subtree(path), access.active_on(clock.today()), Member.deactivated_at.is_null())
        .distinct()
        .order_by(Membership.member)
        .tuples()
    )
    return [member for (member,) in rows]


def _hand_out(given: UnitPlan, members: Sequence[int], planned: Sequence[PlannedItem], titles: dict[str, str]) -> None:
    """Write each member's own copy; who holds the plan already keeps what they have."""
    now = clock.now()
    head = {"title": given.title, "since": given.since, "until": given.until, "given": given.id}
    state = {"state": PlanState.APPROVED.value, "decided_at": now, "decided_by": given.given_by, "unit": given.unit}
    own = (ReadingPlan.given == given.id) & among(ReadingPlan.member, members)
    held = {member for (member,) in ReadingPlan.select(ReadingPlan.member).where(own).tuples()}
    fresh = [member for member in members if member not in held]
    for batch in _batches(fresh, AT_ONCE):
        rows = [{"member": m, **head, **state, "created_at": now, "updated_at": now} for m in batch]
        ReadingPlan.insert_many(rows).execute()
    handed = ReadingPlan.select(ReadingPlan.id, ReadingPlan.member).where(own).tuples()
    plans = [plan for plan, member in handed if member not in held]
    items = [row for plan in plans for row in item_rows(plan, planned, titles)]
    for item_batch in _batches(items, AT_ONCE):
        PlanItem.insert_many(item_batch).execute()
    changes = [{"plan": plan, "by": given.given_by, "at": now, "what": "given", "detail": "{}"} for plan in plans]
    for change_batch in _batches(changes, AT_ONCE):
        PlanChange.insert_many(change_batch).execute()


def _batches(rows: Sequence[T], size: int) -> list[Sequence[T]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _running(above: Collection[int], today: date) -> Any:
    found = UnitPlan.select().where(among(UnitPlan.unit, above), UnitPlan.withdrawn_at.is_null())
    return found.where(UnitPlan.until >= today).order_by(UnitPlan.id)


def memberships_began(event: events.MembershipsBegan) -> None:
    """Give newcomers the plans of their units and those above that still run; the days spread over what is left."""
    if not event.begun:
        return
    units = {one.unit for one in event.begun}
    paths = Unit.select(Unit.id, Unit.path).where(among(Unit.id, units)).tuples()
    ways = {unit: {int(part) for part in path.strip("/").split("/")} for unit, path in paths}
    today = clock.today()
    for given in _running(set().union(*ways.values()), today):
        by_day: dict[date, list[int]] = {}
        for one in event.begun:
            if given.unit in ways[one.unit]:
                by_day.setdefault(max(given.since, min(one.since, today)), []).append(one.member)
        if by_day:
            _hand_out_from(given, by_day)


def _hand_out_from(given: UnitPlan, by_day: Mapping[date, Sequence[int]]) -> None:
    """Write the copies of members who begin on some days, with what was due before spread over what is left."""
    rows = list(UnitPlanItem.select().where(UnitPlanItem.plan == given.id).order_by(UnitPlanItem.position))
    planned = [PlannedItem(row.kind, row.book or row.ref or 0, row.due_on, row.amount) for row in rows]
    titles = {item.key: row.title for item, row in zip(planned, rows, strict=True)}
    for begins, members in sorted(by_day.items()):
        items = planned
        if any(item.due_on and item.due_on < begins for item in planned):
            items = rules.with_due_days(begins, given.until, [replace(item, due_on=None) for item in planned])
        _hand_out(given, members, items, titles)


@transactional
def withdraw_unit_plan(actor: Actor, plan_id: int) -> None:
    """Give a unit's plan to nobody further; who has it keeps it. Twice changes nothing. Raises NotFound, Forbidden."""
    row = UnitPlan.select(Unit.path).join(Unit).where(UnitPlan.id == plan_id).tuples().first()
    if row is None:
        raise NotFound(N_("There is no such plan of a unit."))
    access.require(actor, Action.PLAN_REVIEW, row[0])
    UnitPlan.update(withdrawn_at=clock.now()).where(UnitPlan.id == plan_id, UnitPlan.withdrawn_at.is_null()).execute()


def list_unit_plans(actor: Actor, number: int, size: int) -> Page[UnitPlanRow]:
    """Give a page of the plans given to units where the actor decides, the latest first. Raises Forbidden."""
    access.require(actor, Action.PLAN_REVIEW)
    paths = actor.paths_for(Action.PLAN_REVIEW)
    condition = access.in_subtree(paths[0])
    for path in paths[1:]:
        condition |= access.in_subtree(path)
    total = UnitPlan.select().join(Unit).where(condition).count()
    p = UnitPlan
    rows = (
        p.select(p.id, p.title, p.since, p.until, Unit.name, p.created_at, p.withdrawn_at, fn.COUNT(ReadingPlan.id))
        .join(Unit)
        .join_from(p, ReadingPlan, JOIN.LEFT_OUTER, on=(ReadingPlan.given == p.id))
        .where(condition)
        .group_by(p.id, p.title, p.since, p.until, Unit.name, p.created_at, p.withdrawn_at)
        .order_by(p.id.desc())
        .paginate(number, size)
        .tuples()
    )
    return Page([UnitPlanRow._make(row) for row in rows], number, size, total)
