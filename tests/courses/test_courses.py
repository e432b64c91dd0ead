"""Courses: made, put into order, published, found, copied."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lms import clock
from lms.courses import service
from lms.courses.rules import Details, Item
from lms.errors import Forbidden, InvalidInput
from lms.lectures.models import Lecture
from lms.members.models import Accreditation, Member
from tests.browser_like import Browser
from tests.courses.conftest import School
from tests.factories import Make

Open = Callable[[Member | None], Browser]


def test_a_course_of_somebody_from_outside_is_published_only_while_the_unit_has_accredited_that_name(
    school: School,
) -> None:
    liaison = school.actor(school.liaison)
    course = school.course(school.lecture(), lecturer_name="许文渊", published=False)
    with pytest.raises(InvalidInput) as refused:
        service.publish_course(liaison, course)
    assert refused.value.field == "lecturer_name"
    accredited = Accreditation.create(name="许文渊", inside=False, unit=school.root, since=clock.today())
    service.publish_course(liaison, course)
    accredited.until = clock.today() - timedelta(days=1)
    accredited.save()
    details = Details("治理", "", lecturer_name="许文渊", unit=school.unit.id)
    service.change_course(liaison, course, details)  # who stands there stays
    with pytest.raises(InvalidInput):
        service.change_course(liaison, course, replace(details, lecturer_name="李四"))
    with pytest.raises(InvalidInput) as refused:
        service.change_course(liaison, course, replace(details, lecturer=school.member.id))
    assert refused.value.field == "lecturer"


def test_a_draft_says_why_it_cannot_be_published(school: School, browser: Open) -> None:
    course = school.course(school.lecture(), lecturer_name="许文渊", published=False)
    window = browser(school.liaison)
    shown = window.get(f"/courses/{course}").text
    assert "许文渊" in shown
    assert "聘任" in shown
    assert f"/courses/{course}/publish" not in shown
    assert "聘任" in window.get(f"/courses/{course}/edit").text
    assert window.post(f"/courses/{course}/publish", {}).status_code == 422


def test_a_course_needs_an_accreditation_to_be_published_not_to_be_prepared(make: Make) -> None:
    unit = make.unit()
    lecturer = make.actor(make.member(unit, "lecturer", accredited=False))
    lecture = Lecture.create(title="治理", speaker="陈志远", unit=unit)
    course = service.make_course(lecturer, Details("治理", "", lecturer.id, unit=unit.id))
    with pytest.raises(Forbidden, match="not accredited"):
        service.publish_course(lecturer, course)
    service.add_item(lecturer, course, Item("lecture", lecture.id))
    Accreditation.create(member=lecturer.id, unit=unit, since=clock.today())
    service.publish_course(lecturer, course)
