"""``lms serve``: brings the database up to date, then becomes the web server, which starts the worker beside itself.

gunicorn runs in this process: what was loaded for the migrations is not loaded again. Nothing of the web part and no
other command is loaded before it, for its settings have a say in how figures are shared (gunicorn.conf.py).
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gunicorn.app import wsgiapp

from lms import logs, runtime
from lms.config import Settings, SettingsError, load_settings
from lms.db import database, ensure_open
from lms.errors import LmsError
from lms.members.models import Member
from lms.migrations import migrate

ROOT = Path(__file__).resolve().parent.parent
DEMO = "--demo"


def main(arguments: Sequence[str]) -> int:
    """Serve, with the demo organisation first when that is asked for and nobody is in the database yet."""
    try:
        settings = load_settings()
        logs.set_up(settings.log_level)
        runtime.start(settings)
        return serve(settings, with_demo=DEMO in arguments)
    except (LmsError, SettingsError) as error:
        print(f"lms: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nlms: stopped; what was done so far is kept", file=sys.stderr)
        return 130


def serve(settings: Settings, *, with_demo: bool) -> int:
    """Migrate and become the web server, or the maker of the demo organisation, which serves when it is done."""
    migrate()
    ensure_open()
    empty = with_demo and not Member.select(Member.id).exists()
    database.close()  # nothing is open when processes are forked
    os.chdir(ROOT)
    if empty:
        _become("demo", "--serve")
    sys.argv[1:] = ["-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"]
    wsgiapp.run(prog="gunicorn")
    return 0


def serve_anew() -> None:
    """Let ``lms serve`` take the place of this process, which has loaded much that a server does not need."""
    database.close()
    os.chdir(ROOT)
    _become("serve")


def _become(*arguments: str) -> None:
    os.execv(sys.executable, [sys.executable, "-m", "lms", *arguments])  # noqa: S606 another lms takes our place
