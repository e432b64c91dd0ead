"""A backup taken while the service runs brings everything back, on an empty database or over what is there."""

import io
import os
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import time

import pytest

from lms import logs, runtime, storage
from lms.catalogue.models import Book
from lms.cli import main
from lms.config import Settings
from lms.db import database, ensure_open
from lms.errors import Conflict, InvalidInput
from lms.jobs.models import WorkerBeat
from lms.members.models import Member, Membership, Unit
from lms.migrations import migrate, models
from lms.operating.backup import NOT_KEPT, backup, restore
from lms.operating.checks import check_backup
from lms.progress import booking
from lms.progress.models import LedgerEntry
from lms.storage import sweep
from tests.conftest import make_settings
from tests.factories import Make

LONG_AGO = 1_000_000


def quiet(line: str) -> None:
    """Take a progress line and say nothing."""


def everything() -> dict[str, list[tuple[object, ...]]]:
    return {
        model._meta.table_name: list(model.select().order_by(model._meta.primary_key).tuples())
        for model in models()
        if model._meta.table_name not in NOT_KEPT
    }


@pytest.fixture
def organisation(make: Make) -> Member:
    """Units whose parent was made after them, a member, a book, a ledger row and its reversal, a stored file."""
    branch = make.unit("桂花支部", kind="branch")
    root = make.unit("青禾街道")
    branch.parent = root
    branch.path = f"{root.path}{branch.id}/"
    branch.save()
    member = make.member(branch, "liaison", "刘敏")
    make.book("乡土中国", pages=None, year=1985)
    booking.book(member.id, "book_finished", 1, date(2026, 3, 1), "finish:1:1", ("reading_entry", 1))
    booking.reverse("finish:1:1")
    return member


@pytest.fixture
def elsewhere(service: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An empty service of its own on SQLite; the first one is bound again afterwards."""
    other = make_settings(tmp_path / "other", database_url=f"sqlite:///{tmp_path / 'other.sqlite3'}")
    yield other
    database.close()
    runtime.start(service)
    ensure_open()


def test_a_restored_database_equals_the_one_backed_up(
    organisation: Member, service: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    stored = storage.files().put(io.BytesIO(b"a study material"), 1000)
    before = everything()
    backup(tmp_path / "garden.backup", quiet)
    database.close()
    runtime.start(elsewhere)
    restore(tmp_path / "garden.backup", quiet)
    assert everything() == before
    assert storage.files().path(stored.key).read_bytes() == b"a study material"
    assert LedgerEntry.select().where(LedgerEntry.reverses.is_null(False)).count() == 1
    assert Unit.get(Unit.name == "桂花支部").parent == Unit.get(Unit.name == "青禾街道").id
    Membership.create(member=organisation.id, unit=Unit.get().id, since=date(2026, 1, 1))


def test_a_restore_refuses_a_database_in_use_unless_it_is_to_be_replaced(
    organisation: Member, make: Make, tmp_path: Path
) -> None:
    backup(tmp_path / "garden.backup", quiet)
    before = everything()
    make.book("后来加的书")
    with pytest.raises(Conflict):
        restore(tmp_path / "garden.backup", quiet)
    assert Book.select().count() == 2
    restore(tmp_path / "garden.backup", quiet, replace=True)
    assert everything() == before
    assert make.book("新书").id > max(row[0] for row in before["book"])


def test_nothing_is_restored_under_a_running_service(organisation: Member, make: Make, tmp_path: Path) -> None:
    backup(tmp_path / "garden.backup", quiet)
    make.book("后来加的书")
    with subprocess.Popen(["sleep", "60"]) as worker:
        for name in (f"elsewhere:{worker.pid}", f"{socket.gethostname()}:{worker.pid}"):
            WorkerBeat.delete().execute()
            WorkerBeat.create(name=name)
            with pytest.raises(Conflict, match="Stop it first"):
                restore(tmp_path / "garden.backup", quiet, replace=True)
        worker.kill()
    assert Book.select().count() == 2
    restore(tmp_path / "garden.backup", quiet, replace=True)
    assert Book.select().count() == 1


@pytest.mark.sqlite_only
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_file_that_cannot_be_used_is_named_in_one_line(
    elsewhere: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.setenv("LMS_DATA", str(elsewhere.data))
    monkeypatch.setattr(logs, "set_up", lambda level: None)
    place = tmp_path / "no folder" / "garden.backup"
    assert main([command, str(place)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"lms: {place}")
    assert said.count("\n") == 1


def test_a_damaged_backup_changes_nothing(organisation: Member, tmp_path: Path) -> None:
    whole = tmp_path / "garden.backup"
    backup(whole, quiet)
    before = everything()
    broken = tmp_path / "broken.backup"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(InvalidInput):
        restore(broken, quiet, replace=True)
    assert everything() == before
    (tmp_path / "no.backup").write_bytes(b"this is no backup at all")
    with pytest.raises(InvalidInput):
        restore(tmp_path / "no.backup", quiet, replace=True)
    assert everything() == before


def test_a_file_changed_inside_a_backup_is_noticed(organisation: Member, tmp_path: Path) -> None:
    key = storage.files().put(io.BytesIO(b"true"), 1000).key
    whole, forged = tmp_path / "garden.backup", tmp_path / "forged.backup"
    backup(whole, quiet)
    with tarfile.open(whole) as source, tarfile.open(forged, "w") as target:
        for info in source:
            content = source.extractfile(info)
            data = content.read() if content else b""
            if info.name == f"files/{key}":
                data = b"lies"
            target.addfile(info, io.BytesIO(data))
    with pytest.raises(InvalidInput, match="damaged"):
        restore(forged, quiet, replace=True)


def test_a_backup_never_overwrites_a_file_and_leaves_none_half_written(organisation: Member, tmp_path: Path) -> None:
    target = tmp_path / "garden.backup"
    target.write_text("something dear")
    with pytest.raises(Conflict):
        backup(target, quiet)
    assert target.read_text() == "something dear"
    assert [path.name for path in tmp_path.glob("*.partial")] == []


def test_no_file_is_swept_while_a_backup_is_made_and_only_its_owner_can_read_it(
    organisation: Member, tmp_path: Path
) -> None:
    key = storage.files().put(io.BytesIO(b"its row went after the tables were read"), 1024).key
    os.utime(storage.files().path(key), (LONG_AGO, LONG_AGO))
    sweep.bind([lambda: set()])
    swept_at: list[str] = []

    def sweep_between(line: str) -> None:
        if line.startswith("files") or swept_at:
            return
        swept_at.append(line)
        sweep.sweep()

    target = tmp_path / "garden.backup"
    backup(target, sweep_between)
    with tarfile.open(target) as archive:
        assert f"files/{key}" in archive.getnames()
    assert swept_at and target.stat().st_mode & 0o777 == 0o600
    sweep.sweep()
    assert not storage.files().exists(key)
    sweep.bind([])


@pytest.mark.postgres_only
def test_a_backup_moves_an_organisation_between_kinds_of_database(
    organisation: Member, elsewhere: Settings, tmp_path: Path
) -> None:
    before = everything()
    backup(tmp_path / "garden.backup", quiet)
    database.close()
    runtime.start(elsewhere)
    migrate()
    restore(tmp_path / "garden.backup", quiet)
    assert everything() == before


def test_the_age_of_the_last_backup_is_told_and_one_that_no_longer_comes_is_an_alarm(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    assert check_backup(settings).ok and "none made" in str(check_backup(settings))
    settings.last_backup_path.write_text("/backups/garden.backup\n", encoding="utf-8")
    assert check_backup(settings).ok and "last made 0 days ago: /backups/garden.backup" in str(check_backup(settings))
    eight_days_ago = time() - 8 * 24 * 3600
    os.utime(settings.last_backup_path, (eight_days_ago, eight_days_ago))
    assert not check_backup(settings).ok and "8 days old" in str(check_backup(settings))
