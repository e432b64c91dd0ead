"""The service as an administrator starts it: one command, real processes, clean ends."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest

from lms.cli import main
from lms.db import database
from search_index import layout
from tests.ports import held_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 150.0

pytestmark = [pytest.mark.sqlite_only, pytest.mark.long]


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds; fail with its name when it does not for long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.05)
    pytest.fail(f"waited in vain: {what}")


class Service:
    """A served instance in a folder of its own."""

    def __init__(self, data: Path, port: int) -> None:
        self.data = data
        self.port = port
        self.environment = {**os.environ, "LMS_DATA": str(data), "PORT": str(self.port), "LMS_MIN_FREE_MIB": "1"}
        self.log = data.with_suffix(".log")
        self.processes: list[subprocess.Popen[bytes]] = []

    def lms(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lms", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, input=typed, capture_output=True, text=True, check=False
        )

    def forked(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process forked from this one, which has loaded what a new one would load first."""
        out, err = self.data.with_suffix(".out"), self.data.with_suffix(".err")
        pid = os.fork()
        if pid == 0:
            _, database.obj = database.obj, None  # kept, for a line to a database must not be closed from here
            status = 70
            try:
                with out.open("w") as sys.stdout, err.open("w") as sys.stderr:
                    os.environ.update(self.environment)
                    status = main(arguments)
            finally:
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        return subprocess.CompletedProcess(
            arguments, os.waitstatus_to_exitcode(status), out.read_text(), err.read_text()
        )

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "lms", "serve"], env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )
        self.processes.append(process)
        wait_for(lambda: self.get("/healthz"), "the first answer")
        return process

    def clean_up(self) -> None:
        """Leave nothing running, however the test ended."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def get(self, path: str) -> str:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
            text: str = answer.read().decode()
        return text

    def worker_pid(self) -> int:
        with sqlite3.connect(self.data / "lms.sqlite3", timeout=PATIENCE) as connection:
            row = connection.execute("SELECT name FROM worker_beat ORDER BY beat_at DESC").fetchone()
        connection.close()
        return int(row[0].rpartition(":")[2]) if row else 0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Service]:
    with held_port() as port:
        service = Service(tmp_path / "var", port)
        try:
            yield service
        finally:
            service.clean_up()


def gone(pid: int) -> bool:
    try:
        return "zombie" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def children(pid: int) -> list[int]:
    """Give the processes that all threads of one have begun; a thread may end while it is looked at."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, task.read_text().split())
    return found


def test_the_service_starts_works_heals_and_stops_without_a_trace(served: Service, tmp_path: Path) -> None:
    made = served.lms("create-administrator", "周正", "--unit", "青禾街道", typed="\n")
    assert made.returncode == 0, made.stderr
    found = re.search(r"first password: (\S+)", made.stdout)
    assert found
    process = served.start()
    wait_for(served.worker_pid, "the worker's first beat")
    wait_for(lambda: served.get("/readyz"), "the service to be ready")
    wait_for((served.data / "index" / layout.CURRENT).exists, "the first index")
    found_by_doctor = served.forked("doctor")
    assert found_by_doctor.returncode == 0, found_by_doctor.stdout

    browser = build_opener(HTTPCookieProcessor())
    address = f"http://127.0.0.1:{served.port}"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.open(f"{address}/sign-in").read().decode())
    assert token
    form = f"csrf_token={token.group(1)}&login=%E5%91%A8%E6%AD%A3&password={found.group(1)}"
    after = browser.open(f"{address}/sign-in", data=form.encode())
    assert after.url.endswith("/account/password"), "the first password has to be changed first"

    metrics = served.get("/metrics")
    before = _requests(metrics)
    for _ in range(12):
        served.get("/sign-in")
    assert _requests(served.get("/metrics")) == before + 12, "figures add up over all web processes"
    beside = served.lms("serve")
    assert (beside.returncode, "in use" in beside.stderr, "Traceback" in beside.stderr) == (1, True, False)
    assert _requests(served.get("/metrics")) == before + 12, "who starts in vain beside it takes no figures away"
    if os.access("/dev/shm", os.W_OK):
        assert not (served.data / "metrics").exists(), "a full disk ends who writes into a file mapped from it"

    long = "x" * 20_000
    for unread, path, cookie in ((414, f"/?{long}", ""), (431, "/", long)):
        with closing(HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)) as line:
            line.request("GET", path, headers={"Cookie": cookie})
            with line.getresponse() as answer:
                assert (answer.status, "回到首页" in answer.read().decode()) == (unread, True)

    first = served.worker_pid()
    assert Path(f"/proc/{first}/comm").read_text() == "lms-worker\n"  # forked off the web server, under its own name
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: served.worker_pid() not in (0, first), "a new worker after the old one was killed")
    second = served.worker_pid()

    saved = served.forked("backup", str(tmp_path / "garden.backup"))
    assert saved.returncode == 0, saved.stderr

    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 0
    wait_for(lambda: gone(second), "the worker to leave with the web server")
    with sqlite3.connect(served.data / "lms.sqlite3") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute(
            "SELECT COUNT(*) FROM worker_beat WHERE name LIKE ?", (f"%:{second}",)
        ).fetchone() == (0,)
    connection.close()
    lines = [line for line in served.log.read_text().splitlines() if line.startswith("{")]
    assert any(json.loads(line)["message"] == "request" for line in lines)
    assert "Traceback" not in served.log.read_text()

    refused = served.forked("restore", str(tmp_path / "garden.backup"))
    assert refused.returncode == 1 and "--replace" in refused.stderr
    restored = served.forked("restore", "--replace", str(tmp_path / "garden.backup"))
    assert restored.returncode == 0, restored.stderr
    assert "the index holds" in restored.stdout


def _requests(metrics: str) -> int:
    found = re.findall(
        r'lms_requests_total\{endpoint="members.sign_in_form",method="GET",status="200"\} ([\d.]+)', metrics
    )
    return int(float(found[0])) if found else 0


def test_a_wrong_setting_stops_the_start_with_its_name(served: Service) -> None:
    served.environment["LMS_PROFILE"] = "club"
    refused = served.lms("doctor")
    assert refused.returncode == 1
    assert "LMS_PROFILE" in refused.stderr and "Traceback" not in refused.stderr
