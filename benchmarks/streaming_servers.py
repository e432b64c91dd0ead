"""What ``streaming.py`` measures besides the service itself: nginx with the service or a bare view behind it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import servers
from servers import LOCALHOST, ROOT, ServerError

MIB = 1024 * 1024
INSIDE = "/_files/"
PROCESSES = 2
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Film:
    """The recording that is sent: its id, and where it lies below the folder of files."""

    recording: int
    place: str
    path: Path

    @property
    def address(self) -> str:
        """Give the service's address of it."""
        return f"/recordings/{self.recording}/media"


def add_film(data: Path, mib: int) -> Film:
    """Put a recording of so many MiB into a data folder. Raises ServerError if that fails."""
    done = subprocess.run(
        [sys.executable, str(servers.BENCHMARKS / "streaming_film.py"), str(mib)],
        env=servers.environment(data),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ServerError(f"no recording could be made:\n{done.stderr[-2000:]}")
    recording, place = done.stdout.split()
    return Film(int(recording), place, data / "files" / place)


def find_nginx() -> str:
    """Give nginx's path. Raises ServerError without one."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise ServerError("nginx is the peer and is not on this machine (Debian: apt-get install nginx-light)")
    return found


@contextmanager
def nginx(
    folder: Path, film: Film, data: Path, service_port: int, bare_port: int
) -> Iterator[tuple[dict[str, int], int]]:
    """Run nginx: "plain" sends the file itself, "service" and "bare" ask what stands behind them.

    Gives the ports, and the pid of the process whose children send.
    """
    ports = {name: servers.free_port() for name in ("plain", "service", "bare")}
    folder.mkdir(parents=True, exist_ok=True)
    temp = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    sends = "sendfile on; tcp_nopush on; sendfile_max_chunk 1m;"
    inside = f"location {INSIDE} {{ internal; alias {data}/files/; {sends} }}"

    def passes(port: int) -> str:
        return (
            f"location / {{ proxy_pass http://b{port}; proxy_http_version 1.1;"
            ' proxy_set_header Connection ""; proxy_set_header Host $host; }'
        )

    def upstream(port: int) -> str:
        return f"upstream b{port} {{ server {LOCALHOST}:{port}; keepalive 128; }}\n"

    text = (
        f"daemon off; worker_processes {PROCESSES}; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"{'user root;' if os.geteuid() == 0 else ''} worker_rlimit_nofile 8192;\n"
        "events { worker_connections 2048; }\n"
        f"http {{ access_log off; keepalive_requests 1000000; default_type video/mp4;\n{temp}"
        f"{upstream(service_port)}{upstream(bare_port)}"
        f"server {{ listen {LOCALHOST}:{ports['plain']}; location /film {{ alias {film.path}; {sends} }} }}\n"
        f"server {{ listen {LOCALHOST}:{ports['service']}; {passes(service_port)} {inside} }}\n"
        f"server {{ listen {LOCALHOST}:{ports['bare']}; {passes(bare_port)} {inside} }}\n}}\n"
    )
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [find_nginx(), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command)
    try:
        _wait(ports["plain"], process, folder / "error.log")
        yield ports, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ServerError(f"nginx stopped:\n{log.read_text()[-2000:]}")
        try:
            servers.get(port, "/nothing")
            return
        except OSError:
            time.sleep(0.05)
    raise ServerError("nginx does not answer")
