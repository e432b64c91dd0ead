"""The items of a course: what each is to the reader, and how far that brings the course."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from lms.courses.models import CourseItem, ItemDone
from lms.courses.queries import CourseView
from lms.courses.rules import Part, Rule, Standing, in_time, standing
from lms.lectures.models import Lecture
from lms.materials.models import Material
from lms.members.access import Actor
from lms.members.models import Unit
from lms.prepared import prepared


class ItemView(NamedTuple):
    """An item of a course. ``open``: it can be studied by its audience; ``seen``: the actor may open it."""

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
    """Give the items of a course in order, with what the actor has done of them: four statements at most."""
    rows = _items(course.id)
    refs: dict[str, list[int]] = {"lecture": [], "material": []}
    for kind, ref, _, _ in rows:
        refs[kind].append(ref)
    things = {("lecture", ref): thing for ref, thing in _lectures(actor, refs["lecture"], course).items()}
    things |= {("material", ref): thing for ref, thing in _materials(actor, refs["material"], course).items()}
    done = _done_days(actor.id, [course.id])
    return [
        ItemView(
            kind,
            ref,
            thing.title,
            thing.by,
            required,
            remark,
            thing.open,
            thing.seen,
            thing.narrow,
            done.get((kind, ref)),
        )
        for kind, ref, required, remark in rows
        if (thing := things.get((kind, ref))) is not None
    ]


@prepared
def _items(course_id: int) -> Any:
    return (
        CourseItem.select(CourseItem.kind, CourseItem.ref, CourseItem.required, CourseItem.remark)
        .where(CourseItem.course == course_id)
        .order_by(CourseItem.position, CourseItem.id)
    )


def count_items(course_id: int) -> int:
    """Count the items of a course."""
    return int(CourseItem.select().where(CourseItem.course == course_id).count())


class _Thing(NamedTuple):
    title: str
    by: str
    open: bool
    seen: bool
    narrow: bool


def _thing(actor: Actor, course: CourseView, row: tuple[Any, ...]) -> _Thing:
    """Say what an item is to the actor; ``narrow``: not everybody for whom the course is may see it."""
    title, by, is_open, audience, unit, unit_path, owner = row
    seen = owner == actor.id or (is_open and (audience == "everyone" or unit in actor.sees_units))
    within = course.audience == "unit" and course.unit_path.startswith(unit_path)
    return _Thing(title, by, is_open, seen, audience != "everyone" and not within)


def _lectures(actor: Actor, refs: Sequence[int], course: CourseView) -> dict[int, _Thing]:
    if not refs:
        return {}
    rows = _lecture_rows(refs)
    return {
        ref: _thing(actor, course, (title, speaker, archived is None and published is not None, *rest))
        for ref, title, speaker, archived, published, *rest in rows
    }


def _materials(actor: Actor, refs: Sequence[int], course: CourseView) -> dict[int, _Thing]:
    if not refs:
        return {}
    rows = _material_rows(refs)
    return {
        ref: _thing(actor, course, (title, "", archived is None and state == "ready", *rest))
        for ref, title, archived, state, *rest in rows
    }


@prepared
def _lecture_rows(refs: Sequence[int]) -> Any:
    columns = (Lecture.id, Lecture.title, Lecture.speaker, Lecture.archived_at, Lecture.published_at)
    access = (Lecture.audience, Lecture.unit, Unit.path, Lecture.uploader)
    return Lecture.select(*columns, *access).join(Unit).where(Lecture.id.in_(refs))


@prepared
def _material_rows(refs: Sequence[int]) -> Any:
    columns = (Material.id, Material.title, Material.archived_at, Material.state)
    access = (Material.audience, Material.unit, Unit.path, Material.uploader)
    return Material.select(*columns, *access).join(Unit).where(Material.id.in_(refs))


def _done_days(member: int, courses: Sequence[int]) -> dict[tuple[str, int], date]:
    return {(kind, ref): day for kind, ref, day in _done_rows(member, list(courses))}


@prepared
def _done_rows(member: int, courses: Sequence[int]) -> Any:
    same = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref)
    return (
        ItemDone.select(ItemDone.kind, ItemDone.ref, ItemDone.day)
        .join(CourseItem, on=same)
        .where(ItemDone.member == member, CourseItem.course.in_(courses))
    )


def standing_of(course: CourseView, items: Sequence[ItemView]) -> Standing:
    """Say how far the reader of the items is, by the rule of their course."""
    parts = [Part(item.required, in_time(item.done_on, course.until, course.late_counts), item.open) for item in items]
    return standing(Rule(course.rule, course.amount), parts)
