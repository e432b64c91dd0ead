"""How each part of the service is: asked by ``lms doctor``, /readyz and the operator's page."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peewee import InterfaceError, OperationalError
from redis import Redis
from redis.exceptions import RedisError

from lms import clock
from lms.config import MIB, Settings
from lms.db import drop_broken_connection, ensure_open, is_sqlite
from lms.errors import N_, LmsError
from lms.jobs.models import Job
from lms.migrations import pending
from lms.operating.life import last_sign_of_life
from lms.progress import packs
from lms.search.engine import engine
from lms.search.models import OutboxRow
from search_index import SearchIndexError

STALE_AFTER = timedelta(minutes=2)
OLDEST_BACKUP_DAYS = 7
PATIENCE = 2.0  # seconds that Redis has to answer in


@dataclass(frozen=True)
class Check:
    """The state of a part: ``ok``, and a msgid with values that says what was found and, if bad, what to do."""

    part: str
    ok: bool
    message: str
    values: dict[str, object]

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


def _good(part: str, message: str, **values: object) -> Check:
    return Check(part, True, message, values)


def _bad(part: str, message: str, **values: object) -> Check:
    return Check(part, False, message, values)


def check_database() -> Check:
    """See whether the database answers and has every migration.

    A line that broke is dropped: the next look, perhaps the only traffic there is, opens a fresh one.
    """
    try:
        ensure_open()
        missing = pending()
    except (OperationalError, InterfaceError, LmsError) as error:
        drop_broken_connection()
        return _bad("database", N_("cannot be reached: %(reason)s"), reason=str(error.__cause__ or error).strip())
    if missing:
        return _bad("database", N_("not migrated, run: lms migrate (missing: %(names)s)"), names=", ".join(missing))
    return _good("database", N_("reachable and migrated (%(kind)s)"), kind="SQLite" if is_sqlite() else "PostgreSQL")


def check_index() -> Check:
    """See whether the index can be read and how far it is behind the database."""
    try:
        count, generation = engine().state()
    except SearchIndexError as error:
        return _bad("index", N_("cannot be read, the worker rebuilds it: %(reason)s"), reason=str(error))
    oldest = OutboxRow.select(OutboxRow.created_at).order_by(OutboxRow.id).limit(1).scalar()
    waiting = OutboxRow.select().count() if oldest else 0
    if oldest and clock.now() - oldest > STALE_AFTER:
        return _bad("index", N_("behind: %(waiting)s changes wait, the oldest for over two minutes"), waiting=waiting)
    return _good(
        "index",
        N_("readable and fresh: %(count)s documents, generation %(generation)d, %(waiting)s changes waiting"),
        count=count,
        generation=generation,
        waiting=waiting,
    )


def check_worker() -> Check:
    """See whether a worker has given a sign of life."""
    silent_for = last_sign_of_life()
    if silent_for is None:
        return _bad("worker", N_("not running: uploads and search will not move on, run: lms worker"))
    return _good("worker", N_("alive, last beat %(seconds)d s ago"), seconds=silent_for.seconds)


def check_jobs() -> Check:
    """See whether background work has died."""
    dead = Job.select().where(Job.state == "dead").count()
    if dead:
        return _bad("jobs", N_("%(dead)s dead: see the page /operation"), dead=dead)
    waiting = Job.select().where(Job.state != "done").count()
    return _good("jobs", N_("%(waiting)s waiting or running, none dead"), waiting=waiting)


def check_packed_ledger() -> Check:
    """See whether what boards read says the same as the ledger, for the members of its newest rows.

    The worker makes it anew by itself when it starts and every hour: only what that has left is for people.
    """
    differing, members = packs.found_differing()
    if not differing:
        return _good("boards", N_("agree with the ledger (%(count)s members looked at)"), count=members)
    tried = Job.select(Job.state).where(Job.task == packs.MEND).order_by(Job.id.desc()).scalar()
    if tried in ("done", "dead"):
        return _bad("boards", N_("differ from the ledger for %(count)s members, run: lms repack"), count=len(differing))
    return _good("boards", N_("the worker makes anew what boards read"))


def check_queue(settings: Settings) -> Check:
    """See whether Redis answers, where the queue of jobs is in it."""
    try:
        with Redis.from_url(settings.redis_url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as redis:
            redis.ping()
    except (OSError, RedisError) as error:
        return _bad("queue", N_("Redis cannot be reached, jobs wait until it is back: %(reason)s"), reason=str(error))
    return _good("queue", N_("Redis answers"))


def check_data(settings: Settings) -> Check:
    """See whether the data folder can be written, and what of ours lies in it."""
    ours = (settings.data / "lms.sqlite3", settings.queue_path, settings.index_path, settings.files_path)
    shut = next((path for path in ours if path.exists() and not os.access(path, os.W_OK)), None)
    if shut is not None:
        return _bad("data", N_("%(path)s cannot be written: %(reason)s"), path=shut, reason=os.strerror(errno.EACCES))
    try:
        with tempfile.TemporaryFile(dir=settings.data) as probe:
            probe.write(b"x")
    except OSError as error:
        return _bad("data", N_("%(path)s cannot be written: %(reason)s"), path=settings.data, reason=error.strerror)
    return _good("data", N_("%(path)s can be written"), path=settings.data)


def check_disk(settings: Settings) -> Check:
    """See whether the disk has room left."""
    try:
        free = shutil.disk_usage(settings.data).free // MIB
    except OSError as error:
        return _bad("disk", N_("%(path)s cannot be read: %(reason)s"), path=settings.data, reason=error.strerror)
    if free < settings.min_free_mib:
        return _bad("disk", N_("only %(free)s MB free: uploads are refused"), free=free)
    return _good("disk", N_("%(free)s GB free"), free=f"{free / 1024:.1f}")


def check_backup(settings: Settings) -> Check:
    """See how old the newest backup is: one that no longer comes is noticed, one that was never made is only said."""
    try:
        path = settings.last_backup_path.read_text(encoding="utf-8").strip()
        made_at = datetime.fromtimestamp(settings.last_backup_path.stat().st_mtime, UTC).replace(tzinfo=None)
    except FileNotFoundError:
        return _good("backup", N_("none made here yet: run lms backup FILE, best every night"))
    except (OSError, UnicodeDecodeError) as error:
        return _bad("backup", N_("%(path)s cannot be read: %(reason)s"), path=settings.last_backup_path, reason=error)
    days = max((clock.now() - made_at).days, 0)
    if days > OLDEST_BACKUP_DAYS:
        return _bad("backup", N_("the last one is %(days)s days old: %(path)s"), days=days, path=path)
    return _good("backup", N_("last made %(days)s days ago: %(path)s"), days=days, path=path)


def all_checks(settings: Settings) -> list[Check]:
    """Check every part; those that need the database are left out while it does not answer."""
    found = [check_database()]
    if found[0].ok:
        found += [_guarded(check) for check in (check_index, check_worker, check_jobs, check_packed_ledger)]
    if settings.redis_url:
        found.append(check_queue(settings))
    return [*found, check_data(settings), check_disk(settings), check_backup(settings)]


def alarms(settings: Settings) -> list[Check]:
    """Give what is not well of the machine itself: it costs no statement, so a busy page may ask."""
    return [check for check in (check_disk(settings), check_backup(settings)) if not check.ok]


def _guarded(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (OperationalError, InterfaceError) as error:
        return _bad(check.__name__.removeprefix("check_"), N_("cannot be reached: %(reason)s"), reason=str(error))
