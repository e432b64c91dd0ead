"""A form that is sent twice by one tap: what was done is entered once."""

from functools import partial

import pytest

from lms import clock
from lms.activities import service
from lms.activities.models import Activity
from lms.activities.rules import ActivityRefused, Draft
from tests.factories import Make
from tests.side_by_side import side_by_side


@pytest.mark.postgres_only
def test_one_record_sent_twice_at_once_is_entered_once(make: Make) -> None:
    actor = make.actor(make.member())
    enter = partial(service.enter, actor, Draft("research_topic", "老年食堂怎样办好", clock.today()))
    failures = side_by_side(enter, enter)
    assert [type(error) for error in failures] == [ActivityRefused]
    assert Activity.select().count() == 1
