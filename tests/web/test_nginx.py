"""Recordings sent by a real nginx in front, with the configuration that docs/operations.md gives out."""

import http.client
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPMessage
from io import BytesIO
from pathlib import Path

import pytest
from apiflask import APIFlask
from werkzeug.serving import make_server

from lms.config import Settings
from lms.lectures.models import Lecture, Recording
from lms.members.models import Member
from lms.storage import files
from tests.browser_like import Browser
from tests.factories import Make
from tests.ports import held_port

CONFIGURATION = Path(__file__).resolve().parents[2] / "docs" / "nginx" / "learning-garden.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
CONTENT = bytes(range(256)) * 4096
PATIENCE = 150.0

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.skipif(NGINX is None, reason="no nginx on this machine (Debian: apt-get install nginx-light)"),
]


class Front:
    """nginx on a port, and whoever asks it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, cookie: str = "", method: str = "GET", **headers: str) -> tuple[int, HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers={**sent, **({"Cookie": cookie} if cookie else {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@pytest.fixture
def front(app: APIFlask, service: Settings, tmp_path: Path) -> Iterator[Front]:
    """The service behind nginx, both of this test alone."""
    app.config["LMS"] = replace(service, accel_redirect="/_files/")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with held_port() as port:
            yield from behind_nginx(server.server_port, port, service, tmp_path)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def behind_nginx(behind: int, port: int, service: Settings, tmp_path: Path) -> Iterator[Front]:
    text = CONFIGURATION.read_text(encoding="utf-8")
    for ours, theirs in (
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
        ("listen 80", f"listen 127.0.0.1:{port}"),
        ("/var/lib/learning-garden/files/", f"{service.files_path}/"),
    ):
        assert ours in text
        text = text.replace(ours, theirs)
    folders = "".join(
        f"{name}_temp_path {tmp_path}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    everything = (
        f"daemon off; worker_processes 1; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log warn;\n"
        f"{'user root;' if os.geteuid() == 0 else ''} events {{ worker_connections 64; }}\n"
        f"http {{ access_log off;\n{folders}{text} }}\n"
    )
    (tmp_path / "nginx.conf").write_text(everything, encoding="utf-8")
    assert NGINX is not None
    command = [NGINX, "-p", str(tmp_path), "-e", str(tmp_path / "error.log"), "-c", str(tmp_path / "nginx.conf")]
    process = subprocess.Popen(command)
    try:
        _wait(port, process, tmp_path)
        yield Front(port)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail((folder / "error.log").read_text())
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
            return
        except OSError:
            time.sleep(0.02)
    pytest.fail("nginx did not start")


def recording_of(make: Make, who: Member, unit: int) -> int:
    stored = files().put(BytesIO(CONTENT), len(CONTENT))
    lecture = Lecture.create(title="课", speaker="陈志远", uploader=who.id, unit=unit, audience="unit")
    row = Recording.create(
        lecture=lecture,
        media_type="video/mp4",
        file_key=stored.key,
        file_name="课.mp4",
        file_size=stored.size,
        duration_ms=60_000,
        state="ready",
    )
    return int(row.id)


def cookie_of(visitor: Browser) -> str:
    name = str(visitor.client.application.config["SESSION_COOKIE_NAME"])
    cookie = visitor.client.get_cookie(name)
    assert cookie is not None
    return f"{name}={cookie.value}"


def test_nginx_sends_what_the_service_allows_and_knows_ranges_and_conditions(
    front: Front, make: Make, browser: Callable[[Member | None], Browser]
) -> None:
    unit = make.unit("桂花社区")
    lecturer, stranger = make.member(unit, "lecturer"), make.member(make.unit("临江社区"))
    path = f"/recordings/{recording_of(make, lecturer, unit.id)}/media"
    mine = cookie_of(browser(make.member(unit)))

    status, head, body = front.ask(path, mine)
    assert (status, body == CONTENT, head["Content-Type"]) == (200, True, "video/mp4")
    assert head["Server"].startswith("nginx")
    assert head["Accept-Ranges"] == "bytes"
    assert head["X-Content-Type-Options"] == "nosniff"
    assert head["Cache-Control"] == "private, no-cache"
    assert "inline" in head["Content-Disposition"]
    assert "X-Accel-Redirect" not in head
    tag, changed = head["ETag"], head["Last-Modified"]

    last = len(CONTENT) - 1
    for asked, first, end in (("bytes=100-199", 100, 199), ("bytes=1000-", 1000, last), ("bytes=-5", last - 4, last)):
        status, head, body = front.ask(path, mine, Range=asked)
        assert (status, body == CONTENT[first : end + 1]) == (206, True)
        assert head["Content-Range"] == f"bytes {first}-{end}/{len(CONTENT)}"
    status, head, body = front.ask(path, mine, Range="bytes=0-1,5-6")
    assert (status, head.get_content_type()) == (206, "multipart/byteranges")
    status, head, _ = front.ask(path, mine, Range=f"bytes={len(CONTENT)}-")
    assert (status, head["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")
    assert front.ask(path, mine, Range="bytes=0-9", If_Range=tag)[0] == 206
    assert front.ask(path, mine, Range="bytes=0-9", If_Range='"other"')[0] == 200
    assert front.ask(path, mine, If_None_Match=tag)[0] == 304
    assert front.ask(path, mine, If_Modified_Since=changed)[0] == 304
    status, head, body = front.ask(path, mine, "HEAD")
    assert (status, head["Content-Length"], body) == (200, str(len(CONTENT)), b"")

    key = Recording.get().file_key
    assert front.ask(f"/_files/{files().place(key)}", mine)[0] == 404
    assert front.ask(path, cookie_of(browser(stranger)))[0] == 404
    assert front.ask(path)[0] == 303
    assert front.ask("/healthz")[0] == 200


def test_a_file_that_is_gone_is_said_to_be_missing(
    front: Front, make: Make, browser: Callable[[Member | None], Browser]
) -> None:
    unit = make.unit("桂花社区")
    lecturer = make.member(unit, "lecturer")
    path = f"/recordings/{recording_of(make, lecturer, unit.id)}/media"
    files().path(Recording.get().file_key).unlink()
    assert front.ask(path, cookie_of(browser(lecturer)))[0] == 404
