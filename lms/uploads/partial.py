"""The part of a file that has arrived: written piece by piece in the store's incoming folder, by one sender at a time.

Beside ``<token>.part`` lies ``<token>.turn``, which names the request that may write. A request takes its turn under
the file's lock and looks for it before every block. So a line that died without a word (a phone that changed networks)
is overtaken as soon as it has been silent for SILENCE_S, and can never write again; a live one keeps its turn.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lms.errors import N_, LmsError
from lms.storage import files
from lms.storage.store import PIECES, no_room_explained

SILENCE_S = 10.0
TURN_BYTES = 8


class Busy(LmsError):
    """Another request is writing to the upload just now."""


class Overtaken(Busy):
    """Another request took over this upload because this one had been silent."""


def folder() -> Path:
    """Give the folder of partial files; made when it is missing."""
    path = files().incoming() / PIECES
    with no_room_explained():
        path.mkdir(exist_ok=True)
    return path


def path_of(token: str) -> Path:
    """Give the path of an upload's partial file. Raises ValueError for anything that is not a token of ours."""
    if len(token) != 16 or not set(token) <= set("0123456789abcdef"):
        raise ValueError("not a token of an upload")
    return folder() / f"{token}.part"


def size_of(token: str) -> int:
    """Give how many bytes of an upload lie on disk."""
    try:
        return path_of(token).stat().st_size
    except FileNotFoundError:
        return 0


def remove(token: str) -> None:
    """Remove what has arrived of an upload; removing nothing is fine."""
    path_of(token).unlink(missing_ok=True)
    path_of(token).with_suffix(".turn").unlink(missing_ok=True)


def tokens() -> list[str]:
    """Give the tokens of all uploads of which something lies on disk."""
    return sorted({path.stem for path in folder().iterdir() if path.suffix in (".part", ".turn")})


@contextmanager
def held(token: str) -> Iterator[int]:
    """Hold an upload's lock, across processes; gives the descriptor of the file that names whose turn it is."""
    with no_room_explained():
        descriptor = os.open(path_of(token).with_suffix(".turn"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


class Writer:
    """The right to write one piece, from ``begin`` on. Use as a context: leaving it without ``conclude`` undoes it."""

    def __init__(self, token: str, begin: int) -> None:
        """Take the turn and cut off what lies beyond ``begin``. Raises Busy while another request is writing."""
        self._token = token
        self._turn = secrets.token_bytes(TURN_BYTES)
        self._begin = self.position = begin
        self._concluded = False
        with held(token) as turn:
            path = path_of(token)
            if os.pread(turn, TURN_BYTES, 0) and path.exists() and time.time() - path.stat().st_mtime < SILENCE_S:
                raise Busy(N_("Another request is sending this file just now. Please try again in a moment."))
            with no_room_explained():
                self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
                os.ftruncate(self._file, begin)
                os.utime(self._file)
                os.pwrite(turn, self._turn, 0)

    def __enter__(self) -> "Writer":
        """Begin to write."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go; a piece that was not concluded is cut off again, unless somebody has overtaken it."""
        try:
            with held(self._token) as turn:
                if self._mine(turn):
                    if not self._concluded:
                        os.ftruncate(self._file, self._begin)
                    os.ftruncate(turn, 0)
        finally:
            os.close(self._file)

    def _mine(self, turn: int) -> bool:
        return os.pread(turn, TURN_BYTES, 0) == self._turn

    def _check(self, turn: int) -> None:
        if not self._mine(turn):
            raise Overtaken(N_("This file went on by another connection. Nothing of it is lost."))

    def write(self, block: bytes) -> None:
        """Write the next block. Raises Overtaken, or Unavailable when the disk has no room."""
        with held(self._token) as turn:
            self._check(turn)
            rest = memoryview(block)
            with no_room_explained():
                while rest:
                    done = os.pwrite(self._file, rest, self.position)
                    self.position += done
                    rest = rest[done:]

    def head(self, size: int) -> bytes:
        """Give the first bytes of the file, from the descriptor: its name may be gone when somebody overtook us."""
        return os.pread(self._file, size, 0)

    def conclude(self, note: Callable[[int], None]) -> None:
        """Have the piece durably on disk, then call ``note`` with the new length while nobody else can write."""
        with no_room_explained():
            os.fsync(self._file)
        with held(self._token) as turn:
            self._check(turn)
            note(self.position)
            self._concluded = True
