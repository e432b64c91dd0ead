"""Clients that take a file as fast as they can, as players do, or over bad lines; they count bytes and drop them."""

import random
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import servers
from servers import LOCALHOST, ServerError
from streaming_servers import MIB

# Bytes that nobody looks at are let go of in the kernel: the generator must not be what is measured.
DROP = socket.MSG_TRUNC
TAKEN_AT_ONCE = 4 * MIB
HEAD_BYTES = 4096
SLOW_BYTES_PER_SECOND = 64 * 1024
PLAY_LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Way:
    """A way to ask for the file: ``header`` gives the Range of the next request, empty for none."""

    name: str
    header: Callable[[random.Random, int], str]


WAYS = (
    Way("whole", lambda chance, size: ""),
    Way("open-ended", lambda chance, size: "Range: bytes=0-\r\n"),
    Way("1 MiB ranges", lambda chance, size: _one_mib(chance.randrange(max(1, size - MIB)))),
)


def _one_mib(first: int) -> str:
    return f"Range: bytes={first}-{first + MIB - 1}\r\n"


@dataclass(frozen=True)
class Place:
    """Where a file is to be had."""

    name: str
    port: int
    path: str
    cookie: str = ""


class Client:
    """A connection that asks again as soon as it has all, if it is eager; it counts bytes and throws them away."""

    def __init__(self, place: Place, way: Way, size: int, seed: int, receive_buffer: int = 0) -> None:
        """Connect."""
        self._place, self._way, self._size = place, way, size
        self._chance = random.Random(seed)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect((LOCALHOST, place.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sink = bytearray(TAKEN_AT_ONCE)
        self._head = b""
        self._missing = -1
        self.answers = 0
        self.eager = True

    @property
    def idle(self) -> bool:
        """Say whether it has all that it asked for."""
        return self._missing == 0

    def ask(self) -> None:
        """Send the next request."""
        self._head, self._missing = b"", -1
        cookie = f"Cookie: {self._place.cookie}\r\n" if self._place.cookie else ""
        asked = self._way.header(self._chance, self._size)
        self.socket.sendall(
            f"GET {self._place.path} HTTP/1.1\r\nHost: {LOCALHOST}\r\n"
            f"User-Agent: {servers.USER_AGENT}\r\n{cookie}{asked}\r\n".encode()
        )

    def take(self, most: int = TAKEN_AT_ONCE) -> int:
        """Take what has come, count it, ask again when the answer is complete. Raises ServerError for a wrong one."""
        if self._missing < 0:
            data = self.socket.recv(HEAD_BYTES)
            taken = len(data)
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end >= 0:
                self._missing = self._length(self._head[:end]) - (len(self._head) - end - 4)
        else:
            taken = self.socket.recv_into(self._sink, min(most, self._missing), DROP)
            self._missing -= taken
        if not taken:
            raise ServerError(f"{self._place.name} closed the connection")
        if self._missing == 0:
            self.answers += 1
            if self.eager:
                self.ask()
        return taken

    def _length(self, head: bytes) -> int:
        status = int(head.split(b" ", 2)[1])
        if status not in (200, 206):
            raise ServerError(f"{self._place.name} answered {status}")
        lower = head.lower()
        at = lower.index(b"content-length:") + len(b"content-length:")
        return int(lower[at : lower.index(b"\r", at) if b"\r" in lower[at:] else None])


@contextmanager
def asking(place: Place, way: Way, size: int, count: int, receive_buffer: int = 0) -> Iterator[list[Client]]:
    """Connect clients and have each send its first request."""
    with ExitStack() as held:
        clients = []
        for number in range(count):
            client = Client(place, way, size, number, receive_buffer)
            held.callback(client.socket.close)
            clients.append(client)
        for client in clients:
            client.ask()
        yield clients


def rate(place: Place, way: Way, size: int, count: int, seconds: float) -> float:
    """Give the MiB a second that so many clients get together; the first tenth of the time does not count."""
    with asking(place, way, size, count) as clients, selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
        began = time.perf_counter()
        counted_from = began + seconds / 10
        until = counted_from + seconds
        taken = 0
        while (now := time.perf_counter()) < until:
            for key, _ in selector.select(1.0):
                got = key.data.take()
                if now >= counted_from:
                    taken += got
        return taken / MIB / (time.perf_counter() - counted_from)


def read_slowly(place: Place, size: int, count: int, seconds: float) -> None:
    """Be so many clients on bad lines, each of 64 KiB a second."""
    with asking(place, WAYS[1], size, count, receive_buffer=8192) as clients:
        until = time.perf_counter() + seconds
        share = SLOW_BYTES_PER_SECOND // 2
        while time.perf_counter() < until:
            turn = time.perf_counter()
            for client in clients:
                client.take(share)
            time.sleep(max(0.0, 0.5 - (time.perf_counter() - turn)))


def play(place: Place, size: int, count: int, seconds: float) -> None:
    """Be so many players on good lines, each of which takes a range of 1 MiB a second: 8 Mbit/s."""
    with asking(place, WAYS[2], size, count) as clients, selectors.DefaultSelector() as selector:
        began = time.perf_counter()
        due = {client: began + 1 + number / count for number, client in enumerate(clients)}
        for client in clients:
            client.eager = False
            selector.register(client.socket, selectors.EVENT_READ, client)
        while (now := time.perf_counter()) < began + seconds:
            for key, _ in selector.select(PLAY_LOOK_SECONDS):
                key.data.take()
            for client in clients:
                if client.idle and due[client] <= now:
                    due[client] += 1
                    client.ask()
