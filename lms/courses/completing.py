"""Who has completed a course: decided by the rule when something is done, booked once, never undone by a change."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from peewee import fn

from lms import clock, events
from lms.courses import queries
from lms.courses.models import Course, CourseCompletion, CourseItem, ItemDone
from lms.courses.rules import Part, Rule, in_time, standing
from lms.db import database, many_at_a_time, one_at_a_time, transactional
from lms.errors import N_, Conflict, NotFound
from lms.lectures import queries as lectures
from lms.lectures.models import Lecture
from lms.materials import queries as materials
from lms.materials.models import Material
from lms.members.access import Action, Actor, reaches_member, require

CATCH_UP_DAYS = 31


def connect() -> None:
    """Follow what members have seen and read."""
    events.subscribe(events.LectureCompleted, lecture_completed)
    events.subscribe(events.MaterialReadThrough, material_read)
    events.subscribe(events.MaterialReadUndone, material_unread)


def lecture_completed(event: events.LectureCompleted) -> None:
    """Note that a member has seen a lecture, and complete the courses that were waiting for it."""
    note_done(event.member, "lecture", event.lecture, event.day)


def material_read(event: events.MaterialReadThrough) -> None:
    """Note that a member has read a material through, and complete the courses that were waiting for it."""
    note_done(event.member, "material", event.material, event.day)


def material_unread(event: events.MaterialReadUndone) -> None:
    """Forget that a material was read, and take back the completions that rested on it.

    A course that is just being changed is waited for, and decided on as it is then; one that is changed afterwards
    waits for us, and ``catch_up`` finds what we have left.
    """
    _hold(event.member)
    for course in _completed_with(event.member, "material", event.material):
        many_at_a_time(_course_key(course.id))
    resting = [
        course for course in _completed_with(event.member, "material", event.material) if _met(course, event.member)
    ]
    ItemDone.delete().where(
        ItemDone.member == event.member, ItemDone.kind == "material", ItemDone.ref == event.material
    ).execute()
    for course in resting:
        if not _met(course, event.member):
            _withdraw(course.id, event.member, None)


def _completed_with(member: int, kind: str, ref: int) -> list[Course]:
    rows = (
        Course.select()
        .join(CourseItem, on=(CourseItem.course == Course.id))
        .switch(Course)
        .join(CourseCompletion, on=(CourseCompletion.course == Course.id))
        .where(
            CourseItem.kind == kind,
            CourseItem.ref == ref,
            CourseCompletion.member == member,
            CourseCompletion.withdrawn_at.is_null(),
        )
        .order_by(Course.id)
    )
    return list(rows)


def note_done(member: int, kind: str, ref: int, day: date) -> None:
    """Note that a member has done an item, in the caller's transaction, and decide on the courses that have it."""
    _hold(member)
    many_at_a_time(_key(kind, ref))
    ItemDone.insert(member=member, kind=kind, ref=ref, day=day).on_conflict(action="nothing").execute()
    rows = (
        Course.select(Course.id)
        .join(CourseItem, on=(CourseItem.course == Course.id))
        .where(CourseItem.kind == kind, CourseItem.ref == ref, _runs_on(day))
        .order_by(Course.id)
        .tuples()
    )
    for (course,) in list(rows):
        _decide(course, [member], day)


def _hold(member: int) -> None:
    """Let nobody else decide on the member's courses: of two items done at once the second must see the first."""
    one_at_a_time(f"courses of member:{member}")


def wait_for_doers(course_id: int) -> None:
    """Wait for those who are doing an item of a course just now and could not see what is being changed about it.

    At the end of the change: whoever does an item afterwards waits until it holds and decides by it, whoever was first
    is found by ``catch_up``. The same for who takes back what was done.
    """
    one_at_a_time(_course_key(course_id))
    items = CourseItem.select(CourseItem.kind, CourseItem.ref).where(CourseItem.course == course_id)
    one_at_a_time(*(_key(kind, ref) for kind, ref in items.order_by(CourseItem.kind, CourseItem.ref).tuples()))


def _key(kind: str, ref: int) -> str:
    return f"done:{kind}:{ref}"


def _course_key(course_id: int) -> str:
    return f"course:{course_id}"


def _runs_on(day: date) -> Any:
    begun = Course.since.is_null() | (Course.since <= day)
    return Course.published_at.is_null(False) & Course.archived_at.is_null() & begun


@transactional
def catch_up(course_id: int) -> int:
    """Book the completions of those who meet the rule of a course as it is now, and give their number.

    For what was done before the course was published or changed; running it twice books nothing twice. It counts today.
    """
    today = clock.today()
    if not Course.select().where(Course.id == course_id, _runs_on(today)).exists():
        return 0
    counted = CourseCompletion.withdrawn_at.is_null() | CourseCompletion.withdrawn_by.is_null(False)
    booked = CourseCompletion.select(CourseCompletion.member).where(CourseCompletion.course == course_id, counted)
    same = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref)
    waiting = (
        ItemDone.select(ItemDone.member)
        .join(CourseItem, on=same)
        .where(CourseItem.course == course_id, ItemDone.member.not_in(booked))
        .group_by(ItemDone.member)
        .order_by(ItemDone.member)
        .tuples()
    )
    return _decide(course_id, [member for (member,) in waiting], today)


def _decide(course_id: int, members: Iterable[int], day: date) -> int:
    """Book a course for those of the members who meet its rule and belong to its audience; what counts stays."""
    course = Course.get_by_id(course_id)
    return sum(
        _book_what_stays(course, member, day)
        for member in members
        if _met(course, member) and reaches_member(member, course.audience, course.unit)
    )


def _book_what_stays(course: Course, member: int, day: date) -> int:
    """Book a completion that still rests on what was done once nobody else decides on the member's courses.

    Held only after booking, as by those who do or undo an item: the ledger's row of the member comes first everywhere,
    so that nobody who holds the one waits for the other.
    """
    with database.atomic() as point:
        booked = _book(course, member, day)
        _hold(member)
        if booked and not _met(course, member):
            point.rollback()
            return 0
    return booked


def _met(course: Course, member: int) -> bool:
    items = list(
        CourseItem.select(CourseItem.kind, CourseItem.ref, CourseItem.required)
        .where(CourseItem.course == course.id)
        .tuples()
    )
    there, done = open_items(items), _done(member, course)
    parts = [Part(required, (kind, ref) in done, (kind, ref) in there) for kind, ref, required in items]
    return standing(Rule(course.rule, course.amount), parts).met


def open_items(items: Iterable[tuple[str, int, bool]]) -> set[tuple[str, int]]:
    """Give those of the items that can be studied now: neither put away nor unpublished."""
    refs: dict[str, list[int]] = {"lecture": [], "material": []}
    for kind, ref, _ in items:
        refs[kind].append(ref)
    seen = Lecture.select(Lecture.id).where(Lecture.id.in_(refs["lecture"]), lectures.there())
    read = Material.select(Material.id).where(Material.id.in_(refs["material"]), materials.there())
    found = {("lecture", ref) for (ref,) in seen.tuples()} if refs["lecture"] else set()
    return found | ({("material", ref) for (ref,) in read.tuples()} if refs["material"] else set())


def _done(member: int, course: Course) -> set[tuple[str, int]]:
    """Give what a member did of a course in time."""
    same = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref)
    rows = ItemDone.select(ItemDone.kind, ItemDone.ref, ItemDone.day).join(CourseItem, on=same)
    found = rows.where(ItemDone.member == member, CourseItem.course == course.id).tuples()
    return {(kind, ref) for kind, ref, day in found if in_time(day, course.until, course.late_counts)}


def _book(course: Course, member: int, day: date) -> int:
    """Book a completion and give 1, or 0 where it was booked before; one that a person took back stays so."""
    values = {"course": course.id, "member": member, "day": day, "class_hour_tenths": course.class_hour_tenths}
    added: int = CourseCompletion.insert(**values).on_conflict(action="nothing").as_rowcount().execute()
    if added:
        events.publish(events.CourseCompleted(member, course.id, 1, day, course.class_hour_tenths))
        return 1
    row = CourseCompletion.get(CourseCompletion.course == course.id, CourseCompletion.member == member)
    if row.withdrawn_at is None or row.withdrawn_by is not None:
        return 0
    _count_again(row, day)
    return 1


def _count_again(row: CourseCompletion, day: date) -> None:
    CourseCompletion.update(withdrawn_at=None, withdrawn_by=None, day=day, times=row.times + 1).where(
        CourseCompletion.id == row.id
    ).execute()
    events.publish(events.CourseCompleted(row.member, row.course, row.times + 1, day, row.class_hour_tenths))


def _withdraw(course_id: int, member: int, by: int | None) -> None:
    row = CourseCompletion.get(CourseCompletion.course == course_id, CourseCompletion.member == member)
    CourseCompletion.update(withdrawn_at=clock.now(), withdrawn_by=by).where(CourseCompletion.id == row.id).execute()
    events.publish(events.CourseUncompleted(member, course_id, row.times))


# ---- correcting ----------------------------------------------------------------------------------------------------


def _held_completion(actor: Actor, course_id: int, member: int) -> CourseCompletion:
    course = queries.get_course(actor, course_id)
    require(actor, Action.COURSE_MANAGE, course.unit_path)
    row = CourseCompletion.get_or_none(CourseCompletion.course == course_id, CourseCompletion.member == member)
    if row is None:
        raise NotFound(N_("This member has not completed the course."))
    found: CourseCompletion = row
    return found


@transactional
def withdraw_completion(actor: Actor, course_id: int, member: int) -> None:
    """Take back a completion that should not count; it is not booked again by itself. Raises NotFound, Forbidden."""
    row = _held_completion(actor, course_id, member)
    if row.withdrawn_at is None:
        _withdraw(course_id, member, actor.id)


@transactional
def give_back_completion(actor: Actor, course_id: int, member: int) -> None:
    """Let a completion that was taken back count again, for its day. Raises NotFound, Forbidden, Conflict."""
    row = _held_completion(actor, course_id, member)
    if row.withdrawn_at is None:
        raise Conflict(N_("This completion counts already."))
    _count_again(row, row.day)


def due_to_open(day: date) -> list[int]:
    """Give the published courses that begin on a day or began in the month before it, for catching up.

    A month, for a small server may be switched off over the spring festival.
    """
    recent = Course.since.between(date.fromordinal(day.toordinal() - CATCH_UP_DAYS), day)
    rows = Course.select(Course.id).where(recent, Course.published_at.is_null(False), Course.archived_at.is_null())
    return [course for (course,) in rows.order_by(fn.COALESCE(Course.since, day), Course.id).tuples()]
