"""Real parts for every test: a migrated database of its own, real files, the real application."""

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import pytest
from apiflask import APIFlask
from jinja2 import FileSystemBytecodeCache

from lms import create_app, runtime
from lms.config import Settings
from lms.db import database
from lms.members.models import Member
from lms.migrations import migrate
from lms.web.signin import REMEMBERED, ActorMemory
from tests import emptying, this_process
from tests.browser_like import Browser
from tests.factories import Make
from tests.in_processes import (
    POSTGRESQL,
    SQLITE,
    belongs,
    pytest_addoption,
    pytest_runtestloop,
    pytest_terminal_summary,
)
from tests.made_once import made_once

__all__ = ["pytest_addoption", "pytest_runtestloop", "pytest_terminal_summary"]

TEMPLATE = "lms_test_template"

gc.disable()  # until all tests are collected

# No deadline: how long an example takes says more of the machine than of us. "thorough" is for a long run.
hypothesis.settings.register_profile("quick", deadline=None)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not about the database in use; begin with the long ones."""
    databases = [POSTGRESQL] if this_process.postgres else [SQLITE, POSTGRESQL] if config.option.also_on else [SQLITE]
    kept = [item for item in items if any(belongs(item, database) for database in databases)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = sorted(kept, key=lambda item: not item.get_closest_marker("long"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build the application for all processes; look for rubbish from now on, seldom, and never in what is there now."""
    if session.config.option.processes and any("built" in getattr(item, "fixturenames", ()) for item in session.items):
        folder = session.config._tmp_path_factory.mktemp("built")  # type: ignore[attr-defined]
        this_process.application = create_app(make_settings(folder))
        database.obj = None
    gc.freeze()
    gc.set_threshold(10_000, 50, 50)
    gc.enable()


@pytest.fixture(autouse=True)
def no_database_unasked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that runs on SQLite only because it asks for no migrated database, and then uses one all the same."""
    said = any(request.node.get_closest_marker(mark) for mark in ("sqlite_only", "browser"))
    if said or belongs(request.node, POSTGRESQL):
        yield
    else:
        with without_database():
            yield


@contextmanager
def without_database() -> Iterator[None]:
    """Take the database away; what binds one in here did not say so."""
    bound, database.obj = database.obj, None
    try:
        yield
        assert database.obj is None, "a database is used: ask for `service` or `migrated`, or mark it sqlite_only"
    finally:
        database.obj = bound


def make_settings(data: Path, **changes: object) -> Settings:
    """Settings for a test: all in its own folder, passwords hashed cheaply, nothing waits for the disk."""
    values: dict[str, object] = {
        "data": data,
        "secret_key": "only for tests",
        "database_url": _postgres_url(f"lms_test_{this_process.name}") if this_process.postgres else "",
        "sqlite_synchronous": "off",
        "password_time_cost": 1,
        "password_memory_kib": 64,
        "min_free_mib": 1,
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


def _postgres_url(name: str) -> str:
    return urlunsplit(urlsplit(this_process.postgres)._replace(path=f"/{name}"))


def _migrate_in(folder: Path) -> None:
    if this_process.postgres:
        emptying.make_database(TEMPLATE)
    runtime.start(make_settings(folder, database_url=_postgres_url(TEMPLATE) if this_process.postgres else ""))
    migrate()
    if this_process.postgres:
        emptying.prepare()
    database.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database migrated once: a SQLite file to copy, or a PostgreSQL database of each process to empty."""
    folder = made_once(tmp_path_factory, f"migrated-{bool(this_process.postgres)}", _migrate_in)
    if this_process.postgres:
        emptying.make_database(urlsplit(make_settings(folder).database_url).path.lstrip("/"), TEMPLATE)
    return folder / "lms.sqlite3"


@contextmanager
def started(settings: Settings, migrated: Path) -> Iterator[Settings]:
    """Start the service, without its web part, on an empty, migrated database."""
    settings.data.mkdir(exist_ok=True)
    if not this_process.postgres:
        shutil.copyfile(migrated, settings.data / "lms.sqlite3")
    runtime.start(settings)
    if this_process.postgres:
        emptying.keep_line()
        emptying.empty(database.obj.database)
    database.connect(reuse_if_open=True)
    yield settings
    database.close()


@pytest.fixture
def service(tmp_path: Path, migrated: Path, built: APIFlask) -> Iterator[Settings]:
    """The service started without its web part: for commands, queries and jobs.

    Started after the application is built, which binds a database of its own.
    """
    with started(make_settings(tmp_path / "var"), migrated) as settings:
        yield settings


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates, shared by all processes: compiling them anew took most of the time."""
    return FileSystemBytecodeCache(str(made_once(tmp_path_factory, "templates", lambda folder: None)))


@pytest.fixture(scope="session")
def built(migrated: Path, compiled: FileSystemBytecodeCache, tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    """The application, built once for all processes: building it costs more than most tests."""
    made = this_process.application or create_app(make_settings(tmp_path_factory.mktemp("built")))
    made.jinja_env.bytecode_cache = compiled
    return made


@contextmanager
def serving(built: APIFlask, settings: Settings) -> Iterator[APIFlask]:
    """Let the application serve a started service; what is changed in it is undone afterwards."""
    config, views = dict(built.config), dict(built.view_functions)
    built.config["LMS"] = settings
    built.extensions["actors"] = ActorMemory(REMEMBERED)
    yield built
    built.config.clear()
    built.config.update(config)
    built.view_functions = views


@pytest.fixture
def app(built: APIFlask, service: Settings) -> Iterator[APIFlask]:
    """The web application on the test's own database; what a test changes in it is undone."""
    with serving(built, service) as app:
        yield app


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
