"""Completing courses: once, when the rule is met; later changes take nothing away."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from lms import clock, events
from lms.courses import completing, jobs, queries, service
from lms.courses.models import CourseCompletion, ItemDone
from lms.courses.rules import Details
from lms.errors import Forbidden
from lms.lectures.models import Lecture
from tests.courses.conftest import School, item, run_jobs
from tests.courses.test_pages import Open

TOLD: list[object] = []


def _note(event: object) -> None:
    TOLD.append(event)


@pytest.fixture(autouse=True)
def told(school: School) -> Iterator[list[object]]:
    assert jobs.catch_up  # importing the module registers the task
    events.subscribe(events.CourseCompleted, _note)
    events.subscribe(events.CourseUncompleted, _note)
    TOLD.clear()
    with clock.at(datetime(2026, 10, 10, 4)):
        yield TOLD


def test_the_last_lecture_completes_the_course_once(school: School, told: list[object]) -> None:
    first, second = school.lecture(), school.lecture()
    course = school.course(first, second)
    events.publish(events.LectureCompleted(school.member.id, first.id, date(2026, 10, 1)))
    assert told == []
    events.publish(events.LectureCompleted(school.member.id, second.id, date(2026, 10, 2)))
    events.publish(events.LectureCompleted(school.member.id, second.id, date(2026, 10, 3)))
    assert told == [events.CourseCompleted(school.member.id, course, 1, date(2026, 10, 2), 20)]
    assert queries.completed_on(school.member.id, course) == date(2026, 10, 2)


def test_a_lecture_seen_in_two_courses_counts_in_both(school: School, told: list[object]) -> None:
    shared = school.lecture()
    courses = {school.course(shared), school.course(shared, title="民法典入门")}
    school.see(school.member, shared)
    assert {event.course for event in told} == courses  # type: ignore[attr-defined]


def test_what_was_done_before_publication_is_caught_up_by_the_job(school: School, told: list[object]) -> None:
    lecture, material = school.lecture(), school.material()
    school.see(school.member, lecture)
    school.see(school.member, material)
    course = school.course(lecture, material, published=False)
    run_jobs()
    assert told == []
    service.publish_course(school.actor(school.liaison), course)
    run_jobs()
    assert told == [events.CourseCompleted(school.member.id, course, 1, date(2026, 10, 10), 20)]
    assert completing.catch_up(course) == 0


def test_an_item_added_later_takes_nothing_away_and_asks_the_others_for_more(
    school: School, told: list[object]
) -> None:
    first, second = school.lecture(), school.lecture()
    course = school.course(first)
    other = school.make.member(school.unit)
    school.see(school.member, first)
    service.add_item(school.actor(school.liaison), course, item(second))
    run_jobs()
    school.see(other, first)
    assert [event.member for event in told] == [school.member.id]  # type: ignore[attr-defined]
    school.see(school.member, second)
    assert len(told) == 1
    school.see(other, second)
    assert len(told) == 2


def test_an_easier_rule_completes_for_those_who_meet_it_now(school: School, told: list[object]) -> None:
    first, second = school.lecture(), school.lecture()
    course = school.course(first, second)
    school.see(school.member, first)
    service.set_items(school.actor(school.liaison), course, [item(first), item(second, required=False)])
    run_jobs()
    assert told == []
    easier = Details("基层治理十讲", "", None, "陈志远", "other", 20, school.unit.id, rule="required")
    service.change_course(school.actor(school.liaison), course, easier)
    run_jobs()
    assert [event.member for event in told] == [school.member.id]  # type: ignore[attr-defined]


def test_a_lecture_put_away_keeps_nobody_from_completing(school: School, told: list[object]) -> None:
    first, gone = school.lecture(), school.lecture()
    school.course(first, gone)
    Lecture.update(archived_at=clock.now()).where(Lecture.id == gone.id).execute()
    school.see(school.member, first)
    assert len(told) == 1


@pytest.mark.parametrize("day", [1, 20])
def test_a_course_counts_for_its_audience_from_its_first_day_also_where_the_server_was_off(
    school: School, told: list[object], day: int
) -> None:
    lecture = school.lecture(audience="everyone")
    course = school.course(lecture, audience="unit", since=date(2026, 11, 1))
    stranger = school.make.member(school.make.unit(parent=school.root))
    school.see(school.member, lecture)
    school.see(stranger, lecture)
    assert told == []
    with clock.at(datetime(2026, 11, day, 4)):
        jobs.open_courses()
        run_jobs()
    assert told == [events.CourseCompleted(school.member.id, course, 1, date(2026, 11, day), 20)]
    assert ItemDone.select().count() == 2


def test_a_completion_taken_back_stays_so_until_it_is_given_back(school: School, told: list[object]) -> None:
    lecture = school.lecture()
    course = school.course(lecture)
    school.see(school.member, lecture)
    liaison = school.actor(school.liaison)
    completing.withdraw_completion(liaison, course, school.member.id)
    completing.withdraw_completion(liaison, course, school.member.id)
    school.see(school.member, lecture)
    completing.catch_up(course)
    assert queries.completed_on(school.member.id, course) is None
    completing.give_back_completion(liaison, course, school.member.id)
    day = date(2026, 10, 1)
    assert told == [
        events.CourseCompleted(school.member.id, course, 1, day, 20),
        events.CourseUncompleted(school.member.id, course, 1),
        events.CourseCompleted(school.member.id, course, 2, day, 20),
    ]
    assert CourseCompletion.select().count() == 1
    with pytest.raises(Forbidden):
        completing.withdraw_completion(school.actor(school.member), course, school.member.id)


def test_a_material_read_by_the_own_word_and_taken_back_takes_its_course_back(
    school: School, told: list[object]
) -> None:
    material, kept = school.material(), school.material()
    course, day = school.course(material), date(2026, 10, 9)
    grown = school.course(material, title="后来加了内容")
    events.publish(events.MaterialReadThrough(school.member.id, material.id, 1, day, 3, True, "other"))
    service.add_item(school.actor(school.liaison), grown, item(kept))
    told.clear()
    events.publish(events.MaterialReadUndone(school.member.id, material.id, 1))
    assert told == [events.CourseUncompleted(school.member.id, course, 1)]
    events.publish(events.MaterialReadThrough(school.member.id, material.id, 2, day, 3, True, "other"))
    assert told[1:] == [events.CourseCompleted(school.member.id, course, 2, day, 20)]


def test_a_course_that_closes_counts_what_was_done_by_its_last_day(
    school: School, told: list[object], browser: Open
) -> None:
    first, second = school.lecture(audience="everyone"), school.lecture(audience="everyone")
    course = school.course(first, second, until=date(2026, 10, 5), late_counts=False)
    other = school.make.member(school.unit)
    school.see(school.member, first, date(2026, 10, 5))
    school.see(school.member, second, date(2026, 10, 6))
    school.see(other, first, date(2026, 10, 4))
    school.see(other, second, date(2026, 10, 5))
    assert told == [events.CourseCompleted(other.id, course, 1, date(2026, 10, 5), 20)]
    assert completing.catch_up(course) == 0
    window = browser(school.member)
    page = window.get(f"/courses/{course}").text
    assert "已于十月五日结束" in page
    assert "之后学完的不计入" in page
    shown = window.get(f"/api/v1/courses/{course}").get_json()
    assert (shown["done"], shown["needed"], shown["late_counts"]) == (1, 2, False)
    assert queries.list_running(school.actor(school.member), 9) == []


def test_a_course_that_stays_open_counts_late_and_says_so(school: School, told: list[object], browser: Open) -> None:
    lecture = school.lecture(audience="everyone")
    course = school.course(lecture, until=date(2026, 10, 5))
    keeper = browser(school.liaison)
    assert "过了截止日期才学完的，也算学完" in keeper.get(f"/courses/{course}/edit").text
    school.see(school.member, lecture, date(2026, 10, 8))
    assert told == [events.CourseCompleted(school.member.id, course, 1, date(2026, 10, 8), 20)]
    assert "截止日期之后" in browser(school.member).get(f"/courses/{course}").text
