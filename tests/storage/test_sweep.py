"""Sweeping the store: what no room uses goes, after a day."""

import os
from io import BytesIO
from pathlib import Path

import pytest

from lms import clock
from lms.config import Settings
from lms.storage import MIB, files, sweep
from lms.storage.store import PIECES

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


def test_what_arrives_in_pieces_is_not_taken_for_what_a_crash_left() -> None:
    arriving = files().incoming() / PIECES / "0123456789abcdef.part"
    arriving.parent.mkdir()
    arriving.write_bytes(b"the first half, since the day before yesterday")
    os.utime(arriving.parent, (LONG_AGO, LONG_AGO))
    sweep.bind([lambda: set()])
    sweep.sweep()
    assert arriving.exists()


def test_a_file_that_is_put_while_the_sweep_looks_around_does_not_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = files().incoming() / "being put"
    waiting.write_bytes(b"whole")
    look = Path.stat

    def just_gone(path: Path, **how: bool) -> os.stat_result:
        if path == waiting:
            waiting.unlink()
        return look(path, **how)

    monkeypatch.setattr(Path, "stat", just_gone)
    sweep.bind([lambda: set()])
    sweep.sweep()
    assert files().clear_incoming(clock.now()) == 0
