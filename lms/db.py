"""The database: late-bound, SQLite or PostgreSQL, one way to open a transaction."""

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from peewee import (
    Database,
    DatabaseError,
    DatabaseProxy,
    IntegrityError,
    InterfaceError,
    Model,
    OperationalError,
    PostgresqlDatabase,
    SqliteDatabase,
)
from psycopg import adapters
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown

from lms import quick_sql
from lms.config import Settings
from lms.errors import N_, Conflict, LmsError, Unavailable

P = ParamSpec("P")
R = TypeVar("R")

database = DatabaseProxy()
quick_sql.install()

_LOCKED = re.compile(r"database (table )?is locked|could not obtain lock|deadlock detected", re.IGNORECASE)
_TWIN = re.compile("duplicate key value")  # PostgreSQL's words; on SQLite nobody writes between our look and our row
_FULL = re.compile(r"disk is full|disk I/O error|no space left|readonly database", re.IGNORECASE)


class _WithoutNul(StrDumperUnknown):
    """Give PostgreSQL a text without NUL, the one character that it refuses: nobody types it, damaged files hold it."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\x00", ""))


adapters.register_dumper(str, _WithoutNul)


class BaseModel(Model):
    """A table of the service. ``save()`` writes only what was changed; foreign keys never load by themselves."""

    class Meta:
        database = database
        legacy_table_names = False
        only_save_dirty = True


def make_database(settings: Settings) -> Database:
    """Make the database object for the settings' address, without connecting.

    SQLite: WAL; foreign keys on; every transaction BEGIN IMMEDIATE, because a deferred one that turns from
    reading to writing fails at once under contention instead of waiting.
    """
    url = urlsplit(settings.database)
    if url.scheme == "sqlite":
        path = Path(settings.database.removeprefix("sqlite:///"))
        return SqliteDatabase(
            str(path),
            pragmas={
                "journal_mode": "wal",
                "foreign_keys": 1,
                "synchronous": settings.sqlite_synchronous,
                "cache_size": -4 * 1024,  # KiB for each thread; the system caches the file besides
                "temp_store": "memory",
            },
            lock_type="IMMEDIATE",
            timeout=5,
        )
    if url.scheme in ("postgres", "postgresql"):
        options: dict[str, Any] = dict(parse_qsl(url.query))
        for key, value in (("host", url.hostname), ("port", url.port), ("user", url.username)):
            if value:
                options[key] = value
        if url.password:
            options["password"] = unquote(url.password)
        return PostgresqlDatabase(url.path.lstrip("/"), **options)
    raise ValueError(f"LMS_DATABASE_URL begins with {url.scheme!r}: use sqlite:/// or postgresql://")


def bind(settings: Settings) -> Database:
    """Point the service's models at the settings' database; the connection opens at first use, per thread."""
    if database.obj is not None and not database.is_closed():
        database.close()
    made = make_database(settings)
    database.initialize(made)
    return made


def ensure_open() -> None:
    """Open this thread's connection if it is not; it is then kept, because opening costs more than a query."""
    if database.is_closed():
        try:
            database.connect()
        except DatabaseError as error:  # also a file that is no database, an option that nobody knows
            raise Unavailable(N_("The database cannot be reached just now. Please try again in a moment.")) from error


def drop_broken_connection() -> None:
    """Close this thread's connection after a failure of the line, so that the next request opens a fresh one."""
    if not database.is_closed():
        database.close()


def transactional(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command in one transaction; inside another one it joins as a savepoint.

    Raises Unavailable when the database stays locked, the disk is full or the line broke: nothing was written then.
    A broken line is dropped, for nobody above sees that it was one. Raises Conflict for what somebody else has written
    at the same moment, where PostgreSQL let both look first.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with database.atomic():
                return command(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            if not _of_the_moment(error) and not database.in_transaction():
                drop_broken_connection()
            raise explain(error) from error
        except IntegrityError as error:
            if database.in_transaction() or not _TWIN.search(str(error)):
                raise
            raise Conflict(N_("This was changed at the same moment elsewhere. Please try again.")) from error

    return run


def _of_the_moment(error: Exception) -> bool:
    """Say whether the line itself is sound: a lock or a full disk passes, a line that broke stays broken."""
    text = _whole_text(error)
    return bool(_LOCKED.search(text) or _FULL.search(text))


def _whole_text(error: BaseException | None) -> str:
    """Give the words of an error and of those it came from: a full SQLite has rolled back before we ask it to."""
    return f"{error} {_whole_text(error.__context__)}" if error else ""


def explain(error: Exception) -> LmsError:
    """Turn a failure of the database itself into words for the reader."""
    text = _whole_text(error)
    if _LOCKED.search(text):
        return Unavailable(N_("The database is busy. Nothing was lost: please try again in a moment."))
    if _FULL.search(text):
        return Unavailable(N_("The server's disk is full, so nothing could be saved. Please tell the administrator."))
    return Unavailable(N_("The database cannot be reached just now. Please try again in a moment."))


def one_at_a_time(*keys: str) -> None:
    """Have whoever names one of the same keys wait until this transaction ends.

    For what is decided by looking at several rows, or at whether there is one: PostgreSQL would let two look before
    either writes. Who waits sees what the other has written. Rows of members are no such lock: whatever names a member
    holds theirs, so two that each hold it and want it alone wait for each other. On SQLite there is one writer anyway.
    """
    if not is_sqlite():
        for key in keys:
            database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))


def many_at_a_time(key: str) -> None:
    """Have who names the key to ``one_at_a_time`` wait until this transaction ends; others of us go on."""
    if not is_sqlite():
        database.execute_sql("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", (key,))


def is_sqlite() -> bool:
    """Say whether the service runs on SQLite, for the few statements that differ."""
    return isinstance(database.obj, SqliteDatabase)
