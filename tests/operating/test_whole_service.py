"""The whole service from outside: what holds across its processes, and what is left when all are killed."""

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from lms import runtime
from lms.config import load_settings
from lms.db import database
from lms.jobs.models import Job
from lms.materials.models import Material
from lms.members.access import load_actor
from lms.members.models import Member, Unit
from lms.members.passwords import make_hash
from lms.members.rules import ACCOUNT_TRIES
from lms.members.service import grant_role
from lms.notes.models import Note
from lms.search import drain
from lms.search.sources import all_documents
from lms.storage import files
from search_index.index import dump
from tests.factories import Make
from tests.operating.served_person import Person
from tests.operating.test_serve import PATIENCE, Service, children, gone, served, wait_for

__all__ = ["served"]
PASSWORD = "rain on the window"
KILLS = int(os.environ.get("LMS_TEST_KILLS", "2"))
ENOUGH_ANSWERS = 12  # that all of them come from one of two processes is next to impossible

pytestmark = [pytest.mark.sqlite_only, pytest.mark.long]


@pytest.fixture
def people(served: Service, migrated: Path) -> Iterator[dict[str, Member]]:
    """A migrated organisation with an administrator and a lecturer who can sign in, seen by this process as well."""
    served.environment |= {"LMS_WEB_WORKERS": "2", "LMS_PASSWORD_TIME_COST": "1", "LMS_PASSWORD_MEMORY_KIB": "64"}
    served.data.mkdir()
    shutil.copyfile(migrated, served.data / "lms.sqlite3")
    runtime.start(load_settings(served.environment))
    database.connect(reuse_if_open=True)
    make = Make()
    unit = make.unit("青禾街道", kind="agency")
    hashed = make_hash(PASSWORD)
    yield {
        "administrator": make.member(unit, "administrator", name="周正", password_hash=hashed),
        "lecturer": make.member(unit, "lecturer", name="陈志远", password_hash=hashed),
        "member": make.member(unit, name="王淑兰", password_hash=hashed),
    }
    database.close()


def signed_in(served: Service, name: str) -> Person:
    person = Person(served.port)
    assert person.sign_in(name, PASSWORD) == 200
    return person


def test_what_one_web_process_learns_holds_in_the_other_until_ctrl_c_stops_all(
    served: Service, people: dict[str, Member]
) -> None:
    process = served.start()
    reader, elsewhere = signed_in(served, "王淑兰"), signed_in(served, "王淑兰")
    assert {reader.get("/people")[0] for _ in range(ENOUGH_ANSWERS)} == {403}
    unit = Unit.get().id
    grant_role(load_actor(people["administrator"].id), people["member"].id, unit, "liaison")
    assert {reader.get("/people")[0] for _ in range(ENOUGH_ANSWERS)} == {200}

    new = "a quiet afternoon"
    status, _ = reader.send("/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert status == 200
    assert {
        "账号" in elsewhere.get("/account")[1] and "/account/password" in elsewhere.get("/account")[1]
        for _ in range(ENOUGH_ANSWERS)
    } == {False}
    assert {reader.get("/people")[0] for _ in range(ENOUGH_ANSWERS)} == {200}

    guesser = Person(served.port)
    met = [guesser.sign_in("陈志远", f"guess number {number}") for number in range(ACCOUNT_TRIES + 3)]
    assert met == [422] * ACCOUNT_TRIES + [429] * 3 or met == [401] * ACCOUNT_TRIES + [429] * 3
    assert Person(served.port).sign_in("陈志远", PASSWORD) == 429

    wait_for(served.worker_pid, "the worker's first beat")
    worker = served.worker_pid()
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    wait_for(lambda: gone(worker), "the worker to leave")


def test_after_kill_9_of_everything_nothing_is_half_stored(served: Service, people: dict[str, Member]) -> None:
    chance = random.Random(20261123)
    for number in range(KILLS):
        process = served.start()
        lecturer = signed_in(served, "陈志远")
        begun = threading.Event()
        writing = threading.Thread(target=write_on, args=(lecturer, number, begun))
        writing.start()
        assert begun.wait(PATIENCE), "nothing was written before the kill"
        time.sleep(chance.uniform(0, 2))
        kill_family(process)
        writing.join()
    process = served.start()
    # In this order: a job writes to the outbox before it is done.
    wait_for(lambda: not unfinished() and not drain.backlog(), "jobs and outbox to be worked off")
    wait_for(lambda: served.get("/readyz"), "the service to be ready")
    found_by_doctor = served.forked("doctor")
    assert found_by_doctor.returncode == 0, found_by_doctor.stdout
    process.send_signal(signal.SIGTERM)
    assert process.wait(150) == 0

    assert database.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
    assert Note.select().count() + Material.select().count() > 0
    for material in Material.select():
        assert files().exists(material.file_key), material.title
        assert material.state == "ready", (material.title, material.state)
    assert not Job.select().where(Job.state == "dead").exists()
    kept = sorted(document.key for document in dump(served.data / "index"))
    assert kept == sorted(document.key for document in all_documents())


def write_on(person: Person, number: int, begun: threading.Event) -> None:
    """Write notes and upload materials until nobody answers any more; say when the first ones are there."""
    with suppress(OSError, HTTPException):
        for turn in range(500):
            person.send("/notes/new", {"title": f"笔记{number}-{turn}", "body": "田野。" * 50, "audience": "everyone"})
            facts = {"title": f"材料{number}-{turn}", "summary": "", "category": "other", "audience": "everyone"}
            text = f"第{number}轮第{turn}份。\n".encode() * 400
            person.send("/materials/new", {**facts, "unit": "1", "file": (f"{number}-{turn}.txt", text)})
            begun.set()


def unfinished() -> bool:
    return bool(Job.select().where(Job.state.not_in(("done", "dead"))).exists())


def kill_family(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all below it as a power cut does: each is stopped before it is asked for its children."""
    family = [process.pid]
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
        family += children(pid)
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(150)
