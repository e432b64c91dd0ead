"""The store: files by content, whole or not at all."""

import os
import threading
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from lms import clock
from lms.errors import TooLarge, Unavailable
from lms.storage import MIB, LocalStore

TEXT = "学而时习之，不亦说乎？".encode()
YEAR = 365 * 24 * 3600


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "files", min_free=0)


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]


def test_a_file_is_kept_under_the_sha256_of_its_content(store: LocalStore) -> None:
    stored = store.put(BytesIO(TEXT), MIB)
    assert stored.key == sha256(TEXT).hexdigest()
    assert stored.size == len(TEXT)
    assert store.path(stored.key).read_bytes() == TEXT


def test_the_same_content_is_stored_once(store: LocalStore, tmp_path: Path) -> None:
    first, second = store.put(BytesIO(TEXT), MIB), store.put(BytesIO(TEXT), MIB)
    assert (first.key, first.fresh, second.fresh) == (second.key, True, False)
    assert len(everything(tmp_path)) == 1


def test_a_file_past_the_limit_is_refused_by_its_real_limit_and_leaves_nothing(
    store: LocalStore, tmp_path: Path
) -> None:
    with pytest.raises(TooLarge, match="the limit is 2 MB"):
        store.put(BytesIO(b"x" * (2 * MIB + 1)), 2 * MIB)
    assert everything(tmp_path) == []
    assert store.put(BytesIO(b"x" * 2 * MIB), 2 * MIB).size == 2 * MIB


def test_a_full_disk_is_said_before_anything_is_written(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "files", min_free=2**60)
    with pytest.raises(Unavailable, match="disk is full"):
        store.put(BytesIO(TEXT), MIB)
    assert everything(tmp_path) == []


def test_a_disk_that_fills_up_while_writing_leaves_nothing() -> None:
    folder = _small_disk()
    try:
        store = LocalStore(folder / "files", min_free=0)
        with pytest.raises(Unavailable, match="disk is full"):
            store.put(BytesIO(b"x" * 8 * MIB), 16 * MIB)
        assert everything(folder) == []
        assert store.put(BytesIO(TEXT), MIB).fresh
    finally:
        os.system(f"umount {folder} && rmdir {folder}")


def _small_disk() -> Path:
    folder = Path(f"/tmp/lms-small-disk-{os.getpid()}")
    folder.mkdir()
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=2m tmpfs {folder} 2>/dev/null") != 0:
        folder.rmdir()
        pytest.skip("mounting a small disk is not allowed here")
    return folder


def test_what_is_no_key_never_becomes_a_path(store: LocalStore) -> None:
    for wrong in ("../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 64 + "\n", "/" + "a" * 63):
        with pytest.raises(ValueError, match="not a storage key"):
            store.path(wrong)


def test_the_keys_are_those_of_the_stored_files_and_nothing_else(store: LocalStore) -> None:
    kept = {store.put(BytesIO(bytes([number])), MIB).key for number in range(5)}
    (store.incoming() / "half").write_bytes(b"waiting")
    store.path(kept.pop()).unlink()
    assert set(store.keys()) == kept


def test_a_put_that_failed_later_is_taken_back(store: LocalStore) -> None:
    stored = store.put(BytesIO(TEXT), MIB)
    assert store.take_back(stored)
    assert not store.exists(stored.key)


def test_a_file_that_was_there_before_is_not_taken_back(store: LocalStore) -> None:
    store.put(BytesIO(TEXT), MIB)
    again = store.put(BytesIO(TEXT), MIB)
    assert not store.take_back(again)
    assert store.exists(again.key)


def test_a_file_that_somebody_else_put_meanwhile_is_not_taken_back(store: LocalStore) -> None:
    mine = store.put(BytesIO(TEXT), MIB)
    theirs = store.put(BytesIO(TEXT), MIB)
    assert not store.take_back(mine)
    assert store.exists(theirs.key)


def test_a_damaged_file_is_replaced_when_its_content_comes_again(store: LocalStore) -> None:
    key = store.put(BytesIO(TEXT), MIB).key
    store.path(key).write_bytes(b"cut off")
    store.put(BytesIO(TEXT), MIB)
    assert store.path(key).read_bytes() == TEXT


def test_only_a_file_older_than_the_moment_is_swept(store: LocalStore) -> None:
    old, new = store.put(BytesIO(b"old"), MIB).key, store.put(BytesIO(b"new"), MIB).key
    os.utime(store.path(old), (YEAR, YEAR))
    before = clock.now() - timedelta(days=1)
    assert [store.delete_if_older(key, before) for key in (old, new)] == [True, False]
    assert set(store.keys()) == {new}


def test_putting_an_old_file_again_makes_it_new(store: LocalStore) -> None:
    key = store.put(BytesIO(TEXT), MIB).key
    os.utime(store.path(key), (YEAR, YEAR))
    store.put(BytesIO(TEXT), MIB)
    assert not store.delete_if_older(key, clock.now() - timedelta(days=1))


def test_many_putting_the_same_file_at_once_all_end_with_the_whole_file(store: LocalStore, tmp_path: Path) -> None:
    content = os.urandom(3 * MIB)
    fresh: list[bool] = []
    threads = [
        threading.Thread(target=lambda: fresh.append(store.put(BytesIO(content), 4 * MIB).fresh)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fresh) == [False] * 7 + [True]
    assert [path.read_bytes() == content for path in everything(tmp_path)] == [True]
