"""A member who does two things at the same moment, on two devices: neither report waits for the other for good."""

from collections.abc import Callable
from functools import partial

import pytest

from lms import clock, events
from lms.courses import completing, service
from lms.courses.models import Course, CourseCompletion, CourseItem, ItemDone
from lms.courses.rules import Item
from lms.db import transactional
from lms.errors import Conflict
from lms.lectures.models import Lecture, Recording
from lms.materials import reading_service
from lms.progress import booking
from lms.progress.models import LedgerEntry
from lms.reading import loading
from lms.search.models import PastSearch
from tests.courses.conftest import School
from tests.factories import Make
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.postgres_only


def test_what_has_named_the_member_in_both_transactions_holds_neither_up(make: Make) -> None:
    member = make.member()

    def note(ref: int) -> None:
        PastSearch.create(member=member.id, text=f"{ref}", key=f"{ref}", asked_at=clock.now())
        completing.note_done(member.id, "lecture", ref, clock.today())

    first = partial(PastSearch.create, member=member.id, text="0", key="0", asked_at=clock.now())
    then = partial(completing.note_done, member.id, "lecture", 1, clock.today())
    assert side_by_side(first, partial(note, 2), then) == []
    assert sorted(row.ref for row in ItemDone.select()) == [1, 2]


def test_minutes_read_and_a_lecture_heard_are_both_booked(make: Make) -> None:
    member, day = make.member(), clock.today()
    heard = partial(events.publish, events.LectureCompleted(member.id, 1, day))
    read = partial(events.publish, events.StudyTimeLogged(member.id, 1, 30, day))
    assert side_by_side(partial(loading.lock_member, make.actor(member)), heard, read) == []
    assert sorted(row.measure for row in LedgerEntry.select()) == ["lecture_completed", "study_minutes"]
    assert booking.reverse("session:1")


def test_an_item_put_into_a_course_twice_at_once_is_there_once(make: Make) -> None:
    lecturer = make.member(role="administrator")
    actor = make.actor(lecturer)
    course = Course.create(title="课程", lecturer_name="陈志远", unit=actor.home, audience="unit", made_by=lecturer.id)
    lecture = Lecture.create(title="课", speaker="陈志远", uploader=lecturer.id, unit=actor.home, audience="unit")
    Recording.create(
        lecture=lecture, media_type="video/mp4", file_key="k", file_name="k", file_size=1, duration_ms=1, state="ready"
    )
    add = partial(service.add_item, actor, course.id, Item("lecture", lecture.id))
    assert side_by_side(add, add) == []
    assert CourseItem.select().count() == 1


def test_an_item_done_while_its_course_is_published_or_changed_completes_the_course(school: School) -> None:
    lecture, other = school.lecture(), school.lecture()
    course = school.course(lecture, published=False)
    member, day, liaison = school.member.id, clock.today(), school.actor(school.liaison)

    def change(command: Callable[[], object]) -> None:
        command()
        completing.catch_up(course)

    def completed() -> list[int]:
        rows = CourseCompletion.select(CourseCompletion.member).where(CourseCompletion.withdrawn_at.is_null())
        return sorted(one for (one,) in rows.tuples())

    publish = partial(service.publish_course, liaison, course)
    assert (
        side_by_side(partial(completing.note_done, member, "lecture", lecture.id, day), partial(change, publish)) == []
    )
    assert completed() == [member]
    # The other way round: who does it afterwards waits, and decides by the course as it is then.
    late = school.make.member(school.unit).id
    longer = partial(service.set_items, liaison, course, [Item("lecture", other.id)])
    assert side_by_side(longer, partial(completing.note_done, late, "lecture", other.id, day)) == []
    assert completed() == [member, late]


def completions(course: int) -> tuple[int, int]:
    """Give how many completions of a course stand, and what the ledger says of them."""
    standing = CourseCompletion.select().where(
        CourseCompletion.course == course, CourseCompletion.withdrawn_at.is_null()
    )
    amounts = LedgerEntry.select(LedgerEntry.amount).where(
        LedgerEntry.measure == "course_completed", LedgerEntry.evidence_ref == course
    )
    return standing.count(), sum(amount for (amount,) in amounts.tuples())


@pytest.mark.parametrize("unread_first", [True, False])
def test_a_material_taken_back_while_its_course_is_caught_up_leaves_no_tick(school: School, unread_first: bool) -> None:
    material, actor = school.material(), school.actor(school.member)
    reading_service.note_read_on_paper(actor, material.id)
    course = school.course(material)
    unread = partial(reading_service.take_back_read_on_paper, actor, material.id)
    catch_up = partial(completing.catch_up, course)
    assert side_by_side(*((unread, catch_up) if unread_first else (catch_up, unread))) == []
    assert completions(course) == (0, 0)
    assert not ItemDone.select().exists()


@pytest.mark.parametrize("edited_first", [True, False])
def test_a_material_taken_back_while_its_course_is_changed_counts_by_the_course_as_it_is_then(
    school: School, edited_first: bool
) -> None:
    material, lecture, actor = school.material(), school.lecture(), school.actor(school.member)
    course = school.course(material)
    reading_service.note_read_on_paper(actor, material.id)
    school.see(school.member, lecture)
    assert completions(course) == (1, 1)
    unread = partial(reading_service.take_back_read_on_paper, actor, material.id)
    edit = partial(service.set_items, school.actor(school.liaison), course, [Item("lecture", lecture.id)])

    def edited() -> None:
        transactional(edit)()
        completing.catch_up(course)

    assert side_by_side(*((edit, unread) if edited_first else (unread, edited))) == []
    assert completions(course) == (1, 1), "it rests on the lecture alone now"


def test_what_two_write_at_once_under_one_key_is_a_conflict_in_words(make: Make) -> None:
    member = make.member()
    write = partial(ItemDone.create, member=member.id, kind="lecture", ref=1, day=clock.today())
    assert [type(error) for error in side_by_side(write, write)] == [Conflict]
