"""Asking for background work, and carrying it out with retries.

The row in ``job`` is written with the change that needs the work; the worker hands waiting rows to huey, which runs
them. What fails is tried again with growing pauses, then kept as "dead" for an administrator to see; where readers
wait for it, another job tells them.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from huey import Huey, RedisHuey
from huey.storage import SqliteStorage
from peewee import InterfaceError, OperationalError
from redis.exceptions import RedisError

from lms import clock
from lms.config import Settings
from lms.db import drop_broken_connection, ensure_open, transactional
from lms.errors import N_, LmsError, NotFound, Unavailable, kept
from lms.jobs import wake
from lms.jobs.models import Job

log = logging.getLogger("lms.jobs")

ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=5)
LEASE = timedelta(minutes=30)
ERROR_CHARS = 4000
WORKER_DIED = "The worker was stopped or died each time it carried this out."


class Later(Exception):
    """Raised by a task that cannot be carried out just now: it waits some seconds more, and this was not a try."""

    def __init__(self, seconds: float) -> None:
        """Wait so long."""
        super().__init__(f"not before {seconds:g} s have passed")
        self.pause = timedelta(seconds=seconds)


_tasks: dict[str, Callable[..., None]] = {}
_told_by: dict[str, str] = {}
_mine = threading.local()
_bound: list[Settings] = []


def bind(settings: Settings) -> None:
    """Use the queue of the settings from now on."""
    _bound[:] = [settings]
    wake.bind(settings)


def task(name: str, given_up: str = "") -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as background work. It takes ids, and running it twice must do no harm.

    ``given_up`` is the work, with the same ids, that is asked for when all tries of this one are used up.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        _tasks[name] = function
        if given_up:
            _told_by[name] = given_up
        return function

    return register


def ask(name: str, *ids: int) -> Job:
    """Ask for work inside the caller's transaction: the promise stands or falls with the change it belongs to."""
    job: Job = Job.create(task=name, args=json.dumps(ids))
    wake.after_commit()
    return job


class _PromptStorage(SqliteStorage):
    """A queue whose takers wait for the giver in the same process; huey's own look ever more seldom, up to 10 s."""

    blocking = True
    longest_wait = 1.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._given = threading.Condition()
        super().__init__(*args, **kwargs)

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Put a task in, and say so to who waits."""
        super().enqueue(data, priority)
        with self._given:
            self._given.notify()

    def dequeue(self) -> Any:
        """Take a task out; None when there was none for a second."""
        with self._given:
            found = super().dequeue()
            if found is not None:
                return found
            self._given.wait(self.longest_wait)
        return super().dequeue()


def make_huey() -> Huey:
    """Make the queue: in Redis when LMS_REDIS_URL is set, else in a SQLite file of its own."""
    settings = _bound[0]
    if settings.redis_url:
        return RedisHuey("lms", url=settings.redis_url, results=False)
    return Huey("lms", storage_class=_PromptStorage, filename=str(settings.queue_path), results=False)


def hand_over(enqueue: Callable[[int], Any]) -> int:
    """Hand due jobs to the queue and give their number; a job whose lease ran out was lost and is handed over again.

    Raises Unavailable when the queue cannot be reached: the job is then still waiting.
    """
    lost = Job.state.in_(("queued", "running")) & (Job.lease_until <= clock.now())
    _bury(lost)
    waiting = (Job.state == "waiting") & (Job.lease_until.is_null() | (Job.lease_until <= clock.now()))
    due = list(Job.select(Job.id).where(waiting | lost).order_by(Job.id).limit(100).tuples())
    return sum(_hand_over(job_id, waiting | lost, enqueue) for (job_id,) in due)


def _hand_over(job_id: int, due: Any, enqueue: Callable[[int], Any]) -> bool:
    # Noted before it is handed over: a quick job may be through, and waiting for its next try, right after. And only
    # while it is due: the worker of another host may have handed it over since we looked, and be through with it.
    if not _note(Job.id == job_id, "queued", clock.now() + LEASE, due):
        return False
    try:
        enqueue(job_id)
    except (OSError, RedisError, sqlite3.Error) as error:
        _note(Job.id == job_id, "waiting", None)
        raise Unavailable(N_("The job queue cannot be reached just now.")) from error
    return True


def _note(job: Any, state: str, lease_until: datetime | None, *conditions: Any) -> bool:
    noted = Job.update(state=state, lease_until=lease_until, updated_at=clock.now()).where(job, *conditions)
    return bool(noted.execute())


def _bury(lost: Any) -> None:
    """Give up lost jobs that had all their tries: what takes the worker down with it would do so for ever."""
    hopeless = lost & (Job.state == "running") & (Job.attempts >= ATTEMPTS)
    for job in list(Job.select().where(hopeless)):
        _give_up(job, WORKER_DIED, hopeless)


@transactional
def _give_up(job: Job, why: str, *conditions: Any) -> None:
    """Keep a job as dead, and ask for the work that tells its readers."""
    gone = (
        Job.update(state="dead", error=why, lease_until=None, updated_at=clock.now())
        .where(Job.id == job.id, *conditions)
        .execute()
    )
    if gone and job.task in _told_by:
        ask(_told_by[job.task], *json.loads(job.args))


def forget_leases() -> None:
    """Take every queued or running job for lost: right when the only worker starts, for then nobody holds one."""
    lost = Job.state.in_(("queued", "running"))
    _bury(lost)
    Job.update(state="waiting", lease_until=None).where(lost).execute()


def run(job_id: int) -> None:
    """Carry out a job and note how it ended; a failure waits longer each time, and after the last try it is dead.

    Raises OperationalError or InterfaceError when the register itself cannot be reached; the line is dropped, so that
    the next try opens a fresh one.
    """
    ensure_open()
    try:
        _carry_out(job_id)
    except (OperationalError, InterfaceError):
        drop_broken_connection()
        raise


def _carry_out(job_id: int) -> None:
    taken = (
        Job.update(state="running", attempts=Job.attempts + 1, lease_until=clock.now() + LEASE, updated_at=clock.now())
        .where(Job.id == job_id, Job.state.in_(("waiting", "queued")))
        .execute()
    )
    if not taken:
        return
    job = Job.get_by_id(job_id)
    _mine.job = job_id
    try:
        with clock.one_day():
            _tasks[job.task](*json.loads(job.args))
    except Later as later:
        Job.update(
            state="waiting", attempts=Job.attempts - 1, lease_until=clock.now() + later.pause, updated_at=clock.now()
        ).where(Job.id == job_id).execute()
    except Exception as error:  # noqa: BLE001 whatever a task raises must end in the register, never be lost
        _note_failure(job, error)
    else:
        _note_success(job)


def _note_success(job: Job) -> None:
    """Note that a job is done, and with it what had died of the same work before this one was begun."""
    same = (Job.state == "dead") & (Job.task == job.task) & (Job.args == job.args)
    through = (Job.id == job.id) | (same & (Job.updated_at <= job.updated_at))
    Job.update(state="done", error="", lease_until=None, updated_at=clock.now()).where(through).execute()


def still_at_work() -> None:
    """Say in the midst of a long task that it goes on, so that nobody takes it for lost and begins it again."""
    job = getattr(_mine, "job", None)
    if job is not None:
        Job.update(lease_until=clock.now() + LEASE).where(Job.id == job, Job.state == "running").execute()


def _note_failure(job: Job, error: Exception) -> None:
    if isinstance(error, (OperationalError, InterfaceError)):
        drop_broken_connection()
        ensure_open()
    dead = job.attempts >= ATTEMPTS
    pause = FIRST_PAUSE * 4 ** (job.attempts - 1)
    log.error("job failed", extra={"job": job.id, "task": job.task, "attempt": job.attempts}, exc_info=error)
    words = kept(error, ERROR_CHARS) if isinstance(error, LmsError) else f"{type(error).__name__}: {error}"
    if dead:
        _give_up(job, words[:ERROR_CHARS])
        return
    Job.update(
        state="waiting", error=words[:ERROR_CHARS], lease_until=clock.now() + pause, updated_at=clock.now()
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
