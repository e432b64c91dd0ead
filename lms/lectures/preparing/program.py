"""The program itself: SOURCE FOLDER MEDIA_TYPE LIMIT_BYTES THREADS, told its work as lines of JSON.

Each line on standard output is an object: {"seconds": length, "work": ...} when it is known what will be done,
{"percent": number} now and then, and at the end {"found": {...}} (see ``Found``). FOLDER receives ``ready.mp4`` when
the file had to be written anew, ``sound.m4a`` and ``poster.jpg`` for a video.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from av.error import FFmpegError

from .found import OUT_OF_ROOM, POSTER, READY, SOUND_ONLY, VIDEO, Found, Refused
from .looking import Plan, look
from .pictures import draw_poster
from .writing import Tell, write, write_sound

MEMORY_BYTES = 2 * 1024**3
SPARE_BYTES = 64 * 1024**2
LEAST_CPU_SECONDS = 15 * 60
CPU_FOR_A_SECOND = {"": 1, "copied": 1, "converted": 12}
BYTES_FOR_A_SECOND = 500_000
NICER = 10
WORTHWHILE_SHARE = 0.95
TELL_SECONDS = 1.0

Say = Callable[[dict[str, object]], None]


def limit_resources(output_bytes: int) -> None:
    """Take away from this process what it does not need: endless memory, time and disk; others go first."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (LEAST_CPU_SECONDS, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_bytes + SPARE_BYTES, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICER)


def widen_limits(plan: Plan, output_bytes: int, threads: int) -> None:
    """Give a long recording that must be converted the time and the disk it needs, and no more."""
    cpu = int(LEAST_CPU_SECONDS + plan.seconds * CPU_FOR_A_SECOND[plan.work] * threads)
    room = int(max(output_bytes, plan.seconds * BYTES_FOR_A_SECOND) + SPARE_BYTES)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))


def prepare(
    source: Path,
    folder: Path,
    media_type: str,
    threads: int,
    say: Say,
    widen: Callable[[Plan], None] = lambda plan: None,
) -> Found:
    """Look into a recording, write it anew where a player on the web needs that, draw a poster, take out the sound.

    Raises OSError when the disk is full.
    """
    try:
        plan = look(source, media_type)
        widen(plan)
        say({"seconds": plan.seconds, "work": plan.work})
        return _carry_out(source, folder, media_type, plan, threads, say)
    except Refused as refused:
        return Found(problem=refused.problem, detail=refused.detail)
    except (FFmpegError, ValueError, OverflowError) as error:
        if getattr(error, "errno", None) in OUT_OF_ROOM:
            raise
        return Found(problem="broken", detail=type(error).__name__)


def _carry_out(source: Path, folder: Path, media_type: str, plan: Plan, threads: int, say: Say) -> Found:
    has_sound_file = plan.media_type == VIDEO and not plan.silent
    share = {"": 0.0, "copied": 0.5, "converted": 0.85}[plan.work] if has_sound_file else 1.0
    ready, kind = source, media_type
    if plan.work:
        plan = write(source, media_type, plan, folder / READY, threads, Teller(say, 0, share))
        ready, kind = folder / READY, VIDEO
    seconds = look(ready, kind).seconds if plan.work else plan.seconds
    found = Found(media_type=plan.media_type, duration_ms=int(seconds * 1000), silent=plan.silent, work=plan.work)
    if plan.media_type == VIDEO:
        found.poster = draw_poster(ready, kind, seconds, folder / POSTER)
    if has_sound_file:
        found.sound = _write_sound(ready, kind, seconds, folder / SOUND_ONLY, Teller(say, share, 1.0))
    return found


def _write_sound(ready: Path, kind: str, seconds: float, target: Path, tell: Tell) -> bool:
    """Write the version to listen to only; one that would spare nothing is not kept."""
    made = write_sound(ready, kind, seconds, target, tell)
    if made and target.stat().st_size > ready.stat().st_size * WORTHWHILE_SHARE:
        target.unlink()
        return False
    return made


class Teller:
    """Tells about once a second how much is done, between two shares of the whole.

    A worker that is gone does not hear it any more: the line cannot be written, and this process ends.
    """

    def __init__(self, say: Say, first: float, last: float) -> None:
        """Tell shares of this part of the work as shares of the whole."""
        self._say, self._first, self._span = say, first, last - first
        self._told = time.monotonic()
        self._parent = os.getppid()

    def __call__(self, share: float) -> None:
        """Tell that a share of this part is done."""
        now = time.monotonic()
        if now - self._told < TELL_SECONDS:
            return
        self._told = now
        if os.getppid() != self._parent:
            raise SystemExit("the worker is gone")
        self._say({"percent": min(99, int((self._first + self._span * min(1.0, max(0.0, share))) * 100))})


def say(line: dict[str, object]) -> None:
    """Write a line for the worker."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run as a program."""
    source, folder, media_type, limit, threads = arguments
    limit_resources(int(limit))

    def widen(plan: Plan) -> None:
        widen_limits(plan, int(limit), int(threads))

    found = prepare(Path(source), Path(folder), media_type, int(threads), say, widen)
    say({"found": asdict(found)})
    return 0
