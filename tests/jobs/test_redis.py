"""The queue in a real Redis: work is carried out, tried again, and kept when it is dead."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from huey import Huey
from huey.consumer import Consumer
from redis import Redis
from redis.exceptions import ConnectionError as NoRedis

from lms import runtime
from lms.config import Settings
from lms.db import database
from lms.errors import Unavailable
from lms.jobs import queue
from lms.jobs.models import Job
from lms.operating import checks
from tests.ports import held_port

REDIS = shutil.which("redis-server")
PATIENCE = 150.0

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.skipif(REDIS is None, reason="no redis-server on this machine (Debian: apt-get install redis-server)"),
]


@queue.task("test.redis.note")
def note(number: int) -> None:
    Job.create(task="done", args=str(number), state="done")


@queue.task("test.redis.fail")
def fail() -> None:
    raise OSError("the disk went away")


def wait_for(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except NoRedis:
        return False


@pytest.fixture
def redis(service: Settings, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis of the test's own, with the service bound to it."""
    with held_port() as port:
        command = [str(REDIS), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        client = Redis(port=port)
        wait_for(lambda: answers(client), "redis to answer")
        client.close()
        database.close()
        runtime.start(replace(service, redis_url=f"redis://127.0.0.1:{port}/0"))
        yield process
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture
def consumer(redis: object) -> Iterator[tuple[Huey, Consumer]]:
    huey = queue.make_huey()
    consumer = Consumer(huey, workers=1, periodic=False, initial_delay=0.01, max_delay=0.05)
    yield huey, consumer
    consumer.stop(graceful=True)
    huey.storage.conn.close()
    huey.storage.pool.disconnect()


def test_a_job_goes_through_redis_and_is_tried_again_until_it_is_dead(
    consumer: tuple[Huey, Consumer], monkeypatch: pytest.MonkeyPatch
) -> None:
    huey, consuming = consumer
    monkeypatch.setattr(queue, "FIRST_PAUSE", timedelta(0))
    run_job = huey.task(name="lms.run")(queue.run)
    consuming.start()
    good, bad = queue.ask("test.redis.note", 7), queue.ask("test.redis.fail")

    def settled() -> bool:
        queue.hand_over(run_job)
        return {job.id: job.state for job in Job.select()}.get(bad.id) == "dead"

    wait_for(settled, "the failing job to be dead")
    wait_for(lambda: Job.get_by_id(good.id).state == "done", "the good job to be done")
    assert [job.args for job in Job.select().where(Job.task == "done")] == ["7"]
    dead = Job.get_by_id(bad.id)
    assert (dead.attempts, dead.error) == (queue.ATTEMPTS, "OSError: the disk went away")


def test_while_redis_is_away_a_job_waits_and_nothing_is_lost(redis: subprocess.Popen[bytes], service: Settings) -> None:
    huey = queue.make_huey()
    url = "redis://127.0.0.1:{port}/0".format_map(huey.storage.pool.connection_kwargs)
    doctor = replace(service, redis_url=url)
    assert checks.check_queue(doctor).ok
    run_job = huey.task(name="lms.run")(queue.run)
    job = queue.ask("test.redis.note", 7)
    redis.terminate()
    redis.wait(PATIENCE)
    assert str(checks.check_queue(doctor)).startswith("Redis cannot be reached, jobs wait until it is back")
    with pytest.raises(Unavailable):
        queue.hand_over(run_job)
    kept = Job.get_by_id(job.id)
    assert (kept.state, kept.lease_until, kept.attempts) == ("waiting", None, 0)
    huey.storage.conn.close()
