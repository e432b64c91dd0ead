"""The command line: ``lms COMMAND``."""

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lms import logs, runtime, serving
from lms.config import Settings, load_settings
from lms.db import ensure_open
from lms.demo import organisation, texts
from lms.errors import N_, InvalidInput
from lms.failures import EXPECTED, in_one_line
from lms.members.commands import create_first_administrator
from lms.migrations import migrate
from lms.operating import backup as backups
from lms.operating.checks import all_checks
from lms.operating.work import dead_jobs
from lms.progress import packs
from lms.progress_bar import ProgressBar
from lms.search import drain
from lms.worker import Worker

Command = Callable[[Settings, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status: 0 done, 1 refused or failed, 2 wrong usage, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        logs.set_up(settings.log_level)
        runtime.start(settings)
        command: Command = options.command
        return command(settings, options)
    except EXPECTED as error:
        print(f"lms: {in_one_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nlms: stopped; what was done so far is kept", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lms", description="Learning Garden: a service for a learning organisation")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, function: Command, help_text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(command=function)
        return command

    add("migrate", _migrate, "bring the database to the shape this version needs")
    serve = add("serve", _serve, "migrate, then run the web server with the worker beside it")
    serve.add_argument("--demo", action="store_true", help="fill an empty database with the demo organisation first")
    add("worker", _worker, "run the worker alone (the web server starts one beside itself)")
    administrator = add("create-administrator", _administrator, "make the first administrator and the root unit")
    administrator.add_argument("name")
    administrator.add_argument("--phone", default="")
    administrator.add_argument("--unit", default="Learning Garden", help="name of the root unit, if there is none")
    demo = add("demo", _demo, "fill an empty database with the demo organisation")
    demo.add_argument("--materials", type=Path, metavar="FILE", help="also load real text: JSON lines, .xz or plain")
    demo.add_argument("--limit", type=int, metavar="N", help="load at most N rows of the file")
    demo.add_argument("--serve", action="store_true", help="then run the web server, as lms serve does")
    add("reindex", _reindex, "build a new search index beside the live one and switch to it")
    add("repack", _repack, "make what boards read anew from the ledger, some members at a time")
    save = add("backup", _backup, "write database and uploads to one file while the service runs")
    save.add_argument("file", type=Path)
    load = add("restore", _restore, "bring back a backup; stop the service first")
    load.add_argument("file", type=Path)
    load.add_argument("--replace", action="store_true", help="lose what the database holds now")
    add("doctor", _doctor, "print the settings in force and check each part")
    return parser


def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    for name in migrate():
        print(f"applied {name}")
    print("the database is up to date")
    return 0


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    return serving.serve(settings, with_demo=options.demo)


def _worker(settings: Settings, options: argparse.Namespace) -> int:
    Worker(settings).run()
    return 0


def _administrator(settings: Settings, options: argparse.Namespace) -> int:
    migrate()
    question = "Password (empty: one is made up): "
    typed = (getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline()).rstrip("\n")
    made = create_first_administrator(options.name, options.phone, typed or None, options.unit)
    print(f"administrator {made.name} created")
    if not typed:
        print(f"first password: {made.password}  (to be changed at the first sign-in)")
    return 0


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    migrate()
    if organisation.is_empty():
        organisation.create(settings, print)
    elif not options.materials:
        print("the database is not empty: nothing was changed")
        return 1
    if options.materials:
        return texts.load(options.materials, options.limit)
    if options.serve:
        serving.serve_anew()
    return 0


def _reindex(settings: Settings, options: argparse.Namespace) -> int:
    migrate()
    with ProgressBar("documents") as bar:
        count = drain.reindex(settings.index_path, bar.show)
    print(f"the index holds {count} documents")
    return 0


def _repack(settings: Settings, options: argparse.Namespace) -> int:
    ensure_open()
    with ProgressBar("members") as bar:
        count = packs.rebuild(bar.show)
    print(f"packed {count} rows of the ledger")
    return 0


@contextmanager
def _using(path: Path) -> Iterator[None]:
    """Say in one line what is wrong with a file that was named, or with the disk that it lies on."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise InvalidInput(N_("%(path)s: %(reason)s"), path=error.filename or path, reason=reason) from error


def _backup(settings: Settings, options: argparse.Namespace) -> int:
    ensure_open()
    with _using(options.file):
        backups.backup(options.file, print)
    settings.last_backup_path.write_text(f"{options.file.absolute()}\n", encoding="utf-8")
    print(f"backup written to {options.file} ({options.file.stat().st_size} bytes)")
    return 0


def _restore(settings: Settings, options: argparse.Namespace) -> int:
    with _using(options.file):
        backups.restore(options.file, print, replace=options.replace)
    return _reindex(settings, options)


def _doctor(settings: Settings, options: argparse.Namespace) -> int:
    for name, value in settings.shown().items():
        print(f"  {name:20} {value}")
    checks = all_checks(settings)
    for check in checks:
        print(f"{'ok ' if check.ok else 'BAD'} {check.part:20} {check}")
        if check.part == "jobs" and "dead" in check.values:
            print("\n".join(f"    {job}" for job in dead_jobs(20)))
    return 0 if all(check.ok for check in checks) else 1
