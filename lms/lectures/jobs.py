"""Background work of lectures: looking into a recording and making it ready for the web."""

import hashlib
import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lms import clock
from lms.db import transactional
from lms.errors import Unavailable
from lms.jobs import queue
from lms.jobs.models import Job
from lms.jobs.queue import task
from lms.lectures import recordings
from lms.lectures.models import Recording
from lms.lectures.part_rules import FAILURES
from lms.lectures.preparing.found import POSTER, READY, SOUND_ONLY, Found
from lms.storage import StoredFile, files

log = logging.getLogger("lms.lectures")

# The program is started by a line of its own, so that it imports its own few modules and nothing of the service.
PROGRAM = (
    "-I",
    "-c",
    "import sys; sys.path.append(sys.argv.pop(1)); from preparing.program import main; sys.exit(main(sys.argv[1:]))",
    str(Path(__file__).parent),
)
LEAST_SECONDS = 20 * 60
SECONDS_FOR_A_SECOND = 12
ROOM_FACTOR = 2
SPARE_BYTES = 64 * 1024**2
HEARD_SECONDS = 2.0
NO_SLOT_SECONDS = 5.0


@dataclass
class Limits:
    """What the settings give to preparing; ``bind`` sets it once in a process."""

    at_once: int = 1
    threads: int = 2
    keep_originals: bool = False


_limits = Limits()
_slots = threading.BoundedSemaphore(_limits.at_once)


def bind(limits: Limits) -> None:
    """Prepare at most so many recordings at once, by so many threads each, from now on."""
    global _limits, _slots
    _limits, _slots = limits, threading.BoundedSemaphore(limits.at_once)


@dataclass(frozen=True)
class Prepared:
    """What becomes of a recording: what was found, and its files in the store; those not made are None."""

    found: Found
    file: StoredFile | None = None
    poster: StoredFile | None = None
    sound: StoredFile | None = None


@task("lectures.prepare")
def prepare(recording_id: int) -> None:
    """Look into an uploaded recording, refuse what cannot be played, make the rest ready for browsers.

    Run twice it does nothing the second time: only a recording in preparation is touched. What a killed worker left
    of it goes first, so it begins anew. Raises queue.Later while as many are at it as the settings allow.
    """
    recording = Recording.get_or_none(Recording.id == recording_id, Recording.state == "preparing")
    if recording is None:
        return
    if not _slots.acquire(blocking=False):
        raise queue.Later(NO_SLOT_SECONDS)
    try:
        with _folder(recording_id) as folder:
            prepared = _store(_examined(recording, folder), folder)
    finally:
        _slots.release()
    if _conclude(recording, prepared) and prepared.file is not None:
        recordings.release(recording.file_key, recording.created_at)


@contextmanager
def _folder(recording_id: int) -> Iterator[Path]:
    """Give an empty folder on the disk of the store, and remove it whatever happens.

    What was left by a worker that was killed goes first. Its program may still be at it for a moment before it hears
    of that: so the folder has a name of its own each time, and nothing of the old one gets among the new.
    """
    for left in files().incoming().glob(f"recording-{recording_id}-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = files().incoming() / f"recording-{recording_id}-{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _examined(recording: Recording, folder: Path) -> Found:
    """Have a recording prepared by a process of its own; one that dies or hangs is a finding, not a failure."""
    source = files().path(recording.file_key)
    if not source.is_file():
        return Found(problem="broken")
    try:
        files().check_room(recording.file_size)
        found = _run(source, folder, recording)
        if found is None:
            files().check_room(recording.file_size)
            return Found(problem="gave_up")
    except Unavailable:
        return Found(problem="no_room")
    return found


def _run(source: Path, folder: Path, recording: Recording) -> Found | None:
    """Run the program and listen to it; None when it ended without a finding, or had to be ended."""
    limit = recording.file_size * ROOM_FACTOR
    what = (str(source), str(folder), recording.media_type, str(limit), str(_limits.threads))
    process = subprocess.Popen(
        [sys.executable, *PROGRAM, *what], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    watch = Watch(process)
    try:
        return _listen(process, recording.id, watch)
    finally:
        watch.stop()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


class Watch:
    """Ends a process that takes longer than it may: a time that grows with the length of the recording."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Begin with the least time."""
        self._process = process
        self._began = time.monotonic()
        self._timer = self._started(LEAST_SECONDS)

    def _started(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(max(0.0, self._began + seconds - time.monotonic()), self._process.kill)
        timer.daemon = True
        timer.start()
        return timer

    def allow_for(self, length: float) -> None:
        """Let a recording of so many seconds take its time."""
        self._timer.cancel()
        self._timer = self._started(LEAST_SECONDS + length * SECONDS_FOR_A_SECOND)

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()


def _listen(process: "subprocess.Popen[str]", recording_id: int, watch: Watch) -> Found | None:
    heard = 0.0
    for line in process.stdout or ():
        said: dict[str, Any] = json.loads(line)
        if "found" in said:
            return Found(**said["found"])
        if "seconds" in said:
            watch.allow_for(float(said["seconds"]))
            Recording.update(percent=0, begun_at=clock.now()).where(Recording.id == recording_id).execute()
        if "percent" in said and time.monotonic() - heard >= HEARD_SECONDS:
            heard = time.monotonic()
            queue.still_at_work()
            Recording.update(percent=int(said["percent"])).where(Recording.id == recording_id).execute()
    log.warning("preparing ended without a finding", extra={"recording": recording_id, "status": process.poll()})
    return None


def _store(found: Found, folder: Path) -> Prepared:
    """Put what was made into the store. A disk that is full is a finding; nothing stays of it then."""
    if found.problem:
        return Prepared(found)
    made: list[StoredFile] = []
    try:
        for wanted, name in ((found.work, READY), (found.poster, POSTER), (found.sound, SOUND_ONLY)):
            if wanted:
                made.append(_kept(folder / name))
    except Unavailable:
        for stored in made:
            files().take_back(stored)
        return Prepared(Found(problem="no_room"))
    rest = iter(made)
    return Prepared(
        found,
        file=next(rest) if found.work else None,
        poster=next(rest) if found.poster else None,
        sound=next(rest) if found.sound else None,
    )


def _kept(path: Path) -> StoredFile:
    """Move a file that was made into the store; without a copy, for it may be as large as the recording."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        key = hashlib.file_digest(file, "sha256").hexdigest()
    return files().adopt(path, key)


@transactional
def _conclude(recording: Recording, prepared: Prepared) -> bool:
    """Write down what became of a recording, unless another file took its place meanwhile; say whether it was."""
    found = prepared.found
    values: dict[str, Any] = {"percent": 0, "begun_at": None}
    if found.problem:
        values |= {"state": "failed", "failure": FAILURES[found.problem], "failure_detail": found.detail[:60]}
    else:
        values |= _values(recording, prepared)
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


def _values(recording: Recording, prepared: Prepared) -> dict[str, Any]:
    found = prepared.found
    values: dict[str, Any] = {
        "state": "ready",
        "media_type": found.media_type,
        "duration_ms": found.duration_ms,
        "silent": found.silent,
        "poster_key": prepared.poster.key if prepared.poster else "",
        "sound_key": prepared.sound.key if prepared.sound else "",
        "sound_size": prepared.sound.size if prepared.sound else 0,
    }
    if prepared.file is not None:
        values |= {"file_key": prepared.file.key, "file_size": prepared.file.size}
        if _limits.keep_originals:
            values |= {"original_key": recording.file_key, "original_size": recording.file_size}
    return values


@task("lectures.mend")
def mend() -> None:
    """Let recordings fail whose preparing has been given up: their uploader then sees it and can try again.

    A job is given up when the worker died each time; nothing else would ever say so on the page.
    """
    # The recordings first: one that is sent after them has its job before it is asked for the jobs.
    waiting = list(Recording.select().where(Recording.state == "preparing"))
    alive = {
        int(json.loads(args)[0])
        for (args,) in Job.select(Job.args)
        .where(Job.task == "lectures.prepare", Job.state.in_(("waiting", "queued", "running")))
        .tuples()
    }
    for recording in waiting:
        if recording.id not in alive:
            _conclude(recording, Prepared(replace(Found(), problem="gave_up")))
