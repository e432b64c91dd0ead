"""Reading a file in a process with little to lose: forked off one that waits with the readers loaded, or begun anew.

The readers' process is started when it is needed, serves one file at a time and leaves by itself after a minute.
Whoever comes while it is busy, or finds it gone, has the file read in a process begun for it.
"""

import atexit
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import lxml

from lms.materials.readers.program import BETWEEN

__all__ = ["BETWEEN", "read"]

# Site-packages as a whole take longer to look through than a short document to read: two folders are all it needs.
FOLDERS = (str(Path(__file__).parent), str(Path(lxml.__file__).parent.parent))
BEGIN = "import sys; sys.path[:0] = sys.argv[1:3]; del sys.argv[1:3]; from readers.{} import main; sys.exit(main())"
PROGRAM, HOST = BEGIN.format("program"), BEGIN.format("host")
PIPE_BYTES = 1024 * 1024
# A book is read chapter by chapter: what one took of memory is kept for the next. The C library of most systems else
# gives blocks of 128 KiB and more back at once, and a third of all pages is asked for, and cleared, again and again.
KEEPING = {"MALLOC_MMAP_THRESHOLD_": str(4 * 1024 * 1024), "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024)}
MOST_BYTES = 512 * 1024 * 1024
Answer = tuple[int, bytes]


def read(kind: str, path: Path, seconds: float) -> Answer:
    """Give the status of the process that read a file, and what it answered. Raises TimeoutError."""
    found = host.read(kind, path, seconds)
    return found if found is not None else _read_anew(kind, path, seconds)


def _command(program: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program, *FOLDERS]


def _read_anew(kind: str, path: Path, seconds: float) -> Answer:
    try:
        done = subprocess.run(
            [*_command(PROGRAM), kind, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | KEEPING,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    return done.returncode, done.stdout


class Host:
    """The process that waits with the readers loaded (``readers/host.py``).

    ``processor`` are the seconds of processor time that reading has taken in it and in what it forked.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._turn = threading.Lock()
        self._channel: socket.socket | None = None
        self.pid = 0
        self.processor = 0.0

    def read(self, kind: str, path: Path, seconds: float) -> Answer | None:
        """Have a file read; None while it is busy with another, or when it is gone. Raises TimeoutError."""
        if not self._turn.acquire(blocking=False):
            return None
        try:
            found = self._asked(kind, path, time.monotonic() + seconds)
        except OSError as error:  # a TimeoutError is one, too
            self.end()
            if isinstance(error, TimeoutError):
                raise
            return None
        finally:
            self._turn.release()
        return found

    def _asked(self, kind: str, path: Path, until: float) -> Answer:
        incoming, outgoing = os.pipe()
        try:
            with suppress(OSError):  # a longer pipe only saves turns
                fcntl.fcntl(incoming, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            try:
                channel = self._send(json.dumps([kind, str(path)]).encode(), outgoing)
            finally:
                os.close(outgoing)
            answer = _all_of(incoming, until)
        finally:
            os.close(incoming)
        channel.settimeout(max(0.001, until - time.monotonic()))
        status, _, processor = channel.recv(64).partition(b" ")
        if not status:
            raise ConnectionResetError("the readers' process is gone")
        self.processor += float(processor)
        return int(status), answer

    def _send(self, message: bytes, handle: int) -> socket.socket:
        """Hand a message over, to a process started anew if the one there was has left meanwhile."""
        if self._channel is not None:
            try:
                socket.send_fds(self._channel, [message], [handle])
                return self._channel
            except OSError:
                self.end()
        self._channel = self._started()
        socket.send_fds(self._channel, [message], [handle])
        return self._channel

    def _started(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        nothing = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_DUP2, 1, 2)
        try:
            given = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0), *nothing]
            # A session of its own: so it can be ended with whatever it forked, and Ctrl-C leaves it to us.
            environment = os.environ | KEEPING
            self.pid = os.posix_spawn(sys.executable, _command(HOST), environment, file_actions=given, setsid=True)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def end(self) -> None:
        """End it, with what it may be reading; the next file starts another."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self.pid = 0


def _all_of(handle: int, until: float) -> bytes:
    """Read a pipe to its end. Raises TimeoutError after a moment, and for more than anybody should answer."""
    waiting = select.poll()
    waiting.register(handle, select.POLLIN | select.POLLHUP)
    parts: list[bytes] = []
    room = MOST_BYTES
    while room > 0:
        left = until - time.monotonic()
        if left <= 0 or not waiting.poll(1000 * left):
            raise TimeoutError
        part = os.read(handle, PIPE_BYTES)
        if not part:
            return b"".join(parts)
        parts.append(part)
        room -= len(part)
    raise TimeoutError


host = Host()
atexit.register(host.end)
