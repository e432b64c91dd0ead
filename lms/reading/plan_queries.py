"""Reading the plans: lists with how far each has come, one plan with its ticks, what is next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from peewee import JOIN, OP, SQL, Case, Expression, fn

from lms import clock, things
from lms.catalogue.models import Book
from lms.errors import N_, NotFound
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.periods import Period, period_of
from lms.prepared import prepared
from lms.reading import plan_rules as rules
from lms.reading.log_queries import Current
from lms.reading.models import PastReading, PlanItem, ReadingEntry, ReadingPlan, StudiedThing
from lms.reading.plan_rules import COUNT, Load, Pace, PlanState, Tick
from lms.reading.plan_trace import list_changes
from lms.reading.plan_view import ItemView, PlanView
from lms.reading.rules import State
from lms.reading.story_queries import finishes_between

MOST_KEPT = 2000


class PlanRow(NamedTuple):
    """A plan with how far it has come; ``next_due`` is the first due day among the named items not yet done.

    ``week`` counts the named items that are open and due by the end of this week, late ones among them.
    """

    id: int
    title: str
    since: date
    until: date
    state: str
    total: int
    done: int
    next_due: date | None
    week: int
    pace: Pace


@dataclass(frozen=True)
class Due:
    """The item of a plan that is due next; ``days`` counts from today, below zero when it is late."""

    plan: int
    plan_title: str
    kind: str
    ref: int
    title: str
    authors: str
    clc: str
    due_on: date
    days: int

    @property
    def book(self) -> int | None:
        """Give the book, None where the item is none."""
        return self.ref if self.kind == rules.BOOK else None


@dataclass(frozen=True)
class NextStep:
    """What a reader can go on with: the book in hand, the next thing due, ``others`` that are being read, too."""

    current: Current | None
    due: Due | None
    others: tuple[Current, ...] = ()


def _done_flag() -> Case:
    """Make 1 for an item that the log ticks off, 0 otherwise; numbers of books are not known here."""
    read_before = PastReading.select(SQL("1")).where(PastReading.entry == ReadingEntry.id, PastReading.fact > 0)
    return Case(
        None,
        [(ReadingEntry.state == State.FINISHED, 1), (StudiedThing.id.is_null(False), 1), (fn.EXISTS(read_before), 1)],
        0,
    )


def _with_log(query: Any) -> Any:
    logged = (ReadingEntry.member == ReadingPlan.member) & (ReadingEntry.book == PlanItem.book)
    studied = (
        (StudiedThing.member == ReadingPlan.member)
        & (StudiedThing.kind == PlanItem.kind)
        & (StudiedThing.ref == PlanItem.ref)
    )
    query = query.join_from(PlanItem, ReadingEntry, JOIN.LEFT_OUTER, on=logged)
    return query.join_from(PlanItem, StudiedThing, JOIN.LEFT_OUTER, on=studied)


def due_first(member: int, since: date, *columns: Any) -> Any:
    """Make the query of the item that is due first and not done, of plans that end on a day or later."""
    query = PlanItem.select(*columns).join_from(PlanItem, ReadingPlan).join_from(PlanItem, Book, JOIN.LEFT_OUTER)
    return (
        _with_log(query)
        .where(ReadingPlan.member == member, ReadingPlan.until >= since, PlanItem.kind != COUNT, _done_flag() == 0)
        .order_by(PlanItem.due_on, PlanItem.id)
        .limit(1)
    )


class DueItem(NamedTuple):
    """Something of a member's plan that is not done and falls due on a day."""

    member: int
    plan: int
    kind: str
    ref: int
    title: str
    due_on: date


def list_due_between(first: date, last: date) -> list[DueItem]:
    """Give what falls due on anybody's plan on some days and is not done yet; numbers of books are not known here."""
    query = PlanItem.select(
        ReadingPlan.member,
        ReadingPlan.id,
        PlanItem.kind,
        fn.COALESCE(Book.id, PlanItem.ref),
        fn.COALESCE(Book.title, PlanItem.title),
        PlanItem.due_on,
    )
    query = query.join_from(PlanItem, ReadingPlan).join_from(PlanItem, Book, JOIN.LEFT_OUTER)
    due = PlanItem.due_on.between(first, last) & (PlanItem.kind != COUNT) & (_done_flag() == 0)
    return [DueItem._make(row) for row in _with_log(query).where(due).order_by(PlanItem.id).tuples()]


def _sum_where(condition: Any, value: Any = 1) -> Any:
    return fn.COALESCE(fn.SUM(Case(None, [(condition, value)], 0)), 0)


def _finished_within(plan: Any) -> Any:
    """Count what the plan's member finished on its days, earlier readings included."""
    e, before = ReadingEntry.alias(), ReadingEntry.alias()
    now = e.select(fn.COUNT(e.id)).where(
        e.member == plan.member, e.state == State.FINISHED, e.finished_on.between(plan.since, plan.until)
    )
    past = PastReading.select(fn.COUNT(PastReading.id)).join(before)
    past = past.where(
        before.member == plan.member, PastReading.fact > 0, PastReading.finished_on.between(plan.since, plan.until)
    )
    return Expression(now, OP.ADD, past)  # between two selects a plus would unite them


def _plans(member: int, today: date, week_end: date, *more: Any) -> Any:
    p, named, still = ReadingPlan, PlanItem.kind != COUNT, _done_flag() == 0
    query = p.select(
        p.id,
        p.title,
        p.since,
        p.until,
        p.state,
        _sum_where(named),
        _sum_where(named, _done_flag()),
        fn.MIN(Case(None, [(named & still, PlanItem.due_on)])).converter(as_day),
        _sum_where(named & still & (PlanItem.due_on <= week_end)),
        _sum_where(named & (PlanItem.due_on < today)),
        _sum_where(named & (PlanItem.due_on <= today)),
        _sum_where(PlanItem.kind == COUNT, PlanItem.amount),
        _finished_within(p),
        *more,
    ).join_from(p, PlanItem, JOIN.LEFT_OUTER)
    return (
        _with_log(query)
        .where(p.member == member)
        .group_by(p.id, p.title, p.since, p.until, p.state, p.member)
        .order_by(p.until.desc(), p.id.desc())
    )


@prepared
def _plan_page(member: int, today: date, week_end: date, size: int, skipped: int) -> Any:
    return _plans(member, today, week_end).limit(size).offset(skipped)


def running(member: int, today: date, week_end: date, limit: int, *more: Any) -> Any:
    """Make the query of the plans that run today, of what ``plan_row`` makes a row, and more columns."""
    query = _plans(member, today, week_end, *more)
    return query.where(ReadingPlan.since <= today, ReadingPlan.until >= today).limit(limit)


def as_day(value: Any) -> date | None:
    """Read a day as the database gives it, where it does not know that it is one."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def list_plans(actor: Actor, number: int, size: int) -> Page[PlanRow]:
    """Give a page of the actor's plans, the one that ends last first: two statements."""
    today = clock.today()
    total = int(_count.scalar(actor.id) or 0)
    rows = _plan_page(actor.id, today, period_of(today, Period.WEEK).until, size, (number - 1) * size)
    return Page([plan_row(row, today) for row in rows], number, size, total)


@prepared
def _count(member: int) -> Any:
    return ReadingPlan.select(fn.COUNT(ReadingPlan.id)).where(ReadingPlan.member == member)


@lru_cache(MOST_KEPT)
def plan_row(row: tuple[Any, ...], today: date) -> PlanRow:
    """Say how far a plan has come; what the same row says on the same day is the same."""
    ident, title, since, until, state, named, done, next_due, week, must, may, amount, finished = row
    reached = min(int(amount), finished)
    load = Load(until, int(amount), reached, spread=True)
    total, all_done = int(named) + int(amount), int(done) + reached
    must = int(must) + rules.due_by(load, since, until, today - timedelta(days=1))
    may = int(may) + rules.due_by(load, since, until, today)
    pace = rules.verdict(all_done, total, must, may, begun=today >= since)
    end = period_of(today, Period.WEEK).until
    wanted = int(week) + (rules.wanted_by(load, since, until, end) if amount else 0)
    return PlanRow(ident, title, since, until, state, total, all_done, as_day(next_due), wanted, pace)


def get_own_plan(actor: Actor, plan_id: int) -> PlanView:
    """Give a plan of the actor's own. Raises NotFound."""
    plan = get_plan(actor, plan_id)
    if not plan.mine:
        raise no_plan()
    return plan


def no_plan() -> NotFound:
    """Make the error for a plan that is not there, or not for the actor."""
    return NotFound(N_("There is no such plan among yours."))


def get_plan(actor: Actor, plan_id: int) -> PlanView:
    """Give a plan with its items, their ticks and what happened to it: nine statements at most.

    The owner sees it always, the liaison of the unit it was submitted in from then on. Raises NotFound.
    """
    row: Any = _head.first(plan_id)
    if row is None:
        raise no_plan()
    *head, path = row
    mine = head[4] == actor.id
    if not mine and not (head[6] != PlanState.DRAFT and path and access.may(actor, Action.PLAN_REVIEW, path)):
        raise no_plan()
    items = _items(actor, plan_id, head[4], head[2], head[3])
    return PlanView(*[*head, mine, items, list_changes(plan_id)])


@prepared
def _head(plan_id: int) -> Any:
    p = ReadingPlan
    columns = (p.id, p.title, p.since, p.until, p.member, Member.name, p.state, p.remark, p.submitted_at, p.decided_at)
    return (
        p.select(*columns, fn.COALESCE(Unit.name, ""), p.given, p.source, Unit.path)
        .join(Member, on=(p.member == Member.id))
        .join_from(p, Unit, JOIN.LEFT_OUTER, on=(p.unit == Unit.id))
        .where(p.id == plan_id)
    )


def _items(actor: Actor, plan_id: int, member: int, since: date, until: date) -> list[ItemView]:
    rows = list(_item_rows(plan_id))
    past = _past_finishes([row[0] for row in rows if row[8]])
    titles = _titles(actor, rows)
    today = clock.today()
    counts = any(row[1] == COUNT for row in rows)
    reached = len(finishes_between(member, since, until)) if counts else 0
    return [_item(row, past.get(row[0], []), titles, since, today, reached) for row in rows]


@prepared
def _item_rows(plan_id: int) -> Any:
    i, e = PlanItem, ReadingEntry
    query = (
        i.select(
            i.id,
            i.kind,
            fn.COALESCE(i.book, i.ref, 0),
            i.title,
            i.amount,
            i.due_on,
            Book.title,
            Book.authors,
            e.number,
            Book.clc,
            Book.withdrawn_at,
            e.state,
            e.finished_on,
            StudiedThing.day,
        )
        .join_from(i, ReadingPlan)
        .join_from(i, Book, JOIN.LEFT_OUTER)
    )
    return _with_log(query).where(i.plan == plan_id).order_by(i.due_on, i.position, i.id)


def _past_finishes(items: Sequence[int]) -> dict[int, list[date]]:
    """Give the finishes of earlier readings of the items' books."""
    if not items:
        return {}
    found: dict[int, list[date]] = {}
    for item, day in _past_of(list(items)):
        found.setdefault(item, []).append(day)
    return found


@prepared
def _past_of(items: Sequence[int]) -> Any:
    return (
        PlanItem.select(PlanItem.id, PastReading.finished_on)
        .join_from(PlanItem, ReadingPlan)
        .join_from(
            PlanItem,
            ReadingEntry,
            on=((ReadingEntry.member == ReadingPlan.member) & (ReadingEntry.book == PlanItem.book)),
        )
        .join_from(ReadingEntry, PastReading, on=(PastReading.entry == ReadingEntry.id))
        .where(PlanItem.id.in_(items), ReadingEntry.number > 1, PastReading.fact > 0)
    )


def _titles(actor: Actor, rows: Iterable[Sequence[Any]]) -> dict[tuple[str, int], str]:
    """Give the present titles of materials and lectures that may be seen."""
    refs: dict[str, list[int]] = {}
    for _, kind, ref, *_rest in rows:
        if kind in (rules.MATERIAL, rules.LECTURE):
            refs.setdefault(kind, []).append(ref)
    found: dict[tuple[str, int], str] = {}
    for kind, ids in refs.items():
        thing = things.find_thing(kind)
        if thing is not None:
            found.update({(kind, ref): title for ref, title in thing.titles(actor, ids).items()})
    return found


def _item(
    row: Sequence[Any],
    past: Sequence[date],
    titles: Mapping[tuple[str, int], str],
    since: date,
    today: date,
    reached: int,
) -> ItemView:
    _, kind, ref, planned, amount, due_on, title, authors, _number, clc, withdrawn, state, finished_on, studied = row
    days = (due_on - today).days
    if kind == COUNT:
        finished = today if reached >= amount else None
        stands = Tick.DONE if finished else rules.tick(None, since, due_on, today)
        return ItemView(kind, ref, "", "", "", due_on, "", None, stands, days, amount, reached)
    if kind != rules.BOOK:
        now = titles.get((kind, ref))
        stands = rules.tick(studied, since, due_on, today)
        gone = now is None
        return ItemView(kind, ref, now or planned, "", "", due_on, "", studied, stands, days, 1, 0, gone)
    present = [finished_on] if state == State.FINISHED else []
    finish = rules.counting_finish([*past, *present], since)
    stands = rules.tick(finish, since, due_on, today)
    was = planned if planned and planned != title else ""
    gone = withdrawn is not None
    return ItemView(kind, ref, title, authors, clc, due_on, state or "", finish, stands, days, 1, 0, gone, was)
