"""A file is read in a process of its own, forked off one that waits; what happens to one is nothing to the next."""

import os
import signal
import threading
import time
import zipfile
from collections.abc import Callable
from copy import copy
from io import BytesIO
from pathlib import Path

import pytest

from lms.materials import reading_process
from lms.materials.readers import archive
from lms.materials.readers.limits import Refused
from lms.materials.reading_process import Host

PATIENCE = 150.0


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    """A process that waits, which no other test uses."""
    made = Host()
    monkeypatch.setattr(reading_process, "host", made)
    return made


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page"
    path.write_text("<h1>桂花</h1><p>社区\x1e学习 &amp; 读书</p>", encoding="utf-8")
    return path


def waiting(host: Host) -> int:
    assert host.pid
    return host.pid


def child_of(pid: int) -> int:
    """Give the process that another has forked, once it has."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if pid else []
        if found:
            return int(found[0])
        time.sleep(0.02)
    raise AssertionError("no process was forked")


def test_what_is_killed_while_it_reads_leaves_the_waiting_process_to_the_next(
    host: Host, page: Path, tmp_path: Path
) -> None:
    told = reading_process.read("html", page, PATIENCE)
    assert told[0] == 0
    assert "社区 学习 &amp; 读书" in told[1].decode()
    before = waiting(host)
    never = tmp_path / "never"  # a pipe that nobody writes into: its reader waits for good
    os.mkfifo(never)
    ends: list[int] = []
    reading = threading.Thread(target=lambda: ends.append(reading_process.read("html", never, PATIENCE)[0]))
    reading.start()
    reader = child_of(before)
    assert reading_process.read("html", page, PATIENCE) == told  # while it is busy, in a process begun anew
    os.kill(reader, signal.SIGKILL)
    reading.join(PATIENCE)
    assert ends == [-signal.SIGKILL]
    assert reading_process.read("html", page, PATIENCE) == told
    assert waiting(host) == before
    host.end()


def test_a_file_that_takes_too_long_ends_the_waiting_process_and_all_it_forked(
    host: Host, page: Path, tmp_path: Path
) -> None:
    told = reading_process.read("html", page, PATIENCE)
    before = waiting(host)
    never = tmp_path / "never"
    os.mkfifo(never)
    with pytest.raises(TimeoutError):
        reading_process.read("html", never, 0.2)
    assert not Path(f"/proc/{before}").exists()
    assert reading_process.read("html", page, PATIENCE) == told
    os.kill(waiting(host), signal.SIGKILL)
    assert reading_process.read("html", page, PATIENCE) == told  # whether it is noticed when asking or when waiting
    host.end()


def test_limits_hold_in_what_is_forked(host: Host, page: Path, tmp_path: Path) -> None:
    never = tmp_path / "never"
    os.mkfifo(never)
    reading_process.read("html", page, PATIENCE)
    reading = threading.Thread(target=lambda: reading_process.read("html", never, PATIENCE))
    reading.start()
    reader = child_of(waiting(host))
    limits: dict[str, str] = {}
    end = time.monotonic() + PATIENCE
    while limits.get("Max file size") != "0" and time.monotonic() < end:
        lines = Path(f"/proc/{reader}/limits").read_text().splitlines()
        limits = {line[:26].strip(): line[26:].split()[0] for line in lines}
    assert limits["Max address space"] == str(1024**3)
    assert limits["Max cpu time"] == "300"
    assert limits["Max core file size"] == limits["Max file size"] == "0"
    os.kill(reader, signal.SIGKILL)
    reading.join(PATIENCE)
    host.end()


def test_parts_of_an_archive_that_lie_over_each_other_or_lie_about_themselves_are_refused() -> None:
    def made(change: Callable[[zipfile.ZipFile, zipfile.ZipInfo], object]) -> BytesIO:
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
            book.writestr("a", b"x" * 5000)
            change(book, book.filelist[0])
        return out

    def twice(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        other = copy(part)
        other.filename = "b"
        book.filelist.append(other)

    assert archive.read_part(archive.open_archive(made(lambda *_: None)), "a") == b"x" * 5000
    with pytest.raises(Refused, match="bomb"):
        archive.open_archive(made(twice))
    for name, value in (("file_size", 4999), ("file_size", 5001), ("CRC", 1), ("compress_size", 7)):
        lying = archive.open_archive(made(lambda _, part, name=name, value=value: setattr(part, name, value)))
        with pytest.raises(Refused, match="broken"):
            archive.read_part(lying, "a")
