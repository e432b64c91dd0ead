"""PostgreSQL databases for tests: made from a migrated template once, and emptied for each test."""

from functools import cache
from urllib.parse import urlsplit

from peewee import PostgresqlDatabase

from lms.db import database
from tests import this_process

KEPT = "schema_migration"


def make_database(name: str, like: str = "template0") -> None:
    """Make a database anew, as a copy of another."""
    _line.cache_clear()
    admin = _line("postgres")
    admin.execute_sql(f'DROP DATABASE IF EXISTS "{name}"')
    admin.execute_sql(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    admin.close()
    _line.cache_clear()


def prepare() -> None:
    """Put the function that empties everything into the database in use, which is then copied.

    Only what holds rows is emptied, and without TRUNCATE or ALTER SEQUENCE, which make new files for every table and
    index. The rows of all tables go together, so their references need not be looked at.
    """
    tables = [name for name in database.get_tables() if name != KEPT]
    sequences = [
        name
        for (name,) in database.execute_sql("SELECT quote_ident(sequencename) FROM pg_sequences").fetchall()
        if not name.startswith(KEPT)
    ]
    steps = [f'IF EXISTS (SELECT FROM "{name}") THEN DELETE FROM "{name}"; END IF;' for name in tables]
    steps += [
        f"IF (SELECT is_called FROM {name}) THEN PERFORM setval('{name}', 1, false); END IF;" for name in sequences
    ]
    body = "\n".join(steps)
    database.execute_sql(
        "CREATE FUNCTION empty_for_a_test() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica"
        f" AS $$ BEGIN {body} END $$"
    )


def empty(name: str) -> None:
    """Empty a database and let it count from 1 again, over a line that is kept: it knows all tables by now."""
    _line(name).execute_sql("SELECT empty_for_a_test()")


@cache
def _line(name: str) -> PostgresqlDatabase:
    parts = urlsplit(this_process.postgres)
    line = PostgresqlDatabase(name, host=parts.hostname, port=parts.port, user=parts.username)
    line.connect()
    line.connection().autocommit = True
    return line
