"""PostgreSQL databases for tests: made from a migrated template once, and emptied for each test.

To open a line costs the server more than most tests do, and on a new one it learns about each table anew. So the line
that a test closes is put by, and the next test goes on with it.
"""

import os
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from peewee import PostgresqlDatabase
from psycopg.pq import TransactionStatus

from lms.db import database
from tests import this_process

KEPT = "schema_migration"
_put_by: dict[str, Any] = {}  # by name of the database: a line that nobody uses


def make_database(name: str, like: str = "template0") -> None:
    """Make a database anew, as a copy of another."""
    line_of.cache_clear()
    admin = line_of("postgres")
    admin.execute_sql(f'DROP DATABASE IF EXISTS "{name}"')
    admin.execute_sql(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    admin.close()
    line_of.cache_clear()


def prepare() -> None:
    """Put the function that empties everything into the database in use, which is then copied.

    Only what holds rows is emptied, and without TRUNCATE or ALTER SEQUENCE, which make new files for every table and
    index. The rows of all tables go together, so their references need not be looked at.
    """
    tables = [name for name in database.get_tables() if name != KEPT]
    steps = "\n".join(f'IF EXISTS (SELECT FROM "{name}") THEN DELETE FROM "{name}"; END IF;' for name in tables)
    database.execute_sql(
        f"""
        CREATE FUNCTION empty_for_a_test() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
        BEGIN
            {steps}
            PERFORM setval(seqrelid::regclass, 1, false) FROM pg_sequence
                WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
                AND NOT starts_with(seqrelid::regclass::text, '{KEPT}');
        END $$
        """
    )


def empty(name: str) -> None:
    """Empty a database and let it count from 1 again, over a line that is kept: it knows all tables by now."""
    line_of(name).execute_sql("SELECT empty_for_a_test()")


def keep_line() -> None:
    """Have the database in use put its line by when it is closed, and go on with one that was put by.

    Only in this process, not in those it forks, and only a line that is sound and in no transaction.
    """
    used, process = database.obj, os.getpid()
    connect, close = used._connect, used._close

    def take() -> Any:
        line = _put_by.pop(used.database, None) if os.getpid() == process else None
        return connect() if line is None or line.closed else line

    def put(line: Any) -> None:
        idle = not line.closed and line.pgconn.transaction_status == TransactionStatus.IDLE
        if os.getpid() != process or not idle or _put_by.setdefault(used.database, line) is not line:
            close(line)

    used._connect, used._close = take, put


@cache
def line_of(name: str) -> PostgresqlDatabase:
    parts = urlsplit(this_process.postgres)
    line = PostgresqlDatabase(name, host=parts.hostname, port=parts.port, user=parts.username)
    line.connect()
    line.connection().autocommit = True
    return line
