"""Looking into recordings: real files, lying files, broken files, and files that browsers cannot play."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lms.jobs.models import Job
from lms.lectures import jobs, probe
from lms.lectures.models import Recording
from lms.storage import files
from tests.lectures.conftest import House, Media, run_jobs


def looked_into(path: Path, folder: Path, kind: str = "mp4") -> probe.Found:
    folder.mkdir(exist_ok=True)
    return probe.examine(path, folder, kind)


def encode(path: Path, codec: str, pixels: str = "yuv420p", container: str = "mp4") -> Path:
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 64, pixels
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number * 20, dtype=np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 5)
            output.mux(stream.encode(frame.reformat(format=pixels)))
        output.mux(stream.encode(None))
    return path


def test_a_video_for_the_web_keeps_its_file_and_gets_a_poster(media: Media, tmp_path: Path) -> None:
    found = looked_into(media.video, tmp_path / "out")
    assert (found.problem, found.media_type, found.duration_ms) == ("", "video/mp4", 60_000)
    assert not found.rewritten
    with av.open(str(tmp_path / "out" / "poster.jpg")) as picture:
        assert (picture.streams.video[0].width, picture.streams.video[0].height) == (640, 360)


def test_a_video_of_a_camera_is_written_anew_with_its_index_first(media: Media, tmp_path: Path) -> None:
    assert probe.top_boxes(media.index_last).index(b"moov") > probe.top_boxes(media.index_last).index(b"mdat")
    found = looked_into(media.index_last, tmp_path / "out")
    boxes = probe.top_boxes(tmp_path / "out" / "ready.mp4")
    assert found.rewritten
    assert boxes.index(b"moov") < boxes.index(b"mdat")
    again = looked_into(tmp_path / "out" / "ready.mp4", tmp_path / "again")
    assert (again.rewritten, again.duration_ms) == (False, found.duration_ms)


@pytest.mark.parametrize(("name", "kind", "media_type"), [("mp3", "mp3", "audio/mpeg"), ("m4a", "mp4", "audio/mp4")])
def test_sound_is_measured_and_known_as_sound(
    media: Media, tmp_path: Path, name: str, kind: str, media_type: str
) -> None:
    found = looked_into(getattr(media, name), tmp_path / "out", kind)
    assert (found.problem, found.media_type, found.poster) == ("", media_type, False)
    assert found.duration_ms == pytest.approx(60_000, abs=200)


def test_a_file_cut_off_anywhere_is_called_incomplete(media: Media, tmp_path: Path) -> None:
    for source in (media.video, media.index_last):
        whole = source.read_bytes()
        for share in (0.2, 0.6, 0.99):
            cut = tmp_path / "cut.mp4"
            cut.write_bytes(whole[: int(len(whole) * share)])
            assert looked_into(cut, tmp_path / "out").problem == "cut_off"


@pytest.mark.parametrize(
    ("codec", "pixels", "problem", "detail"),
    [
        ("mpeg4", "yuv420p", "video_codec", "mpeg4"),
        ("libx265", "yuv420p", "video_codec", "hevc"),
        ("libx264", "yuv444p", "pixel_format", "yuv444p"),
    ],
)
def test_a_video_browsers_cannot_show_is_refused_with_the_name_of_its_kind(
    tmp_path: Path, codec: str, pixels: str, problem: str, detail: str
) -> None:
    found = looked_into(encode(tmp_path / "x.mp4", codec, pixels), tmp_path / "out")
    assert (found.problem, found.detail) == (problem, detail)


def test_junk_behind_a_true_first_box_is_broken_and_junk_behind_id3_as_well(tmp_path: Path) -> None:
    junk = tmp_path / "junk.mp4"
    junk.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x10moov\xff\xff\xff\xff\xff\xff\xff\xff")
    assert looked_into(junk, tmp_path / "out").problem in ("broken", "empty")
    text = tmp_path / "junk.mp3"
    text.write_bytes(b"ID3\x04\0\0\0\0\0\0" + "这不是录音。".encode() * 400)
    assert looked_into(text, tmp_path / "out", "mp3").problem in ("broken", "empty")


def test_a_recording_becomes_ready_with_length_type_and_poster(house: House) -> None:
    row = house.send(house.media.video).row()
    assert (row.state, row.media_type, row.duration_ms, row.failure) == ("ready", "video/mp4", 60_000, "")
    assert files().path(row.poster_key).read_bytes()[:2] == b"\xff\xd8"


def test_the_rewritten_file_takes_the_place_of_the_one_that_came(house: House) -> None:
    sent = house.send(house.media.index_last, prepared=False)
    before = sent.row()
    Recording.update(created_at=before.created_at.replace(year=before.created_at.year + 1)).execute()
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
    later = first.row().created_at.replace(year=first.row().created_at.year + 1)
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
    assert row.failure == jobs.FAILURES["cut_off"]
    assert [job.state for job in Job.select()] == ["done"]


@pytest.mark.parametrize("ending", ["import os\nos.abort()\n", "import time\ntime.sleep(60)\n", "raise MemoryError\n"])
def test_a_checking_process_that_dies_or_hangs_is_a_finding_and_the_worker_lives_on(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: str
) -> None:
    program = tmp_path / "ending.py"
    program.write_text(ending, encoding="utf-8")
    monkeypatch.setattr(probe, "__file__", str(program))
    monkeypatch.setattr(jobs, "SECONDS", 2)
    row = house.send(house.media.video).row()
    assert (row.state, row.failure) == ("failed", jobs.FAILURES["gave_up"])


def test_the_checking_process_has_bounds_on_memory_and_disk(tmp_path: Path) -> None:
    greedy = (
        f"import runpy\nprobe = runpy.run_path({probe.__file__!r})\nprobe['limit_resources'](1000)\n"
        "try:\n    bytearray(3 * 1024**3)\nexcept MemoryError:\n    print('held')\n"
        f"try:\n    f = open({str(tmp_path / 'big')!r}, 'wb')\n"
        "    for _ in range(100):\n        f.write(bytes(1024**2))\nexcept OSError:\n    print('held')\n"
    )
    done = subprocess.run([sys.executable, "-c", greedy], capture_output=True, check=False, text=True)
    assert done.stdout.split() == ["held", "held"]
