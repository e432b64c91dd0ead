"""A disk that is really full, half-way through an upload and through preparing: a small one of its own, in memory."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lms.config import Settings
from lms.errors import Unavailable
from lms.lectures import jobs, part_rules, recordings
from lms.storage import files
from lms.uploads import partial, service
from lms.uploads.models import Upload
from lms.uploads.service import Wish
from tests.lectures.conftest import House, run_jobs
from tests.lectures.films import make_film
from tests.uploads.sending import sound

pytestmark = pytest.mark.sqlite_only
SIZE = "8m"


class Disk:
    """A small file system below the store."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> None:
        """Let somebody else take every byte that is left."""
        with suppress(OSError), (self.path / "of-somebody-else").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        assert os.statvfs(self.path).f_bavail == 0

    def make_room(self) -> None:
        """Take that away again."""
        (self.path / "of-somebody-else").unlink()


@pytest.fixture
def disk(service: Settings) -> Iterator[Disk]:
    """The store on a disk of 8 MiB; only who may mount one can try this."""
    path = service.data / "files"
    path.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(path)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield Disk(path)
    subprocess.run(["umount", "-l", str(path)], check=True)


def test_a_disk_that_fills_in_the_midst_of_a_piece_keeps_what_was_safe_and_goes_on_when_there_is_room(
    disk: Disk, house: House
) -> None:
    content, safe = sound(2000), 100_000
    me = house.actor(house.lecturer)
    token = service.begin(me, Wish("recording", "课.mp3", len(content))).token
    blocks = iter([content[:safe], b""])
    assert service.append(me, token, 0, lambda size: next(blocks)).received == safe

    def until_full() -> Iterator[bytes]:
        yield content[safe : safe + 64_000]
        disk.fill()
        for start in range(safe + 64_000, len(content), 64_000):
            yield content[start : start + 64_000]
        yield b""

    rest = until_full()
    with pytest.raises(Unavailable, match="disk is full"):
        service.append(me, token, safe, lambda size: next(rest))
    assert (Upload.get().received, partial.size_of(token)) == (safe, safe)
    disk.make_room()
    whole = iter([content[safe:], b""])
    assert service.append(me, token, safe, lambda size: next(whole)).state == "ready"
    assert files().path(Upload.get().file_key).read_bytes() == content


def test_a_disk_that_fills_while_a_recording_is_converted_fails_it_in_words_and_it_can_be_tried_again(
    disk: Disk, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = make_film(tmp_path / "film.avi", "avi", "mpeg4", "libmp3lame", 20, size=(640, 360))
    sent = house.send(film, prepared=False)
    before = sorted(files().keys())
    listen = jobs._listen

    def filling(process: Any, recording: int, watch: Any) -> Any:
        disk.fill()
        return listen(process, recording, watch)

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_listen", filling)
        run_jobs()
    assert (sent.row().state, sent.row().failure) == ("failed", part_rules.FAILURES["no_room"])
    assert sorted(files().keys()) == before
    assert [path.name for path in files().incoming().iterdir()] == []
    disk.make_room()
    recordings.prepare_again(house.actor(house.lecturer), sent.recording)
    run_jobs()
    row = sent.row()
    assert (row.state, files().path(row.file_key).stat().st_size) == ("ready", row.file_size)
