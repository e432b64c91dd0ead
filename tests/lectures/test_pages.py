"""What readers see: the list, the lecture with its transcript, how far they are; in few statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.lectures import documents, queries, service, watching
from lms.lectures.models import Lecture, Recording
from lms.lectures.queries import Filter
from lms.lectures.watching import Report
from tests.browser_like import Browser
from tests.lectures.conftest import House

pytestmark = pytest.mark.usefixtures("as_prepared_before")

Open = Callable[..., Browser]


@contextmanager
def at_most(number: int) -> Iterator[None]:
    with count_queries() as counted:
        yield
    assert counted.count <= number


def watch(house: House, recording: int, position: float) -> None:
    watching.record_progress(house.actor(house.member), recording, Report(position, clock.now()))


def test_the_list_says_how_far_the_reader_is(house: House, browser: Open) -> None:
    begun, done = house.send(title="开了头的"), house.send(house.media.m4a, title="没开头的")
    watch(house, begun.recording, 35)
    page = browser(house.member).get("/lectures").get_data(as_text=True)
    assert page.index("没开头的") < page.index("开了头的")
    assert "播放到 00:35" in page
    assert page.count("播放到") == 1
    assert done.lecture != begun.lecture


def test_list_and_lecture_need_few_statements_however_many_there_are(house: House, browser: Open) -> None:
    for number in range(4):
        sent = house.send(title=f"第{number}讲")
        watch(house, sent.recording, 10 + number)
    reader = browser(house.member)
    reader.get("/lectures")
    with at_most(7):
        reader.get("/lectures")
    with at_most(7):  # the panel of what is like it asks up to five more, one for each kind of thing
        reader.get(f"/lectures/{sent.lecture}")
    keeper = browser(house.lecturer)
    keeper.get("/lectures")
    with at_most(7):
        keeper.get(f"/lectures/{sent.lecture}")
    Recording.update(state="failed", failure="broken").where(Recording.id == sent.recording).execute()
    with at_most(7):
        assert "data-target" in keeper.get(f"/lectures/{sent.lecture}").text
    actor = house.actor(house.member)
    with at_most(1):
        assert len(queries.continue_watching(actor, 3)) == 3


def test_an_empty_list_says_what_to_do(house: House, browser: Open) -> None:
    assert "还没有讲座" in browser(house.member).get("/lectures").get_data(as_text=True)
    assert "/lectures/new" in browser(house.lecturer).get("/lectures").get_data(as_text=True)
    assert "没有符合的讲座" in browser(house.member).get("/lectures?q=没有").get_data(as_text=True)


def test_the_list_is_narrowed_sorted_and_paged(house: House) -> None:
    for title, speaker in (("乙讲", "陈志远"), ("甲讲", "丁海涛"), ("丙讲", "陈志远")):
        house.send(title=title, speaker=speaker, prepared=False)
    actor = house.actor(house.lecturer)

    def titles(**wanted: Any) -> list[str]:
        return [row.title for row in queries.list_lectures(actor, Filter(**wanted), 1, 24).items]

    assert titles() == ["丙讲", "甲讲", "乙讲"]
    assert titles(text="陈志远") == ["丙讲", "乙讲"]
    assert titles(text="海涛 甲") == ["甲讲"]
    assert titles(sort="title") == sorted(["乙讲", "甲讲", "丙讲"])
    assert titles(mine=True) == ["丙讲", "甲讲", "乙讲"]
    second = queries.list_lectures(actor, Filter(), 2, 2)
    assert ([row.title for row in second.items], second.pages, second.total) == (["乙讲"], 2, 3)


@pytest.mark.parametrize("query", ["?page=0", "?page=9999999", "?page=x", "?sort=x", "?q=%00", "?q=%25_'\"", "?mine=x"])
def test_strange_filters_show_a_list_all_the_same(house: House, browser: Open, query: str) -> None:
    assert browser(house.member).get(f"/lectures{query}").status_code == 200


def test_members_do_not_see_what_cannot_be_played_yet_its_uploader_does(house: House, browser: Open) -> None:
    house.send(title="正在处理的", prepared=False)
    assert "正在处理的" not in browser(house.member).get("/lectures").get_data(as_text=True)
    mine = browser(house.lecturer).get("/lectures").get_data(as_text=True)
    assert "正在处理的" in mine
    assert "处理中" in mine


def test_each_cue_is_a_link_to_its_second_without_scripts(house: House, browser: Open) -> None:
    sent = house.send(house.media.video)
    page = browser(house.member).get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    assert f'href="/lectures/{sent.lecture}?t=30"' in page
    assert "差序格局，就像石子投进水里的波纹。" in page
    assert f"/recordings/{sent.recording}/transcript.vtt" in page
    assert 'srclang="zh"' in page


def test_a_second_in_the_address_wins_and_the_stored_place_is_offered(house: House, browser: Open) -> None:
    sent = house.send()
    watch(house, sent.recording, 12)
    page = browser(house.member).get(f"/lectures/{sent.lecture}?t=31").get_data(as_text=True)
    assert 'data-start="31.0"' in page
    assert "上次停在 00:12" in page
    assert "从那里继续" in page
    assert '?t=30" data-seek="30" aria-current="true"' in page


@pytest.mark.parametrize("second", ["-1", "61", "nan", "inf", "1e999", "x", "", "'"])
def test_a_second_that_is_none_is_passed_over(house: House, browser: Open, second: str) -> None:
    sent = house.send()
    page = browser(house.member).get(f"/lectures/{sent.lecture}", query_string={"t": second})
    assert page.status_code == 200
    assert 'data-start="0.0"' in page.get_data(as_text=True)


def test_ids_that_cannot_be_are_404(house: House, browser: Open) -> None:
    reader = browser(house.member)
    for path in ("/lectures/999", "/lectures/99999999999999999999", "/recordings/99999999999999/media"):
        assert reader.get(path).status_code == 404


def test_the_pages_speak_english_as_well(house: House, browser: Open) -> None:
    sent = house.send()
    reader = browser(house.member)
    reader.client.set_cookie("lms_locale", "en")
    assert "Transcript" in reader.get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    assert "Listen again" in reader.get("/lectures").get_data(as_text=True)


def test_the_api_lists_and_describes_lectures_and_pages_their_cues(house: House, browser: Open) -> None:
    sent = house.send(held_on=date(2026, 10, 18))
    watch(house, sent.recording, 12)
    script = browser(house.member)
    listed = script.api("GET", "/lectures").json
    assert (listed["total"], listed["items"][0]["position"], round(listed["items"][0]["duration"])) == (1, 12, 60)
    shown = script.api("GET", f"/lectures/{sent.lecture}").json
    assert (shown["held_on"], shown["unit_name"], shown["audience"]) == ("2026-10-18", "桂花社区", "everyone")
    assert script.get(shown["transcript_url"]).status_code == 200
    cues = script.api("GET", f"/recordings/{sent.recording}/cues").json
    assert (cues["total"], cues["items"][2]["start"]) == (3, 30)
    assert script.api("GET", "/lectures?per_page=1000").status_code == 422


def test_a_lecture_gives_the_index_itself_and_stretches_of_its_transcript(house: House) -> None:
    sent = house.send(summary="读前写下三个问题。", audience="unit")
    places = list(documents.SOURCE.load(sent.lecture))
    key = f"lecture:{sent.lecture}"
    assert [(place.key, place.place) for place in places] == [
        (key, ""),
        (f"{key}:cue:1", "0"),
        (f"{key}:cue:3", "30"),
    ]
    assert places[1].body == "各位街坊，今天讲怎样带着问题读书。翻开书之前，先写下三个问题。"
    assert {place.group for place in places} == {key}
    assert set(places[0].audience) == {f"u{house.unit.id}", f"m{house.lecturer.id}"}
    assert places[0].authors == "陈志远"
    assert {tuple(place.facets.items()) for place in places} == {
        (("unit", str(house.unit.id)), ("lecturer", "陈志远")),
    }
    assert documents.second_of(places[1].extra["cues"], "三个问题") == "8"
    assert documents.second_of(places[1].extra["cues"], "不在其中") == "0"


def test_only_what_the_member_may_see_now_passes_the_last_check_of_search(house: House) -> None:
    ours, everyones = house.send(audience="unit", prepared=False), house.send(prepared=False)
    refs = [ours.lecture, everyones.lecture, 999]
    stranger = house.actor(house.make.member(house.make.unit("临江社区", house.root)))
    assert documents.SOURCE.visible(house.actor(house.member), refs) == {ours.lecture, everyones.lecture}
    assert documents.SOURCE.visible(stranger, refs) == {everyones.lecture}
    service.archive(house.actor(house.lecturer), everyones.lecture)
    assert documents.SOURCE.visible(stranger, refs) == set()
    assert list(documents.SOURCE.load(everyones.lecture)) == []
    assert list(documents.SOURCE.all_refs()) == [ours.lecture]


def test_a_lecture_outlives_its_uploader(house: House, browser: Open) -> None:
    sent = house.send()
    Lecture.update(uploader=None).execute()
    assert browser(house.member).get(f"/lectures/{sent.lecture}").status_code == 200
    assert browser(house.make.member(house.unit, "lecturer")).get(f"/lectures/{sent.lecture}/edit").status_code == 403
