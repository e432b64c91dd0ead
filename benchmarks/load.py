"""A load generator that costs little: keep-alive connections on raw sockets, one loop, one request at a time on each.

As a program it measures one address; ``pages.py`` uses it as a module. Each connection sends its next request as
soon as the answer is complete. An answer is complete when as many bytes are there as its Content-Length says:
nothing else of it is read but the status line, and every CHECK_EVERY-th body for the text that must be in it.
"""

import argparse
import resource
import selectors
import socket
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from figures import Figure, add_json_option, show, write
from servers import USER_AGENT, cpu_seconds

CHUNK = 256 * 1024
CHECK_EVERY = 50
MOST_TRIES = 60
PATIENCE_SECONDS = 10.0


class LoadError(RuntimeError):
    """The server answered something else than the page that is measured."""


@dataclass(frozen=True)
class Target:
    """An address to load. ``expect`` must be in the page; ``cookie`` is sent with every request.

    ``workers`` are the pids of the server's processes: connections are then spread evenly over them. A connection
    that is kept alive stays with the process that accepted it, so chance would decide how many of them work.
    """

    name: str
    port: int
    path: str
    expect: str
    cookie: str = ""
    host: str = "127.0.0.1"
    workers: tuple[int, ...] = ()
    further: tuple[str, ...] = ()
    """Addresses that are asked in turn with ``path``, so that no request is like the one before it."""

    def requests(self) -> list[bytes]:
        """Give the bytes of a request for each address."""
        return [self._request(path) for path in (self.path, *self.further)]

    def _request(self, path: str) -> bytes:
        """Give the bytes of one request, with the headers a browser's page request has."""
        lines = [
            f"GET {quote(path, safe='/?=&%')} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"User-Agent: {USER_AGENT}",
            "Accept: text/html",
            "Accept-Language: zh-CN,zh;q=0.9",
            *([f"Cookie: {self.cookie}"] if self.cookie else []),
            "Connection: keep-alive",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


@dataclass
class Round:
    """What one round of load gave: processor time in seconds, of the generator itself and of the server's workers."""

    seconds: float
    own_cpu: float
    server_cpu: float
    milliseconds: list[float] = field(repr=False, default_factory=list)

    @property
    def rate(self) -> float:
        """Give the requests answered in a second."""
        return len(self.milliseconds) / self.seconds


class Connection:
    """One client: sends, gathers the answer, sends again."""

    def __init__(self, target: Target, first: float = 0.0) -> None:
        """Connect; ``first`` is the share of the addresses after which this client begins."""
        self._requests = target.requests()
        self._next = int(len(self._requests) * first)
        self._expect = target.expect.encode()
        self._path = target.path
        self.socket = socket.create_connection((target.host, target.port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = b""
        self._parts: list[bytes] = []
        self._missing = -1
        self._answers = 0
        self._sent = 0.0

    def send(self, now: float) -> None:
        """Send the request."""
        self._parts.clear()
        self._missing = -1
        self._head = b""
        self._sent = now
        self.socket.sendall(self._requests[self._next])
        self._next = (self._next + 1) % len(self._requests)

    def receive(self, clock: Callable[[], float] = time.perf_counter) -> float | None:
        """Take what has come. Gives the answer's milliseconds when it is complete, else None."""
        data = self.socket.recv(CHUNK)
        if not data:
            raise LoadError(f"{self._path}: the server closed the connection")
        if self._missing < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return None
            self._missing = self._length(self._head[:end]) - (len(self._head) - end - 4)
            data = self._head
        else:
            self._missing -= len(data)
        self._parts.append(data)
        if self._missing > 0:
            return None
        taken = (clock() - self._sent) * 1000
        self._check()
        return taken

    def _length(self, head: bytes) -> int:
        if not head.startswith(b"HTTP/1.1 200 "):
            raise LoadError(f"{self._path}: {head.splitlines()[0].decode('latin-1')}")
        at = head.lower().find(b"\r\ncontent-length:")
        if at < 0:
            raise LoadError(f"{self._path}: the answer has no Content-Length")
        return int(head[at + 17 :].split(b"\r\n", 1)[0])

    def _check(self) -> None:
        self._answers += 1
        if self._answers % CHECK_EVERY == 1 and self._expect not in b"".join(self._parts):
            raise LoadError(f"{self._path}: the page does not hold {self._expect.decode()!r}")

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def open_connections(target: Target, clients: int) -> list[Connection]:
    """Open the connections, as many to each of the server's processes as to the others.

    Who accepts is left to chance by the kernel: a connection that falls to a process which has its share is closed
    and opened again. Raises LoadError when that does not succeed.
    """
    if not target.workers:
        return [Connection(target, number / clients) for number in range(clients)]
    share = -(-clients // len(target.workers))
    kept: list[Connection] = []
    held = dict.fromkeys(target.workers, 0)
    for _ in range(clients * MOST_TRIES):
        before = {pid: _open_sockets(pid) for pid in target.workers}
        connection = Connection(target, len(kept) / clients)
        connection.send(time.perf_counter())
        while connection.receive() is None:
            pass
        taker = max(target.workers, key=lambda pid: _open_sockets(pid) - before[pid])
        if held[taker] < share:
            held[taker] += 1
            kept.append(connection)
        else:
            connection.close()
            time.sleep(0.005)  # until the server has closed its end, too
        if len(kept) == clients:
            return kept
    raise LoadError(f"{target.path}: the connections could not be spread over the workers: {held}")


def _open_sockets(pid: int) -> int:
    count = 0
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # a descriptor may be gone before it is looked at
            count += str(link.readlink()).startswith("socket:")
    return count


def run_round(target: Target, clients: int, seconds: float, warm_up: float = 0.0) -> Round:
    """Load a target for some seconds; what is answered during ``warm_up`` seconds before is not counted.

    Raises LoadError for an answer that is not the page.
    """
    selector = selectors.DefaultSelector()
    connections: list[Connection] = []
    clock = time.perf_counter
    try:
        connections = open_connections(target, clients)
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        for connection in connections:
            connection.send(clock())
        _loop(selector, clock() + warm_up, None)
        taken: list[float] = []
        own, theirs, began = _own_cpu(), _cpu_of(target.workers), clock()
        _loop(selector, began + seconds, taken)
        return Round(clock() - began, _own_cpu() - own, _cpu_of(target.workers) - theirs, taken)
    finally:
        for connection in connections:
            connection.close()
        selector.close()


def _loop(selector: selectors.BaseSelector, until: float, taken: list[float] | None) -> None:
    clock = time.perf_counter
    while clock() < until:
        ready = selector.select(PATIENCE_SECONDS)
        if not ready:
            raise LoadError(f"no answer for {PATIENCE_SECONDS:g} seconds")
        for key, _ in ready:
            connection: Connection = key.data
            milliseconds = connection.receive()
            if milliseconds is not None:
                if taken is not None:
                    taken.append(milliseconds)
                connection.send(clock())


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _cpu_of(pids: Sequence[int]) -> float:
    return sum(cpu_seconds(pid) for pid in pids)


def alternate(
    targets: Sequence[Target], clients: int, seconds: float, rounds: int, warm_up: float
) -> list[list[Round]]:
    """Load the targets in turn, A B A B ..., so that a drift of the machine falls on all alike."""
    gathered: list[list[Round]] = [[] for _ in targets]
    for number in range(rounds):
        order = list(enumerate(targets))
        for index, target in order if number % 2 == 0 else reversed(order):
            gathered[index].append(run_round(target, clients, seconds, warm_up))
    return gathered


def median_rate(rounds: Sequence[Round]) -> float:
    """Give the median of the rounds' requests per second."""
    return statistics.median(r.rate for r in rounds)


def percentile(rounds: Sequence[Round], percent: float) -> float:
    """Give a percentile over all answers of all rounds, in milliseconds."""
    values = sorted(ms for r in rounds for ms in r.milliseconds)
    return values[min(int(len(values) * percent / 100), len(values) - 1)]


def cpu_share(rounds: Sequence[Round]) -> float:
    """Give the share of one processor that the generator itself took."""
    return sum(r.own_cpu for r in rounds) / sum(r.seconds for r in rounds)


def cpu_ms(rounds: Sequence[Round]) -> float:
    """Give the processor time that the server took for one request, in milliseconds."""
    return sum(r.server_cpu for r in rounds) * 1000 / sum(len(r.milliseconds) for r in rounds)


def main() -> int:
    """Measure one address."""
    parser = argparse.ArgumentParser(description="Load one address of a server and report its throughput.")
    parser.add_argument("url", help="http://127.0.0.1:PORT/PATH")
    parser.add_argument("--cookie", default="")
    parser.add_argument("--expect", default="", help="text that must be in the page")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    add_json_option(parser)
    options = parser.parse_args()
    url = urlsplit(options.url)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    target = Target(path, url.port or 80, path, options.expect, options.cookie, url.hostname or "127.0.0.1")
    (rounds,) = alternate([target], options.clients, options.seconds, options.rounds, 0.5)
    figures = [
        Figure(path, "throughput", "req/s", median_rate(rounds)),
        Figure(path, "p50", "ms", percentile(rounds, 50)),
        Figure(path, "p95", "ms", percentile(rounds, 95)),
        Figure(path, "generator", "share of one cpu", cpu_share(rounds)),
    ]
    show(figures)
    write(figures, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
