"""Uploaded files by content: the sha256 of a file is its name, so the same file is stored once."""

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from lms.errors import N_, TooLarge, Unavailable

MIB = 1024 * 1024
CHUNK = 1 * MIB
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredFile:
    """A file in the store: its key (sha256 in hex) and its size in bytes."""

    key: str
    size: int


class Storage(Protocol):
    """Where files live. A key is only ever one that ``put`` has given."""

    def put(self, stream: BinaryIO, limit: int) -> StoredFile:
        """Store what the stream gives, at most ``limit`` bytes."""

    def path(self, key: str) -> Path:
        """Give the local path of a stored file."""

    def exists(self, key: str) -> bool:
        """Say whether the file is there."""

    def delete(self, key: str) -> None:
        """Remove a file; removing one that is not there is fine."""

    def keys(self) -> Iterator[str]:
        """Walk over all stored keys."""


class LocalStore:
    """Files in a folder of this machine: ``ab/cd/abcd...``, written aside and renamed, so none is ever half there."""

    def __init__(self, root: Path, min_free: int) -> None:
        """Use ``root``; refuse to write when less than ``min_free`` bytes would stay free on its disk."""
        self._root = root
        self._incoming = root / "incoming"
        self._min_free = min_free

    def put(self, stream: BinaryIO, limit: int) -> StoredFile:
        """Store a stream and give its key.

        Raises TooLarge past ``limit`` bytes and Unavailable when the disk is (nearly) full; either way nothing stays.
        """
        self._incoming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        aside = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as target:
                stored = self._copy(stream, target, limit)
                target.flush()
                os.fsync(target.fileno())
            final = self.path(stored.key)
            final.parent.mkdir(parents=True, exist_ok=True)
            aside.replace(final)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
                raise disk_full() from error
            raise
        finally:
            aside.unlink(missing_ok=True)
        return stored

    def _copy(self, stream: BinaryIO, target: BinaryIO, limit: int) -> StoredFile:
        digest = hashlib.sha256()
        size = 0
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            if size % (64 * MIB) < CHUNK:
                self.check_room()
            digest.update(chunk)
            target.write(chunk)
        return StoredFile(digest.hexdigest(), size)

    def check_room(self) -> None:
        """Raise Unavailable when the disk has less free than is to be kept free."""
        if shutil.disk_usage(self._root).free < self._min_free:
            raise disk_full()

    def path(self, key: str) -> Path:
        """Give the path of a key. Raises ValueError for anything that is not a key, whatever it came from."""
        if not _KEY.fullmatch(key):
            raise ValueError("not a storage key")
        return self._root / key[:2] / key[2:4] / key

    def exists(self, key: str) -> bool:
        """Say whether the file is there."""
        return self.path(key).is_file()

    def delete(self, key: str) -> None:
        """Remove a file; removing one that is not there is fine."""
        self.path(key).unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        """Walk over all stored keys."""
        for path in self._root.glob("??/??/*"):
            if _KEY.fullmatch(path.name):
                yield path.name


def too_large(limit: int) -> TooLarge:
    """Make the error that names the real limit."""
    return TooLarge(N_("The file is too large: the limit is %(limit)s MB."), field="file", limit=limit // MIB)


def disk_full() -> Unavailable:
    """Make the error for a disk without room."""
    return Unavailable(N_("The server's disk is full, so nothing could be saved. Please tell the administrator."))
