"""The studio: what a lecturer owns, how it stands, who listens and where they stop."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Forbidden
from lms.lectures import audience_queries
from lms.lectures.audience_rules import greatest_loss, slices
from lms.lectures.models import Lecture, LectureDone, Recording, Transcript, WatchProgress
from lms.materials.models import Material
from lms.members.models import Accreditation, Member
from lms.questions import service as questions
from lms.studio import queries, rules
from lms.studio.queries import Filter
from lms.studio.rules import Recorded
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


@given(st.lists(st.builds(Recorded, st.sampled_from(["ready", "preparing", "failed"]), st.booleans(), st.booleans())))
def test_the_state_of_a_lecture_names_what_needs_a_hand_first(recordings: list[Recorded]) -> None:
    state = rules.lecture_state(archived=False, published=True, recordings=recordings)
    there = {one.state for one in recordings if not one.archived}
    assert (state == "failed") == ("failed" in there)
    assert state in ("words", "published") or state in there
    assert rules.lecture_state(archived=True, published=True, recordings=recordings) == "archived"


def test_where_people_stop_is_seen_at_the_place(house: House) -> None:
    stops = audience_queries.where_people_stop(house.make.actor(house.lecturer), house.recording.id, 10)
    assert [part.viewers for part in stops.parts] == [2] * 5 + [1] * 5
    assert (stops.viewers, stops.finished) == (2, 1)
    loss = greatest_loss(stops.parts)
    assert loss is not None and loss.start_s == 500
    with pytest.raises(Forbidden):
        audience_queries.where_people_stop(house.make.actor(house.half), house.recording.id)


def test_everything_owned_stands_in_one_list_with_its_state_and_audience(house: House) -> None:
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
    assert "2 人开始，1 人完成，累计 25 分钟" in page
    curve = desk.get(f"/studio/lectures/{house.lecture.id}").text
    assert "<polyline" in curve and "8:20" in curve
