"""``lms serve``: brings the database up to date, then becomes the web server, which starts the worker beside itself.

gunicorn runs in this process: what was loaded for the migrations is not loaded again. Nothing of the web part and no
other command is loaded before it, for its settings have a say in how figures are shared (gunicorn.conf.py).
"""

import errno
import multiprocessing
import os
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from gunicorn.app import wsgiapp

from lms import logs, runtime
from lms.config import Settings, SettingsError, load_settings
from lms.db import database, ensure_open
from lms.failures import EXPECTED, in_one_line
from lms.members.models import Member
from lms.migrations import migrate

ROOT = Path(__file__).resolve().parent.parent
DEMO = "--demo"
FIRST_ACCOUNT = 'bin/lms create-administrator "YOUR NAME" --unit "NAME OF THE ORGANISATION"'
PAUSES = (0.2, 0.4, 0.8)  # seconds
EMPTY = 3  # how the process that sees to the database says that the demo organisation is wanted


def main(arguments: Sequence[str]) -> int:
    """Serve, with the demo organisation first when that is asked for and nobody is in the database yet."""
    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"lms: {error}", file=sys.stderr)
        return 1
    logs.set_up(settings.log_level)
    return serve(settings, with_demo=DEMO in arguments)


def serve(settings: Settings, *, with_demo: bool) -> int:
    """Become the web server on a migrated database, or first the maker of the demo organisation, which then serves.

    The database is seen to in a process that ends: nothing of it is open, or has taken memory, when others are forked.
    """
    refused = _refused_address(settings)
    if refused:
        print(f"lms: {refused}", file=sys.stderr)
        return 1
    apart = multiprocessing.get_context("fork").Process(target=_prepare, args=(settings, with_demo))
    apart.start()
    try:
        apart.join()
    except KeyboardInterrupt:  # it has heard of it as well, says so and takes back what it had begun
        apart.join()
    os.chdir(ROOT)
    if apart.exitcode == EMPTY:
        _become("demo", "--serve")
    if apart.exitcode:
        return 1 if apart.exitcode < 0 else apart.exitcode
    sys.argv[1:] = ["-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"]
    wsgiapp.run(prog="gunicorn")
    return 0


def _refused_address(settings: Settings) -> str:
    """Say why nobody can listen at an address, empty when one can; who is just leaving it is waited for.

    Before anything is begun: a start beside a service that runs must neither make a demo organisation first nor touch
    what that service counts.
    """
    host, port = settings.host, settings.port
    for seconds in (*PAUSES, 0.0):
        try:
            kind, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            with socket.socket(kind, socket.SOCK_STREAM) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind(where)
        except (OSError, UnicodeError) as error:
            if not isinstance(error, OSError) or error.errno != errno.EADDRINUSE:
                return f"nobody can listen at {settings.address} (LMS_HOST, PORT): {error}"
            time.sleep(seconds)
        else:
            return ""
    return f"port {port} at {host} is in use: stop what listens there, or choose another, as in PORT={port % 65535 + 1}"


def _prepare(settings: Settings, with_demo: bool) -> None:
    try:
        runtime.start(settings)
        migrate()
        ensure_open()
        empty = not Member.select(Member.id).exists()
        database.close()
        if empty and not with_demo:
            print(f"\n  Nobody can sign in yet. Make the first account:\n  {FIRST_ACCOUNT}", flush=True)
        sys.exit(EMPTY if empty and with_demo else 0)
    except EXPECTED as error:
        print(f"lms: {in_one_line(error)}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nlms: stopped; what was done so far is kept", file=sys.stderr)
        sys.exit(130)


def serve_anew() -> None:
    """Let ``lms serve`` take the place of this process, which has loaded much that a server does not need."""
    database.close()
    os.chdir(ROOT)
    _become("serve")


def _become(*arguments: str) -> None:
    os.execv(sys.executable, [sys.executable, "-m", "lms", *arguments])  # noqa: S606 another lms takes our place
