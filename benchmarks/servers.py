"""Starting and stopping what is measured: the service and the floor, each on a port of its own on 127.0.0.1."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

BENCHMARKS = Path(__file__).resolve().parent
ROOT = BENCHMARKS.parent
LOCALHOST = "127.0.0.1"
START_SECONDS = 120.0
STOP_SECONDS = 60.0
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
# The same at sign-in and under load: flask-login notes a change of it in the session, with a new cookie each time.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) load"
LIKE_OURS = ("worker_class", "workers", "threads", "keepalive", "timeout", "preload_app", "worker_tmp_dir")

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class ServerError(RuntimeError):
    """A server did not start, or did not do what the measurement needs."""


@dataclass
class Server:
    """A running gunicorn: its master's pid, its port, and how long it took to the first 200."""

    pid: int
    port: int
    seconds_to_200: float

    def children(self) -> list[tuple[int, str]]:
        """Give the master's children as pairs of pid and command line, in order of their start."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and _parent(folder) == self.pid:
                found.append((int(folder.name), _command(folder)))
        return sorted(found)

    def web_workers(self) -> list[int]:
        """Give the pids of the processes that answer requests."""
        found = ("gunicorn", " lms serve")
        return [
            pid
            for pid, command in self.children()
            if any(part in command for part in found) and not _is_worker(pid, command)
        ]

    def all_web_workers(self, count: int) -> tuple[int, ...]:
        """Give the pids as above when all of them have been started. Raises ServerError if they are not soon."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            pids = self.web_workers()
            if len(pids) == count:
                return tuple(pids)
            time.sleep(0.05)
        raise ServerError(f"{count} web workers expected, {len(self.web_workers())} running")

    def background_worker(self) -> int | None:
        """Give the pid of the worker beside the web server, if it has one."""
        return next((pid for pid, command in self.children() if _is_worker(pid, command)), None)

    def cpu_seconds(self) -> float:
        """Give the processor time that the web workers have taken so far."""
        return sum(cpu_seconds(pid) for pid in self.web_workers())


def _parent(folder: Path) -> int | None:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None  # gone meanwhile


def _command(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _is_worker(pid: int, command: str) -> bool:
    """Say whether a process is the worker: forked off the web server under a name of its own, or started by command."""
    try:
        return command.endswith("lms worker") or Path(f"/proc/{pid}/comm").read_text().strip() == "lms-worker"
    except OSError:
        return False  # gone meanwhile


def cpu_seconds(pid: int) -> float:
    """Give the processor time of a process, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def children_cpu_seconds(pid: int) -> float:
    """Give the processor time of a process's children together."""
    folders = (folder for folder in Path("/proc").iterdir() if folder.name.isdigit() and _parent(folder) == pid)
    return sum(cpu_seconds(int(folder.name)) for folder in folders)


def memory_mib(pid: int) -> tuple[float, float]:
    """Give a process's resident and proportional set in MiB: the second shares common pages among their users."""
    values = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        values[name] = int(rest.split()[0]) / 1024
    return values["Rss"], values["Pss"]


def stop_on_sigterm() -> None:
    """Have SIGTERM leave through the ``finally`` clauses, so that no server outlives the program that started it."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def free_port() -> int:
    """Give a port that nothing listens on."""
    with socket.socket() as found:
        found.bind((LOCALHOST, 0))
        port: int = found.getsockname()[1]
        return port


def environment(data: Path, **settings: object) -> dict[str, str]:
    """Give the environment of the service for a data folder: no setting of the caller's own shell gets in."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LMS_") and k not in ("HOST", "PORT")}
    return {**kept, "LMS_DATA": str(data), "PYTHONPATH": str(ROOT), **{k: str(v) for k, v in settings.items()}}


def lms(data: Path, *arguments: str) -> float:
    """Run a command of the service on a data folder and give the seconds it took. Raises ServerError if it fails."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "lms", *arguments], env=environment(data), cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise ServerError(f"lms {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return time.perf_counter() - began


@contextmanager
def service(
    data: Path, log: Path, path: str = "/healthz", *, demo: bool = False, **settings: object
) -> Iterator[Server]:
    """Run the service as ``lms serve`` does, until ``path`` answered 200; stop it at the end, whatever happens."""
    port = free_port()
    command = [sys.executable, "-m", "lms", "serve", *(["--demo"] if demo else [])]
    with _running(command, environment(data, PORT=port, **settings), ROOT, log, port, path) as server:
        yield server


@contextmanager
def floor(data: Path, log: Path, settings: Mapping[str, str], path: str = "/healthz") -> Iterator[Server]:
    """Run the floor under the settings that gunicorn has for the service."""
    port = free_port()
    env = {**environment(data), "FLOOR_DATA": str(data)}
    subprocess.run([sys.executable, str(BENCHMARKS / "floor_app.py")], env=env, check=True)
    command = [sys.executable, "-m", "gunicorn", "--bind", f"{LOCALHOST}:{port}", *_as_options(settings)]
    with _running([*command, "floor_app:app"], env, BENCHMARKS, log, port, path) as server:
        yield server


@contextmanager
def bare_accel(data: Path, log: Path, location: str) -> Iterator[Server]:
    """Run a view that only names a file to nginx, under the settings that gunicorn has for the service."""
    port = free_port()
    env = {**environment(data), "ACCEL_LOCATION": location}
    command = [sys.executable, "-m", "gunicorn", "--bind", f"{LOCALHOST}:{port}", *_as_options(gunicorn_settings(data))]
    with _running([*command, "accel_app:app"], env, BENCHMARKS, log, port, "/healthz") as server:
        yield server


def gunicorn_settings(data: Path) -> dict[str, str]:
    """Ask gunicorn which of the settings that matter are in force for the service."""
    command = [sys.executable, "-m", "gunicorn", "--print-config", "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"]
    done = subprocess.run(command, env=environment(data), cwd=ROOT, capture_output=True, text=True, check=True)
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    found = {name.strip(): value.strip() for name, _, value in pairs}
    missing = [name for name in LIKE_OURS if name not in found]
    if missing:
        raise ServerError(f"gunicorn does not say its {', '.join(missing)}")
    # The peers are plain applications: what sends files beside the threads is the service's own.
    return {**{name: found[name] for name in LIKE_OURS}, "worker_class": "gthread"}


def _as_options(settings: Mapping[str, str]) -> list[str]:
    options = [] if settings["preload_app"] != "True" else ["--preload"]
    names = {"worker_class": "--worker-class", "workers": "--workers", "threads": "--threads"}
    names |= {"keepalive": "--keep-alive", "timeout": "--timeout", "worker_tmp_dir": "--worker-tmp-dir"}
    for name, option in names.items():
        if settings[name] != "None":
            options += [option, settings[name]]
    return options


@contextmanager
def _running(
    command: list[str], env: Mapping[str, str], folder: Path, log: Path, port: int, path: str
) -> Iterator[Server]:
    with log.open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=output, stderr=output, start_new_session=True)
        try:
            _wait_for_200(process, port, path, log)
            yield Server(process.pid, port, time.perf_counter() - began)
        finally:
            _stop(process)


def _wait_for_200(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ServerError(f"the server stopped with status {process.returncode}:\n{log.read_text()[-2000:]}")
        try:
            if get(port, path)[0] == 200:
                return
        except (ConnectionError, http.client.HTTPException, TimeoutError):
            pass
        time.sleep(0.01)
    raise ServerError(f"no 200 from {path} within {START_SECONDS:g} seconds:\n{log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop; its process group, which is ours alone, goes with it if it does not."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def get(port: int, path: str, cookie: str = "") -> tuple[int, str, str]:
    """Get an address: status, body, and the cookie to go on with."""
    return _ask(port, "GET", path, cookie, None)


def _ask(port: int, method: str, path: str, cookie: str, form: Mapping[str, str] | None) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection(LOCALHOST, port, timeout=30)
    try:
        headers = {"User-Agent": USER_AGENT, **({"Cookie": cookie} if cookie else {})}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        given = [value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or []]
        return answer.status, text, "; ".join(given) or cookie
    finally:
        connection.close()


def sign_in(port: int, login: str, password: str) -> str:
    """Sign in through the form as a browser does, CSRF token and all, and give the session's cookie."""
    status, page, cookie = get(port, "/sign-in")
    token = _CSRF.search(page)
    if status != 200 or not token:
        raise ServerError(f"the sign-in page answered {status} without a form")
    form = {"csrf_token": token.group(1), "login": login, "password": password}
    status, page, cookie = _ask(port, "POST", "/sign-in", cookie, form)
    if status != 303:
        raise ServerError(f"signing in as {login} was answered {status}:\n{page[:2000]}")
    return get(port, "/", cookie)[2]  # the first page begins the session's CSRF token: as a browser, go on with that
