"""A worker that is killed while it converts a recording: the next one begins anew, and nothing is half-stored."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from lms import runtime
from lms.config import load_settings
from lms.db import database
from lms.jobs.models import Job
from lms.lectures import rules, service
from lms.lectures.models import Recording
from lms.lectures.preparing.found import READY
from lms.lectures.service import Upload
from lms.storage import files
from tests.factories import Make
from tests.lectures.films import make_film
from tests.operating.test_serve import PATIENCE, ROOT, Service, children, gone, served, wait_for

__all__ = ["served"]
pytestmark = [pytest.mark.sqlite_only, pytest.mark.long]
LIMIT = 64 * 1024 * 1024


def start_worker(served: Service) -> "subprocess.Popen[bytes]":
    with served.log.open("ab") as log:
        command = [sys.executable, "-m", "lms", "worker"]
        process = subprocess.Popen(command, env=served.environment, cwd=ROOT, stdout=log, stderr=log)
    served.processes.append(process)
    return process


def converting(worker: int) -> int:
    """Give the process that prepares a recording below a worker; 0 for none."""
    return next((pid for pid in children(worker) if "preparing" in command_of(pid)), 0)


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""  # it has just ended


def stopped_in_the_midst(worker: int, writes: Callable[[], bool]) -> int:
    """Let a worker's preparing process go on step by step until it has begun to write; give it, stopped."""
    wait_for(lambda: converting(worker), "the recording to be prepared")
    program = converting(worker)
    assert program, "a film of twenty seconds was prepared before it was looked at"

    def begun() -> bool:
        os.kill(program, signal.SIGCONT)
        time.sleep(0.005)
        os.kill(program, signal.SIGSTOP)
        return writes()

    wait_for(begun, "the converted recording to be begun")
    assert converting(worker) == program, "it was over within a step"
    return program


def test_a_recording_whose_worker_was_killed_is_prepared_by_the_next_one(
    served: Service, tmp_path: Path, migrated: Path
) -> None:
    film = make_film(tmp_path / "film.avi", "avi", "mpeg4", "libmp3lame", 20, size=(640, 360))
    served.data.mkdir()
    shutil.copyfile(migrated, served.data / "lms.sqlite3")
    runtime.start(load_settings(served.environment))
    database.connect(reuse_if_open=True)
    make = Make()
    lecturer = make.actor(make.member(role="lecturer"))
    details = rules.Details(title="带着问题读书", speaker="陈志远", unit=lecturer.home)
    service.upload(lecturer, details, Upload(film.name, BytesIO(film.read_bytes())), None, LIMIT)
    recording = Recording.get()
    folder, half = files().incoming(), f"recording-{recording.id}-*/{READY}"

    first = start_worker(served)
    program = stopped_in_the_midst(first.pid, lambda: any(folder.glob(half)))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    os.kill(program, signal.SIGCONT)
    assert (Recording.get().state, Recording.get().file_key) == ("preparing", recording.file_key)
    wait_for(lambda: gone(program), "the program to notice that nobody listens")

    second = start_worker(served)
    wait_for(lambda: Recording.get().state != "preparing", "the recording to be prepared after all")
    wait_for(lambda: not Job.select().where(Job.state.not_in(("done", "dead"))).exists(), "all work to be done")
    second.terminate()
    assert second.wait(PATIENCE) == 0
    row = Recording.get()
    assert (row.state, row.media_type) == ("ready", "video/mp4")
    for key in filter(None, (row.file_key, row.poster_key, row.sound_key)):
        with files().path(key).open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == key
    assert not list(folder.glob("recording-*"))
    assert {job.state for job in Job.select()} == {"done"}
    database.close()
