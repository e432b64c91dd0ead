"""Real recordings for the tests of lectures, made once per run, and a lecturer who can send them."""

import json
import shutil
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import pytest

from lms.demo.media import make_audio, make_video
from lms.jobs import queue
from lms.jobs.models import Job
from lms.lectures import jobs, rules, service
from lms.lectures.models import Recording
from lms.lectures.preparing.found import Found
from lms.lectures.service import Upload
from lms.members.access import Actor
from lms.members.models import Member, Unit
from tests.factories import Make
from tests.made_once import made_once

GENEROUS = 64 * 1024 * 1024
SAID = "said.json"
TRANSCRIPT = """WEBVTT

1
00:00:00.000 --> 00:00:08.000
各位街坊，今天讲怎样带着问题读书。

2
00:00:08.000 --> 00:00:16.000
翻开书之前，先写下三个问题。

3
00:00:30.000 --> 00:00:38.500
差序格局，就像石子投进水里的波纹。
"""


@dataclass(frozen=True)
class Media:
    """Recordings on disk."""

    video: Path
    index_last: Path
    mp3: Path
    m4a: Path


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    """Recordings of one minute; ``index_last`` is of twelve seconds, written as cameras do."""
    return _media_in(made_once(tmp_path_factory, "media", _make_media))


def _media_in(folder: Path) -> Media:
    return Media(folder / "video.mp4", folder / "camera.mp4", folder / "sound.mp3", folder / "sound.m4a")


def _make_media(folder: Path) -> None:
    media = _media_in(folder)
    make_video(media.video, 60, ["带着问题读书", "陈志远"])
    make_video(media.index_last, 12, ["读书月"], fast_start=False)
    make_audio(media.mp3, 60)
    make_audio(media.m4a, 60)


@pytest.fixture
def as_prepared_before(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the program prepare each file once in a run, and take what it said and made then for the same file again.

    For tests that begin where a recording is ready: the program itself is looked at in ``test_preparing``.
    """
    start = jobs._run

    def run(source: Path, folder: Path, recording: Recording) -> Found:
        def prepare(kept: Path) -> None:
            found = start(source, kept, recording)
            assert found is not None and not found.problem, found
            (kept / SAID).write_text(json.dumps(asdict(found)))

        kept = made_once(tmp_path_factory, f"prepared-{recording.file_key}", prepare)
        shutil.copytree(kept, folder, ignore=shutil.ignore_patterns(SAID), dirs_exist_ok=True)
        return Found(**json.loads((kept / SAID).read_text()))

    monkeypatch.setattr(jobs, "_run", run)


def run_jobs() -> None:
    """Carry out the work that waits, as the worker does."""
    assert jobs.PROGRAM  # importing the module registers the task
    for (ident,) in Job.select(Job.id).where(Job.state == "waiting").tuples():
        queue.run(ident)


@dataclass(frozen=True)
class Sent:
    """A lecture that was uploaded."""

    lecture: int
    recording: int

    def row(self) -> Recording:
        """Give the recording as it is stored now."""
        row: Recording = Recording.get_by_id(self.recording)
        return row


@dataclass
class House:
    """A community with a lecturer, a liaison and a member, and a way to send lectures."""

    make: Make
    media: Media
    root: Unit
    unit: Unit
    lecturer: Member
    liaison: Member
    member: Member

    def actor(self, who: Member) -> Actor:
        """Give a member's actor."""
        return self.make.actor(who)

    def send(
        self,
        path: Path | None = None,
        title: str = "带着问题读书",
        transcript: str | bytes | None = TRANSCRIPT,
        prepared: bool = True,
        **details: object,
    ) -> Sent:
        """Upload a lecture as the lecturer and, unless told otherwise, have it prepared."""
        values = {"title": title, "speaker": "陈志远", "unit": self.unit.id, **details}
        path = path or self.media.mp3
        text = transcript.encode() if isinstance(transcript, str) else transcript
        words = Upload("words.vtt", BytesIO(text)) if text is not None else None
        with path.open("rb") as file:
            lecture = service.upload(
                self.actor(self.lecturer),
                rules.Details(**values),  # type: ignore[arg-type]
                Upload(path.name, file),
                words,
                GENEROUS,
            )
        if prepared:
            run_jobs()
        return Sent(lecture, Recording.get(Recording.lecture == lecture).id)


@pytest.fixture
def house(make: Make, media: Media) -> House:
    """A community below a sub-district, with people."""
    root = make.unit("青禾街道", kind="agency")
    unit = make.unit("桂花社区", root)
    return House(
        make,
        media,
        root,
        unit,
        lecturer=make.member(unit, "lecturer", name="陈志远"),
        liaison=make.member(unit, "liaison", name="刘敏"),
        member=make.member(unit, name="王淑兰"),
    )
