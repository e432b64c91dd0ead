"""Uploaded files by content: the sha256 of a file is its name, so the same file is stored once."""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from lms.errors import N_, TooLarge, Unavailable

MIB = 1024 * 1024
CHUNK = 1 * MIB
PIECES = "pieces"  # in the incoming folder: what lies there for days belongs to rows, by which its room sweeps it
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredFile:
    """A file in the store: its key (sha256 in hex) and its size in bytes.

    ``fresh`` says that the file was not there before; ``stamp`` is when it was put, for ``take_back``.
    """

    key: str
    size: int
    fresh: bool = False
    stamp: int = 0


class Storage(Protocol):
    """Where files live. A key is only ever one that ``put`` has given."""

    def put(self, stream: IO[bytes], limit: int) -> StoredFile:
        """Store what the stream gives, at most ``limit`` bytes."""

    def adopt(self, path: Path, key: str) -> StoredFile:
        """Move a file of the incoming folder, whose sha256 is ``key``, into the store."""

    def take_back(self, stored: StoredFile) -> bool:
        """Undo a ``put`` whose transaction failed, unless the file was there before or was put again since."""

    def path(self, key: str) -> Path:
        """Give the local path of a stored file."""

    def place(self, key: str) -> str:
        """Give where a file lies below the folder of the store, for a server in front that shares it."""

    def exists(self, key: str) -> bool:
        """Say whether the file is there."""

    def keys(self) -> Iterator[str]:
        """Walk over all stored keys."""

    def delete_if_older(self, key: str, moment: datetime) -> bool:
        """Remove a file that was last put before a naive UTC instant, and say whether it was removed."""

    def nothing_removed(self) -> AbstractContextManager[None]:
        """Keep every file that is older than a moment while the store is being copied."""

    def incoming(self) -> Path:
        """Give the folder in which files wait that are not stored yet, on the disk of the store."""

    def clear_incoming(self, moment: datetime) -> int:
        """Remove what a crash left in the incoming folder before a naive UTC instant; give the number of files."""

    def check_room(self, coming: int = 0) -> None:
        """Raise Unavailable when ``coming`` bytes more would leave less free than is to be kept free."""


class LocalStore:
    """Files in a folder of this machine: ``ab/cd/abcd...``, written aside and renamed, so none is ever half there.

    A lock file makes putting and removing exclude each other across processes: a file that is put again while it is
    being swept stays.
    """

    def __init__(self, root: Path, min_free: int) -> None:
        """Use ``root``; refuse to write when less than ``min_free`` bytes would stay free on its disk."""
        self._root = root
        self._incoming = root / "incoming"
        self._min_free = min_free

    def put(self, stream: IO[bytes], limit: int) -> StoredFile:
        """Store a stream and give its key.

        Raises TooLarge past ``limit`` bytes and Unavailable when the disk is (nearly) full; either way nothing stays.
        """
        with no_room_explained():
            descriptor, name = tempfile.mkstemp(dir=self.incoming())
            aside = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as target:
                    key, size = self._copy(stream, target, limit)
                    target.flush()
                    os.fsync(target.fileno())
                return self._settle(aside, key, size)
            finally:
                aside.unlink(missing_ok=True)

    def _copy(self, stream: IO[bytes], target: IO[bytes], limit: int) -> tuple[str, int]:
        self.check_room()
        digest = hashlib.sha256()
        size = unchecked = 0
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            unchecked += len(chunk)
            if size > limit:
                raise too_large(limit)
            if unchecked >= 64 * MIB:
                self.check_room()
                unchecked = 0
            digest.update(chunk)
            target.write(chunk)
        return digest.hexdigest(), size

    def _settle(self, aside: Path, key: str, size: int) -> StoredFile:
        final = self.path(key)
        final.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            fresh = not (final.is_file() and final.stat().st_size == size)
            if fresh:
                # Readable for the group, so that a server in front may send it; it was made for the owner alone.
                aside.chmod(0o640)
                aside.replace(final)
            os.utime(final)
            stored = StoredFile(key, size, fresh, final.stat().st_mtime_ns)
        # Without the lock, so that those who put something at the same time share the disk's turn; also where it was
        # there already: the one who has just put it may not have come so far.
        _flush_folder(final.parent)
        return stored

    def adopt(self, path: Path, key: str) -> StoredFile:
        """Move a whole, flushed file of the incoming folder, whose sha256 is ``key``, into the store.

        When the same content is there already, the file goes and the stored one stays. Raises Unavailable.
        """
        with no_room_explained():
            stored = self._settle(path, key, path.stat().st_size)
            path.unlink(missing_ok=True)
        return stored

    def take_back(self, stored: StoredFile) -> bool:
        """Undo a ``put`` whose transaction failed, unless the file was there before or was put again since."""
        if not stored.fresh:
            return False
        path = self.path(stored.key)
        with self._locked():
            if not path.is_file() or path.stat().st_mtime_ns != stored.stamp:
                return False
            path.unlink()
        return True

    def check_room(self, coming: int = 0) -> None:
        """Raise Unavailable when ``coming`` bytes more would leave less free than is to be kept free."""
        if shutil.disk_usage(self.incoming()).free - coming < self._min_free:
            raise disk_full()

    def incoming(self) -> Path:
        """Give the folder in which files wait that are not stored yet; made when it is missing."""
        with no_room_explained():
            self._incoming.mkdir(parents=True, exist_ok=True)
        return self._incoming

    def clear_incoming(self, moment: datetime) -> int:
        """Remove what a crash left in the incoming folder before a naive UTC instant; give the number of files.

        Not what arrives in pieces: it may wait longer, and its folder looks untouched while its files grow.
        """
        there = [path for path in self.incoming().iterdir() if path.name != PIECES]
        left = [path for path in there if _put_before(path, moment)]
        for path in left:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(left)

    def place(self, key: str) -> str:
        """Give where a key lies below the folder of the store. Raises ValueError for anything that is not a key."""
        if not _KEY.fullmatch(key):
            raise ValueError("not a storage key")
        return f"{key[:2]}/{key[2:4]}/{key}"

    def path(self, key: str) -> Path:
        """Give the path of a key. Raises ValueError for anything that is not a key, whatever it came from."""
        return self._root / self.place(key)

    def exists(self, key: str) -> bool:
        """Say whether the file is there."""
        return self.path(key).is_file()

    def delete_if_older(self, key: str, moment: datetime) -> bool:
        """Remove a file that was last put before a naive UTC instant, and say whether it was removed.

        While somebody copies the store it stays: a later sweep finds it again.
        """
        path = self.path(key)
        with self._locked():
            if not path.is_file() or not _put_before(path, moment) or self._is_being_copied():
                return False
            path.unlink()
        return True

    @contextmanager
    def nothing_removed(self) -> Iterator[None]:
        """Keep every file that is older than a moment while the store is being copied, in this process or another."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "copying").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield

    def _is_being_copied(self) -> bool:
        with (self._root / "copying").open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def keys(self) -> Iterator[str]:
        """Walk over all stored keys."""
        for path in self._root.glob("??/??/*"):
            if _KEY.fullmatch(path.name):
                yield path.name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _put_before(path: Path, moment: datetime) -> bool:
    """Say whether a file is that old; one that was put into its place, or thrown away, since it was seen is not."""
    try:
        return path.stat().st_mtime < moment.replace(tzinfo=UTC).timestamp()
    except FileNotFoundError:
        return False


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def no_room_explained() -> Iterator[None]:
    """Turn the system's "no room on this disk" into Unavailable, in words for the reader."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise disk_full() from error
        raise


def too_large(limit: int) -> TooLarge:
    """Make the error that names the real limit."""
    return TooLarge(N_("The file is too large: the limit is %(limit)s MB."), field="file", limit=limit // MIB)


def disk_full() -> Unavailable:
    """Make the error for a disk without room."""
    return Unavailable(N_("The server's disk is full, so nothing could be saved. Please tell the administrator."))
