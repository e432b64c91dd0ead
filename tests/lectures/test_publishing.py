"""Publishing lectures: by whom, and what happens to an upload whose lecturer may not."""

from datetime import timedelta

import pytest

from lms import clock
from lms.errors import Forbidden
from lms.lectures import queries, service
from lms.lectures.models import Lecture
from lms.members.models import Accreditation
from tests.lectures.conftest import House


def test_an_accreditation_that_ended_while_uploading_keeps_the_upload_unpublished(house: House) -> None:
    Accreditation.update(until=clock.today() - timedelta(days=1)).execute()
    sent = house.send()
    reader, lecturer = house.actor(house.member), house.actor(house.lecturer)
    assert Lecture.get_by_id(sent.lecture).published_at is None
    assert queries.visible_lectures(reader, [sent.lecture]) == set()
    assert queries.list_lectures(reader, queries.Filter(), 1, 10).total == 0
    assert [row.published for row in queries.list_lectures(lecturer, queries.Filter(), 1, 10).items] == [False]
    with pytest.raises(Forbidden, match="ended on"):
        service.publish(lecturer, sent.lecture)
    service.publish(house.actor(house.liaison), sent.lecture)
    assert queries.visible_lectures(reader, [sent.lecture]) == {sent.lecture}
