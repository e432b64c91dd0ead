"""Transcripts made by machine: a command that the administrator names listens to a recording, in the worker.

The command is a line such as ``recogniser --lang={language} {audio}``, run without a shell. It writes WebVTT, SRT, or
JSON, ``{"language": "zh", "segments": [{"start": 0, "end": 2.5, "text": "..."}]}``, to its standard output or to the
file ``{output}``; a figure with a percent sign in its standard error is how far it is.
"""

import json
import math
import os
import re
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from lms import clock
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput
from lms.jobs import queue
from lms.jobs.models import Job
from lms.lectures import cue_rules, recording_queries, transcript_files, transcript_service
from lms.lectures.cue_rules import Line
from lms.lectures.models import Recognition, Recording
from lms.members.access import Actor
from lms.storage import files

TASK = "lectures.recognise"
DEAD = N_("It failed again and again; the administrator can see why.")
POLL_SECONDS = 0.5
NO_SLOT_SECONDS = 20.0
MOST_BYTES = 16 * 1024**2
TAIL_BYTES = 4096
NICENESS = 10
_PERCENT = re.compile(rb"(\d{1,3})(?:\.\d+)?\s*%")

FAILURES = {
    "no_file": N_("The file of this recording is missing on the server. Please tell the administrator."),
    "no_command": N_("The recogniser cannot be started (%(detail)s). Please tell the administrator."),
    "ended": N_("The recogniser gave up: %(detail)s"),
    "too_long": N_("The recogniser took longer than %(detail)s minutes and was stopped."),
    "too_much": N_("The recogniser wrote more than can be read."),
    "no_text": N_("The recogniser heard nothing in this recording."),
    "unreadable": N_("What the recogniser wrote cannot be read: %(detail)s"),
}


@dataclass
class _Set:
    command: str = ""
    minutes: int = 360


_set = _Set()
_slot = threading.BoundedSemaphore(1)


class _Failed(Exception):
    """The recogniser made nothing; the first argument is a key of FAILURES, the second its detail."""


def bind(command: str, minutes: int) -> None:
    """Use this command, for at most so many minutes a recording, from now on; without one there is no recogniser."""
    _set.command, _set.minutes = command, minutes


def is_there() -> bool:
    """Say whether the administrator has named a recogniser."""
    return bool(_set.command)


def find(recording_id: int) -> Recognition | None:
    """Give how far the making of a recording's transcript is; None when nobody asked for one.

    One whose job is dead has failed, though the job itself could not say so.
    """
    row: Recognition | None = Recognition.get_or_none(Recognition.recording == recording_id)
    if row is not None and row.state in ("waiting", "running") and not _at_work(recording_id):
        row.state, row.failure = "failed", DEAD
    return row


def _at_work(recording_id: int) -> bool:
    mine = (Job.task == TASK) & (Job.args == json.dumps([recording_id]))
    return bool(Job.select().where(mine, Job.state.in_(("waiting", "queued", "running"))).exists())


@transactional
def ask(actor: Actor, recording_id: int, language: str = "") -> Recognition:
    """Have a transcript made of a recording; without a language the recogniser finds it out.

    Raises NotFound, Forbidden, InvalidInput for the language, Conflict without a recogniser, while one is being made,
    or before the recording is ready.
    """
    lecture = recording_queries.get_manageable(actor, recording_id)
    if not is_there():
        raise Conflict(N_("No recogniser is set up on this server. Please ask the administrator."))
    if lecture.state != "ready":
        raise Conflict(N_("This recording cannot be played yet."))
    language = cue_rules.tidy_language(language) if language else ""
    row = find(recording_id)
    if row is not None and row.state in ("waiting", "running"):
        raise Conflict(N_("A transcript of this recording is being made already."))
    Recognition.delete().where(Recognition.recording == recording_id).execute()
    made: Recognition = Recognition.create(recording=recording_id, language=language, asked_by=actor.id)
    queue.ask(TASK, recording_id)
    return made


@queue.task(TASK)
def recognise(recording_id: int) -> None:
    """Make the transcript that was asked for. Run twice it does nothing the second time.

    Raises queue.Later while another recording is listened to.
    """
    row = find(recording_id)
    if row is None or row.state not in ("waiting", "running"):
        return
    if not _slot.acquire(blocking=False):
        raise queue.Later(NO_SLOT_SECONDS)
    try:
        _note(recording_id, state="running", begun_at=clock.now(), percent=0)
        language, lines = _listen(recording_id, row.language)
        _keep(recording_id, language, lines)
    except _Failed as failure:
        what, detail = failure.args
        _note(recording_id, state="failed", failure=FAILURES[what], failure_detail=str(detail)[:200])
    finally:
        _slot.release()


def _note(recording_id: int, **values: Any) -> None:
    Recognition.update(**values).where(Recognition.recording == recording_id).execute()


@transactional
def _keep(recording_id: int, language: str, lines: Sequence[Line]) -> None:
    row = find(recording_id)
    if row is None:
        return
    transcript_service.put(recording_id, lines, language, "recognised", row.asked_by)
    transcript_service.tell(recording_id)
    _note(recording_id, state="done", percent=100)


# ---- running the command -------------------------------------------------------------------------------------------


def _listen(recording_id: int, language: str) -> tuple[str, list[Line]]:
    keys = (
        Recording.select(Recording.sound_key, Recording.file_key).where(Recording.id == recording_id).tuples().first()
    )
    if keys is None or not files().exists(keys[0] or keys[1]):
        raise _Failed("no_file", "")
    with TemporaryDirectory(dir=files().incoming()) as made:
        folder = Path(made)
        output = folder / "transcript"
        values = {"{audio}": str(files().path(keys[0] or keys[1])), "{language}": language, "{output}": str(output)}
        command = [_filled(part, values) for part in shlex.split(_set.command)]
        _run([part for part in command if part is not None], folder, recording_id)
        written = next((path for path in sorted(folder.glob("transcript*")) if path.stat().st_size), folder / "told")
        if written.stat().st_size > MOST_BYTES:
            raise _Failed("too_much", "")
        return read(written.read_bytes(), language)


def _filled(part: str, values: dict[str, str]) -> str | None:
    """Put values into a word of the command; one that is ``--x={language}`` goes where no language is named."""
    for name, value in values.items():
        if name in part:
            if not value and part != name:
                return None
            part = part.replace(name, value)
    return part


def _run(command: Sequence[str], folder: Path, recording_id: int) -> None:
    told, complained = folder / "told", folder / "complained"
    with told.open("wb") as output, complained.open("w+b") as errors:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
            )
        except OSError as error:
            raise _Failed("no_command", error.strerror or "") from error
        with _ended(process):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
            _watch(process, told, errors, recording_id)
        if process.returncode:
            last = [row.strip() for row in _tail(errors).decode("utf-8", "replace").splitlines() if row.strip()]
            raise _Failed("ended", last[-1] if last else f"exit {process.returncode}")


@contextmanager
def _ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """See to it that nothing of the command runs on, whatever happens."""
    try:
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _watch(process: "subprocess.Popen[bytes]", told: Path, errors: BinaryIO, recording_id: int) -> None:
    began, percent = time.monotonic(), 0
    while True:
        try:
            process.wait(POLL_SECONDS)
            return
        except subprocess.TimeoutExpired:
            queue.still_at_work()
        if time.monotonic() - began > _set.minutes * 60:
            raise _Failed("too_long", _set.minutes)
        if max(told.stat().st_size, os.fstat(errors.fileno()).st_size) > MOST_BYTES:
            raise _Failed("too_much", "")
        found = _PERCENT.findall(_tail(errors))
        now = min(99, int(found[-1])) if found else 0
        if now > percent:
            percent = now
            _note(recording_id, percent=percent)


def _tail(errors: BinaryIO) -> bytes:
    size = os.fstat(errors.fileno()).st_size
    return os.pread(errors.fileno(), TAIL_BYTES, max(0, size - TAIL_BYTES))


# ---- reading what it wrote -----------------------------------------------------------------------------------------


def read(raw: bytes, language: str) -> tuple[str, list[Line]]:
    """Read what a recogniser wrote: the language, told by it or by the characters, and lines with right times."""
    if raw.lstrip()[:1] == b"{":
        found, lines = _segments(raw)
    else:
        try:
            found, lines = "", transcript_files.read(raw).lines
        except InvalidInput as error:
            raise _Failed("unreadable", error.message % error.values if error.values else error.message) from error
    if not lines:
        raise _Failed("no_text", "")
    return language or found or cue_rules.language_of(line.text for line in lines[:50]), lines


def _segments(raw: bytes) -> tuple[str, list[Line]]:
    try:
        told = json.loads(raw)
        rows = [(float(row["start"]), float(row["end"]), str(row["text"])) for row in told["segments"]]
        language = cue_rules.tidy_language(str(told["language"])) if told.get("language") else ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidInput) as error:
        raise _Failed("unreadable", type(error).__name__) from error
    if not all(math.isfinite(start) and math.isfinite(end) for start, end, _ in rows):
        raise _Failed("unreadable", "start, end")
    lines = [Line(round(start * 1000), round(end * 1000), cue_rules.tidy_text(text)) for start, end, text in rows]
    sound = [line for line in lines if line.text and 0 <= line.start_ms <= cue_rules.MAX_MS]
    return language, cue_rules.mend(sound)[0]
