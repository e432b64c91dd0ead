"""Real parts for every test: a migrated database of its own, real files, the real application."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from apiflask import APIFlask
from jinja2 import FileSystemBytecodeCache
from peewee import PostgresqlDatabase

from lms import create_app, runtime
from lms.config import Settings
from lms.db import database
from lms.members.models import Member
from lms.migrations import migrate
from lms.web.signin import REMEMBERED, ActorMemory
from tests.browser_like import Browser
from tests.factories import Make

POSTGRES = os.environ.get("LMS_TEST_POSTGRES", "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what is not about the database; the run on SQLite has it. Begin with the long ones.

    What asks for no migrated database shows nothing there that it does not show here: its fixtures tell, not a list.
    """
    if POSTGRES:
        _leave_out_what_is_not_about_the_database(config, items)
    items[:] = spread_long(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _leave_out_what_is_not_about_the_database(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept, left_out = [], []
    for item in items:
        elsewhere = item.get_closest_marker("sqlite_only") or item.get_closest_marker("browser")
        without_database = "migrated" not in getattr(item, "fixturenames", ())
        (left_out if elsewhere or without_database else kept).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def spread_long(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """Order tests so that the long ones stand, in turn, at the head of each of as many equal parts.

    xdist hands each process one such part to begin with; all processes have to see the same order.
    """
    long = [item for item in items if item.get_closest_marker("long")]
    short = [item for item in items if not item.get_closest_marker("long")]
    size = -(-len(items) // processes)
    parts: list[list[pytest.Item]] = []
    for number in range(processes):
        head = long[number::processes]
        taken = max(0, min(size, len(items) - number * size) - len(head))
        parts.append(head + short[:taken])
        short = short[taken:]
    return [item for part in parts for item in part] + short


def make_settings(data: Path, **changes: object) -> Settings:
    """Settings for a test: everything in its own folder, passwords hashed cheaply."""
    values: dict[str, object] = {
        "data": data,
        "secret_key": "only for tests",
        "database_url": _postgres_url() if POSTGRES else "",
        "password_time_cost": 1,
        "password_memory_kib": 64,
        "min_free_mib": 1,
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


def _postgres_url() -> str:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return urlunsplit(urlsplit(POSTGRES)._replace(path=f"/lms_test_{worker}"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database migrated once per process: a SQLite file to copy, or a PostgreSQL database to empty."""
    folder = tmp_path_factory.mktemp("migrated")
    settings = make_settings(folder)
    if POSTGRES:
        parts = urlsplit(POSTGRES)
        admin = PostgresqlDatabase("postgres", host=parts.hostname, port=parts.port, user=parts.username)
        admin.connect()
        admin.connection().autocommit = True
        name = urlsplit(settings.database_url).path.lstrip("/")
        admin.execute_sql(f'DROP DATABASE IF EXISTS "{name}"')
        admin.execute_sql(f'CREATE DATABASE "{name}"')
        admin.close()
    runtime.start(settings)
    migrate()
    database.close()
    return folder / "lms.sqlite3"


def empty_postgres() -> None:
    """Empty the PostgreSQL database in use and count from 1 again.

    Only what holds rows is emptied, and without TRUNCATE, which makes new files for every table and index and was most
    of a small test. The rows of all tables go together, so their references need not be looked at.
    """
    tables = [f'"{name}"' for name in database.get_tables() if name != "schema_migration"]
    asked = ", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)
    there = database.execute_sql(f"SELECT {asked}").fetchone()
    used = database.execute_sql(
        "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
    ).fetchall()
    with database.atomic():
        database.execute_sql("SET LOCAL session_replication_role = replica")
        for table, holds in zip(tables, there, strict=True):
            if holds:
                database.execute_sql(f"DELETE FROM {table}")
        for (sequence,) in used:
            database.execute_sql(f"ALTER SEQUENCE {sequence} RESTART")


@pytest.fixture
def settings(tmp_path: Path, migrated: Path) -> Settings:
    """Settings whose database is migrated and empty."""
    made = make_settings(tmp_path / "var")
    made.data.mkdir()
    if not POSTGRES:
        shutil.copyfile(migrated, made.data / "lms.sqlite3")
    return made


@pytest.fixture
def service(settings: Settings, built: APIFlask) -> Iterator[Settings]:
    """The service started without its web part: for commands, queries and jobs.

    Started after the application is built, which binds a database of its own.
    """
    runtime.start(settings)
    database.connect(reuse_if_open=True)
    if POSTGRES:
        empty_postgres()
    yield settings
    database.close()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates, shared by the applications of all tests: compiling them anew took most of the time."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def built(migrated: Path, compiled: FileSystemBytecodeCache, tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    """The application, built once per process: building it costs more than most tests."""
    made = create_app(make_settings(tmp_path_factory.mktemp("built")))
    made.jinja_env.bytecode_cache = compiled
    return made


@pytest.fixture
def app(built: APIFlask, service: Settings) -> Iterator[APIFlask]:
    """The web application on the test's own database; what a test changes in it is undone."""
    config, views = dict(built.config), dict(built.view_functions)
    built.config["LMS"] = service
    built.extensions["actors"] = ActorMemory(REMEMBERED)
    yield built
    built.config.clear()
    built.config.update(config)
    built.view_functions = views


@pytest.fixture
def make(service: Settings) -> Make:
    """Makers of units, members, books and the like, with sensible defaults."""
    return Make()


@pytest.fixture
def browser(app: APIFlask) -> Callable[[Member | None], Browser]:
    """Open a browser (a test client with CSRF in force), signed in as a member or not at all."""

    def open_browser(member: Member | None = None) -> Browser:
        return Browser(app, member)

    return open_browser
