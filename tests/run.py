"""``make test``: the whole suite on SQLite, again on a throw-away PostgreSQL, and in a real browser where there is one.

Says at the end what was left out on this machine, and why.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
PROCESSES_PER_CORE = 2  # half of the time tests wait: for processes that start, a browser, a clock
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Run every part and give the exit status."""
    left_out: list[str] = []
    if not any(shutil.which(name) for name in CHROMIUM):
        left_out.append("tests in a browser: no chromium on this machine (Debian: apt-get install chromium)")
    if shutil.which("redis-server") is None:
        left_out.append("the queue in Redis: no redis-server on this machine (Debian: apt-get install redis-server)")
    if shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is None:
        left_out.append("nginx in front: no nginx on this machine (Debian: apt-get install nginx-light)")
    failed = _pytest("SQLite", {})
    with _postgres(left_out) as address:
        if address:
            failed |= _pytest("PostgreSQL", {"LMS_TEST_POSTGRES": address})
    for line in left_out:
        print(f"LEFT OUT: {line}")
    print("nothing was left out" if not left_out else f"{len(left_out)} part(s) left out, see above")
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


def _pytest(name: str, environment: dict[str, str]) -> bool:
    print(f"== {name}", flush=True)
    processes = os.environ.get("LMS_TEST_PROCESSES") or str(PROCESSES_PER_CORE * (os.cpu_count() or 1))
    command = [sys.executable, "-m", "pytest", "-n", processes, "--dist", "worksteal"]
    if environment:
        command += ["-m", "not sqlite_only and not browser", *(f"--ignore={path}" for path in WITHOUT_DATABASE)]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode != 0


if __name__ == "__main__":
    sys.exit(main())
