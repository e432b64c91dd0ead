"""A lane of its own for players: one thread of a process answers the requests that go the short way.

A player asks for range after range on the same connection. Handed from gunicorn's main thread to one of its threads
and back, each costs more than its answer, and the threads get into each other's way. Here a connection whose next
request is for a file stays with one thread, which waits for all such connections together; pages keep all of
gunicorn's threads. What else comes on such a connection, or is not plainly allowed, goes back to gunicorn: nothing of
it has been read then.
"""

import logging
import os
import select
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, Protocol

from werkzeug.http import http_date

from lms.web.quick_files import Answered, is_quick
from lms.web.request_heads import HEAD_BYTES, Head, read_head
from lms.web.sender import TURN_BYTES, Rest, Sender

log = logging.getLogger("lms.media")

LOOK_SECONDS = 1.0
AT_ONCE_SECONDS = 0.005
PATIENCE_MS = 1


def asked_by(client: socket.socket) -> Head | None:
    """Give the next request of a connection without taking it, if it is a plain one that goes the short way."""
    try:
        return read_head(client.recv(HEAD_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT), is_quick)
    except OSError:
        return None


class Held(Protocol):
    """A connection as the lane needs it: gunicorn's. Its socket does not block."""

    sock: Any


@dataclass(frozen=True)
class Ways:
    """What the lane asks of the worker: the answer to a request, None to leave it to gunicorn, and where to go on."""

    answer: Callable[[dict[str, Any]], Answered | None]
    hand_back: Callable[[Held], None]
    close: Callable[[Held], None]
    alive: Callable[[], bool]


class _File:
    """What ``wsgi.file_wrapper`` gives: a positioned file whose bytes the kernel copies."""

    def __init__(self, file: IO[bytes], _: int = 0) -> None:
        self.file = file

    def close(self) -> None:
        self.file.close()


class Lane:
    """One thread of a process that answers the requests of players, connection by connection."""

    def __init__(self, ways: Ways, sender: Sender, patience: float) -> None:
        """Prepare; the thread begins with the first connection. ``patience`` is how long an idle one is kept, in s."""
        self._ways, self._sender, self._patience = ways, sender, patience
        self._coming: deque[Held] = deque()
        self._held: dict[int, tuple[Held, float]] = {}
        self._bell: tuple[int, int] | None = None
        self._lock = threading.Lock()

    def take(self, connection: Held) -> None:
        """Have a connection's requests answered here from now on."""
        with self._lock:
            if self._bell is None:
                self._bell = os.pipe()
                for end in self._bell:
                    os.set_blocking(end, False)
                threading.Thread(target=self._run, args=(self._bell[0],), name="media", daemon=True).start()
            self._coming.append(connection)
        with suppress(BlockingIOError):
            os.write(self._bell[1], b"\0")

    def _run(self, bell: int) -> None:
        selector = selectors.DefaultSelector()
        selector.register(bell, selectors.EVENT_READ)
        looked = time.monotonic()
        while True:
            for key, _ in selector.select(LOOK_SECONDS):
                if key.fd == bell:
                    with suppress(BlockingIOError):
                        os.read(bell, 4096)
                    self._welcome(selector)
                else:
                    self._turn(selector, self._held[key.fd][0])
            now = time.monotonic()
            if now - looked >= LOOK_SECONDS:
                looked = now
                self._let_go(selector, now)

    def _welcome(self, selector: selectors.BaseSelector) -> None:
        while self._coming:
            connection = self._coming.popleft()
            try:
                selector.register(connection.sock, selectors.EVENT_READ)
            except (OSError, ValueError):
                self._ways.close(connection)
                continue
            self._keep(connection)

    def _keep(self, connection: Held) -> None:
        self._held[connection.sock.fileno()] = (connection, time.monotonic() + self._patience)

    def _drop(self, selector: selectors.BaseSelector, connection: Held) -> None:
        self._held.pop(connection.sock.fileno(), None)
        selector.unregister(connection.sock)

    def _turn(self, selector: selectors.BaseSelector, connection: Held) -> None:
        """Answer the request that has come on a connection, or hand it back."""
        head = asked_by(connection.sock) if _takes_an_answer(connection.sock) else None
        answered = self._answered(head) if head is not None else None
        if head is None or answered is None:
            self._drop(selector, connection)
            self._ways.hand_back(connection)
            return
        try:
            rest = _send(connection.sock, head.length, *answered)
        except OSError:
            self._drop(selector, connection)
            self._ways.close(connection)
            return
        if rest is None:
            self._keep(connection)
            return
        self._drop(selector, connection)
        self._sender.take(connection.sock, rest, self._back(connection))

    def _answered(self, head: Head) -> tuple[bytes, Rest | None] | None:
        """Give the head of the answer as it goes on the line, and what follows of a file; None to pass it on."""
        try:
            answered = self._ways.answer({**head.environ, "wsgi.file_wrapper": _File})
        except Exception:  # one request must not end the lane of all; gunicorn has it answered, and says what is wrong
            log.warning("the short way failed", exc_info=True)
            return None
        if answered is None:
            return None
        status, headers, body = answered
        lines = [f"HTTP/1.1 {status}", f"Date: {http_date()}", *(f"{name}: {value}" for name, value in headers)]
        written = "\r\n".join([*lines, "", ""]).encode("latin-1")
        if not isinstance(body, _File):
            return written, None
        descriptor = body.file.fileno()
        try:
            return written, Rest(os.dup(descriptor), os.lseek(descriptor, 0, os.SEEK_CUR), _length(headers))
        finally:
            body.close()

    def _back(self, connection: Held) -> Callable[[bool], None]:
        def done(sent: bool) -> None:
            (self.take if sent else self._ways.close)(connection)

        return done

    def _let_go(self, selector: selectors.BaseSelector, now: float) -> None:
        """Close what has been idle too long, and everything that is idle when the process is to stop."""
        stopping = not self._ways.alive()
        for connection, until in list(self._held.values()):
            if until < now or stopping:
                self._drop(selector, connection)
                self._ways.close(connection)


def _takes_an_answer(client: socket.socket, patience_ms: int = 0) -> bool:
    """Say whether the head of an answer goes out at once: who sends requests and reads nothing must not hold us."""
    ready = select.poll()
    ready.register(client, select.POLLOUT)
    return bool(ready.poll(patience_ms))


def _send(client: socket.socket, asked: int, written: bytes, rest: Rest | None) -> Rest | None:
    """Take a request of so many bytes from the line, send what goes at once; give what is left of the file.

    Raises OSError when the client is gone, its line takes not even the head, or the file has become shorter.
    """
    try:
        client.recv(asked)
        if client.send(written, socket.MSG_MORE if rest is not None else 0) != len(written):
            raise BrokenPipeError
        if rest is not None:
            _send_at_once(client, rest)
    except (OSError, EOFError) as error:
        if rest is not None:
            rest.close()
        raise BrokenPipeError from error
    if rest is None or rest.left:
        return rest
    rest.close()
    return None


def _send_at_once(client: socket.socket, rest: Rest) -> None:
    """Send what goes at once; a short range is waited for a moment, for to hand it on would cost more.

    Of a long one only the beginning: the sender, unlike this thread, lets pages go before it.
    """
    until = time.monotonic() + AT_ONCE_SECONDS
    while rest.left:
        try:
            rest.send(client.fileno())
        except BlockingIOError:
            if rest.left > TURN_BYTES or not _takes_an_answer(client, PATIENCE_MS):
                return
        if rest.left > TURN_BYTES or time.monotonic() >= until:
            return


def _length(headers: Iterable[tuple[str, str]]) -> int:
    return next(int(value) for name, value in headers if name == "Content-Length")
