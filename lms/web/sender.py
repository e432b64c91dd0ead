"""Sending files to clients that read slowly, many at once, without a thread for each.

A thread that has nothing left to do but wait for a client hands the rest of the file to the ``Sender`` of its process:
one thread that waits for all of them together and lets the kernel copy what each can take (``os.sendfile``).
"""

import logging
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from lms.web.precedence import Courtesy, Precedence

log = logging.getLogger("lms.sender")

TURN_BYTES = 1024 * 1024
STALL_SECONDS = 60.0
LOOK_SECONDS = 1.0
NICER = 6

Done = Callable[[bool], None]


@dataclass
class Rest:
    """What is still to be sent of a file: ``left`` bytes from ``offset``. The descriptor is its own."""

    file: int
    offset: int
    left: int

    def send(self, target: int) -> int:
        """Send what the client takes at once and give the number of bytes, at most one turn's.

        Raises BlockingIOError when it takes nothing just now, OSError when it is gone; EOFError when the file has
        become shorter than was promised.
        """
        sent = os.sendfile(target, self.file, self.offset, min(self.left, TURN_BYTES))
        if sent == 0:
            raise EOFError
        self.offset += sent
        self.left -= sent
        return sent

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.file)


@dataclass
class _Line:
    target: socket.socket
    rest: Rest
    done: Done
    until: float


class Sender:
    """One thread of a process that sends to all clients which are waited for."""

    def __init__(self, precedence: Precedence) -> None:
        """Prepare; the thread begins with the first client."""
        self._courtesy = Courtesy(precedence)
        self._waiting: deque[_Line] = deque()
        self._lines: dict[int, _Line] = {}
        self._selector: selectors.BaseSelector | None = None
        self._bell: tuple[int, int] | None = None
        self._lock = threading.Lock()

    def take(self, target: socket.socket, rest: Rest, done: Done) -> None:
        """Send the rest of a file to a socket that does not block, then call ``done`` with True.

        ``done`` is called from the sender's thread; with False when the client has gone or takes nothing for a minute.
        """
        with self._lock:
            if self._bell is None:
                self._begin()
            self._waiting.append(_Line(target, rest, done, time.monotonic() + STALL_SECONDS))
            bell = self._bell
        if bell is not None:
            with suppress(BlockingIOError):
                os.write(bell[1], b"\0")

    def _begin(self) -> None:
        self._bell = os.pipe()
        for end in self._bell:
            os.set_blocking(end, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell[0], selectors.EVENT_READ)
        threading.Thread(target=self._run, args=(self._selector, self._bell[0]), name="sender", daemon=True).start()

    def _run(self, selector: selectors.BaseSelector, bell: int) -> None:
        with suppress(OSError):  # pages come first where there is not enough processor for all
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICER)
        looked = time.monotonic()
        while True:
            for key, _ in selector.select(LOOK_SECONDS):
                if key.fd == bell:
                    with suppress(BlockingIOError):
                        os.read(bell, 4096)
                    self._welcome(selector)
                else:
                    self._courtesy.let_pages_pass()
                    self._turn(selector, self._lines[key.fd])
            now = time.monotonic()
            if now - looked >= LOOK_SECONDS:
                looked = now
                for line in [line for line in self._lines.values() if line.until < now]:
                    self._end(selector, line, sent=False)

    def _welcome(self, selector: selectors.BaseSelector) -> None:
        while self._waiting:
            line = self._waiting.popleft()
            number = line.target.fileno()
            if number < 0:
                line.rest.close()
                line.done(False)
                continue
            self._lines[number] = line
            selector.register(number, selectors.EVENT_WRITE)

    def _turn(self, selector: selectors.BaseSelector, line: _Line) -> None:
        try:
            line.rest.send(line.target.fileno())
        except BlockingIOError:
            return
        except (OSError, EOFError):
            self._end(selector, line, sent=False)
            return
        if line.rest.left == 0:
            self._end(selector, line, sent=True)
        else:
            line.until = time.monotonic() + STALL_SECONDS

    def _end(self, selector: selectors.BaseSelector, line: _Line, *, sent: bool) -> None:
        number = line.target.fileno()
        self._lines.pop(number, None)
        with suppress(KeyError, ValueError):
            selector.unregister(number)
        line.rest.close()
        line.done(sent)

    def __len__(self) -> int:
        """Count the clients that are being sent to."""
        return len(self._lines) + len(self._waiting)
