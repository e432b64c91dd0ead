"""``make test``: the whole suite on SQLite, again on a throw-away PostgreSQL, and in a real browser where there is one.

Both go on at the same time, in processes forked from one (``tests/in_processes.py``), on a folder in memory where there
is room. Says at the end what was left out on this machine, and why, and how long all took.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cores import usable_cores
from tests.postgres_cluster import find_initdb, processor_time, throw_away_cluster

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = 2.5  # for each core that is ours: tests wait for processes that start, a browser, a clock
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
MEMORY = Path("/dev/shm")
ROOM = 3 << 30  # bytes that a run may need at most; half of it is seldom used


def main() -> int:
    """Run every part and give the exit status."""
    begun = time.monotonic()
    left_out = _left_out()
    with _folder() as folder, _postgres(folder, left_out) as (address, used_by_postgres):
        failed = _run(folder, address) != 0
        postgres = used_by_postgres()
    for line in left_out:
        print(f"LEFT OUT: {line}")
    print("nothing was left out" if not left_out else f"{len(left_out)} part(s) left out, see above")
    used = os.times()
    tests = used.children_user + used.children_system
    print(f"{time.monotonic() - begun:.0f} s, {tests:.0f} s of processor time and {postgres:.0f} s of PostgreSQL's own")
    print("FAILED" if failed else "all parts passed")
    return int(failed)


def _left_out() -> list[str]:
    left_out = []
    if not any(shutil.which(name) for name in CHROMIUM):
        left_out.append("tests in a browser: no chromium on this machine (Debian: apt-get install chromium)")
    if shutil.which("redis-server") is None:
        left_out.append("the queue in Redis: no redis-server on this machine (Debian: apt-get install redis-server)")
    if shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is None:
        left_out.append("nginx in front: no nginx on this machine (Debian: apt-get install nginx-light)")
    return left_out


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder for everything that the run writes: in memory where there is room, else on the disk."""
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    with tempfile.TemporaryDirectory(prefix="lms-", dir=MEMORY if in_memory else None) as folder:
        Path(folder).chmod(0o755)  # root's PostgreSQL runs as somebody else
        yield Path(folder)


@contextmanager
def _postgres(folder: Path, left_out: list[str]) -> Iterator[tuple[str, Callable[[], float]]]:
    if find_initdb() is None:
        left_out.append("the suite on PostgreSQL: no initdb on this machine (Debian: apt-get install postgresql)")
        yield "", lambda: 0.0
        return
    with throw_away_cluster(folder) as address:
        yield address, lambda: processor_time(folder)


def _run(folder: Path, postgres: str) -> int:
    processes = os.environ.get("LMS_TEST_PROCESSES") or str(max(1, round(PROCESSES * usable_cores())))
    command = [sys.executable, "-m", "pytest", "--processes", processes, "--basetemp", str(folder / "tests")]
    if postgres:
        command += ["--also-on", postgres]
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "TMPDIR")}
    return subprocess.call([*command, *sys.argv[1:]], cwd=ROOT, env=kept | {"TMPDIR": str(folder)})


if __name__ == "__main__":
    sys.exit(main())
