"""Sending a lecture: what is taken in, what is refused with which words, and that nothing stays half-stored."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from lms import clock
from lms.config import Settings
from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.jobs.models import Job
from lms.lectures import part_rules, queries, recordings, rules, service
from lms.lectures.models import Cue, Lecture, Recording
from lms.lectures.service import Upload
from lms.search.models import OutboxRow
from lms.storage import files
from tests.browser_like import Browser
from tests.lectures.conftest import GENEROUS, TRANSCRIPT, House, run_jobs

Open = Callable[..., Browser]
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(400)
HTML = b"<!doctype html><script>alert(1)</script>" + b" " * 400
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400)


def form(house: House, **changes: Any) -> dict[str, Any]:
    return {
        "title": "带着问题读书",
        "speaker": "陈志远",
        "summary": "读前写下三个问题。",
        "held_on": "2026-10-18",
        "unit": str(house.unit.id),
        "audience": "everyone",
        "file": (BytesIO(house.media.mp3.read_bytes()), "课.mp3"),
        **changes,
    }


def test_a_sent_form_becomes_a_lecture_with_recording_cues_a_job_and_an_outbox_row(house: House, browser: Open) -> None:
    answer = browser(house.lecturer).post(
        "/lectures/new", form(house, transcript=(BytesIO(TRANSCRIPT.encode()), "课.vtt"))
    )
    lecture = Lecture.get()
    assert (answer.status_code, answer.location) == (303, f"/lectures/{lecture.id}")
    assert (lecture.title, lecture.speaker, lecture.held_on) == ("带着问题读书", "陈志远", date(2026, 10, 18))
    recording = Recording.get()
    assert files().path(recording.file_key).read_bytes() == house.media.mp3.read_bytes()
    assert recording.file_name == "课.mp3"
    assert Cue.select().count() == 3
    assert [(job.task, job.args) for job in Job.select()] == [("lectures.prepare", f"[{recording.id}]")]
    assert [(row.kind, row.ref) for row in OutboxRow.select()] == [("lecture", lecture.id)]


@pytest.mark.parametrize("content", [PNG, b"#!/bin/sh\nrm -rf /\n", HTML, HEIC, b"", b"\xff\xfb", b"RIFF\0\0\0\0WEBP"])
def test_a_file_that_lies_about_its_type_is_refused_and_all_that_was_typed_stays(
    house: House, browser: Open, content: bytes
) -> None:
    answer = browser(house.lecturer).post(
        "/lectures/new", form(house, file=(BytesIO(content), "讲座.mp4", "video/mp4"), title="没有丢掉的标题")
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "没有丢掉的标题" in page
    assert "这不是录像或录音" in page or "文件是空的" in page
    assert Lecture.select().count() == 0
    assert list(files().keys()) == []


def test_all_faults_are_shown_at_once_each_beside_its_field(house: House, browser: Open) -> None:
    answer = browser(house.lecturer).post(
        "/lectures/new",
        {
            "title": " ",
            "speaker": "陈" * 81,
            "held_on": "昨天",
            "unit": "x",
            "audience": "nobody",
            "transcript": (BytesIO(b"WEBVTT\n\n00:04,000 --> 00:01.000\nx\n"), "x.vtt"),
        },
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for field in ("title", "speaker", "held_on", "unit", "file", "transcript"):
        assert f'id="f-{field}-error"' in page
    assert "文字稿第 3 行" in page


def test_a_day_to_come_and_control_characters_are_refused(house: House, browser: Open) -> None:
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    page = browser(house.lecturer).post("/lectures/new", form(house, held_on=tomorrow, title="a\0b"))
    assert page.status_code == 422
    assert {"f-title-error", "f-held_on-error"} <= set(page.get_data(as_text=True).split('"'))


def test_another_units_id_is_refused(house: House, browser: Open) -> None:
    elsewhere = house.make.unit("临江社区", house.root)
    answer = browser(house.lecturer).post("/lectures/new", form(house, unit=str(elsewhere.id)))
    assert answer.status_code == 422
    assert Lecture.select().count() == 0


def test_a_member_without_the_right_is_refused_in_page_and_api(house: House, browser: Open) -> None:
    visitor = browser(house.member)
    assert visitor.get("/lectures/new").status_code == 403
    assert visitor.post("/lectures/new", form(house)).status_code == 403
    assert (
        visitor.client.post("/api/v1/lectures", data=form(house), headers={"X-CSRFToken": visitor.token()}).status_code
        == 403
    )


def test_a_form_without_its_token_changes_nothing(house: House, browser: Open) -> None:
    assert browser(house.lecturer).client.post("/lectures/new", data=form(house)).status_code == 400
    assert Lecture.select().count() == 0


def test_the_api_takes_a_lecture_and_names_the_bad_line_of_a_transcript(house: House, browser: Open) -> None:
    script = browser(house.lecturer)
    headers = {"X-CSRFToken": script.token(), "Accept-Language": "en"}
    made = script.client.post("/api/v1/lectures", data=form(house), headers=headers)
    assert made.status_code == 201
    assert (made.json["title"], made.json["state"]) == ("带着问题读书", "preparing")
    bad = form(house, transcript=(BytesIO(b"WEBVTT\n\nno time here\n"), "x.vtt"))
    refused = script.client.post("/api/v1/lectures", data=bad, headers=headers)
    assert refused.status_code == 422
    assert "Line 3" in refused.json["errors"]["transcript"][0]
    assert Lecture.select().count() == 1


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\课.mp4", "课.mp4"),
        ("a\0\nb.mp3", "ab.mp3"),
        ("..", ".."),
        ("/", "recording"),
        ("长" * 300 + ".mp4", "长" * 188 + "长" * 8 + ".mp4"),
    ],
)
def test_a_name_with_paths_or_controls_is_kept_as_a_bare_name(raw: str, shown: str) -> None:
    assert service.file_name(raw) == shown


def test_a_name_with_path_separators_stores_nothing_outside_the_store(
    house: House, browser: Open, service: Settings
) -> None:
    before = {path for path in service.data.parent.rglob("*") if "files" not in path.parts}
    evil = (BytesIO(house.media.mp3.read_bytes()), "../../../evil.mp3")
    assert browser(house.lecturer).post("/lectures/new", form(house, file=evil)).status_code == 303
    after = {path for path in service.data.parent.rglob("*") if "files" not in path.parts}
    assert {path.name for path in after - before} <= {"lms.sqlite3-wal", "lms.sqlite3-shm"}
    assert Recording.get().file_name == "evil.mp3"


def test_a_file_over_the_limit_is_refused_and_nothing_stays(house: House) -> None:
    with house.media.mp3.open("rb") as file, pytest.raises(Exception, match="too large"):
        service.upload(
            house.actor(house.lecturer),
            rules.Details("题", "人", house.unit.id),
            Upload("x.mp3", file),
            None,
            10_000,
        )
    assert Lecture.select().count() == 0
    assert list(files().keys()) == []


@pytest.mark.sqlite_only  # a dropped table would stay dropped in the shared database
def test_a_failed_transaction_takes_the_stored_file_back(house: House) -> None:
    Recording.drop_table()
    with house.media.mp3.open("rb") as file, pytest.raises(Exception, match="database"):
        service.upload(
            house.actor(house.lecturer), rules.Details("题", "人", house.unit.id), Upload("x.mp3", file), None, GENEROUS
        )
    assert list(files().keys()) == []
    assert Lecture.select().count() == 0


def test_a_transcript_is_replaced_whole_and_the_index_is_told(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    OutboxRow.delete().execute()
    new = BytesIO("WEBVTT\n\n00:01.000 --> 00:04.000\n新的一句\n".encode("gb18030"))
    answer = browser(house.liaison).post(f"/recordings/{sent.recording}/transcript", {"transcript": (new, "新.vtt")})
    assert answer.status_code == 303
    assert [(cue.start_ms, cue.text) for cue in Cue.select()] == [(1000, "新的一句")]
    assert [(row.kind, row.ref) for row in OutboxRow.select()] == [("lecture", sent.lecture)]


def test_a_bad_transcript_leaves_the_present_one(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    answer = browser(house.lecturer).post(
        f"/recordings/{sent.recording}/transcript", {"transcript": (BytesIO(b"WEBVTT\n\nx\n"), "x.vtt")}
    )
    assert answer.status_code == 422
    assert "文字稿第 3 行" in answer.get_data(as_text=True)
    assert Cue.select().count() == 3


def test_details_are_corrected_and_a_refused_form_keeps_what_was_typed(house: House, browser: Open) -> None:
    sent = house.send(prepared=False)
    editor = browser(house.lecturer)
    values = {"title": "新题目", "speaker": "丁海涛", "unit": str(house.unit.id), "audience": "unit"}
    assert editor.post(f"/lectures/{sent.lecture}/edit", values).status_code == 303
    assert (Lecture.get().title, Lecture.get().audience) == ("新题目", "unit")
    refused = editor.post(f"/lectures/{sent.lecture}/edit", {**values, "speaker": "", "summary": "留着这一句"})
    assert refused.status_code == 422
    assert "留着这一句" in refused.get_data(as_text=True)
    assert Lecture.get().speaker == "丁海涛"


def test_an_archived_lecture_is_gone_for_members_and_can_be_brought_back(house: House, browser: Open) -> None:
    sent = house.send()
    keeper, visitor = browser(house.lecturer), browser(house.member)
    assert keeper.post(f"/lectures/{sent.lecture}/archive").status_code == 303
    assert visitor.get(f"/lectures/{sent.lecture}").status_code == 404
    assert visitor.get(f"/recordings/{sent.recording}/media").status_code == 404
    assert "带着问题读书" not in visitor.get("/lectures").get_data(as_text=True)
    assert "带着问题读书" in keeper.get("/lectures?archived=1").get_data(as_text=True)
    assert keeper.post(f"/lectures/{sent.lecture}/restore").status_code == 303
    assert visitor.get(f"/lectures/{sent.lecture}").status_code == 200


def test_only_the_uploader_and_liaisons_of_the_unit_may_change_a_lecture(house: House) -> None:
    sent = house.send(prepared=False)
    elsewhere = house.make.unit("临江社区", house.root)
    colleague = house.make.member(house.unit, "lecturer")
    stranger = house.make.member(elsewhere, "liaison")
    for other in (house.member, colleague, stranger):
        with pytest.raises(Forbidden):
            service.archive(house.actor(other), sent.lecture)
    service.archive(house.actor(house.liaison), sent.lecture)
    assert Lecture.get().archived_at is not None


def test_a_failed_recording_is_tried_again_and_a_ready_one_is_not(house: House, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(house.media.video.read_bytes()[:40_000])
    sent = house.send(cut)
    files().path(sent.row().file_key).write_bytes(house.media.video.read_bytes())
    recordings.prepare_again(house.actor(house.lecturer), sent.recording)
    run_jobs()
    assert sent.row().state == "ready"
    with pytest.raises(Conflict):
        recordings.prepare_again(house.actor(house.lecturer), sent.recording)


def test_another_file_replaces_a_failed_recording_only(house: House, browser: Open, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(house.media.video.read_bytes()[:40_000])
    sent = house.send(cut)
    keeper = browser(house.lecturer)
    assert jobs_words(keeper, sent.lecture)
    path = f"/recordings/{sent.recording}/file"
    # The fault lies in the file: another one is offered first. What lay in the server is tried again first.
    assert first_of(keeper, f"/lectures/{sent.lecture}", path, "/prepare") == path
    assert first_of(keeper, "/studio", "换一个文件", "/prepare") == "换一个文件"
    Recording.update(failure=part_rules.FAILURES["no_room"]).execute()
    assert first_of(keeper, f"/lectures/{sent.lecture}", path, "/prepare") == "/prepare"
    assert first_of(keeper, "/studio", "换一个文件", "/prepare") == "/prepare"
    keeper.post(path, {"file": (BytesIO(PNG), "x.mp4")})
    assert sent.row().state == "failed"
    keeper.post(path, {"file": (BytesIO(house.media.m4a.read_bytes()), "课.m4a")})
    run_jobs()
    assert (sent.row().state, sent.row().media_type) == ("ready", "audio/mp4")
    again = keeper.post(path, {"file": (BytesIO(house.media.mp3.read_bytes()), "课.mp3")})
    assert again.status_code == 409
    assert sent.row().media_type == "audio/mp4"


def first_of(keeper: Browser, page: str, *ways: str) -> str:
    text = keeper.get(page).get_data(as_text=True)
    return min(ways, key=text.index)


def jobs_words(keeper: Browser, lecture: int) -> bool:
    return "文件不完整" in keeper.get(f"/lectures/{lecture}").get_data(as_text=True)


def test_a_lecture_of_another_unit_does_not_exist_for_others(house: House) -> None:
    sent = house.send(audience="unit", prepared=False)
    stranger = house.actor(house.make.member(house.make.unit("临江社区", house.root)))
    with pytest.raises(NotFound):
        queries.get_lecture(stranger, sent.lecture)
    with pytest.raises(InvalidInput):
        service.correct(
            house.actor(house.lecturer), sent.lecture, rules.Details("题", "人", house.root.id, audience="unit")
        )
