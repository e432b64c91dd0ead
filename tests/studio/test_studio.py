"""The studio: what a lecturer owns, how it stands, who listens and where they stop."""

import csv
import json
import re
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from playhouse.test_utils import count_queries

from lms.courses.models import Course
from lms.errors import Forbidden
from lms.lectures import audience_queries
from lms.lectures import queries as lectures
from lms.lectures.audience_rules import greatest_loss, slices
from lms.lectures.models import Lecture, LectureDone, Recording, Transcript, WatchProgress
from lms.materials.models import Material
from lms.members.models import Accreditation, Member
from lms.questions import service as questions
from lms.studio import queries, rules
from lms.studio.queries import Filter
from lms.studio.rules import Recorded
from lms.uploads.models import Upload
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
INTERVALS = st.lists(
    st.tuples(st.floats(0, 100), st.floats(0, 100)).map(lambda pair: (min(pair), max(pair))), max_size=4
)


class House:
    """A lecturer with a lecture that was heard by two: one to its middle, one to the end."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.unit = make.unit()
        self.lecturer = make.member(self.unit, "lecturer", name="陈志远")
        self.lecture, self.recording = self.add("乡土中国")
        self.half, self.whole = make.member(self.unit), make.member(self.unit)
        self.hear(self.half, 500)
        self.hear(self.whole, 1000)
        LectureDone.create(member=self.whole, lecture=self.lecture)

    def add(self, title: str, **values: object) -> tuple[Lecture, Recording]:
        said = {"state": "ready", "duration_ms": 1_000_000, **values}
        published = said.pop("published", True)
        lecture = Lecture.create(title=title, speaker="陈志远", unit=self.unit, uploader=self.lecturer)
        if not published:
            Lecture.update(published_at=None).where(Lecture.id == lecture.id).execute()
        recording = Recording.create(
            lecture=lecture, media_type="audio/mpeg", file_key="k", file_name="课.mp3", file_size=1, **said
        )
        return lecture, recording

    def hear(self, who: Member, seconds: int) -> None:
        WatchProgress.create(
            member=who, recording=self.recording, played=json.dumps([[0, seconds]]), seconds=seconds, position_s=seconds
        )


@pytest.fixture
def house(make: Make) -> House:
    return House(make)


@given(st.lists(INTERVALS, max_size=5), st.integers(1, 50))
def test_no_stretch_has_more_listeners_than_there_are(played: list[list[tuple[float, float]]], parts: int) -> None:
    found = slices(played, 100.0, parts)
    assert len(found) == parts
    assert all(0 <= part.viewers <= len(played) for part in found)
    heard_out = sum(max((end for _, end in one), default=100) >= 90 for one in played)
    assert sum(part.stopped for part in found) == len(played) - heard_out


@given(st.lists(st.builds(Recorded, st.sampled_from(["ready", "preparing", "failed"]), st.booleans(), st.booleans())))
def test_the_state_of_a_lecture_names_what_needs_a_hand_first(recordings: list[Recorded]) -> None:
    state = rules.lecture_state(archived=False, published=True, recordings=recordings)
    there = {one.state for one in recordings if not one.archived}
    assert (state == "failed") == ("failed" in there)
    assert state in ("words", "published") or state in there
    assert rules.lecture_state(archived=True, published=True, recordings=recordings) == "archived"


def test_where_people_stop_is_seen_at_the_place(house: House) -> None:
    shown = lectures.get_manageable(house.make.actor(house.lecturer), house.lecture.id)
    stops = audience_queries.where_people_stop(shown, 10)[house.recording.id]
    assert [part.viewers for part in stops.parts] == [2] * 5 + [1] * 5
    assert (stops.viewers, stops.finished) == (2, 1)
    loss = greatest_loss(stops.parts)
    assert loss is not None and loss.start_s == 500
    with pytest.raises(Forbidden):
        lectures.get_manageable(house.make.actor(house.half), house.lecture.id)


def test_the_figures_of_a_lecture_are_right_on_a_listening_made_by_hand(house: House, browser: Open) -> None:
    """Eight listen: three stop within 600-625 s, one at 100 s, two skip 200-600 s, two hear all but the thanks."""
    WatchProgress.delete().execute()
    played = [
        [[0, 610]], [[0, 620]], [[0, 50], [300, 601.5]],  # the last one came back to the middle and stopped there
        [[0, 100]],
        [[0, 200], [600, 960]], [[0, 200], [600, 999]],
        [[0, 930]], [[0, 1000]],
    ]  # fmt: skip
    for spans in played:
        member = house.make.member(house.unit)
        seconds = sum(end - start for start, end in spans)
        WatchProgress.create(
            member=member, recording=house.recording, played=json.dumps(spans), seconds=seconds, position_s=spans[-1][1]
        )
    house.make.member(house.unit)
    shown = lectures.get_manageable(house.make.actor(house.lecturer), house.lecture.id)
    stops = audience_queries.where_people_stop(shown, 40)[house.recording.id]
    assert (stops.viewers, stops.finished) == (8, 2)
    at = {part.start_s: part for part in stops.parts}
    assert (at[0].viewers, at[50].viewers, at[100].viewers, at[200].viewers, at[300].viewers) == (8, 7, 6, 4, 5)
    assert (at[600].viewers, at[625].viewers, at[900].viewers, at[925].viewers, at[975].viewers) == (5, 4, 4, 3, 2)
    assert {start: part.stopped for start, part in at.items() if part.stopped} == {100: 1, 600: 3}
    page = browser(house.lecturer).get(f"/studio/lectures/{house.lecture.id}").text
    assert "8 位听众，其中 2 人基本听完" in page
    assert "停在 10:00–10:25 的人最多，有 3 人。" in page and "t=600" in page
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in page.partition("<tbody")[2].split("</tr>")]
    assert ["10:00", "5", "62", "%", "3"] in rows and ["01:40", "6", "75", "%", "1"] in rows
    assert sum(int(row[-1]) for row in rows if len(row) == 5) == 4


def test_who_listens_to_two_lectures_is_one_listener(house: House) -> None:
    lecture, recording = house.add("江村经济")
    WatchProgress.create(member=house.half, recording=recording, played="[[0, 50]]", seconds=50, position_s=50)
    WatchProgress.create(member=house.make.member(), recording=recording, played="[]", seconds=0, position_s=9)
    found = audience_queries.audience_of([house.lecture.id, lecture.id, 99])
    assert found.of(house.lecture.id) == (2, 1, 25)
    assert found.of(lecture.id) == (1, 0, 0)
    assert found.of(99) == (0, 0, 0)
    assert found.together == (2, 1, 25)  # 1550 seconds
    studio = queries.get_studio(house.make.actor(house.lecturer), Filter(), 1, 20)
    assert studio.audience == (2, 1, 25)


def test_the_studio_asks_few_statements_however_much_there_is(house: House, browser: Open) -> None:
    for number in range(5):
        lecture, recording = house.add(f"第{number}讲")
        questions.ask(house.make.actor(house.half), lecture.id, "什么意思？")
        Course.create(
            title=f"课{number}",
            unit=house.unit,
            made_by=house.lecturer,
            lecturer=house.lecturer,
            lecturer_name="陈志远",
            category="culture",
        )
        Recording.create(lecture=lecture, position=2, media_type="audio/mpeg", file_key="k", file_name="b", file_size=1,
                         state="ready", duration_ms=1000)  # fmt: skip
        WatchProgress.create(member=house.half, recording=recording, played="[[0, 50]]", seconds=50, position_s=50)
    Upload.create(
        token="0" * 16, member=house.lecturer, purpose="recording", name="a", length=9, expires_at=datetime(2100, 1, 1)
    )
    desk = browser(house.lecturer)
    desk.get("/studio")
    for path in ("/studio", "/studio?sort=begun&state=published", f"/studio/lectures/{lecture.id}"):
        with count_queries() as counted:
            page = desk.get(path)
        assert (page.status_code, counted.count <= 12) == (200, True), (path, counted.count)
    assert "有 5 条提问待您回答" in desk.get("/studio").text
    Upload.update(received=9, state="ready").execute()
    shown = desk.get("/studio?state=unused").text
    assert all(words in shown for words in ("已传完，尚未使用", "/lectures/new?upload=0000000000000000", "保留到"))
    gone = desk.post(f"/uploads/{'0' * 16}/remove", {"next": "/studio?state=unused"})
    assert (gone.headers["Location"], Upload.select().count()) == ("/studio?state=unused", 0)


def test_everything_owned_stands_in_one_list_with_its_state_and_audience(house: House, browser: Open) -> None:
    house.add("处理失败", state="failed", failure="This recording cannot be played yet.")
    house.add("正在处理", state="preparing", percent=40)
    house.add("还没发布", published=False)
    Transcript.create(recording=house.add("有文字稿")[1], language="zh")
    Material.create(
        title="讲义", media_type="text/plain", file_key="k", file_name="x", file_size=1, unit=house.unit,
        uploader=house.lecturer, state="ready",
    )  # fmt: skip
    me = house.make.actor(house.lecturer)
    found = queries.get_studio(me, Filter(sort="state"), 1, 20)
    assert [(one.title, one.state) for one in found.page.items] == [
        ("处理失败", "failed"),
        ("正在处理", "preparing"),
        ("还没发布", "unpublished"),
        ("乡土中国", "words"),
        ("讲义", "published"),
        ("有文字稿", "published"),
    ]
    heard = next(one for one in found.page.items if one.title == "乡土中国")
    assert (heard.begun, heard.finished, heard.minutes) == (2, 1, 25)
    assert [one.title for one in queries.get_studio(me, Filter(kind="material"), 1, 20).page.items] == ["讲义"]
    rows = list(csv.reader(browser(house.lecturer).get("/studio.csv?sort=state").get_data(True)[1:].splitlines()))
    assert [row[1] for row in rows[1:]] == ["处理失败", "正在处理", "还没发布", "乡土中国", "讲义", "有文字稿"]
    assert rows[4][4:7] == ["2", "1", "25"] and rows[4][7].startswith(f"/lectures/{house.lecture.id}")
    book = load_workbook(BytesIO(browser(house.lecturer).get("/studio.xlsx?kind=lecture&q=乡土").data)).active
    assert book is not None and [row[4:7] for row in book.values][1] == (2, 1, 25)
    with pytest.raises(Forbidden):
        queries.get_studio(house.make.actor(house.half), Filter(), 1, 20)


def test_the_page_says_what_to_do_next(house: House, browser: Open) -> None:
    house.add("处理失败", state="failed", failure="This recording cannot be played yet.")
    questions.ask(house.make.actor(house.half), house.lecture.id, "差序格局是什么意思？")
    Accreditation.update(until=date(2020, 1, 1)).execute()
    desk = browser(house.lecturer)
    page = desk.get("/studio").text
    assert "您目前没有讲师聘任" in page
    assert "有 1 条提问待您回答" in page
    assert "重试" in page and "/recordings/2/prepare" in page
    assert f"/recordings/{house.recording.id}/transcript" in page  # of the recording that has no words yet
    assert "2 人开始，1 人完成，累计 25 分钟" in page
    curve = desk.get(f"/studio/lectures/{house.lecture.id}").text
    assert "<polyline" in curve and "8:20" in curve
