"""Courses: made, put into order, published, found, copied."""

import pytest

from lms import clock
from lms.courses import service
from lms.courses.rules import Details, Item
from lms.errors import Forbidden
from lms.lectures.models import Lecture
from lms.members.models import Accreditation
from tests.factories import Make


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
