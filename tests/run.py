"""``make test``: the whole suite on SQLite, again on a throw-away PostgreSQL, and in a real browser where there is one.

Both runs go on at the same time, so that one works while the other waits; PostgreSQL's is shown after SQLite's.
Says at the end what was left out on this machine, and why, and how long all took.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.postgres_cluster import find_initdb, throw_away_cluster

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_DATABASE = (
    "tests/search_index",
    "tests/storage",
    "tests/architecture/test_contracts.py",
    "tests/architecture/test_words.py",
    "tests/web/test_markdown.py",
    "tests/web/test_plain_text.py",
    "tests/web/test_apidocs.py",
    "tests/web/test_api_docs.py",
)
# More than there are cores: tests wait for processes that start, a browser, a clock.
PROCESSES = {"SQLite": 1.5, "PostgreSQL": 1.0}  # for each core
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Run every part and give the exit status."""
    begun = time.monotonic()
    left_out: list[str] = []
    if not any(shutil.which(name) for name in CHROMIUM):
        left_out.append("tests in a browser: no chromium on this machine (Debian: apt-get install chromium)")
    if shutil.which("redis-server") is None:
        left_out.append("the queue in Redis: no redis-server on this machine (Debian: apt-get install redis-server)")
    if shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is None:
        left_out.append("nginx in front: no nginx on this machine (Debian: apt-get install nginx-light)")
    with _postgres(left_out) as address, tempfile.TemporaryFile("w+") as said:
        second = _begin("PostgreSQL", {"LMS_TEST_POSTGRES": address}, said) if address else None
        failed = _begin("SQLite", {}, None).wait() != 0
        if second:
            failed |= second.wait() != 0
            said.seek(0)
            shutil.copyfileobj(said, sys.stdout)
    for line in left_out:
        print(f"LEFT OUT: {line}")
    print("nothing was left out" if not left_out else f"{len(left_out)} part(s) left out, see above")
    used = os.times()
    processor = used.children_user + used.children_system
    print(f"{time.monotonic() - begun:.0f} s, {processor:.0f} s of processor time, without PostgreSQL's own")
    print("FAILED" if failed else "all parts passed")
    return int(failed)


@contextmanager
def _postgres(left_out: list[str]) -> Iterator[str]:
    if find_initdb() is None:
        left_out.append("the suite on PostgreSQL: no initdb on this machine (Debian: apt-get install postgresql)")
        yield ""
        return
    with throw_away_cluster() as address:
        yield address


def _begin(name: str, environment: dict[str, str], output: IO[str] | None) -> "subprocess.Popen[bytes]":
    print(f"== {name}", file=output, flush=True)
    processes = os.environ.get("LMS_TEST_PROCESSES") or str(round(PROCESSES[name] * (os.cpu_count() or 1)))
    command = [sys.executable, "-m", "pytest", "-n", processes]
    if environment:
        command += ["-m", "not sqlite_only and not browser", *(f"--ignore={path}" for path in WITHOUT_DATABASE)]
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.Popen(command, cwd=ROOT, env=inherited | environment, stdout=output, stderr=output)


if __name__ == "__main__":
    sys.exit(main())
