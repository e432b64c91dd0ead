"""Backup to one file and restore from it: the tables as JSON lines and the uploaded files, in a tar.

Tables as text rather than a copy of the database file, so that one form serves SQLite and PostgreSQL and moves an
organisation from one to the other. The search index is left out: it is rebuilt.
"""

import gzip
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

from peewee import BooleanField, ForeignKeyField, Model, fn, sort_models

from lms import clock
from lms.db import database, is_sqlite
from lms.errors import N_, Conflict, InvalidInput
from lms.migrations import applied, migrate, models
from lms.notes.models import LikenessMark, LikenessText
from lms.operating.life import is_running
from lms.progress import packs
from lms.progress.models import LedgerPack
from lms.search.models import OutboxRow
from lms.storage import files

FORM = 1
BATCH = 500
# Emptied by a restore and made anew: the packed ledger at once, the others by the worker.
DERIVED = (OutboxRow, LikenessMark, LikenessText, LedgerPack)
NOT_KEPT = {"worker_beat", *(model._meta.table_name for model in DERIVED)}
Progress = Callable[[str], None]


def backup(target: Path, progress: Progress) -> None:
    """Write a backup while the service runs: the tables as of one instant, and every stored file.

    Written aside and renamed when whole, for the owner alone to read. A file uploaded while this runs may be in it
    without its row, which does no harm; none is swept meanwhile. Raises Conflict when the target exists.
    """
    if target.exists():
        raise Conflict(N_("%(path)s exists already; choose another name."), path=target)
    aside = target.with_name(target.name + ".partial")
    try:
        with files().nothing_removed(), _written_aside(aside) as archive:
            counts = _write_tables(archive, progress)
            manifest = {"form": FORM, "made_at": clock.now().isoformat(), "migrations": applied(), "rows": counts}
            _add_bytes(archive, "manifest.json", json.dumps(manifest, indent=1).encode())
            _write_files(archive, progress)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def _written_aside(path: Path) -> Iterator[tarfile.TarFile]:
    """Write an archive that is on the disk, whole, when this is left; names and phone numbers are in it."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            yield archive
        file.flush()
        os.fsync(file.fileno())


def _write_tables(archive: tarfile.TarFile, progress: Progress) -> dict[str, int]:
    counts: dict[str, int] = {}
    with _one_instant():
        for model in _kept_models():
            name = model._meta.table_name
            with tempfile.TemporaryFile() as spool:
                counts[name] = _dump(model, spool)
                size = spool.tell()
                spool.seek(0)
                info = tarfile.TarInfo(f"tables/{name}.jsonl.gz")
                info.size = size
                archive.addfile(info, spool)
            progress(f"{name}: {counts[name]}")
    return counts


@contextmanager
def _one_instant() -> Iterator[None]:
    """Hold a snapshot: in WAL a read transaction is one, on PostgreSQL it must be asked for."""
    with database.manual_commit():
        database.execute_sql("BEGIN" if is_sqlite() else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            database.execute_sql("ROLLBACK")


def _kept_models() -> list[type[Model]]:
    return [model for model in sort_models(models()) if model._meta.table_name not in NOT_KEPT]


def _dump(model: type[Model], spool: Any) -> int:
    count = 0
    columns = [field.column_name for field in model._meta.sorted_fields]
    with gzip.GzipFile(fileobj=spool, mode="wb", compresslevel=3) as packed:
        packed.write(json.dumps(columns).encode() + b"\n")
        for row in model.select().order_by(model._meta.primary_key).tuples().iterator():
            packed.write(json.dumps(row, ensure_ascii=False, default=_as_text).encode() + b"\n")
            count += 1
    return count


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"cannot back up a value of type {type(value).__name__}")


def _write_files(archive: tarfile.TarFile, progress: Progress) -> None:
    count = 0
    for key in sorted(files().keys()):
        with suppress(FileNotFoundError):  # one whose upload failed was taken back meanwhile: no row names it
            archive.add(files().path(key), arcname=f"files/{key}", recursive=False)
            count += 1
    progress(f"files: {count}")


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, BytesIO(content))


def restore(source: Path, progress: Progress, *, replace: bool = False) -> None:
    """Bring back what a backup holds, all rows in one transaction; the index must be rebuilt afterwards.

    Raises InvalidInput when the file is no backup of ours or of a newer service, Conflict when the service still runs
    on this database, or when it holds members and ``replace`` is not set. Files are stored first: left over, they do
    no harm.
    """
    try:
        with tarfile.open(source, "r:") as archive:
            manifest = _manifest(archive)
            migrate()
            _refuse_newer(manifest)
            _refuse_running()
            if not replace and any(model.select().exists() for model in _kept_models()):
                raise Conflict(N_("The database is not empty. Use --replace to lose what it holds."))
            _read_files(archive, progress)
            with database.atomic():
                _empty()
                for model in _kept_models():
                    _load(archive, model, progress)
                packs.rebuild()
                _forget_running_jobs()
    except (tarfile.TarError, KeyError, json.JSONDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise InvalidInput(N_("%(path)s is not a whole backup: %(reason)s"), path=source, reason=error) from error


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.load(_member(archive, "manifest.json"))
    if manifest.get("form") != FORM:
        raise InvalidInput(N_("This backup was made by another version of the service."))
    return manifest


def _refuse_running() -> None:
    """Raise Conflict while a worker lives: it and the web would go on with what they remember of the former rows."""
    if is_running():
        raise Conflict(N_("The service is running on this database. Stop it first."))


def _refuse_newer(manifest: dict[str, Any]) -> None:
    if set(manifest["migrations"]) != set(applied()):
        raise InvalidInput(
            N_("This backup was made by another version of the service; restore it with that version, then upgrade.")
        )


def _member(archive: tarfile.TarFile, name: str) -> BinaryIO:
    found = archive.extractfile(name)
    if found is None:
        raise KeyError(name)
    return cast(BinaryIO, found)


def _read_files(archive: tarfile.TarFile, progress: Progress) -> None:
    count = 0
    for info in archive:
        if info.isfile() and info.name.startswith("files/"):
            stored = files().put(_member(archive, info.name), limit=info.size)
            if stored.key != info.name.removeprefix("files/"):
                raise InvalidInput(N_("The file %(name)s in the backup is damaged."), name=info.name)
            count += 1
    progress(f"files: {count}")


def _empty() -> None:
    for model in [*DERIVED, *reversed(_kept_models())]:
        for field in _self_references(model):
            model.update({field: None}).where(field.is_null(False)).execute()
        model.delete().execute()


def _load(archive: tarfile.TarFile, model: type[Model], progress: Progress) -> None:
    """Insert a table's rows; references to rows of the same table are set afterwards, whatever their order."""
    name = model._meta.table_name
    own = _self_references(model)
    later: list[tuple[Any, dict[Any, Any]]] = []
    count = 0
    with gzip.open(_member(archive, f"tables/{name}.jsonl.gz")) as lines:
        fields = [model._meta.columns[column] for column in json.loads(next(lines))]
        batch: list[dict[Any, Any]] = []
        for line in lines:
            row = {field: _value(field, value) for field, value in zip(fields, json.loads(line), strict=True)}
            held = {field: row[field] for field in own if row[field] is not None}
            if held:
                later.append((row[model._meta.primary_key], held))
                row.update(dict.fromkeys(held))
            batch.append(row)
            count += 1
            if len(batch) == BATCH:
                model.insert_many(batch).execute()
                batch = []
        if batch:
            model.insert_many(batch).execute()
    for key, held in later:
        model.update(held).where(model._meta.primary_key == key).execute()
    _continue_numbering(model)
    progress(f"{name}: {count}")


def _self_references(model: type[Model]) -> list[ForeignKeyField]:
    return [f for f in model._meta.sorted_fields if isinstance(f, ForeignKeyField) and f.rel_model is model]


def _value(field: Any, value: Any) -> Any:
    return bool(value) if isinstance(field, BooleanField) and value is not None else value


def _continue_numbering(model: type[Model]) -> None:
    """Set PostgreSQL's sequence behind the largest id; SQLite numbers on by itself."""
    if not is_sqlite():
        table = model._meta.table_name
        highest = model.select(fn.MAX(model._meta.primary_key)).scalar() or 0
        database.execute_sql("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", (table, highest + 1))


def _forget_running_jobs() -> None:
    database.execute_sql("UPDATE job SET state = 'waiting', lease_until = NULL WHERE state IN ('queued', 'running')")
