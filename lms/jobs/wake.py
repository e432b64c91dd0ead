"""A bell between the web and the worker of one machine, so that new work begins at once.

It only saves waiting: what it announces stands in the database, and the worker looks there by itself as well. A bell
that nobody hears, or rung on another machine, loses nothing.
"""

import socket
from contextlib import suppress
from pathlib import Path

from lms.config import Settings
from lms.db import database

_bound: list[str] = []


def bind(settings: Settings) -> None:
    """Ring at the data folder of the settings from now on."""
    _bound[:] = [str(settings.wake_path)]


def after_commit() -> None:
    """Ring when the transaction that is going on is through, or at once outside of one."""
    if _bound:
        database.after_commit(_ring)


def _ring() -> None:
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        line.sendto(b"!", _bound[0])


class Bell:
    """The worker's end."""

    def __init__(self, path: Path) -> None:
        """Listen; where the system allows no such address (a very long path), nothing is ever heard."""
        self._path = path
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with suppress(OSError):
            path.unlink(missing_ok=True)
            self._line.bind(str(path))
            path.chmod(0o600)

    def wait(self, seconds: float) -> bool:
        """Wait until somebody rings, at most so long; say whether somebody did. Many rings count as one."""
        self._line.settimeout(seconds)
        try:
            self._line.recv(1)
            self._line.setblocking(False)
            while self._line.recv(1):
                pass
        except BlockingIOError:
            return True
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Stop listening. The address stays: the worker that comes next may listen at it already."""
        self._line.close()
