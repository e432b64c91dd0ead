"""The JSON API of lectures: looking after a lecture as its pages do."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from lms.jobs.models import Job
from lms.lectures.models import Cue, Lecture, Recording
from lms.members.models import Member
from lms.storage import files
from tests.browser_like import Browser
from tests.lectures.conftest import House, Sent

pytestmark = pytest.mark.usefixtures("as_prepared_before")

Open = Callable[[Member | None], Browser]
WORDS = "WEBVTT\n\n00:01.000 --> 00:04.000\n换过的文字稿\n".encode()
BROKEN = "The file is broken."


def put(program: Browser, sent: Sent, what: str, field: str, content: bytes, name: str) -> Any:
    return program.client.put(
        "/api/v1"
        + (f"/recordings/{sent.recording}/file" if what == "recording" else f"/lectures/{sent.lecture}/{what}"),
        data={field: (BytesIO(content), name)},
        headers={"X-CSRFToken": program.token(), "Accept-Language": "en"},
    )


def fail(sent: Sent) -> None:
    Recording.update(state="failed", failure=BROKEN).where(Recording.id == sent.recording).execute()


def test_changing_one_fact_leaves_the_others(house: House, browser: Open) -> None:
    sent = house.send(summary="读前写下三个问题。")
    changed = browser(house.lecturer).api("PATCH", f"/lectures/{sent.lecture}", {"title": "新题"})
    assert changed.status_code == 200
    assert (changed.json["title"], changed.json["speaker"]) == ("新题", "陈志远")
    row = Lecture.get_by_id(sent.lecture)
    assert (row.title, row.summary, row.unit_id) == ("新题", "读前写下三个问题。", house.unit.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("title", None),
        ("title", "长" * 201),
        ("speaker", "a\0b"),
        ("held_on", "昨天"),
        ("held_on", "2999-01-01"),
        ("audience", "nobody"),
        ("unit", 2**31),
        ("unit", "x"),
    ],
)
def test_a_wrong_fact_is_refused_under_its_field_and_changes_nothing(
    house: House, browser: Open, field: str, value: Any
) -> None:
    sent = house.send(prepared=False)
    refused = browser(house.lecturer).api("PATCH", f"/lectures/{sent.lecture}", {field: value})
    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    assert list(refused.json["errors"]) == [field]
    row = Lecture.get_by_id(sent.lecture)
    assert (row.title, row.speaker, row.held_on, row.audience) == ("带着问题读书", "陈志远", None, "everyone")


def test_a_unit_without_the_right_is_refused(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    elsewhere = house.make.unit("临江社区", house.root)
    refused = browser(house.lecturer).api("PATCH", f"/lectures/{sent.lecture}", {"unit": elsewhere.id})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["unit"])
    assert Lecture.get_by_id(sent.lecture).unit_id == house.unit.id


def test_what_is_archived_is_gone_for_members_until_it_is_restored(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    liaison, member = browser(house.liaison), browser(house.member)
    assert liaison.api("POST", f"/lectures/{sent.lecture}/archive").json["archived_at"]
    assert member.get(f"/api/v1/lectures/{sent.lecture}").status_code == 404
    assert liaison.get("/api/v1/lectures?archived=true").json["total"] == 1
    assert liaison.api("POST", f"/lectures/{sent.lecture}/restore").json["archived_at"] is None
    assert member.get(f"/api/v1/lectures/{sent.lecture}").status_code == 200


def test_a_transcript_takes_the_place_of_the_present_one(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    assert put(browser(house.lecturer), sent, "transcript", "transcript", WORDS, "课.vtt").status_code == 200
    assert list(Cue.select(Cue.start_ms, Cue.text).tuples()) == [(1000, "换过的文字稿")]


def test_a_faulty_transcript_is_named_with_its_line_and_the_present_one_stays(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    refused = put(browser(house.lecturer), sent, "transcript", "transcript", b"WEBVTT\n\nno time\n", "x.vtt")
    assert refused.status_code == 422
    assert "Line 3" in refused.json["errors"]["transcript"][0]
    assert Cue.select().count() == 3


def test_a_form_without_its_file_is_refused(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    program = browser(house.lecturer)
    for path, field in (
        (f"/lectures/{sent.lecture}/transcript", "transcript"),
        (f"/recordings/{sent.recording}/file", "file"),
    ):
        headers = {"X-CSRFToken": program.token()}
        refused = program.client.put(f"/api/v1{path}", headers=headers)
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_a_failed_recording_says_why_and_is_tried_again_once(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    Job.delete().execute()
    fail(sent)
    program = browser(house.lecturer)
    assert program.get(f"/api/v1/lectures/{sent.lecture}").json["failure"] == BROKEN
    tried = program.api("POST", f"/recordings/{sent.recording}/retry")
    assert (tried.status_code, tried.json["state"], tried.json["failure"]) == (200, "preparing", "")
    assert [(job.task, job.args) for job in Job.select()] == [("lectures.prepare", f"[{sent.recording}]")]
    assert program.api("POST", f"/recordings/{sent.recording}/retry").status_code == 409
    assert Job.select().count() == 1


def test_another_file_replaces_a_recording_only_after_it_failed(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    program, sound = browser(house.lecturer), house.media.m4a.read_bytes()
    assert put(program, sent, "recording", "file", sound, "新.m4a").status_code == 409
    fail(sent)
    assert put(program, sent, "recording", "file", b"%PDF-1.7" + bytes(400), "新.m4a").status_code == 422
    assert sent.row().state == "failed"
    replaced = put(program, sent, "recording", "file", sound, "新.m4a")
    assert (replaced.status_code, replaced.json["state"], replaced.json["file_name"]) == (200, "preparing", "新.m4a")
    assert files().path(sent.row().file_key).read_bytes() == sound


def test_only_who_cares_for_a_lecture_changes_it(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    stranger = house.make.member(house.make.unit("临江社区", house.root), "lecturer")
    for who in (house.member, stranger):
        program = browser(who)
        assert program.api("PATCH", f"/lectures/{sent.lecture}", {"title": "x"}).status_code == 403
        assert put(program, sent, "transcript", "transcript", WORDS, "x.vtt").status_code == 403
        for what in ("archive", "restore"):
            assert program.api("POST", f"/lectures/{sent.lecture}/{what}").status_code == 403
        for what in ("archive", "restore", "retry"):
            assert program.api("POST", f"/recordings/{sent.recording}/{what}").status_code == 403
    row = Lecture.get_by_id(sent.lecture)
    assert (row.title, row.archived_at, Cue.select().count()) == ("带着问题读书", None, 3)
