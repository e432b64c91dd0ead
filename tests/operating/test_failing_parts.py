"""A part that fails is said so in words, loses nothing, and is used again as soon as it is back."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from peewee import InterfaceError, OperationalError

from lms.config import Settings
from lms.db import database, ensure_open, make_database, transactional
from lms.errors import Unavailable
from lms.failures import EXPECTED, in_one_line
from lms.jobs import queue
from lms.jobs.models import Job, WorkerBeat
from lms.members.models import Member
from lms.notes.models import Note
from lms.operating import checks
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
TYPED = {"title": "读后", "body": "田野里的差序格局。", "audience": "me"}


@pytest.mark.sqlite_only
def test_while_the_database_is_locked_reading_goes_on_and_writing_is_asked_to_come_again(
    browser: Open, make: Make, service: Settings
) -> None:
    writer = browser(make.member())
    writer.token()
    database.execute_sql("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(service.data / "lms.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert writer.get("/books").status_code == 200
        page = writer.post("/notes/new", TYPED)
        program = writer.api("POST", "/notes", TYPED)
        other.execute("ROLLBACK")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    assert {**TYPED, "csrf_token": writer.token()} == kept, "a button sends what was typed once more"
    assert (program.status_code, program.content_type) == (503, "application/problem+json")
    assert program.headers["Retry-After"] == "5"
    assert Note.select().count() == 0
    assert writer.post("/notes/new", kept).status_code == 303


@pytest.mark.sqlite_only
def test_a_database_that_cannot_be_opened_is_said_so_on_a_page_with_its_style(
    browser: Open, make: Make, service: Settings
) -> None:
    reader = browser(make.member())
    database.close()
    path = service.data / "lms.sqlite3"
    path.rename(path.with_suffix(".aside"))
    path.mkdir()
    page, ready = reader.get("/books"), reader.get("/readyz")
    style = reader.get("/static/css/garden.css")
    path.rmdir()
    path.with_suffix(".aside").rename(path)
    assert (page.status_code, ready.status_code, style.status_code) == (503, 503, 200)
    assert page.headers["Retry-After"] == "5"
    assert "Traceback" not in page.text and str(path) not in page.text + ready.text
    style.close()
    assert reader.get("/books").status_code == 200


@pytest.mark.sqlite_only
def test_a_full_disk_is_said_so_and_nothing_is_half_stored(browser: Open, make: Make) -> None:
    writer = browser(make.member())
    writer.token()
    pages = database.execute_sql("PRAGMA page_count").fetchone()[0]
    database.execute_sql(f"PRAGMA max_page_count = {pages}")
    refused = writer.post("/notes/new", {**TYPED, "body": "很长的一段话。" * 5000})
    assert refused.status_code == 503
    assert "磁盘已满" in refused.text
    database.execute_sql("PRAGMA max_page_count = 1000000")
    assert Note.select().count() == 0
    assert writer.post("/notes/new", TYPED).status_code == 303


def cut_the_line() -> None:
    """Have the server end this thread's connection, as it does when it is stopped."""
    pid = database.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
    with closing(type(database.obj)(database.obj.database, **database.obj.connect_params)) as other:
        other.execute_sql("SELECT pg_terminate_backend(%s)", (pid,))


@pytest.mark.postgres_only
def test_after_postgresql_was_restarted_pages_answer_again_by_themselves(browser: Open, make: Make) -> None:
    reader = browser(make.member())
    assert reader.get("/books").status_code == 200
    cut_the_line()
    assert reader.get("/books").status_code == 503
    assert reader.get("/books").status_code == 200


@pytest.mark.postgres_only
def test_readiness_says_no_once_and_yes_again_without_other_traffic(browser: Open) -> None:
    probe = browser(None)
    assert probe.get("/readyz").status_code == 200
    cut_the_line()
    refused = probe.get("/readyz")
    assert (refused.status_code, refused.json["database"]) == (503, "cannot be reached: see lms doctor")
    assert probe.get("/readyz").status_code == 200


@pytest.mark.postgres_only
def test_a_command_that_met_a_broken_line_leaves_none_behind(make: Make) -> None:
    @transactional
    def count() -> int:
        return Member.select().count()

    cut_the_line()
    with pytest.raises(Exception, match="cannot be reached"):
        count()
    assert count() == 0


@pytest.mark.postgres_only
def test_a_job_that_met_a_broken_line_leaves_none_behind(service: Settings) -> None:
    job = Job.create(task="test.none", state="queued")
    cut_the_line()
    with pytest.raises((OperationalError, InterfaceError)):
        queue.run(job.id)
    queue.run(job.id)
    assert Job.get().state == "waiting"


@pytest.mark.sqlite_only
def test_what_is_no_database_and_what_holds_no_tables_is_said_in_one_line(service: Settings, tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\xff" * 5000)
    database.close()
    whole = database.obj
    try:
        database.initialize(make_database(replace(service, database_url=f"sqlite:///{tmp_path / 'noise'}")))
        assert str(checks.check_database()) == "cannot be reached: file is not a database"
        with pytest.raises(Unavailable) as refused:
            ensure_open()
        assert in_one_line(refused.value).endswith("in a moment. (file is not a database)")
        database.initialize(make_database(replace(service, database_url=f"sqlite:///{tmp_path / 'new'}")))
        with pytest.raises(EXPECTED) as untold:
            Member.select().count()
        assert in_one_line(untold.value).startswith("the database cannot be used: no such table: member (lms doctor")
        assert in_one_line(FileNotFoundError(2, "Not there", "a.tar")) == "a.tar: Not there"
    finally:
        database.close()
        database.initialize(whole)


def test_without_a_worker_doctor_says_what_stands_still(service: Settings) -> None:
    assert "lms worker" in str(checks.check_worker())
    WorkerBeat.create(name="somewhere:1")
    assert checks.check_worker().ok


def test_a_data_folder_that_is_gone_or_closed_is_named(service: Settings, tmp_path: Path) -> None:
    gone = Settings(**{**service.__dict__, "data": tmp_path / "nowhere"})
    for check in (checks.check_data, checks.check_disk):
        found = check(gone)
        assert not found.ok
        assert "nowhere" in str(found)
