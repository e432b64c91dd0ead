"""Commands of courses: make, change, put items into an order, publish, put away, copy."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from peewee import fn

from lms import clock, events
from lms.categories import queries as categories
from lms.courses import completing, item_queries, queries, rules
from lms.courses.models import Course, CourseItem
from lms.courses.queries import CourseView
from lms.courses.rules import Details, Item
from lms.db import one_at_a_time, transactional
from lms.errors import N_, Conflict, InvalidInput, LmsError
from lms.jobs import queue
from lms.lectures import queries as lectures
from lms.materials import queries as materials
from lms.members import access
from lms.members.access import Action, Actor, lecturer_refusal, may, may_publish, require
from lms.members.models import Member, Unit


def faults(
    actor: Actor, details: Details, present_unit: int | None = None, present_category: str = ""
) -> dict[str, LmsError]:
    """Say everything that is wrong with what was typed, by field; a course may keep its present unit and category."""
    tidied = rules.tidy(details)
    found: dict[str, LmsError] = dict(rules.problems(tidied))
    if "unit" not in found:
        path = Unit.select(Unit.path).where(Unit.id == tidied.unit).scalar()
        if path is None or (tidied.unit != present_unit and not may(actor, Action.COURSE_EDIT, path)):
            found["unit"] = InvalidInput(N_("Please choose a unit for which you may make courses."), field="unit")
        else:
            _check_category(found, tidied.category, path, present_category)
    if tidied.lecturer is not None and not Member.select().where(Member.id == tidied.lecturer).exists():
        found["lecturer"] = InvalidInput(N_("There is no such member."), field="lecturer")
    return found


def _check_category(found: dict[str, LmsError], category: str, unit_path: str, present: str) -> None:
    try:
        categories.check(category, unit_path, present)
    except InvalidInput as error:
        found["category"] = error


def _values(
    actor: Actor, details: Details, present_unit: int | None = None, present_category: str = ""
) -> dict[str, object]:
    for fault in faults(actor, details, present_unit, present_category).values():
        raise fault
    tidied = rules.tidy(details)
    name = tidied.lecturer_name
    if tidied.lecturer is not None:
        name = Member.select(Member.name).where(Member.id == tidied.lecturer).scalar()
    return {**tidied.__dict__, "lecturer_name": name}


@transactional
def make_course(actor: Actor, details: Details) -> int:
    """Make a course, a draft still, and give its id. Raises Forbidden, InvalidInput (the first fault)."""
    require(actor, Action.COURSE_EDIT)
    made = Course.create(**_values(actor, details), made_by=actor.id)
    return int(made.id)


@transactional
def change_course(actor: Actor, course_id: int, details: Details) -> None:
    """Change what is said of a course and its rule; nobody loses a completion by it.

    Raises NotFound, Forbidden, InvalidInput; also for a published course in a unit where the actor may not publish.
    """
    course = queries.get_manageable(actor, course_id)
    values = _values(actor, details, course.unit, course.category)
    if course.published_at is not None:
        _check_published(actor, course, values)
    Course.update(**values, updated_at=clock.now()).where(Course.id == course_id).execute()
    _changed(course_id)


def _check_published(actor: Actor, course: CourseView, values: Mapping[str, Any]) -> None:
    """Raise InvalidInput where a change would present what could not be published like that."""
    path = Unit.select(Unit.path).where(Unit.id == values["unit"]).scalar()
    moves = values["unit"] != course.unit
    if moves and not may_publish(actor, Action.COURSE_MANAGE, path):
        raise InvalidInput(
            N_("You may not publish for this unit, so a published course cannot go there."), field="unit"
        )
    lecturer = (values["lecturer"], values["lecturer_name"])
    if moves or lecturer != (course.lecturer, course.lecturer_name):
        refusal = lecturer_refusal(*lecturer, Action.COURSE_MANAGE, path)
        if refusal is not None:
            raise refusal


def publish_refusal(actor: Actor, course: CourseView) -> LmsError | None:
    """Say why the actor may not publish a course today, for their own sake or its lecturer's; None when they may."""
    refusal = access.publish_refusal(actor, Action.COURSE_MANAGE, course.unit_path)
    return refusal or lecturer_refusal(course.lecturer, course.lecturer_name, Action.COURSE_MANAGE, course.unit_path)


@transactional
def set_items(actor: Actor, course_id: int, items: Sequence[Item]) -> None:
    """Put these items into a course in this order, in place of what stood there.

    Raises NotFound, Forbidden, InvalidInput for too many, one that the actor may not see, a remark too long.
    """
    queries.get_manageable(actor, course_id)
    checked = rules.check_items(items)
    one_at_a_time(f"course:{course_id}")
    there = _there(course_id)
    new = [item for item in checked if (item.kind, item.ref) not in there]
    _require_seen(actor, new)
    CourseItem.delete().where(CourseItem.course == course_id).execute()
    rows = [
        {
            "course": course_id,
            "kind": item.kind,
            "ref": item.ref,
            "position": place,
            "required": item.required,
            "remark": item.remark,
        }
        for place, item in enumerate(checked)
    ]
    if rows:
        CourseItem.insert_many(rows).execute()
    Course.update(updated_at=clock.now()).where(Course.id == course_id).execute()
    _changed(course_id)


@transactional
def add_item(actor: Actor, course_id: int, item: Item) -> None:
    """Put an item at the end of a course; one that is there already stays where it is.

    Raises NotFound, Forbidden, InvalidInput for one that the actor may not see or a course that is full.
    """
    queries.get_manageable(actor, course_id)
    (checked,) = rules.check_items([item])
    one_at_a_time(f"course:{course_id}")
    there = _there(course_id)
    if (checked.kind, checked.ref) in there:
        return
    if len(there) >= rules.MOST_ITEMS:
        raise InvalidInput(N_("A course may have %(limit)s items at most."), field="items", limit=rules.MOST_ITEMS)
    _require_seen(actor, [checked])
    last = CourseItem.select(fn.MAX(CourseItem.position)).where(CourseItem.course == course_id).scalar()
    CourseItem.create(
        course=course_id,
        kind=checked.kind,
        ref=checked.ref,
        position=0 if last is None else last + 1,
        required=checked.required,
        remark=checked.remark,
    )
    _changed(course_id)


def _there(course_id: int) -> set[tuple[str, int]]:
    rows = CourseItem.select(CourseItem.kind, CourseItem.ref).where(CourseItem.course == course_id)
    return {(kind, ref) for kind, ref in rows.tuples()}


def _require_seen(actor: Actor, items: Sequence[Item]) -> None:
    """Raise InvalidInput for an item that the actor may not see, or that there is not."""
    sees = {"lecture": lectures.visible_lectures, "material": materials.visible_ids}
    for kind, visible in sees.items():
        refs = [item.ref for item in items if item.kind == kind]
        if refs and set(refs) - visible(actor, refs):
            raise InvalidInput(N_("There is no such lecture or material, or you may not see it."), field="items")


@transactional
def publish_course(actor: Actor, course_id: int) -> None:
    """Let the audience see a course from now on. Doing it twice changes nothing.

    Raises NotFound, Forbidden without an accreditation that holds today, InvalidInput when its lecturer has none,
    Conflict without an item.
    """
    course = queries.get_manageable(actor, course_id)
    if course.published_at is not None:
        return
    refusal = publish_refusal(actor, course)
    if refusal is not None:
        raise refusal
    if not CourseItem.select().where(CourseItem.course == course_id).exists():
        raise Conflict(N_("There is no lecture and no material in this course yet."))
    Course.update(published_at=clock.now(), updated_at=clock.now()).where(Course.id == course_id).execute()
    _changed(course_id)


@transactional
def archive_course(actor: Actor, course_id: int) -> None:
    """Put a course away: nobody finds it, and nothing that was completed is lost."""
    queries.get_manageable(actor, course_id)
    _move(course_id, clock.now())


@transactional
def restore_course(actor: Actor, course_id: int) -> None:
    """Bring a course back."""
    queries.get_manageable(actor, course_id)
    _move(course_id, None)


def _move(course_id: int, archived_at: datetime | None) -> None:
    Course.update(archived_at=archived_at, updated_at=clock.now()).where(Course.id == course_id).execute()
    _changed(course_id)


@transactional
def delete_course(actor: Actor, course_id: int) -> None:
    """Delete a draft that was never published. Raises NotFound, Forbidden, Conflict."""
    if queries.get_manageable(actor, course_id).published_at is not None:
        raise Conflict(N_("This course was published. It can be put away, but not deleted."))
    Course.delete().where(Course.id == course_id).execute()


@transactional
def copy_course(actor: Actor, course_id: int) -> int:
    """Make a draft like a course with its items, a year on, and give its id; items put away are left out."""
    course = queries.get_manageable(actor, course_id)
    made = Course.create(
        title=course.title,
        summary=course.summary,
        lecturer=course.lecturer,
        lecturer_name=course.lecturer_name,
        category=course.category,
        class_hour_tenths=course.class_hour_tenths,
        unit=course.unit,
        audience=course.audience,
        since=rules.a_year_on(course.since),
        until=rules.a_year_on(course.until),
        late_counts=course.late_counts,
        rule=course.rule,
        amount=course.amount,
        made_by=actor.id,
    )
    kept = [item for item in item_queries.list_items(actor, course) if item.open]
    for place, item in enumerate(kept):
        CourseItem.create(
            course=made.id,
            kind=item.kind,
            ref=item.ref,
            position=place,
            required=item.required,
            remark=item.remark,
        )
    return int(made.id)


def _changed(course_id: int) -> None:
    """Have the index follow, and those caught up who meet the rule as it is now."""
    events.publish(events.SearchableChanged("course", course_id))
    if Course.select().where(Course.id == course_id, Course.published_at.is_null(False)).exists():
        completing.wait_for_doers(course_id)
        queue.ask("courses.catch_up", course_id)
