"""The items of a course: what each is to the reader, and how far that brings the course."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from peewee import JOIN, Case, Expression, fn

from lms.courses import queries
from lms.courses.models import Course, CourseItem, ItemDone
from lms.courses.queries import CourseView
from lms.courses.rules import Part, Rule, Standing, in_time, standing
from lms.lectures import queries as lectures
from lms.lectures.models import Lecture
from lms.materials import queries as materials
from lms.materials.models import Material
from lms.members.access import Actor, reaches
from lms.members.models import Unit
from lms.prepared import prepared


class ItemView(NamedTuple):
    """An item of a course. ``open``: it can be studied by its audience; ``seen``: the actor may open it.

    ``narrow``: not everybody for whom the course is may see it.
    """

    kind: str
    ref: int
    title: str
    by: str
    required: bool
    remark: str
    open: bool
    seen: bool
    narrow: bool
    done_on: date | None


def list_items(actor: Actor, course: CourseView) -> list[ItemView]:
    """Give the items of a course in order, with what the actor has done of them: one statement."""
    return [item for row in _of_course(actor.id, course.id) for item in _viewed(actor, course, row)]


def courses_with(actor: Actor, kind: str, ref: int, limit: int) -> list[tuple[CourseView, list[ItemView]]]:
    """Give the courses there for the actor that have an item, the newest first, with all their items: one statement."""
    found: dict[int, tuple[CourseView, list[ItemView]]] = {}
    for row in _of_courses_with(actor.id, actor.units_seen, kind, ref, limit):
        course, items = found.setdefault(row[WIDTH], (queries.viewed(actor, row[WIDTH:]), []))
        items.extend(_viewed(actor, course, row[:WIDTH]))
    return [found[course] for course in sorted(found, reverse=True)]


def _viewed(actor: Actor, course: CourseView, row: tuple[Any, ...]) -> Iterator[ItemView]:
    """Give the item of a row, unless the thing itself is gone."""
    kind, ref, required, remark, done_on, title, by, there, audience, unit, unit_path, owner = row
    if unit_path is None:
        return
    is_open = bool(there)
    seen = owner == actor.id or (is_open and reaches(actor, audience, unit))
    within = course.audience == "unit" and course.unit_path.startswith(unit_path)
    narrow = audience != "everyone" and not within
    yield ItemView(kind, ref, title, by, required, remark, is_open, seen, narrow, done_on)


WIDTH = 12


def _items(member: int, further: Sequence[Any] = ()) -> Any:
    """Make the query for items with what they are: ``WIDTH`` columns, and then further ones."""
    mine = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref) & (ItemDone.member == member)
    unit = fn.COALESCE(Lecture.unit, Material.unit)
    return (
        CourseItem.select(
            CourseItem.kind,
            CourseItem.ref,
            CourseItem.required,
            CourseItem.remark,
            ItemDone.day,
            fn.COALESCE(Lecture.title, Material.title),
            fn.COALESCE(Lecture.speaker, ""),
            Case(None, ((lectures.there() | materials.there(), 1),), 0),
            fn.COALESCE(Lecture.audience, Material.audience),
            unit,
            Unit.path,
            fn.COALESCE(Lecture.uploader, Material.uploader),
            *further,
        )
        .join(ItemDone, JOIN.LEFT_OUTER, on=mine)
        .join_from(CourseItem, Lecture, JOIN.LEFT_OUTER, on=_is(Lecture, "lecture"))
        .join_from(CourseItem, Material, JOIN.LEFT_OUTER, on=_is(Material, "material"))
        .join_from(CourseItem, Unit, JOIN.LEFT_OUTER, on=(Unit.id == unit))
        .order_by(CourseItem.course, CourseItem.position, CourseItem.id)
    )


@prepared
def _of_course(member: int, course: int) -> Any:
    return _items(member).where(CourseItem.course == course)


@prepared
def _of_courses_with(member: int, sees_units: Sequence[int], kind: str, ref: int, limit: int) -> Any:
    wanted = Course.alias("wanted")
    held = CourseItem.alias("held")
    newest = (
        wanted.select(wanted.id)
        .join(held, on=(held.course == wanted.id))
        .where(held.kind == kind, held.ref == ref, queries.open_to(member, sees_units, wanted))
        .order_by(wanted.id.desc())
        .limit(limit)
    )
    home = Unit.alias("home")
    return (
        _items(member, queries.columns_of_course(home))
        .join_from(CourseItem, Course)
        .join(home, on=(Course.unit == home.id))
        .where(CourseItem.course.in_(newest))
    )


def _is(model: type[Lecture] | type[Material], kind: str) -> Expression:
    return (CourseItem.kind == kind) & (CourseItem.ref == model.id)


def count_items(course_id: int) -> int:
    """Count the items of a course."""
    return int(CourseItem.select().where(CourseItem.course == course_id).count())


def standing_of(course: CourseView, items: Sequence[ItemView]) -> Standing:
    """Say how far the reader of the items is, by the rule of their course."""
    parts = [Part(item.required, in_time(item.done_on, course.until, course.late_counts), item.open) for item in items]
    return standing(Rule(course.rule, course.amount), parts)
