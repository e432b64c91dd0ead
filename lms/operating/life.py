"""Whether a worker lives: each gives a sign of life every ten seconds and takes it back when it is stopped."""

import os
import socket
from datetime import timedelta

from lms import clock
from lms.jobs.models import WorkerBeat

BEAT_GRACE = timedelta(seconds=45)


def last_sign_of_life() -> timedelta | None:
    """Say how long ago a worker last gave a sign of life; None when none did of late."""
    beat = WorkerBeat.select(WorkerBeat.beat_at).order_by(WorkerBeat.beat_at.desc()).limit(1).scalar()
    if beat is None or clock.now() - beat > BEAT_GRACE:
        return None
    since: timedelta = clock.now() - beat
    return since


def is_running() -> bool:
    """Say whether a worker runs on this database: one that was killed on this machine is known to be gone at once."""
    recent = WorkerBeat.select(WorkerBeat.name).where(WorkerBeat.beat_at >= clock.now() - BEAT_GRACE)
    return any(not _is_gone(name) for (name,) in recent.tuples())


def _is_gone(worker: str) -> bool:
    host, _, number = worker.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it lives, and is somebody else's
    return False
