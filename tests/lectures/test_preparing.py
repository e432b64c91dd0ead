"""Looking into recordings: real files, lying files, broken files, and files that browsers cannot play."""

import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest

from lms import clock
from lms.errors import InvalidInput
from lms.jobs.models import Job
from lms.lectures import jobs, part_rules, recordings, sniffing
from lms.lectures.models import Recording
from lms.lectures.preparing import looking, pictures, program
from lms.lectures.preparing.found import POSTER, READY, SOUND_ONLY, Found
from lms.storage import files
from lms.storage.store import disk_full
from tests.browser_like import Browser
from tests.lectures.conftest import House, Media, run_jobs
from tests.lectures.films import make_endless_sound, make_film

Open = Callable[..., Browser]


def prepared(path: Path, folder: Path, media_type: str = "video/mp4") -> Found:
    folder.mkdir(exist_ok=True)
    return program.prepare(path, folder, media_type, 1, lambda line: None)


def frames(path: Path) -> list[float]:
    with av.open(str(path)) as film:
        return [round(float(frame.time or 0), 2) for frame in film.decode(video=0)]


def codecs(path: Path) -> tuple[str, ...]:
    with av.open(str(path)) as film:
        return tuple(stream.codec_context.codec.canonical_name for stream in film.streams)


def test_a_video_for_the_web_keeps_its_file_and_gets_a_poster_and_a_version_to_listen_to(
    media: Media, tmp_path: Path
) -> None:
    found = prepared(media.video, tmp_path / "out")
    assert (found.problem, found.media_type, found.duration_ms, found.work) == ("", "video/mp4", 60_000, "")
    assert not (tmp_path / "out" / READY).exists()
    with av.open(str(tmp_path / "out" / POSTER)) as picture:
        assert (picture.streams.video[0].width, picture.streams.video[0].height) == (640, 360)
    with av.open(str(tmp_path / "out" / SOUND_ONLY)) as sound:
        assert [stream.type for stream in sound.streams] == ["audio"]
        assert (sound.duration or 0) / av.time_base == pytest.approx(60, abs=0.3)


def test_a_video_of_a_camera_is_written_anew_with_its_index_first(media: Media, tmp_path: Path) -> None:
    assert looking.top_boxes(media.index_last).index(b"moov") > looking.top_boxes(media.index_last).index(b"mdat")
    found = prepared(media.index_last, tmp_path / "out")
    boxes = looking.top_boxes(tmp_path / "out" / READY)
    assert found.work == "copied"
    assert boxes.index(b"moov") < boxes.index(b"mdat")
    again = prepared(tmp_path / "out" / READY, tmp_path / "again")
    assert (again.work, again.duration_ms) == ("", found.duration_ms)


@pytest.mark.parametrize(
    ("name", "kind", "media_type"), [("mp3", "audio/mpeg", "audio/mpeg"), ("m4a", "audio/mp4", "audio/mp4")]
)
def test_sound_is_measured_and_known_as_sound(
    media: Media, tmp_path: Path, name: str, kind: str, media_type: str
) -> None:
    found = prepared(getattr(media, name), tmp_path / "out", kind)
    assert (found.problem, found.media_type, found.poster, found.work) == ("", media_type, False, "")
    assert found.duration_ms == pytest.approx(60_000, abs=200)


def test_a_file_cut_off_anywhere_is_called_incomplete(media: Media, tmp_path: Path) -> None:
    for source in (media.video, media.index_last):
        whole = source.read_bytes()
        for share in (0.2, 0.6, 0.99):
            cut = tmp_path / "cut.mp4"
            cut.write_bytes(whole[: int(len(whole) * share)])
            assert prepared(cut, tmp_path / "out").problem == "cut_off"


def test_a_matroska_that_ends_before_its_header_says_is_called_incomplete(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mkv", "matroska", "mpeg4", "aac", 20)
    assert prepared(film, tmp_path / "out", "video/x-matroska").problem == ""
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    assert prepared(film, tmp_path / "cut", "video/x-matroska").problem == "cut_off"


OLD = [
    # what it is, container, picture, sound, what is done, codecs of the result
    ("video/x-matroska", "matroska", "libx264", "aac", "copied", ("h264", "aac")),
    ("video/quicktime", "mov", "libx264", "aac", "copied", ("h264", "aac")),
    ("video/x-flv", "flv", "libx264", "aac", "copied", ("h264", "aac")),
    ("video/mp2t", "mpegts", "libx264", "aac", "copied", ("h264", "aac")),
    ("video/webm", "webm", "libvpx-vp9", "libopus", "copied", ("vp9", "opus")),
    ("video/webm", "webm", "libvpx", "libopus", "converted", ("h264", "opus")),
    ("video/x-matroska", "matroska", "libx264", "ac3", "converted", ("h264", "aac")),
    ("video/x-msvideo", "avi", "mpeg4", "libmp3lame", "converted", ("h264", "mp3")),
    ("video/x-msvideo", "avi", "libx264", "libmp3lame", "converted", ("h264", "mp3")),
    ("video/x-msvideo", "avi", "mpeg4", "ac3", "converted", ("h264", "aac")),
    ("video/mpeg", "mpeg", "mpeg2video", "mp2", "converted", ("h264", "aac")),
    ("video/x-ms-asf", "asf", "wmv2", "wmav2", "converted", ("h264", "aac")),
    ("video/mp4", "mp4", "libx265", "aac", "converted", ("h264", "aac")),
    ("audio/ogg", "ogg", "", "libopus", "copied", ("opus",)),
    ("audio/wav", "wav", "", "pcm_s16le", "converted", ("aac",)),
    ("audio/flac", "flac", "", "flac", "converted", ("aac",)),
    ("audio/aac", "adts", "", "aac", "copied", ("aac",)),
]


@pytest.mark.parametrize(("media_type", "container", "video", "audio", "work", "result"), OLD)
def test_old_containers_are_copied_and_only_what_browsers_cannot_play_is_converted(
    tmp_path: Path, media_type: str, container: str, video: str, audio: str, work: str, result: tuple[str, ...]
) -> None:
    film = make_film(tmp_path / "film", container, video, audio)
    with film.open("rb") as file:
        assert sniffing.media_type_of(file) in (media_type, "video/mp4")
    found = prepared(film, tmp_path / "out", media_type)
    assert (found.problem, found.work) == ("", work)
    assert found.media_type == ("video/mp4" if video else "audio/mp4")
    assert codecs(tmp_path / "out" / READY) == result
    assert found.duration_ms == pytest.approx(2000, abs=200)
    if video:
        assert len(frames(tmp_path / "out" / READY)) == 10
    again = prepared(tmp_path / "out" / READY, tmp_path / "again")
    assert (again.problem, again.work) == ("", "")


def test_uneven_times_of_frames_stay_as_they_are_copied_or_converted(tmp_path: Path) -> None:
    times = [0, 0.1, 0.2, 1.0, 1.05, 2.9, 3.0, 5.5]
    for video, work in (("libx264", "copied"), ("mpeg4", "converted")):
        film = make_film(tmp_path / "vfr", "matroska", video, "aac", 6, times=times)
        found = prepared(film, tmp_path / video, "video/x-matroska")
        assert (found.work, found.duration_ms) == (work, pytest.approx(6000, abs=100))
        assert frames(tmp_path / video / READY) == times


def test_a_video_without_a_sound_track_is_ready_and_has_no_version_to_listen_to(tmp_path: Path) -> None:
    film = make_film(tmp_path / "silent.mp4", audio="", options={"movflags": "+faststart"})
    found = prepared(film, tmp_path / "out")
    assert (found.problem, found.silent, found.sound, found.poster) == ("", True, False, True)
    assert not (tmp_path / "out" / SOUND_ONLY).exists()


def test_twelve_hours_of_sound_are_measured_and_more_than_a_day_is_refused(tmp_path: Path) -> None:
    for hours, problem, detail in ((12, "", ""), (25, "too_long", "24")):
        found = prepared(make_endless_sound(tmp_path / f"{hours}.m4a", hours), tmp_path / f"{hours}", "audio/mp4")
        assert (found.problem, found.detail) == (problem, detail)
        assert found.duration_ms == (0 if problem else hours * 3_600_000)


def test_a_large_turned_picture_with_many_colours_comes_out_upright_small_enough_and_for_all(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", seconds=1, pixels="yuv444p", size=(2400, 1200), audio="")
    content = bytearray(film.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    film.write_bytes(content)
    prepared(film, tmp_path / "out")
    with av.open(str(tmp_path / "out" / READY)) as ready:
        context = ready.streams.video[0].codec_context
        assert (context.width, context.height, context.pix_fmt) == (960, 1920, "yuv420p")
        shown = next(ready.decode(video=0)).to_ndarray(format="rgb24")
    # A quarter turn clockwise brings the dark corner from top left to top right.
    assert shown[200, 800].mean() < 100 < shown[200, 100].mean()
    with av.open(str(tmp_path / "out" / POSTER)) as poster:
        assert poster.streams.video[0].height > poster.streams.video[0].width


def test_the_poster_is_not_black_where_the_film_begins_black(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", seconds=10, black_until=3, options={"movflags": "+faststart", "g": "5"})
    prepared(film, tmp_path / "out")
    with av.open(str(tmp_path / "out" / POSTER)) as poster:
        light, _ = pictures.weigh(next(poster.decode(video=0)))
    assert light > pictures.DARK


def test_a_script_and_junk_in_the_clothes_of_a_video_are_refused(tmp_path: Path) -> None:
    script = BytesIO(b"#!/bin/sh\nrm -rf /\n")
    with pytest.raises(InvalidInput):
        sniffing.media_type_of(script)
    junk = tmp_path / "junk.mp4"
    junk.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x10moov\xff\xff\xff\xff\xff\xff\xff\xff")
    assert prepared(junk, tmp_path / "out").problem in ("broken", "empty")
    text = tmp_path / "junk.mp3"
    text.write_bytes(b"ID3\x04\0\0\0\0\0\0" + "这不是录音。".encode() * 400)
    assert prepared(text, tmp_path / "out", "audio/mpeg").problem in ("broken", "empty")
    playlist = tmp_path / "list.ts"
    playlist.write_bytes(b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n" * 20)
    assert prepared(playlist, tmp_path / "out", "video/mp2t").problem in ("broken", "empty")


def test_a_recording_becomes_ready_with_length_type_and_poster(house: House) -> None:
    row = house.send(house.media.video).row()
    assert (row.state, row.media_type, row.duration_ms, row.failure) == ("ready", "video/mp4", 60_000, "")
    assert files().path(row.poster_key).read_bytes()[:2] == b"\xff\xd8"


def test_the_rewritten_file_takes_the_place_of_the_one_that_came(house: House) -> None:
    sent = house.send(house.media.index_last, prepared=False)
    before = sent.row()
    Recording.update(created_at=before.created_at + timedelta(days=366)).execute()
    run_jobs()
    after = sent.row()
    assert after.state == "ready"
    assert after.file_key != before.file_key
    assert files().path(after.file_key).stat().st_size == after.file_size
    assert not files().exists(before.file_key)


def test_a_file_that_another_lecture_names_is_not_freed(house: House) -> None:
    first = house.send(house.media.index_last, prepared=False)
    key = first.row().file_key
    second = house.send(house.media.index_last, prepared=False)
    Recording.update(state="ready").where(Recording.id == second.recording).execute()
    later = first.row().created_at + timedelta(days=366)
    Recording.update(created_at=later).execute()
    run_jobs()
    assert first.row().file_key != key
    assert files().exists(key)


def test_preparing_twice_changes_nothing(house: House) -> None:
    sent = house.send(house.media.index_last)
    before = sent.row()
    jobs.prepare(sent.recording)
    assert sent.row().__data__ == before.__data__


def test_a_broken_recording_fails_with_words_for_its_uploader_and_the_job_is_done(house: House, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(house.media.video.read_bytes()[:40_000])
    row = house.send(cut).row()
    assert row.state == "failed"
    assert row.failure == part_rules.FAILURES["cut_off"]
    assert [job.state for job in Job.select()] == ["done"]


ENDINGS = ["import os\nos.abort()\n", "import time\ntime.sleep(60)\n", "raise MemoryError\n"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_preparing_process_that_dies_or_hangs_is_a_finding_and_the_worker_lives_on(
    house: House, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(jobs, "PROGRAM", ("-c", ending))
    monkeypatch.setattr(jobs, "LEAST_SECONDS", 1)
    row = house.send(house.media.video).row()
    assert (row.state, row.failure) == ("failed", part_rules.FAILURES["gave_up"])
    assert list(files().incoming().iterdir()) == []


def test_the_preparing_process_has_bounds_on_memory_and_disk(tmp_path: Path) -> None:
    greedy = (
        "from lms.lectures.preparing import program\nprogram.limit_resources(1000)\n"
        "try:\n    bytearray(3 * 1024**3)\nexcept MemoryError:\n    print('held')\n"
        f"try:\n    f = open({str(tmp_path / 'big')!r}, 'wb')\n"
        "    for _ in range(100):\n        f.write(bytes(1024**2))\nexcept OSError:\n    print('held')\n"
    )
    done = subprocess.run([sys.executable, "-c", greedy], capture_output=True, check=False, text=True)
    assert done.stdout.split() == ["held", "held"]


def test_what_is_being_prepared_says_how_far_it_is_and_the_job_is_not_taken_for_lost(
    house: House, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = house.send(house.media.video, prepared=False)
    seen: dict[str, str] = {}
    lines = [{"seconds": 600.0, "work": "converted"}, {"percent": 40}]
    monkeypatch.setattr(jobs, "PROGRAM", ("-c", f"import json\nfor l in {lines!r}: print(json.dumps(l))"))
    listen = jobs._listen

    def listening(process: Any, recording: int, watch: Any) -> Any:
        Job.update(lease_until=clock.now()).execute()
        found = listen(process, recording, watch)
        now = clock.now()
        Recording.update(begun_at=now - timedelta(seconds=110)).execute()
        with clock.at(now):
            seen["page"] = browser(house.lecturer).get(f"/lectures/{sent.lecture}").get_data(as_text=True)
        assert Job.get().lease_until > clock.now() + timedelta(minutes=25)
        return found

    monkeypatch.setattr(jobs, "_listen", listening)
    run_jobs()
    assert "已完成 40 %" in seen["page"]
    assert "大约还要 3 分钟" in seen["page"]


def test_no_more_are_prepared_at_once_than_the_settings_say_and_waiting_is_not_a_try(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = threading.BoundedSemaphore(1)
    assert taken.acquire(blocking=False)
    monkeypatch.setattr(jobs, "_slots", taken)
    sent = house.send(house.media.video)
    job = Job.get()
    assert (sent.row().state, job.state, job.attempts) == ("preparing", "waiting", 0)
    taken.release()
    run_jobs()
    assert sent.row().state == "ready"


def test_a_full_disk_is_said_and_leaves_nothing_and_the_recording_can_be_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = house.send(house.media.index_last, prepared=False)
    before = sorted(files().keys())
    with monkeypatch.context() as full:
        full.setattr(jobs, "_kept", lambda path: (_ for _ in ()).throw(disk_full()))
        run_jobs()
    assert (sent.row().state, sent.row().failure) == ("failed", part_rules.FAILURES["no_room"])
    assert sorted(files().keys()) == before
    assert list(files().incoming().iterdir()) == []
    recordings.prepare_again(house.actor(house.lecturer), sent.recording)
    run_jobs()
    assert sent.row().state == "ready"


def test_a_killed_worker_begins_anew_and_leaves_no_half_file(house: House, tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.avi", "avi", "mpeg4", "libmp3lame", 20, size=(640, 360))
    sent = house.send(film, prepared=False)
    folder = files().incoming() / f"recording-{sent.recording}-killed"
    folder.mkdir(parents=True)
    (folder / READY).write_bytes(b"half")
    run_jobs()
    row = sent.row()
    assert (row.state, row.file_size) == ("ready", files().path(row.file_key).stat().st_size)
    assert not folder.exists()


def test_the_program_ends_when_the_worker_that_listens_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, object]] = []
    tell = program.Teller(told.append, 0, 0.5)
    monkeypatch.setattr(program, "TELL_SECONDS", 0.0)
    tell(0.5)
    assert told == [{"percent": 25}]
    monkeypatch.setattr(program.os, "getppid", lambda: 1)
    with pytest.raises(SystemExit):
        tell(0.6)


def test_the_original_is_kept_only_where_the_settings_say_so(
    house: House, browser: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    film = make_film(tmp_path / "film.avi", "avi", "mpeg4", "libmp3lame")
    assert house.send(film).row().original_key == ""
    monkeypatch.setattr(jobs, "_limits", jobs.Limits(keep_originals=True))
    sent = house.send(film)
    kept = browser(house.lecturer).get(f"/recordings/{sent.recording}/original", buffered=True)
    assert kept.data == film.read_bytes()
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert browser(house.member).get(f"/recordings/{sent.recording}/original").status_code == 403
    heard = house.send(house.media.video)
    sound = browser(house.member).get(f"/recordings/{heard.recording}/sound", buffered=True)
    assert (sound.status_code, sound.headers["Content-Type"]) == (200, "audio/mp4")


def test_a_recording_whose_preparing_was_given_up_says_so(house: House) -> None:
    sent = house.send(house.media.video, prepared=False)
    jobs.mend()
    assert sent.row().state == "preparing"
    Job.update(state="dead").execute()
    jobs.mend()
    assert (sent.row().state, sent.row().failure) == ("failed", part_rules.FAILURES["gave_up"])
