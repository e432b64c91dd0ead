"""Sweeping the store: what no room uses goes, after a day."""

import os
from io import BytesIO
from pathlib import Path

import pytest

from lms.config import Settings
from lms.storage import MIB, files, sweep

LONG_AGO = 1_000_000


@pytest.fixture(autouse=True)
def _unbound(service: Settings) -> object:
    sweep.bind([])
    yield
    sweep.bind([])


def put(content: bytes, *, old: bool = True) -> str:
    key = files().put(BytesIO(content), MIB).key
    if old:
        os.utime(files().path(key), (LONG_AGO, LONG_AGO))
    return key


def test_files_that_no_room_uses_go_after_a_day() -> None:
    materials, lectures = put(b"a material"), put(b"a recording")
    orphan, just_arrived = put(b"nobody's"), put(b"its row is being written", old=False)
    sweep.bind([lambda: {materials}, lambda: iter([lectures])])
    sweep.sweep()
    assert set(files().keys()) == {materials, lectures, just_arrived}
    assert not files().exists(orphan)


def test_without_knowing_the_rooms_nothing_is_swept() -> None:
    key = put(b"somebody's")
    with pytest.raises(RuntimeError, match="not bound"):
        sweep.sweep()
    assert files().exists(key)


def test_a_room_that_cannot_say_what_it_uses_stops_the_sweep() -> None:
    key = put(b"somebody's")

    def broken() -> set[str]:
        raise OSError("the database is away")

    sweep.bind([lambda: set(), broken])
    with pytest.raises(OSError, match="away"):
        sweep.sweep()
    assert files().exists(key)


def test_what_a_crash_left_half_written_goes_as_well() -> None:
    waiting: list[Path] = [files().incoming() / name for name in ("old", "new")]
    for path in waiting:
        path.write_bytes(b"half")
    os.utime(waiting[0], (LONG_AGO, LONG_AGO))
    sweep.bind([lambda: set()])
    sweep.sweep()
    assert [path.exists() for path in waiting] == [False, True]
