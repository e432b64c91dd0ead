"""Background work: promised with the change, tried again with growing pauses, never lost silently."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from lms import clock
from lms.config import Settings
from lms.db import database, transactional
from lms.errors import InvalidInput, NotFound, Unavailable
from lms.jobs import queue
from lms.jobs.models import Job
from lms.jobs.wake import Bell

START = datetime(2026, 3, 2, 1, 0)
done: list[int] = []


@queue.task("test.note")
def note(number: int) -> None:
    done.append(number)


@queue.task("test.fail")
def fail() -> None:
    raise OSError("the disk went away")


@queue.task("test.refuse")
def refuse() -> None:
    raise InvalidInput("The file is broken.")


@pytest.fixture(autouse=True)
def nothing_done(service: object) -> Iterator[None]:
    done.clear()
    yield


def hand_over_all() -> list[int]:
    handed: list[int] = []
    queue.hand_over(handed.append)
    for job in handed:
        queue.run(job)
    return handed


def test_asked_work_is_done_once_however_often_it_is_handed_over() -> None:
    queue.ask("test.note", 7)
    handed = hand_over_all()
    queue.run(handed[0])
    assert done == [7]
    assert hand_over_all() == []
    assert Job.get().state == "done"


def test_work_asked_for_in_a_transaction_that_fails_is_never_done() -> None:
    @transactional
    def change() -> None:
        queue.ask("test.note", 1)
        raise InvalidInput("No.")

    with pytest.raises(InvalidInput):
        change()
    assert hand_over_all() == []


def test_a_failing_job_waits_longer_each_time_and_is_dead_after_the_last_try() -> None:
    queue.ask("test.fail")
    moment, pauses = START, []
    for _ in range(queue.ATTEMPTS):
        with clock.at(moment):
            hand_over_all()
        job = Job.get()
        if job.state == "waiting":
            pauses.append(job.lease_until - moment)
            with clock.at(job.lease_until - timedelta(seconds=1)):
                assert hand_over_all() == []
            moment = job.lease_until
    assert pauses == sorted(pauses) and len(set(pauses)) == queue.ATTEMPTS - 1
    job = Job.get()
    assert (job.state, job.attempts, job.error) == ("dead", queue.ATTEMPTS, "OSError: the disk went away")


def test_an_expected_failure_is_kept_in_its_own_words() -> None:
    queue.ask("test.refuse")
    hand_over_all()
    assert Job.get().error == "The file is broken."


def test_a_job_that_nobody_knows_any_more_ends_in_the_register() -> None:
    queue.ask("test.of_a_later_version")
    hand_over_all()
    assert "test.of_a_later_version" in Job.get().error


def test_a_job_lost_by_a_killed_worker_is_handed_over_again_when_its_lease_ends() -> None:
    job = queue.ask("test.note", 3)
    with clock.at(START):
        queue.hand_over(lambda number: None)
        assert hand_over_all() == []
    with clock.at(START + queue.LEASE):
        assert hand_over_all() == [job.id]
    assert done == [3]


def test_a_job_that_another_worker_was_quicker_with_is_not_done_again() -> None:
    queue.ask("test.note", 1)
    queue.ask("test.note", 2)
    handed: list[int] = []

    def beside_another(job: int) -> None:
        handed.append(job)
        queue.run(job)
        hand_over_all()

    assert queue.hand_over(beside_another) == 1
    assert (done, len(handed)) == ([1, 2], 1)


def test_a_starting_lone_worker_takes_over_what_the_killed_one_was_doing() -> None:
    queue.ask("test.note", 4)
    queue.hand_over(lambda number: None)
    Job.update(state="running").execute()
    queue.forget_leases()
    hand_over_all()
    assert done == [4]


def test_a_dead_job_can_be_tried_again_or_dismissed_but_only_while_it_is_dead() -> None:
    job = queue.ask("test.note", 9)
    with pytest.raises(NotFound):
        queue.try_again(job.id)
    Job.update(state="dead", attempts=queue.ATTEMPTS).execute()
    queue.try_again(job.id)
    hand_over_all()
    assert done == [9]
    with pytest.raises(NotFound):
        queue.dismiss(job.id)
    Job.update(state="dead").execute()
    queue.dismiss(job.id)
    assert Job.select().count() == 0
    assert database.is_closed() is False


def test_a_dead_job_goes_when_the_same_work_asked_for_anew_is_done_and_no_other_does() -> None:
    def died(number: int, at: datetime, name: str = "test.note") -> int:
        return int(Job.create(task=name, args=f"[{number}]", state="dead", error="died", updated_at=at).id)

    before, ran_on = died(9, START), died(9, START + timedelta(minutes=1))
    others = [died(8, START), died(9, START, "test.fail")]
    again = queue.ask("test.note", 9)
    failing = Job.create(task="test.fail", args="[9]")
    with clock.at(START + timedelta(seconds=30)):  # the second one is still at its last try
        queue.run(again.id)
        queue.run(failing.id)
    states = dict(Job.select(Job.id, Job.state).tuples())
    assert (states[before], states[again.id], states[failing.id]) == ("done", "done", "waiting")
    assert [states[one] for one in (ran_on, *others)] == ["dead"] * 3
    assert (Job.get_by_id(before).error, Job.get_by_id(ran_on).error) == ("", "died")


def test_a_job_that_takes_the_worker_down_each_time_is_dead_in_the_end() -> None:
    job = queue.ask("test.note", 7)
    Job.update(state="running", attempts=queue.ATTEMPTS - 1).where(Job.id == job.id).execute()
    queue.forget_leases()
    assert Job.get().state == "waiting"
    Job.update(state="running", attempts=queue.ATTEMPTS).where(Job.id == job.id).execute()
    queue.forget_leases()
    assert (Job.get().state, Job.get().error) == ("dead", queue.WORKER_DIED)
    assert hand_over_all() == []


def test_a_quick_failure_waits_for_its_pause_and_not_for_the_lease_of_its_hand_over() -> None:
    queue.ask("test.fail")
    with clock.at(START):
        queue.hand_over(queue.run)
    assert Job.get().state == "waiting"
    assert Job.get().lease_until == START + queue.FIRST_PAUSE


def test_a_queue_that_cannot_be_reached_leaves_the_job_waiting() -> None:
    def full(_: int) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    queue.ask("test.note", 7)
    with pytest.raises(Unavailable):
        queue.hand_over(full)
    assert hand_over_all() and done == [7]


def test_new_work_rings_the_worker_once_its_transaction_is_through(service: Settings) -> None:
    bell = Bell(service.wake_path)

    @transactional
    def ask_and_look() -> bool:
        queue.ask("test.note", 1)
        queue.ask("test.note", 2)
        return bell.wait(0.01)

    try:
        assert not ask_and_look()
        assert bell.wait(60)
        assert not bell.wait(0.01)
        with pytest.raises(RuntimeError):
            ask_and_fail()
        assert not bell.wait(0.01)
    finally:
        bell.close()
    queue.ask("test.note", 3)
    Bell(service.wake_path).close()


@transactional
def ask_and_fail() -> None:
    queue.ask("test.note", 4)
    raise RuntimeError


def test_who_waits_at_the_queue_is_given_work_as_it_comes(service: Settings) -> None:
    huey = queue.make_huey()
    taken: list[object] = []
    taker = threading.Thread(target=lambda: taken.append(huey.storage.dequeue()))
    taker.start()
    huey.storage.enqueue(b"work")
    taker.join(60)
    assert taken == [b"work"]
    huey.storage.longest_wait = 0.01
    assert huey.storage.dequeue() is None
    huey.storage.close()
