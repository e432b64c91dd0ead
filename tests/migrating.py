"""A database as it was at an earlier step, brought up to the newest."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from playhouse.migrations import Runner

from lms import runtime
from lms.db import database, ensure_open
from lms.migrations import DIRECTORY, differences, migrate
from tests.conftest import make_settings


def brought_up(folder: Path, step: str, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Begin a service in a folder with a database of an earlier step that holds some rows, and migrate it."""
    settings = make_settings(folder)
    settings.data.mkdir()
    runtime.start(settings)
    ensure_open()
    Runner(database.obj, directory=str(DIRECTORY)).up(step)
    for table, row in rows:
        places = ", ".join("?" for _ in row)
        database.execute_sql(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))
    migrate()
    assert differences() == ""
