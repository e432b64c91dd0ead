"""Sending recordings so that players can seek: the semantics of ranges, and who may have the bytes."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from lms.lectures.models import Recording
from lms.lectures.streaming import Slice
from lms.members.models import Membership
from lms.storage import files
from tests.browser_like import Browser
from tests.lectures.conftest import House, Sent

pytestmark = pytest.mark.usefixtures("as_prepared_before")

Open = Callable[..., Browser]


def fetch(visitor: Browser, path: str, **options: Any) -> TestResponse:
    """Get a file to its end, so that the server lets go of it."""
    return visitor.get(path, buffered=True, **options)


@pytest.fixture
def sent(house: House) -> Sent:
    """A sound recording that is ready."""
    return house.send()


@pytest.fixture
def listener(house: House, browser: Open) -> Browser:
    """A member's browser."""
    return browser(house.member)


def test_the_whole_file_comes_with_length_type_tag_and_private_cache(
    house: House, sent: Sent, listener: Browser
) -> None:
    answer = fetch(listener, f"/recordings/{sent.recording}/media")
    whole = house.media.mp3.read_bytes()
    assert (answer.status_code, answer.data) == (200, whole)
    assert answer.headers["Content-Length"] == str(len(whole))
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == f'"{sent.row().file_key}"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers.getlist("Content-Type") == ["audio/mpeg"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, -1),
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=1000-", 1000, -1),
        ("bytes=-500", -500, -1),
        ("bytes=100-99999999999", 100, -1),
        ("bytes=-99999999999", 0, -1),
        ("bytes=0-99,100-149,150-199", 0, 199),
        ("bytes=7-9,99999999990-99999999999", 7, 9),
    ],
)
def test_one_range_is_answered_with_exactly_its_bytes(
    house: House, sent: Sent, listener: Browser, asked: str, first: int, last: int
) -> None:
    whole = house.media.mp3.read_bytes()
    first, last = first % len(whole), last % len(whole)
    answer = fetch(listener, f"/recordings/{sent.recording}/media", headers={"Range": asked})
    assert (answer.status_code, answer.data) == (206, whole[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
    assert answer.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(9)),
        "items=0-1",
        "bytes=abc",
        "bytes=9-2",
        "",
        "bytes=1-x",
    ],
)
def test_ranges_that_are_none_or_many_give_the_whole_file(
    house: House, sent: Sent, listener: Browser, asked: str
) -> None:
    answer = fetch(listener, f"/recordings/{sent.recording}/media", headers={"Range": asked})
    assert (answer.status_code, len(answer.data)) == (200, house.media.mp3.stat().st_size)
    assert "Content-Range" not in answer.headers


def test_a_range_past_the_end_is_416_and_says_how_long_the_file_is(house: House, sent: Sent, listener: Browser) -> None:
    size = house.media.mp3.stat().st_size
    for start in (size, size + 5, 10**30):
        answer = fetch(listener, f"/recordings/{sent.recording}/media", headers={"Range": f"bytes={start}-"})
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{size}")


def test_if_range_gives_the_part_only_while_the_content_is_the_same(sent: Sent, listener: Browser) -> None:
    key = sent.row().file_key
    for condition, status in (
        (f'"{key}"', 206),
        (f'W/"{key}"', 200),
        ('"other"', 200),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 200),
    ):
        headers = {"Range": "bytes=0-9", "If-Range": condition}
        assert fetch(listener, f"/recordings/{sent.recording}/media", headers=headers).status_code == status


def test_head_tells_the_length_without_a_body_and_knows_no_ranges(house: House, sent: Sent, listener: Browser) -> None:
    answer = listener.client.head(f"/recordings/{sent.recording}/media", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(house.media.mp3.stat().st_size)


def test_a_kept_copy_is_confirmed_with_304(sent: Sent, listener: Browser) -> None:
    headers = {"If-None-Match": f'"{sent.row().file_key}"'}
    answer = fetch(listener, f"/recordings/{sent.recording}/media", headers=headers)
    assert (answer.status_code, answer.data) == (304, b"")


def test_the_date_of_the_content_is_a_condition_as_well(sent: Sent, listener: Browser) -> None:
    path = f"/recordings/{sent.recording}/media"
    changed = fetch(listener, path).headers["Last-Modified"]
    assert fetch(listener, path, headers={"If-Modified-Since": changed}).status_code == 304
    assert fetch(listener, path, headers={"If-Modified-Since": changed, "If-None-Match": '"other"'}).status_code == 200
    assert fetch(listener, path, headers={"Range": "bytes=0-9", "If-Range": changed}).status_code == 206


def test_the_short_way_of_a_known_session_answers_as_the_long_way_does(
    house: House, sent: Sent, listener: Browser
) -> None:
    paths = [f"/recordings/{sent.recording}/media", "/recordings/999/media", f"/recordings/{sent.recording}/sound"]
    asked: list[dict[str, str]] = [{}, {"Range": "bytes=5-9"}, {"Range": "bytes=99999999-"}]
    rounds = []
    for _ in range(3):  # at first the cookie is not known to the process yet
        answers = []
        for path in paths:
            for headers in asked:
                answer = fetch(listener, path, headers=headers)
                body = answer.data if answer.status_code < 300 else b""
                own = ("X-Request-ID", "Content-Length", "Set-Cookie")
                kept = {name: value for name, value in answer.headers if name not in own}
                answers.append((answer.status_code, body, kept))
        rounds.append(answers)
    assert rounds[0] == rounds[1] == rounds[2]
    house.member.must_change_password = True
    house.member.save()
    assert fetch(listener, paths[0]).status_code == 303
    house.member.must_change_password = False
    house.member.session_version += 1
    house.member.save()
    assert fetch(listener, paths[0]).status_code == 303


def test_a_server_that_sends_files_itself_gets_the_descriptor_at_the_right_place(
    house: House, sent: Sent, listener: Browser
) -> None:
    handed: list[Slice] = []

    def wrapper(file: Slice, block: int) -> list[bytes]:
        handed.append(file)
        return [file.read()]

    fetch(
        listener,
        f"/recordings/{sent.recording}/media",
        headers={"Range": "bytes=700-799"},
        environ_overrides={"wsgi.file_wrapper": wrapper},
    )
    assert len(handed) == 1
    assert handed[0].fileno() > 2
    assert handed[0].read() == b""
    handed[0].close()


def test_a_slice_never_reads_past_its_end(house: House) -> None:
    with house.media.mp3.open("rb") as file:
        file.seek(10)
        part = Slice(file, 25)
        assert [len(part.read(10)) for _ in range(4)] == [10, 10, 5, 0]


def test_the_bytes_of_another_units_lecture_are_not_given(house: House, browser: Open) -> None:
    sent = house.send(house.media.video, audience="unit")
    stranger = browser(house.make.member(house.make.unit("临江社区", house.root)))
    own = browser(house.member)
    for path in ("media", "poster.jpg", "transcript.vtt"):
        assert fetch(stranger, f"/recordings/{sent.recording}/{path}").status_code == 404
        assert fetch(own, f"/recordings/{sent.recording}/{path}").status_code == 200
    for path in (f"/lectures/{sent.lecture}", f"/recordings/{sent.recording}/cues"):
        assert stranger.api("GET", path).status_code == 404
    report = {"position": 1, "at": "2026-11-23T04:00:00Z"}
    assert stranger.api("PUT", f"/recordings/{sent.recording}/progress", report).status_code == 404
    assert fetch(browser(None), f"/recordings/{sent.recording}/media").status_code == 303


def test_a_member_who_leaves_the_unit_loses_the_bytes_at_once(house: House, browser: Open) -> None:
    sent = house.send(audience="unit")
    leaving = browser(house.member)
    assert fetch(leaving, f"/recordings/{sent.recording}/media").status_code == 200
    house.member.access_version += 1
    house.member.save()
    assert Membership.delete().where(Membership.member == house.member.id).execute() == 1
    assert fetch(leaving, f"/recordings/{sent.recording}/media").status_code == 404


def test_a_recording_in_preparation_and_a_lost_file_are_said_to_be_missing(house: House, browser: Open) -> None:
    waiting = house.send(prepared=False)
    listener = browser(house.member)
    assert fetch(listener, f"/recordings/{waiting.recording}/media").status_code == 404
    Recording.update(state="ready").execute()
    files().path(waiting.row().file_key).unlink()
    assert fetch(listener, f"/recordings/{waiting.recording}/media").status_code == 404


def test_the_transcript_comes_as_webvtt_without_the_markup_of_the_upload(house: House, browser: Open) -> None:
    evil = "WEBVTT\n\n00:01.000 --> 00:04.000\n<script>alert(1)</script><img src=x onerror=alert(2)>\n"
    sent = house.send(transcript=evil)
    reader = browser(house.member)
    captions = fetch(reader, f"/recordings/{sent.recording}/transcript.vtt")
    assert captions.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert "<" not in captions.get_data(as_text=True)
    page = reader.get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
