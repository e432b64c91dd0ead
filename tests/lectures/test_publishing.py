"""Publishing lectures: by whom, and what happens to an upload whose lecturer may not."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest

from lms import clock
from lms.errors import Forbidden
from lms.lectures import queries, service
from lms.lectures.models import Lecture
from lms.members.models import Accreditation
from tests.browser_like import Browser
from tests.lectures.conftest import House, run_jobs

pytestmark = pytest.mark.usefixtures("as_prepared_before")

Open = Callable[..., Browser]


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


def test_the_lecturer_is_told_plainly_that_the_upload_is_kept_and_what_to_do(house: House, browser: Open) -> None:
    Accreditation.update(until=date(2026, 1, 31)).execute()
    desk = browser(house.lecturer)
    form = {"title": "读书", "speaker": "陈志远", "unit": str(house.unit.id), "audience": "everyone"}
    sound = (BytesIO(house.media.mp3.read_bytes()), "课.mp3")
    with clock.at(datetime(2026, 11, 28, 4)):  # in another year the day is said with its own
        answer = desk.post("/lectures/new", {**form, "file": sound})
        run_jobs()
        page = desk.get(answer.location).text
    assert "录像已保存，但还没有发布：您的讲师聘任已于一月三十一日到期" in page
    assert "发布讲座" not in page
    assert browser(house.member).get(answer.location).status_code == 404
    assert desk.post(answer.location + "/publish", {}).status_code == 403
    liaison = browser(house.liaison)
    assert "发布讲座" in liaison.get(answer.location).text
    liaison.post(answer.location + "/publish", {})
    assert browser(house.member).get(answer.location).status_code == 200
