"""Reading activity records: the own ones, those of a unit, the queue, attendance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import JOIN, Expression, Value, fn

from lms import clock
from lms.activities import reach
from lms.activities.models import Activity, ActivityFile, ActivityMark, ActivityStep
from lms.activities.rules import Mark, rate
from lms.errors import NotFound
from lms.members.access import Action, Actor, require
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.prepared import prepared

ATTENDANCE_SIZE = 50
MOST_ROWS = 20_000
SHELVES = ("waiting", "returned", "confirmed")


class Row(NamedTuple):
    """A record as lists show it; ``member_name`` is None for what a unit held."""

    id: int
    kind: str
    title: str
    day: date
    until: date | None
    starts: str
    place: str
    minutes: int | None
    amount: int | None
    category: str
    state: str
    version: int
    unit: int
    unit_name: str
    member: int | None
    member_name: str | None
    submitted_at: datetime | None


class View(NamedTuple):
    """A record as its own page shows it."""

    row: Row
    text: str
    link: str
    entered_by: int | None
    decided_at: datetime | None


class Step(NamedTuple):
    """Something that happened to a record."""

    step: str
    remark: str
    at: datetime
    member_name: str | None


class RegisterLine(NamedTuple):
    """A line of a register."""

    member: int
    name: str
    state: str
    spoke: bool
    leave_at: datetime | None
    leave_late: bool
    leave_reason: str
    made_up_on: date | None


@dataclass(frozen=True)
class Attendance:
    """How a member attended the sessions of some time: ``counted`` of ``expected``, with what lies behind it."""

    member: int
    name: str
    expected: int
    counted: int
    present: int
    leave: int
    made_up: int
    absent: int
    spoke: int


def _rows(*more: Any) -> Any:
    return (
        Activity.select(
            Activity.id,
            Activity.kind,
            Activity.title,
            Activity.day,
            Activity.until,
            Activity.starts,
            Activity.place,
            Activity.minutes,
            Activity.amount,
            Activity.category,
            Activity.state,
            Activity.version,
            Activity.unit,
            Unit.name,
            Activity.member,
            Member.name,
            Activity.submitted_at,
            *more,
        )
        .join(Unit)
        .switch(Activity)
        .join(Member, JOIN.LEFT_OUTER, on=(Activity.member == Member.id))
    )


def _page(condition: Expression, order: Sequence[Any], number: int, size: int) -> Page[Row]:
    rows = _rows().where(condition).order_by(*order).paginate(number, size).tuples()
    total = Activity.select(fn.COUNT(Activity.id)).where(condition).scalar()
    return Page([Row._make(row) for row in rows], number, size, total)


NEWEST = (Activity.day.desc(), Activity.id.desc())


def list_mine(actor: Actor, number: int, size: int, kind: str = "") -> Page[Row]:
    """Give what the actor did, and the sessions in whose register they stand, the latest day first."""
    return _page(_mine(actor, kind), NEWEST, number, size)


def _mine(actor: Actor, kind: str = "") -> Expression:
    registered = ActivityMark.select(ActivityMark.activity).where(
        ActivityMark.member == actor.id, ActivityMark.state != ""
    )
    condition = (Activity.state != "withdrawn") & ((Activity.member == actor.id) | Activity.id.in_(registered))
    return condition & (Activity.kind == kind) if kind else condition


def list_of_units(actor: Actor, number: int, size: int, kind: str = "") -> Page[Row]:
    """Give what the actor's units held, and for liaisons what their members did; the latest day first."""
    return _page(_of_units(actor, kind), NEWEST, number, size)


def _of_units(actor: Actor, kind: str = "") -> Expression:
    held = Activity.member.is_null() & Activity.unit.in_(actor.units_seen)
    condition = (Activity.state.not_in(("withdrawn", "planned"))) & (held | reach.cared_for(actor))
    return condition & (Activity.kind == kind) if kind else condition


def list_coming(actor: Actor, limit: int) -> list[tuple[Row, str]]:
    """Give the scheduled sessions of the actor's own units and those above, from today on, with the own mark.

    One prepared statement, two for those who look after units. The mark is "late" for leave asked too late.
    """
    units = sorted(actor.wanted_by)
    if not units:
        return []
    rows = _coming(units, actor.id, clock.today(), limit)
    return [(Row._make(row[:-2]), "late" if row[-1] else row[-2] or "") for row in rows]


@prepared
def _coming(units: Sequence[int], member: int, today: date, limit: int) -> Any:
    mine = (ActivityMark.activity == Activity.id) & (ActivityMark.member == member)
    return (
        _rows(ActivityMark.state, ActivityMark.leave_late)
        .join_from(Activity, ActivityMark, JOIN.LEFT_OUTER, on=mine)
        .where(Activity.state == "planned", Activity.day >= today, Activity.unit.in_(units))
        .order_by(Activity.day, Activity.id)
        .limit(limit)
    )


def list_to_register(actor: Actor, limit: int) -> list[Row]:
    """Give the scheduled sessions that the actor looks after and that wait for their register, the oldest first."""
    rows = _rows().where(_unregistered(actor)).order_by(Activity.day).limit(limit)
    return [Row._make(row) for row in rows.tuples()]


def _unregistered(actor: Actor) -> Expression:
    return (Activity.state == "planned") & (Activity.day <= clock.today()) & reach.cared_for(actor)


def registers_due_of(actor: Actor) -> Any:
    """Make the query that counts the sessions that wait for their register from the actor."""
    return Activity.select(fn.COUNT(Activity.id)).where(_unregistered(actor))


def get_activity(actor: Actor, activity: int) -> View:
    """Give a record that the actor may see. Raises NotFound."""
    found = reach.get_row(actor, activity)
    row = Row._make(_rows().where(Activity.id == activity).tuples().first())
    return View(row, found.text, found.link, found.entered_by, found.decided_at)


def list_queue(actor: Actor, shelf: str, kind: str, number: int, size: int) -> Page[Row]:
    """Give the records of members that the actor looks after: who waits longest first; of those decided the latest.

    Raises Forbidden.
    """
    require(actor, Action.ACTIVITY_CARE)
    condition = _decidable(actor) & (Activity.state == shelf)
    if kind:
        condition &= Activity.kind == kind
    order = (Activity.submitted_at, Activity.id) if shelf == "waiting" else (Activity.decided_at.desc(), Activity.id)
    return _page(condition, order, number, size)


def _decidable(actor: Actor) -> Expression:
    return reach.cared_for(actor) & Activity.member.is_null(False) & (Activity.member != actor.id)


def count_queue(actor: Actor) -> dict[str, int]:
    """Count the records on each shelf of the queue."""
    rows = Activity.select(Activity.state, fn.COUNT(Activity.id)).where(_decidable(actor))
    counts = dict(rows.group_by(Activity.state).tuples())
    return {shelf: counts.get(shelf, 0) for shelf in SHELVES}


def waiting_for(actor: Actor) -> Any:
    """Make the query that counts the records that wait for the actor to confirm them."""
    return Activity.select(fn.COUNT(Activity.id)).where(_decidable(actor), Activity.state == "waiting")


def find_neighbours(actor: Actor, row: Row) -> tuple[int | None, int | None]:
    """Give the records that wait just before and just after one."""
    if row.submitted_at is None:
        return None, None
    waiting = _decidable(actor) & (Activity.state == "waiting") & (Activity.id != row.id)
    earlier = (Activity.submitted_at < row.submitted_at) | (
        (Activity.submitted_at == row.submitted_at) & (Activity.id < row.id)
    )
    found = Activity.select(Activity.id)
    before = found.where(waiting & earlier).order_by(Activity.submitted_at.desc(), Activity.id.desc()).limit(1)
    after = found.where(waiting & ~earlier).order_by(Activity.submitted_at, Activity.id).limit(1)
    return before.scalar(), after.scalar()


def list_steps(activity: int) -> list[Step]:
    """Give what happened to a record, the latest first; it was looked up for the actor before."""
    rows = (
        ActivityStep.select(ActivityStep.step, ActivityStep.remark, ActivityStep.at, Member.name)
        .join(Member, JOIN.LEFT_OUTER)
        .where(ActivityStep.activity == activity)
        .order_by(ActivityStep.at.desc(), ActivityStep.id.desc())
        .limit(100)
    )
    return [Step._make(row) for row in rows.tuples()]


def list_register(activity: int) -> list[RegisterLine]:
    """Give the lines of a register by name; the record was looked up before for somebody who may see them all."""
    rows = (
        ActivityMark.select(
            ActivityMark.member,
            Member.name,
            ActivityMark.state,
            ActivityMark.spoke,
            ActivityMark.leave_at,
            ActivityMark.leave_late,
            ActivityMark.leave_reason,
            ActivityMark.made_up_on,
        )
        .join(Member)
        .where(ActivityMark.activity == activity)
        .order_by(Member.name_key, Member.id)
    )
    return [RegisterLine._make(row) for row in rows.tuples()]


def list_attendance(
    actor: Actor, unit: int, kind: str, since: date, until: date, number: int = 1, size: int = ATTENDANCE_SIZE
) -> Page[Attendance]:
    """Give how the members of a unit and of those below attended its sessions of a kind in some days, by name.

    By name and not by rate: this is no ranking. Raises Forbidden, NotFound.
    """
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    if path is None:
        raise NotFound(reach.GONE)
    require(actor, Action.ACTIVITY_CARE, path)
    marks = (
        ActivityMark.select(
            ActivityMark.member, Member.name, ActivityMark.state, ActivityMark.spoke, ActivityMark.made_up_on
        )
        .join(Member)
        .switch(ActivityMark)
        .join(Activity)
        .join(Unit)
        .where(
            Unit.path.startswith(path),
            Activity.kind == kind,
            Activity.state == "confirmed",
            Activity.day.between(since, until),
            ActivityMark.state != "",
        )
        .order_by(Member.name_key, Member.id)
        .tuples()
    )
    people: dict[int, list[Mark]] = {}
    names: dict[int, str] = {}
    for member, name, state, spoke, made_up_on in marks:
        names[member] = name
        people.setdefault(member, []).append(Mark(member, state, bool(spoke), made_up_on))
    listed = list(people)
    shown = listed[(number - 1) * size :][:size]
    return Page([_attendance(names[m], m, people[m]) for m in shown], number, size, len(listed))


def _attendance(name: str, member: int, marks: Sequence[Mark]) -> Attendance:
    counted, expected = rate(marks)
    return Attendance(
        member,
        name,
        expected,
        counted,
        sum(mark.state == "present" for mark in marks),
        sum(mark.state == "leave" for mark in marks),
        sum(mark.made_up_on is not None for mark in marks),
        sum(mark.state == "absent" for mark in marks),
        sum(mark.spoke for mark in marks),
    )


def rows_to_take(actor: Actor, whose: str, since: date, until: date) -> list[Row]:
    """Give the records to take along as a table, by day: "mine", or "units" for those of the actor's units."""
    condition = _mine(actor) if whose == "mine" else _of_units(actor)
    condition &= Activity.day.between(since, until)
    found = _rows().where(condition).order_by(Activity.day, Activity.id).limit(MOST_ROWS)
    return [Row._make(row) for row in found.tuples()]


def count_registers(activities: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Give for each record how many of its register attended, and of how many."""
    rows = ActivityMark.select(
        ActivityMark.activity, ActivityMark.member, ActivityMark.state, ActivityMark.made_up_on
    ).where(ActivityMark.activity.in_(list(activities) or [0]), ActivityMark.state != "")
    found: dict[int, list[Mark]] = {}
    for activity, member, state, made_up_on in rows.tuples():
        found.setdefault(activity, []).append(Mark(member, state, False, made_up_on))
    return {activity: rate(marks) for activity, marks in found.items()}


def count_files(activities: Sequence[int]) -> dict[int, int]:
    """Count the files of each record."""
    rows = ActivityFile.select(ActivityFile.activity, fn.COUNT(ActivityFile.id)).where(
        ActivityFile.activity.in_(list(activities) or [0])
    )
    return dict(rows.group_by(ActivityFile.activity).tuples())


def ask_titles(kind: str, ids: Sequence[int]) -> Any:
    """Ask for the titles of records, for those who may see the figures that rest on them."""
    a = Activity
    return a.select(Value(kind), a.id, a.id, a.title).where(a.id.in_(ids))


def all_ids() -> Iterator[int]:
    """Walk over the ids of all records."""
    for (activity,) in Activity.select(Activity.id).order_by(Activity.id).tuples().iterator():
        yield activity


def seen(actor: Actor, ids: Sequence[int]) -> set[int]:
    """Give those of the records that the actor may see and that are not withdrawn."""
    care = tuple(actor.paths_for(Action.ACTIVITY_CARE))
    return {activity for (activity,) in _seen(list(ids), actor.id, actor.units_seen, care=care)}


def seen_among(member: int, sees_units: Sequence[int], ids: Sequence[int], care: Sequence[str]) -> Any:
    """Make the query of those of some records that a member sees; ``care`` are the paths of units looked after."""
    there = Activity.id.in_(ids) & (Activity.state != "withdrawn")
    return Activity.select(Activity.id).where(there, reach.open_to(member, sees_units, care))


@prepared
def _seen(ids: Sequence[int], member: int, sees_units: Sequence[int], *, care: tuple[str, ...]) -> Any:
    return seen_among(member, sees_units, ids, care)
