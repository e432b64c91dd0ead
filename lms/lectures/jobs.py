"""Background work of lectures: looking into a recording and making it ready for the web."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lms.db import transactional
from lms.errors import N_
from lms.jobs.queue import task
from lms.lectures import probe, recordings
from lms.lectures.models import Recording
from lms.storage import files

SECONDS = 20 * 60
ROOM_FACTOR = 2

FAILURES = {
    "broken": N_("The recording is damaged and cannot be read. Please export it again and send it again."),
    "cut_off": N_("The recording is incomplete: its end is missing. Please copy it again and send it again."),
    "empty": N_("The recording holds neither sound nor picture."),
    "too_long": N_("The recording is longer than %(detail)s hours. Please cut it into parts."),
    "video_codec": N_("Browsers cannot show this kind of video (%(detail)s). Please export it as H.264."),
    "pixel_format": N_("Browsers cannot show these colours (%(detail)s). Please export it as 8-bit H.264 (4:2:0)."),
    "audio_codec": N_("Browsers cannot play this kind of sound (%(detail)s). Please export it with AAC."),
    "gave_up": N_("The recording could not be checked: it asks for too much memory or time. Please export it again."),
}


@dataclass(frozen=True)
class Prepared:
    """What becomes of a recording: the file to keep, its length, or what is wrong with it."""

    found: probe.Found
    file_key: str
    file_size: int
    poster_key: str


@task("lectures.prepare")
def prepare(recording_id: int) -> None:
    """Look into an uploaded recording: note its length, refuse what browsers cannot play, put its index first.

    Run twice it does nothing the second time: only a recording in preparation is touched.
    """
    recording = Recording.get_or_none(Recording.id == recording_id, Recording.state == "preparing")
    if recording is None:
        return
    with TemporaryDirectory(dir=files().incoming()) as folder:
        found = examine(files().path(recording.file_key), Path(folder), recording.media_type, recording.file_size)
        prepared = _store(recording, found, Path(folder))
    if _conclude(recording, prepared) and prepared.file_key != recording.file_key:
        recordings.release(recording.file_key, recording.created_at)


def examine(source: Path, folder: Path, media_type: str, size: int) -> probe.Found:
    """Have a recording looked into by a process of its own; one that dies or hangs is a finding, not a failure."""
    if not source.is_file():
        return probe.Found(problem="broken")
    files().check_room(size)
    kind = "mp3" if media_type == "audio/mpeg" else "mp4"
    command = [sys.executable, "-I", probe.__file__, str(source), str(folder), kind, str(size * ROOM_FACTOR)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return probe.Found(problem="gave_up")
    if done.returncode != 0:
        files().check_room(size)
        return probe.Found(problem="gave_up")
    return probe.Found(**json.loads(done.stdout))


def _store(recording: Recording, found: probe.Found, folder: Path) -> Prepared:
    key, size, poster = recording.file_key, recording.file_size, ""
    if found.rewritten:
        with (folder / "ready.mp4").open("rb") as file:
            stored = files().put(file, recording.file_size * ROOM_FACTOR + probe.SPARE_BYTES)
        key, size = stored.key, stored.size
    if found.poster:
        with (folder / "poster.jpg").open("rb") as file:
            poster = files().put(file, probe.SPARE_BYTES).key
    return Prepared(found, key, size, poster)


@transactional
def _conclude(recording: Recording, prepared: Prepared) -> bool:
    """Write down what became of a recording, unless another file took its place meanwhile; say whether it was."""
    found = prepared.found
    values = (
        {"state": "failed", "failure": FAILURES[found.problem], "failure_detail": found.detail[:60]}
        if found.problem
        else {
            "state": "ready",
            "media_type": found.media_type,
            "duration_ms": found.duration_ms,
            "file_key": prepared.file_key,
            "file_size": prepared.file_size,
            "poster_key": prepared.poster_key,
        }
    )
    changed = (
        Recording.update(**values)
        .where(
            Recording.id == recording.id,
            Recording.state == "preparing",
            Recording.file_key == recording.file_key,
        )
        .execute()
    )
    return bool(changed)
