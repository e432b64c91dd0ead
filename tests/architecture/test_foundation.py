"""The foundation holds: migrations make what the models say, on the database in use."""

from pathlib import Path

import pytest

from lms import runtime
from lms.db import database
from lms.migrations import differences, migrate, models, pending
from tests.conftest import make_settings


def test_a_migrated_database_has_nothing_pending_and_equals_the_models(service: object) -> None:
    assert pending() == []
    assert differences() == ""


@pytest.mark.sqlite_only
def test_every_table_of_the_migrations_is_column_for_column_the_table_of_its_model(
    service: object, tmp_path: Path
) -> None:
    tables = [model._meta.table_name for model in models()]
    migrated = {table: sorted(_columns(table)) for table in tables}
    runtime.start(make_settings(tmp_path / "fresh", database_url=f"sqlite:///{tmp_path / 'models.sqlite3'}"))
    database.create_tables(models())
    assert {table: sorted(_columns(table)) for table in tables} == migrated


def _columns(table: str) -> list[tuple[str, str, bool]]:
    return [(c.name, c.data_type.upper(), c.null) for c in database.get_columns(table)]


def test_migrating_twice_changes_nothing(service: object) -> None:
    assert migrate() == []
