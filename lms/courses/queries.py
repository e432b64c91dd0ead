"""Reading courses: lists, one course with its items, and where the reader stands with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import JOIN, Expression, fn

from lms import clock
from lms.courses import rules
from lms.courses.models import Course, CourseCompletion, CourseItem, ItemDone
from lms.errors import N_, Forbidden, NotFound
from lms.members.access import Action, Actor, in_subtree, may, reaches, visible_to
from lms.members.models import Unit
from lms.name_order import name_key
from lms.paging import Page
from lms.prepared import prepared
from lms.typed import typed_words

SORTS = ("newest", "title", "lecturer", "ends", "hours")
MINE = ("", "open", "begun", "done")
WHICH = ("all", "kept", "archived")


class CourseRow(NamedTuple):
    """A course in a list, with how much of it the asking member has done."""

    id: int
    title: str
    lecturer_name: str
    category: str
    class_hour_tenths: int
    unit_name: str
    since: date | None
    until: date | None
    published_at: datetime | None
    archived_at: datetime | None
    completed_on: date | None
    items: int
    done: int

    @property
    def state(self) -> str:
        """Say where the member stands: "done", "begun" or "open"."""
        return "done" if self.completed_on else "begun" if self.done else "open"


class CourseView(NamedTuple):
    """A course as its own page shows it; ``manageable`` says whether the actor may change it."""

    id: int
    title: str
    summary: str
    lecturer: int | None
    lecturer_name: str
    category: str
    class_hour_tenths: int
    unit: int
    unit_name: str
    unit_path: str
    audience: str
    since: date | None
    until: date | None
    late_counts: bool
    rule: str
    amount: int
    made_by: int | None
    created_at: datetime
    published_at: datetime | None
    archived_at: datetime | None
    manageable: bool

    def closed(self, today: date) -> bool:
        """Say whether nothing that is done from now on counts any more."""
        return not rules.in_time(today, self.until, self.late_counts)


@dataclass(frozen=True)
class Filter:
    """What a list of courses is narrowed to. ``mine`` is a state of the asking member, "" for any."""

    which: str = "all"
    mine: str = ""
    category: str = ""
    lecturer: str = ""
    text: str = ""
    sort: str = "newest"


# ---- who may see what ----------------------------------------------------------------------------------------------


def open_to(member: int, sees_units: Sequence[int], course: Any = Course) -> Expression:
    """Make the condition that a course is there for a member: published, not put away, within its audience.

    ``course`` is another name for the table, where a query needs one.
    """
    audience = visible_to(member, sees_units, course.audience, course.unit)
    return course.published_at.is_null(False) & course.archived_at.is_null() & audience


def managed_by(actor: Actor) -> Expression:
    """Make the condition that the actor may change a course: the own ones, and those below a unit they manage."""
    own = [actor.id] if may(actor, Action.COURSE_EDIT) else []
    condition = Course.made_by.in_(own) | Course.lecturer.in_(own)
    for path in actor.paths_for(Action.COURSE_MANAGE):
        condition |= in_subtree(path)
    return condition


def _manages(actor: Actor, row: dict[str, Any]) -> bool:
    own = actor.id in (row["made_by"], row["lecturer"])
    return may(actor, Action.COURSE_MANAGE, row["unit_path"]) or (own and may(actor, Action.COURSE_EDIT))


# ---- lists ---------------------------------------------------------------------------------------------------------


def _completed(member: int) -> Expression:
    return (CourseCompletion.course == Course.id) & (CourseCompletion.member == member)


def list_courses(actor: Actor, wanted: Filter, number: int, size: int) -> Page[CourseRow]:
    """List courses that are there for the actor, or that the actor looks after: three statements.

    What is there for everybody is asked by prepared ones, unless words were typed.
    """
    if wanted.which == "all" and not typed_words(wanted.text, 8):
        shape = {"mine": wanted.mine}
        values = (
            actor.id,
            actor.units_seen,
            wanted.category or None,
            wanted.lecturer.replace("\0", "") or None,
        )
        total = int(_count_there.scalar(*values, **shape) or 0)
        rows = _rows_there(*values, size, (number - 1) * size, sort=wanted.sort, **shape)
    else:
        found = _with_completion(actor.id).where(_matching(actor, wanted))
        total = found.count()
        rows = list(_listed(found, wanted.sort).paginate(number, size).tuples())
    counts = _counts(actor.id, [row[0] for row in rows])
    items = [CourseRow._make((*row, *counts.get(row[0], (0, 0)))) for row in rows]
    return Page(items, number, size, total)


def _with_completion(member: int) -> Any:
    kept = CourseCompletion.withdrawn_at.is_null()
    query = Course.select().join(Unit).switch(Course)
    return query.join(CourseCompletion, JOIN.LEFT_OUTER, on=_completed(member) & kept)


def _listed(found: Any, sort: str) -> Any:
    return found.select(
        Course.id,
        Course.title,
        Course.lecturer_name,
        Course.category,
        Course.class_hour_tenths,
        Unit.name,
        Course.since,
        Course.until,
        Course.published_at,
        Course.archived_at,
        CourseCompletion.day,
    ).order_by(*_order(sort))


def _found_there(
    member: int, sees_units: Sequence[int], category: str | None, lecturer: str | None, *, mine: str
) -> Any:
    condition = open_to(member, sees_units)
    if category is not None:
        condition &= Course.category == category
    if lecturer is not None:
        condition &= Course.lecturer_name == lecturer
    return _with_completion(member).where(condition & _mine(member, mine) if mine else condition)


@prepared
def _count_there(*values: Any, **shape: Any) -> Any:
    return _found_there(*values, **shape).select(fn.COUNT(Course.id))


@prepared
def _rows_there(*values: Any, sort: str, **shape: Any) -> Any:
    *of_list, size, offset = values
    return _listed(_found_there(*of_list, **shape), sort).limit(size).offset(offset)


def _order(sort: str) -> tuple[Any, ...]:
    if sort == "title":
        return (Course.title, Course.id)
    if sort == "lecturer":
        return (Course.lecturer_name, Course.title, Course.id)
    if sort == "ends":
        return (Course.until.is_null(), Course.until, Course.id)
    if sort == "hours":
        return (Course.class_hour_tenths.desc(), Course.title, Course.id)
    return (fn.COALESCE(Course.published_at, Course.created_at).desc(), Course.id.desc())


def _matching(actor: Actor, wanted: Filter) -> Expression:
    if wanted.which == "archived":
        condition = Course.archived_at.is_null(False) & managed_by(actor)
    elif wanted.which == "kept":
        condition = Course.archived_at.is_null() & managed_by(actor)
    else:
        condition = open_to(actor.id, actor.units_seen)
    if wanted.category:
        condition &= Course.category == wanted.category
    if wanted.lecturer:
        condition &= Course.lecturer_name == wanted.lecturer.replace("\0", "")
    for word in typed_words(wanted.text, 8):
        condition &= Course.title.contains(word) | Course.lecturer_name.contains(word)
    return condition & _mine(actor.id, wanted.mine) if wanted.mine else condition


def _mine(member: int, state: str) -> Expression:
    """Make the condition that a member stands so with a course, the completion being joined already."""
    done = CourseCompletion.id.is_null(False)
    if state == "done":
        return done
    begun = fn.EXISTS(_done_of(member).where(CourseItem.course == Course.id))
    return ~done & (begun if state == "begun" else ~begun)


def _done_of(member: Any) -> Any:
    same = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref) & (ItemDone.member == member)
    return CourseItem.select(CourseItem.id).join(ItemDone, on=same)


def _counts(member: int, courses: Sequence[int]) -> dict[int, tuple[int, int]]:
    return {course: (items, done) for course, items, done in _counted(member, courses)} if courses else {}


@prepared
def _counted(member: int, courses: Sequence[int]) -> Any:
    same = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref) & (ItemDone.member == member)
    return (
        CourseItem.select(CourseItem.course, fn.COUNT(CourseItem.id), fn.COUNT(ItemDone.id))
        .join(ItemDone, JOIN.LEFT_OUTER, on=same)
        .where(CourseItem.course.in_(courses))
        .group_by(CourseItem.course)
    )


def list_lecturers(actor: Actor) -> list[str]:
    """Give the names of those who give the courses that are there for the actor, each once, in order."""
    return sorted((name for (name,) in _lecturers(actor.id, actor.units_seen)), key=name_key)


@prepared
def _lecturers(member: int, sees_units: Sequence[int]) -> Any:
    return Course.select(Course.lecturer_name).where(open_to(member, sees_units)).distinct()


class RunningRow(NamedTuple):
    """A course that a member has begun and not completed."""

    id: int
    title: str
    until: date | None
    items: int
    done: int


def list_running(actor: Actor, limit: int) -> list[RunningRow]:
    """Give courses that the actor has begun and not completed, those that end soonest first: one statement."""
    return [RunningRow(*row) for row in _running(actor.id, actor.units_seen, clock.today(), limit)]


@prepared
def _running(member: int, sees_units: Sequence[int], today: date, limit: int) -> Any:
    """Begin with what the member has done, which is little, not with the courses, which are many."""
    same = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref)
    completed = CourseCompletion.select(CourseCompletion.course).where(CourseCompletion.member == member)
    goes_on = Course.late_counts | Course.until.is_null() | (Course.until >= today)
    item = CourseItem.alias("of_course")
    items = item.select(fn.COUNT(item.id)).where(item.course == Course.id)
    return (
        ItemDone.select(Course.id, Course.title, Course.until, items, fn.COUNT(ItemDone.id))
        .join(CourseItem, on=same)
        .join(Course, on=(CourseItem.course == Course.id))
        .where(ItemDone.member == member, open_to(member, sees_units), goes_on, Course.id.not_in(completed))
        .group_by(Course.id, Course.title, Course.until)
        .order_by(Course.until.is_null(), Course.until, Course.id)
        .limit(limit)
    )


def count_open(actor: Actor) -> int:
    """Count the courses that are there for the actor: one statement."""
    return int(_there.scalar(actor.id, actor.units_seen) or 0)


@prepared
def _there(member: int, sees_units: Sequence[int]) -> Any:
    return Course.select(fn.COUNT(Course.id)).where(open_to(member, sees_units))


# ---- one course ----------------------------------------------------------------------------------------------------


def get_course(actor: Actor, course_id: int) -> CourseView:
    """Give a course the actor may see; a draft or archived one only to who may change it. Raises NotFound."""
    found = _course.first(course_id)
    shown = viewed(actor, found) if found is not None else None
    if shown is None or not (shown.manageable or _is_open(actor, shown._asdict())):
        raise NotFound(N_("This course does not exist, or you may not see it."))
    return shown


def viewed(actor: Actor, found: tuple[Any, ...]) -> CourseView:
    """Make a view of a row of ``columns_of_course``."""
    row = dict(zip(CourseView._fields, found, strict=False))
    return CourseView(**row, manageable=_manages(actor, row))


def columns_of_course(unit: Any = Unit) -> list[Any]:
    """Give the columns a view of a course is made of; ``unit`` is the name under which its unit was joined."""
    names = {"unit_name": unit.name, "unit_path": unit.path}
    return [names.get(name) or getattr(Course, name) for name in CourseView._fields[:-1]]


@prepared
def _course(course_id: int) -> Any:
    return Course.select(*columns_of_course()).join(Unit).where(Course.id == course_id).limit(1)


def _is_open(actor: Actor, row: dict[str, Any]) -> bool:
    there = row["published_at"] is not None and row["archived_at"] is None
    return there and reaches(actor, row["audience"], row["unit"])


def get_manageable(actor: Actor, course_id: int) -> CourseView:
    """Give a course the actor may change. Raises NotFound when they may not see it, Forbidden when only that."""
    course = get_course(actor, course_id)
    if not course.manageable:
        raise Forbidden(N_("Only its lecturer, who made it, and the liaisons of its unit may change this course."))
    return course


def completed_on(member: int, course_id: int) -> date | None:
    """Give the day for which a member's completion of a course counts, None without one."""
    found: date | None = _completion_day.scalar(member, course_id)
    return found


@prepared
def _completion_day(member: int, course_id: int) -> Any:
    return CourseCompletion.select(CourseCompletion.day).where(
        CourseCompletion.member == member,
        CourseCompletion.course == course_id,
        CourseCompletion.withdrawn_at.is_null(),
    )


# ---- for the index -------------------------------------------------------------------------------------------------


def visible_courses(actor: Actor, refs: Sequence[int]) -> set[int]:
    """Give those of the courses that are there for the actor, or the actor's own."""
    return {ref for (ref,) in _visible(actor.id, actor.units_seen, list(refs))}


@prepared
def _visible(member: int, sees_units: Sequence[int], refs: Sequence[int]) -> Any:
    return seen_among(member, sees_units, refs)


def seen_among(member: int, sees_units: Sequence[int], refs: Sequence[int], _care: Sequence[str] = ()) -> Any:
    """Make the query of those of some courses that are there for a member, or the member's own."""
    return Course.select(Course.id).where(Course.id.in_(refs), open_to(member, sees_units))


def all_courses() -> Iterator[int]:
    """Walk over the ids of all courses that are published and not put away."""
    there = Course.published_at.is_null(False) & Course.archived_at.is_null()
    for (ref,) in Course.select(Course.id).where(there).order_by(Course.id).tuples().iterator():
        yield ref
