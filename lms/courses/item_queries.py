"""The items of a course: what each is to the reader, and how far that brings the course."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from peewee import JOIN, Case, Expression, fn

from lms.courses.models import CourseItem, ItemDone
from lms.courses.queries import CourseView
from lms.courses.rules import Part, Rule, Standing, in_time, standing
from lms.lectures import queries as lectures
from lms.lectures.models import Lecture
from lms.materials import queries as materials
from lms.materials.models import Material
from lms.members.access import Actor
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
    return items_of(actor, [course])[course.id]


def items_of(actor: Actor, courses: Sequence[CourseView]) -> dict[int, list[ItemView]]:
    """Give the items of each of the courses as ``list_items`` does: one statement for all, none without courses."""
    found: dict[int, list[ItemView]] = {course.id: [] for course in courses}
    by_id = {course.id: course for course in courses}
    for row in _rows(actor.id, list(found)) if courses else ():
        course_id, kind, ref, required, remark, done_on, title, by, there, audience, unit, unit_path, owner = row
        if unit_path is None:
            continue  # the thing itself is gone
        course, is_open = by_id[course_id], bool(there)
        seen = owner == actor.id or (is_open and (audience == "everyone" or unit in actor.sees_units))
        within = course.audience == "unit" and course.unit_path.startswith(unit_path)
        narrow = audience != "everyone" and not within
        found[course_id].append(ItemView(kind, ref, title, by, required, remark, is_open, seen, narrow, done_on))
    return found


@prepared
def _rows(member: int, courses: Sequence[int]) -> Any:
    mine = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref) & (ItemDone.member == member)
    unit = fn.COALESCE(Lecture.unit, Material.unit)
    open_to_read = Case(None, ((lectures.there() | materials.there(), 1),), 0)
    return (
        CourseItem.select(
            CourseItem.course,
            CourseItem.kind,
            CourseItem.ref,
            CourseItem.required,
            CourseItem.remark,
            ItemDone.day,
            fn.COALESCE(Lecture.title, Material.title),
            fn.COALESCE(Lecture.speaker, ""),
            open_to_read,
            fn.COALESCE(Lecture.audience, Material.audience),
            unit,
            Unit.path,
            fn.COALESCE(Lecture.uploader, Material.uploader),
        )
        .join(ItemDone, JOIN.LEFT_OUTER, on=mine)
        .join_from(CourseItem, Lecture, JOIN.LEFT_OUTER, on=_is(Lecture, "lecture"))
        .join_from(CourseItem, Material, JOIN.LEFT_OUTER, on=_is(Material, "material"))
        .join_from(CourseItem, Unit, JOIN.LEFT_OUTER, on=(Unit.id == unit))
        .where(CourseItem.course.in_(courses))
        .order_by(CourseItem.course, CourseItem.position, CourseItem.id)
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
