"""Asking for background work, and carrying it out with retries.

The row in ``job`` is written with the change that needs the work; the worker hands waiting rows to huey, which runs
them. What fails is tried again with growing pauses, then kept as "dead" for an administrator to see.
"""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey
from peewee import OperationalError

from lms import clock
from lms.config import Settings
from lms.db import database, ensure_open, transactional
from lms.errors import N_, LmsError, NotFound
from lms.jobs.models import Job

log = logging.getLogger("lms.jobs")

ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=5)
LEASE = timedelta(minutes=30)
ERROR_CHARS = 4000

_tasks: dict[str, Callable[..., None]] = {}
_bound: list[Settings] = []


def bind(settings: Settings) -> None:
    """Use the queue of the settings from now on."""
    _bound[:] = [settings]


def task(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as background work. It takes ids, and running it twice must do no harm."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        _tasks[name] = function
        return function

    return register


def ask(name: str, *ids: int) -> Job:
    """Ask for work inside the caller's transaction: the promise stands or falls with the change it belongs to."""
    job: Job = Job.create(task=name, args=json.dumps(ids))
    return job


def make_huey() -> Huey:
    """Make the queue: in Redis when LMS_REDIS_URL is set, else in a SQLite file of its own."""
    settings = _bound[0]
    if settings.redis_url:
        return RedisHuey("lms", url=settings.redis_url, results=False)
    return SqliteHuey("lms", filename=str(settings.queue_path), results=False)


def hand_over(enqueue: Callable[[int], Any]) -> int:
    """Hand due jobs to the queue and give their number; a job whose lease ran out was lost and is handed over again."""
    moment = clock.now()
    due = list(
        Job.select(Job.id)
        .where(
            ((Job.state == "waiting") & (Job.lease_until.is_null() | (Job.lease_until <= moment)))
            | (Job.state.in_(("queued", "running")) & (Job.lease_until <= moment))
        )
        .order_by(Job.id)
        .limit(100)
        .tuples()
    )
    for (job_id,) in due:
        enqueue(job_id)
        Job.update(state="queued", lease_until=clock.now() + LEASE, updated_at=clock.now()).where(
            Job.id == job_id, Job.state.in_(("waiting", "queued", "running"))
        ).execute()
    return len(due)


def forget_leases() -> None:
    """Take every queued or running job for lost: right when the only worker starts, for then nobody holds one."""
    Job.update(state="waiting", lease_until=None).where(Job.state.in_(("queued", "running"))).execute()


def run(job_id: int) -> None:
    """Carry out a job and note how it ended; a failure waits longer each time, and after the last try it is dead."""
    ensure_open()
    taken = (
        Job.update(state="running", attempts=Job.attempts + 1, lease_until=clock.now() + LEASE, updated_at=clock.now())
        .where(Job.id == job_id, Job.state.in_(("waiting", "queued")))
        .execute()
    )
    if not taken:
        return
    job = Job.get_by_id(job_id)
    try:
        _tasks[job.task](*json.loads(job.args))
    except Exception as error:  # noqa: BLE001 whatever a task raises must end in the register, never be lost
        _note_failure(job, error)
    else:
        Job.update(state="done", error="", lease_until=None, updated_at=clock.now()).where(Job.id == job_id).execute()


def _note_failure(job: Job, error: Exception) -> None:
    if isinstance(error, OperationalError) and not database.is_closed():
        database.rollback()
    dead = job.attempts >= ATTEMPTS
    pause = FIRST_PAUSE * 4 ** (job.attempts - 1)
    log.error("job failed", extra={"job": job.id, "task": job.task, "attempt": job.attempts}, exc_info=error)
    words = str(error) if isinstance(error, LmsError) else f"{type(error).__name__}: {error}"
    Job.update(
        state="dead" if dead else "waiting",
        error=words[:ERROR_CHARS],
        lease_until=None if dead else clock.now() + pause,
        updated_at=clock.now(),
    ).where(Job.id == job.id).execute()


@transactional
def try_again(job_id: int) -> None:
    """Give a dead job all its tries again. Raises NotFound when it is not dead."""
    changed = (
        Job.update(state="waiting", attempts=0, lease_until=None, updated_at=clock.now())
        .where(Job.id == job_id, Job.state == "dead")
        .execute()
    )
    if not changed:
        raise NotFound(N_("This job is not there any more, or has been tried again already."))


@transactional
def dismiss(job_id: int) -> None:
    """Remove a dead job for good. Raises NotFound when it is not dead."""
    if not Job.delete().where(Job.id == job_id, Job.state == "dead").execute():
        raise NotFound(N_("This job is not there any more, or has been tried again already."))
