"""gunicorn's threaded worker, with files sent beside its threads: a slow client holds none of them.

gunicorn sends a file of ``wsgi.file_wrapper`` by ``socket.sendfile``, which keeps the thread until the last byte is
out. Here the socket sends what the client takes at once; the rest goes to the process's ``Sender``, and the connection
comes back to gunicorn when all is sent. Requests of players are answered by a thread of their own (``Lane``). TLS ends
in front of gunicorn, so the kernel can copy.
"""

import os
import select
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from http.client import responses
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

from lms.web.headers import FIXED_FOR_PAGES
from lms.web.media_lane import Lane, Ways, asked_by
from lms.web.precedence import Precedence
from lms.web.quick_files import Answered, QuickFiles
from lms.web.sender import Rest, Sender

PATIENCE_MS = 10
AT_ONCE_SECONDS = 0.02
UNREAD = {LimitRequestLine: 414, LimitRequestHeaders: 431}
HARDENED = "".join(f"{name}: {value}\r\n" for name, value in FIXED_FOR_PAGES)
MOST_UNREAD = 256 * 1024
MOST_JOINED = 64 * 1024

precedence = Precedence()  # of all web processes: this module is loaded before they are forked


class StreamSocket(socket.socket):
    """A client's socket whose ``sendfile`` never waits for a slow client: what is left stands in ``rest``."""

    rest: Rest | None = None
    _waits_for_head = False
    _head = b""

    def begin_answer(self) -> None:
        """Keep the head of the answer that comes until its body is there: a send lets another thread compute first."""
        self._waits_for_head, self._head = True, b""

    def end_answer(self) -> None:
        """Send the head of an answer that had no body."""
        self._waits_for_head = False
        if self._head:
            self.sendall(b"")

    def drop_answer(self) -> None:
        """Forget a head whose body failed; what is sent now stands by itself."""
        self._waits_for_head, self._head = False, b""

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send, the head of an answer together with what comes after it."""
        if self._waits_for_head:
            self._waits_for_head, self._head = False, data
            return
        head, self._head = self._head, b""
        if head and len(data) > MOST_JOINED:
            super().sendall(head, socket.MSG_MORE)
            head = b""
        super().sendall(head + data if head else data, flags)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send ``count`` bytes of a file: what the client takes quickly at once, the rest later."""
        whole = os.fstat(file.fileno()).st_size - offset if count is None else count
        head, self._head = self._head, b""
        if head:
            super().sendall(head, socket.MSG_MORE if whole else 0)
        rest = Rest(os.dup(file.fileno()), offset, whole)
        self.setblocking(False)
        try:
            self._send_at_once(rest)
        except BaseException:
            rest.close()
            raise
        if rest.left:
            self.rest = rest
        else:
            rest.close()
            self.setblocking(True)
        return whole

    def _send_at_once(self, rest: Rest) -> None:
        """Send while the client keeps up: for a short time, and waiting for it only a moment each time."""
        until = time.monotonic() + AT_ONCE_SECONDS
        ready: select.poll | None = None
        while rest.left:
            try:
                rest.send(self.fileno())
            except BlockingIOError:
                if ready is None:
                    ready = select.poll()
                    ready.register(self.fileno(), select.POLLOUT)
                if not ready.poll(PATIENCE_MS):
                    return
            except EOFError:
                raise ConnectionAbortedError("the file became shorter while it was sent") from None
            if time.monotonic() >= until:
                return


class StreamingWorker(ThreadWorker):
    """A threaded worker whose threads are free again as soon as they would only wait for a client."""

    sender: Sender
    lane: Lane

    def init_process(self) -> None:
        """Give the process its sender and its lane, after the fork."""
        precedence.join(self.age)
        self.sender = Sender(precedence)
        ways = Ways(
            answer=self._answer_quickly,
            hand_back=lambda conn: self.method_queue.defer(self.enqueue_req, conn),
            close=lambda conn: self.method_queue.defer(self._close, conn),
            alive=lambda: self.alive,
        )
        self.lane = Lane(ways, self.sender, self.cfg.keepalive)
        super().init_process()

    def _answer_quickly(self, environ: dict[str, Any]) -> Answered | None:
        quick: QuickFiles | None = getattr(self.wsgi, "extensions", {}).get("quick_files")
        return quick.answer(environ) if quick is not None and self.alive else None

    def enqueue_req(self, conn: TConn) -> None:
        """Have a connection's request carried out, over a socket that hands over what it cannot send at once."""
        if type(conn.sock) is socket.socket:
            conn.sock = StreamSocket(fileno=conn.sock.detach())
            conn.sock.setblocking(False)
        precedence.begin()
        super().enqueue_req(conn)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Have the next request of a connection carried out; one of a player by the lane."""
        if not (self.alive and isinstance(conn.sock, StreamSocket)) or asked_by(client) is None:
            super().on_client_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self.lane.take(conn)

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Answer a request; the head goes out with the body, or by itself when there is none."""
        sock = conn.sock
        if not isinstance(sock, StreamSocket):
            answered: bool = super().handle_request(req, conn)
            return answered
        sock.begin_answer()
        try:
            goes_on: bool = super().handle_request(req, conn)
        except BaseException:
            sock.drop_answer()
            raise
        sock.end_answer()
        return goes_on

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Go on with a connection when its answer is sent: at once, or when the sender has sent the rest."""
        precedence.end()
        rest: Rest | None = getattr(conn.sock, "rest", None)
        if rest is None:
            super().finish_request(conn, fs)
            return
        conn.sock.rest = None
        self.sender.take(conn.sock, rest, self._later(conn, fs))

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be read; one whose address or cookies are too long by a page of our own."""
        status = UNREAD.get(type(exc))
        page: Callable[[int], bytes] | None = getattr(self.wsgi, "extensions", {}).get("unread")
        if status is None or page is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Request not read: %s", exc)
        body = page(status)
        head = (
            f"HTTP/1.1 {status} {responses[status]}\r\nConnection: close\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n{HARDENED}\r\n"
        )
        with suppress(OSError):  # gone before it heard
            _take_the_rest(client)
            write_nonblock(client, head.encode() + body)

    def _later(self, conn: TConn, fs: "Future[Any]") -> Callable[[bool], None]:
        def done(sent: bool) -> None:
            self.method_queue.defer(self._sent, conn, fs, sent)

        return done

    def _sent(self, conn: TConn, fs: "Future[Any]", sent: bool) -> None:
        if sent:
            super().finish_request(conn, fs)
        else:
            self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _take_the_rest(client: socket.socket) -> None:
    """Read what has come already and nobody wants: a connection closed over it would take the answer along."""
    client.setblocking(False)
    left = MOST_UNREAD
    with suppress(BlockingIOError):
        while left > 0 and (taken := client.recv(min(left, 65536))):
            left -= len(taken)
    client.setblocking(True)
