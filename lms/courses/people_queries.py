"""Who is how far in a course: for its lecturer, and for liaisons as far as they see the progress of others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import JOIN, Case, Expression, fn

from lms import clock
from lms.courses.models import CourseCompletion, CourseItem, ItemDone
from lms.courses.queries import CourseView, get_course
from lms.errors import N_, Forbidden
from lms.members.access import Action, Actor, active_on, in_subtree, may
from lms.members.belonging import newest_memberships
from lms.members.models import Member, Membership, Unit
from lms.members.rules import closed_up
from lms.paging import Page
from lms.profiles import members_may_be_ranked
from lms.typed import typed_text

RANKED = frozenset({"far"})
STATES = ("", "done", "begun", "open")
SORTS = ("unit", "name", "far", "day")
AT_ONCE = 500
LONGEST_NAME = 100


def sorts_for(profile: str) -> tuple[str, ...]:
    """Give the orders in which a profile lets members be listed."""
    return SORTS if members_may_be_ranked(profile) else tuple(sort for sort in SORTS if sort not in RANKED)


class PersonRow(NamedTuple):
    """A member in the list of a course. ``withdrawn`` says that the completion was taken back."""

    member: int
    name: str
    unit_name: str
    done: int
    last_day: date | None
    completed_on: date | None
    withdrawn: bool

    @property
    def state(self) -> str:
        """Say where the member stands: "done", "begun" or "open"."""
        return "done" if self.completed_on else "begun" if self.done else "open"


@dataclass(frozen=True)
class Counts:
    """How many members of those in reach there are, and how many have begun and completed."""

    members: int
    begun: int
    done: int


@dataclass(frozen=True)
class People:
    """A course with the members in the reader's reach; ``whole``: also those who have not begun."""

    course: CourseView
    page: Page[PersonRow]
    counts: Counts
    whole: bool


def get_people(
    actor: Actor, course_id: int, state: str, sort: str, number: int, size: int, unit: int | None = None, text: str = ""
) -> People:
    """Give a page of who is how far: five statements, however many members.

    A liaison sees the members of the units looked after, those too who have not begun; the lecturer of a course sees
    who has begun, of whatever unit. ``text`` is a part of the name. Raises NotFound, Forbidden.
    """
    course = get_course(actor, course_id)
    scope = _scope(actor, course, unit)
    found = _found(course, scope)
    narrowed = _narrowed(found, state, text)
    rows = narrowed.order_by(*_order(found, sort)).paginate(number, size).tuples()
    people = [_row(row) for row in rows]
    total = narrowed.count()
    return People(course, Page(people, number, size, total), _counts(found), scope.whole)


def all_rows(
    actor: Actor, course_id: int, state: str, sort: str, unit: int | None = None, text: str = ""
) -> Iterator[PersonRow]:
    """Walk over everybody whom ``get_people`` shows on its pages. Raises NotFound, Forbidden before the first."""
    course = get_course(actor, course_id)
    found = _found(course, _scope(actor, course, unit))
    rows = _narrowed(found, state, text).order_by(*_order(found, sort)).tuples()
    return (_row(row) for row in list(rows))


@dataclass(frozen=True)
class _Scope:
    units: Expression | None
    whole: bool


def may_see_people(actor: Actor, course: CourseView) -> bool:
    """Say whether there is a list of members for the actor."""
    return course.manageable or may(actor, Action.PROGRESS_OF_OTHERS)


def _scope(actor: Actor, course: CourseView, unit: int | None) -> _Scope:
    paths = actor.paths_for(Action.PROGRESS_OF_OTHERS)
    if not (paths or course.manageable):
        raise Forbidden(N_("Only the lecturer of a course and the liaisons see who is how far."))
    chosen = Unit.path.startswith(_path_of(unit)) if unit else None
    if not paths:
        return _Scope(chosen, whole=False)
    reached = reduce(or_, [in_subtree(path) for path in paths])
    return _Scope(reached & chosen if chosen is not None else reached, whole=True)


def _path_of(unit: int) -> str:
    return Unit.select(Unit.path).where(Unit.id == unit).scalar() or "-"


@dataclass(frozen=True)
class _Found:
    """A select of members with how far they are; ``done`` is its column of items done, NULL where there are none."""

    query: Any
    done: Any


def _found(course: CourseView, scope: _Scope) -> _Found:
    belongs = active_on(clock.today())
    if scope.units is not None:
        belongs &= scope.units
    if course.audience == "unit":
        belongs &= in_subtree(course.unit_path)
    newest = newest_memberships(belongs)
    same = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref)
    done = (
        ItemDone.select(ItemDone.member, fn.COUNT(ItemDone.id).alias("done"), fn.MAX(ItemDone.day).alias("last_day"))
        .join(CourseItem, on=same)
        .where(CourseItem.course == course.id)
        .group_by(ItemDone.member)
        .alias("far")
    )
    completed = (CourseCompletion.member == Member.id) & (CourseCompletion.course == course.id)
    query = (
        Member.select(
            Member.id,
            Member.name,
            Unit.name,
            fn.COALESCE(done.c.done, 0),
            done.c.last_day,
            CourseCompletion.day,
            CourseCompletion.withdrawn_at,
        )
        .join(newest, on=(newest.c.member_id == Member.id))
        .join(Membership, on=(Membership.id == newest.c.newest))
        .join(Unit, on=(Unit.id == Membership.unit))
        .join_from(Member, done, JOIN.LEFT_OUTER, on=(done.c.member_id == Member.id))
        .join_from(Member, CourseCompletion, JOIN.LEFT_OUTER, on=completed)
        .where(Member.deactivated_at.is_null())
    )
    if not scope.whole:
        query = query.where(done.c.done.is_null(False) | CourseCompletion.id.is_null(False))
    return _Found(query, done.c.done)


def _narrowed(found: _Found, state: str, text: str) -> Any:
    name = closed_up(typed_text(text, LONGEST_NAME))
    query = found.query.where(Member.name.contains(name)) if name else found.query
    if state not in STATES[1:]:
        return query
    completed = CourseCompletion.id.is_null(False) & CourseCompletion.withdrawn_at.is_null()
    if state == "done":
        return query.where(completed)
    return query.where(~completed, found.done.is_null(state == "open"))


def _order(found: _Found, sort: str) -> tuple[Any, ...]:
    if sort == "name":
        return (Member.name_key, Member.id)
    if sort == "far":
        completed = Case(None, [(CourseCompletion.day.is_null(False), 1)], 0)
        return (completed.desc(), fn.COALESCE(found.done, 0).desc(), Member.name_key, Member.id)
    if sort == "day":
        return (CourseCompletion.day.is_null(), CourseCompletion.day.desc(), Member.name_key, Member.id)
    return (Unit.path, Member.name_key, Member.id)


def _row(row: Sequence[Any]) -> PersonRow:
    member, name, unit, done, last_day, day, withdrawn = row
    if isinstance(last_day, str):  # an aggregate comes from SQLite as it was written
        last_day = date.fromisoformat(last_day)
    return PersonRow(member, name, unit, done, last_day, None if withdrawn else day, withdrawn is not None)


def _counts(found: _Found) -> Counts:
    completed = Case(None, [(CourseCompletion.id.is_null(False) & CourseCompletion.withdrawn_at.is_null(), 1)], 0)
    begun = Case(None, [(found.done.is_null(False) | CourseCompletion.id.is_null(False), 1)], 0)
    members, started, done = (
        found.query.select(fn.COUNT(Member.id), fn.COALESCE(fn.SUM(begun), 0), fn.COALESCE(fn.SUM(completed), 0))
        .tuples()
        .get()
    )
    return Counts(members, int(started), int(done))
