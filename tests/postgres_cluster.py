"""A PostgreSQL cluster that lives for one run of the tests, in a folder of its own, on a socket of its own."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

NOTHING_IS_KEPT = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
    " -c checkpoint_timeout=1h -c max_wal_size=4GB -c jit=off"
)


def find_initdb() -> Path | None:
    """Find the real initdb: Debian keeps it off the PATH, newest version last."""
    kept_off = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if kept_off:
        return kept_off[-1]
    found = shutil.which("initdb")
    return Path(found).resolve() if found else None


@contextmanager
def throw_away_cluster(where: Path | None = None) -> Iterator[str]:
    """Start a cluster in a new folder, there or among the temporary ones, and give its address; it is gone afterwards.

    Root may not run PostgreSQL, so as root everything is done as the user "postgres" or "nobody".
    """
    initdb = find_initdb()
    if initdb is None:
        raise RuntimeError("no initdb on this machine")
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="lms-postgres-", dir=where))
    if user:
        shutil.chown(folder, user)
    folder.chmod(0o755)
    data = folder / "data"
    ctl: list[str | Path] = [initdb.with_name("pg_ctl"), "-D", data, "-w", "-t", "300"]
    try:
        _as(user, [initdb, "-D", data, "-U", "lms", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"])
        port = _start(user, ctl, folder)
        try:
            yield f"postgresql://lms@127.0.0.1:{port}/postgres"
        finally:
            _as(user, [*ctl, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(user: str | None, ctl: list[str | Path], folder: Path) -> int:
    """Start the server and give its port: another one where somebody took the first between our look and its start.

    Raises RuntimeError with the server's own words when it does not start for another reason.
    """
    while True:
        port = _free_port()
        options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} {NOTHING_IS_KEPT}"
        try:
            _as(user, [*ctl, "-o", options, "-l", folder / "log", "start"])
        except subprocess.CalledProcessError as error:
            if not _is_taken(port):
                raise RuntimeError(f"PostgreSQL does not start:\n{(folder / 'log').read_text()}") from error
        else:
            return port


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def processor_time(where: Path) -> float:
    """Give the seconds of processor time that the cluster in a folder has used, with all its processes that ended."""
    pid = int(next(where.glob("lms-postgres-*/data/postmaster.pid")).read_text().split()[0])
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _as(user: str | None, command: Sequence[str | Path]) -> None:
    subprocess.run([str(part) for part in command], user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")
