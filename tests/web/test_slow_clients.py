"""Many clients that read slowly, served by a real gunicorn: pages go on, and nobody gets a wrong byte."""

import hashlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ports import held_port

ROOT = Path(__file__).resolve().parents[2]
THREADS = 4
SLOW = 200
SIZE = 24 * 1024 * 1024
PATIENCE = 150.0

pytestmark = [pytest.mark.sqlite_only]


class Served:
    """A gunicorn with four threads and our worker."""

    def __init__(self, port: int, pid: int, content: bytes) -> None:
        self.port, self.pid, self.content = port, pid, content

    def ask(self, path: str, buffer: int = 0) -> socket.socket:
        """Send a request and read nothing yet, with a receive buffer as small as asked."""
        client = socket.socket()
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", self.port))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return client

    def get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start it, stop it."""
    folder = tmp_path_factory.mktemp("slow")
    content = os.urandom(SIZE // 8) * 8
    (folder / "film").write_bytes(content)
    with held_port() as port:
        yield from serve(port, folder, content)


def serve(port: int, folder: Path, content: bytes) -> Iterator[Served]:
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", str(THREADS)]
    command += [
        "--worker-class",
        "lms.web.gunicorn_worker.StreamingWorker",
        "--keep-alive",
        "120",  # what a machine takes that has much else to do between two requests of a line
        "--no-control-socket",
    ]
    settings = {"LMS_DATA": str(folder / "var"), "LMS_WEB_STARTS_WORKER": "0"}  # the service's own gunicorn.conf.py
    environment = {**os.environ, **settings, "SLOW_FILE": str(folder / "film")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "tests.web.slow_app:app"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        _wait(port, process)
        yield Served(port, process.pid, content)
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0
    said = (folder / "log").read_text()
    meant = said.count("the short way failed") + said.count("Error: the application means to fail")
    assert said.count("Traceback") == meant, "only what the application means to fail"


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
            return
        except OSError:
            time.sleep(0.02)
    pytest.fail("gunicorn did not start")


def read_answer(client: socket.socket) -> tuple[bytes, bytes]:
    """Read head and body of an answer of the file, whose first bytes have been read already."""
    got = bytearray()
    while b"\r\n\r\n" not in got or len(got) - got.index(b"\r\n\r\n") - 4 < SIZE:
        piece = client.recv(1 << 20)
        assert piece, f"the line ended after {len(got)} bytes"
        got += piece
    head, _, body = bytes(got).partition(b"\r\n\r\n")
    return head, body


def test_two_hundred_clients_that_do_not_read_leave_the_pages_alone(served: Served) -> None:
    with ExitStack() as held:
        clients = [held.enter_context(served.ask("/film/0", 4096)) for _ in range(SLOW)]
        for client in clients:
            assert client.recv(15) == b"HTTP/1.1 200 OK"
        for _ in range(20):
            assert served.get("/") == b"hello"
        first = clients[0]
        head, body = read_answer(first)
        assert b"Content-Length: " + str(SIZE).encode() in head
        assert hashlib.sha256(body).digest() == hashlib.sha256(served.content).digest()
        # The line goes back to gunicorn when all is sent, and takes the next request.
        first.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert first.recv(15) == b"HTTP/1.1 200 OK"
    for _ in range(20):
        assert served.get("/") == b"hello"


def test_clients_that_go_away_in_the_midst_of_a_file_leave_nothing_open(served: Served) -> None:
    served.get("/")
    worker = _worker_of(served.pid)
    before = len(list(Path(f"/proc/{worker}/fd").iterdir()))
    for _ in range(30):
        with served.ask("/film/0", 4096) as client:
            client.recv(100)
    end = time.monotonic() + PATIENCE
    while (left := len(list(Path(f"/proc/{worker}/fd").iterdir()))) > before + 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert left <= before + 2
    assert served.get(f"/film/{SIZE - 1000}") == served.content[-1000:]


def test_a_player_is_answered_in_a_lane_of_its_own_and_comes_back_for_everything_else(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)

    def get(path: str, method: str = "GET", **headers: str) -> tuple[str | None, bytes]:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.getheader("X-Lane"), answer.read()

    last = SIZE - 100_000
    assert get(f"/film/{last}/quick") == (None, served.content[last:])  # nobody knew yet what it would ask
    line = connection.sock.getsockname()
    for _ in range(3):
        assert get(f"/film/{last}/quick", Range="bytes=1-2") == ("bytes=1-2", served.content[last:])
    assert get("/film/0/quick") == ("-", served.content)
    assert get(f"/film/{last}/quick", "HEAD") == ("-", b"")
    assert get(f"/film/{last}/quick?broken") == (None, served.content[last:])
    assert get(f"/film/{last}/quick?slowly") == (None, served.content[last:])
    assert get("/") == (None, b"hello")
    assert get(f"/film/{last}/quick") == ("-", served.content[last:])
    assert get(f"/film/{last}/quick", **{"Content-Length": "0"}) == (None, served.content[last:])
    assert connection.sock.getsockname() == line
    connection.close()


def test_players_that_do_not_read_or_ask_half_or_leave_hold_up_no_other(served: Served) -> None:
    ask = b"GET /film/0/quick HTTP/1.1\r\nHost: x\r\n\r\n"
    with ExitStack() as held:
        clients = [held.enter_context(served.ask("/", 4096)) for _ in range(60)]
        for client in clients:
            assert read_some(client, b"hello")
        for client in clients[:20]:
            client.sendall(ask * 50)
        for client in clients[20:22]:
            client.sendall(ask[:-2])
        for client in clients[22:]:
            client.sendall(ask)
            client.close()
        other = held.enter_context(served.ask("/"))
        assert read_some(other, b"hello")
        other.sendall(ask.replace(b"/0/", f"/{SIZE - 5}/".encode()))
        assert read_some(other, served.content[-5:])
        assert served.get("/") == b"hello"
        for client in clients[20:22]:
            client.sendall(b"\r\n")
            head, body = read_answer(client)
            assert (b"200 OK" in head, body) == (True, served.content)


def test_an_answer_comes_whole_however_the_application_sends_it(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)

    def get(path: str, method: str = "GET") -> tuple[int, bytes]:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()

    for _ in range(2):
        assert get("/said/pieces") == (200, b"one two")
        assert get("/said/nothing") == (304, b"")
        assert get("/", "HEAD") == (200, b"")
        assert get("/said/large") == (200, b"x" * 300_000)
        assert get("/") == (200, b"hello")
    line = connection.sock.getsockname()
    assert get("/said/nothing") == (304, b"")
    assert connection.sock.getsockname() == line
    assert get("/said/fails")[0] == 500
    assert get("/") == (200, b"hello")
    connection.close()


def test_head_and_body_of_a_page_come_in_one_piece(served: Served) -> None:
    with served.ask("/") as client:
        first = client.recv(65536)
        assert first.startswith(b"HTTP/1.1 200 OK")
        assert first.endswith(b"\r\n\r\nhello")


def test_an_answer_that_fails_midway_is_broken_off_and_never_mistaken_for_a_whole_one(served: Served) -> None:
    with served.ask("/said/fails-midway") as client:
        got = b""
        while piece := client.recv(65536):
            got += piece
        assert got.endswith(b"\r\n\r\nbegun")
    assert served.get("/") == b"hello"


def read_some(client: socket.socket, end: bytes) -> bool:
    """Read until an answer's last bytes have come."""
    got = b""
    while not got.endswith(end):
        piece = client.recv(65536)
        assert piece, got
        got += piece
    return True


def _worker_of(master: int) -> int:
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(children[0])
