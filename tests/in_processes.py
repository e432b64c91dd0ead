"""Run the tests in several processes, on SQLite and PostgreSQL at once, all forked from one that has collected them.

``--processes 5`` forks five; ``--also-on ADDRESS`` tests on a PostgreSQL as well. A process belongs to one database and
takes the next bunch of tests whenever it has room; where one database is through, its processes make room for some of
the other, so that all are busy to the end. Loading and collecting is done once and its memory is shared: a process of
its own for each took seven seconds of processor time before its first test (docs/adr/0079-forked-tests.md).

A test is about the database if it asks for a migrated one; whatever does not shows nothing on PostgreSQL that it does
not show on SQLite, and runs once. Its fixtures tell, not a list; ``no_database_unasked`` of ``tests/conftest.py`` sees
to it.
"""

import gc
import os
import signal
import sys
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import pytest

from tests import this_process

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
# What is here stays in one process, for it shares something dear: a browser and a service, the whole demo organisation.
TOGETHER = ("tests/browser/", "tests/notes/test_note_in_browser.py", "tests/demo/test_whole_organisation.py")
LONGEST_S = float(os.environ.get("LMS_TEST_LONGEST", "900"))  # for one test on a machine that has much else to do
LAST_WORDS_S = 10.0
LOOK_S = 1.0
BUNCH = 12  # tests of one file go in bunches: they share what their module makes, and leave little over at the end

Bunch = list[int]  # places of tests in ``session.items``


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the number of processes and the second database."""
    group = parser.getgroup("processes")
    group.addoption("--processes", type=int, default=0, help="fork so many processes; 0: run in this one")
    group.addoption("--also-on", default="", metavar="ADDRESS", help="test on this PostgreSQL as well as on SQLite")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Share the tests out among processes, if that was asked for."""
    config = session.config
    if not config.option.processes or config.option.collectonly or session.testsfailed:
        return None
    SharingOut(session, config.option.processes, config.option.also_on).run()
    return True


def belongs(item: pytest.Item, database: str) -> bool:
    """Say whether a test shows anything on a database that it does not show on the other."""
    if database == SQLITE:
        return not item.get_closest_marker("postgres_only")
    elsewhere = item.get_closest_marker("sqlite_only") or item.get_closest_marker("browser")
    return not elsewhere and "migrated" in getattr(item, "fixturenames", ())


def bunches(items: Sequence[pytest.Item], database: str) -> deque[Bunch]:
    """Group the tests of a database: what stays together and long ones first, then the others of a file by twelve."""
    together: dict[str, Bunch] = {start: [] for start in TOGETHER}
    long, others = [], []
    for file, group in groupby((place for place, item in enumerate(items) if belongs(item, database)), _file_of(items)):
        members = list(group)
        start = next((start for start in TOGETHER if file.startswith(start)), "")
        if start:
            together[start] += members
        elif items[members[0]].get_closest_marker("long"):
            long += [[place] for place in members]
        else:
            others += [members[begin : begin + BUNCH] for begin in range(0, len(members), BUNCH)]
    return deque([*filter(None, together.values()), *long, *others])


def _file_of(items: Sequence[pytest.Item]) -> Callable[[int], str]:
    return lambda place: items[place].nodeid.partition("::")[0]


@dataclass
class Process:
    """A forked process: what it has been given and has not begun yet, and the test that it is at."""

    pid: int
    link: Connection
    database: str
    at: int | None = None
    since: float = 0.0
    hangs: list[int] = field(default_factory=list)  # with all below it, once it has been found to hang
    ahead: Bunch = field(default_factory=list)

    def begins(self, place: int) -> None:
        """Note which test it is at, and since when."""
        self.at, self.since = place, time.monotonic()
        self.ahead.remove(place)

    def is_dead(self) -> bool:
        """Say whether it has ended; who it has forked may hold its line open all the same."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def end_if_it_hangs(self) -> None:
        """Have a process whose test takes too long say where it is, and die; by force if it does not do so."""
        if self.at is None or time.monotonic() - self.since < LONGEST_S:
            return
        number = signal.SIGKILL if self.hangs else signal.SIGABRT  # pytest has every thread's stack written at this one
        self.hangs = self.hangs or _family(self.pid)
        self.since = time.monotonic() + LAST_WORDS_S - LONGEST_S
        _send(number, self.pid)

    def end_what_it_left(self) -> None:
        """End what one that hung had begun: servers, browsers."""
        for pid in self.hangs[1:]:
            _send(signal.SIGKILL, pid)


def _send(number: signal.Signals, pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _family(pid: int) -> list[int]:
    """Give a process and all below it, as far as the system tells."""
    family = [pid]
    for member in family:
        for task in Path(f"/proc/{member}/task").glob("*/children"):
            with suppress(OSError):
                family += [int(child) for child in task.read_text().split()]
    return family


class SharingOut:
    """The process that has collected the tests: forks the others, gives them tests and hears how they went."""

    def __init__(self, session: pytest.Session, processes: int, postgres: str) -> None:
        self._session, self._room = session, processes
        self._address = {SQLITE: "", POSTGRESQL: postgres or this_process.postgres}
        on = [POSTGRESQL] if this_process.postgres else [SQLITE, POSTGRESQL] if postgres else [SQLITE]
        self._waiting = {database: bunches(session.items, database) for database in on}
        self._running: dict[Connection, Process] = {}
        self._forked = 0
        self._tests = {database: sum(map(len, waiting)) for database, waiting in self._waiting.items()}
        self._used: Counter[str] = Counter()
        this_process.shared = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]

    def run(self) -> None:
        """Run everything; what fails is told to pytest as if it had happened here."""
        self._session.testscollected = sum(self._tests.values())
        try:
            while self._fill() or self._running:
                for link in wait(list(self._running), LOOK_S):
                    self._hear(self._running[link])
                self._look_after()
                if self._session.shouldfail:
                    raise self._session.Failed(self._session.shouldfail)
                if self._session.shouldstop:
                    raise self._session.Interrupted(self._session.shouldstop)
        finally:
            for process in list(self._running.values()):
                os.kill(process.pid, signal.SIGINT)
                self._end(process)
        self._session.config.stash[TOLD] = [
            f"{database}: {self._tests[database]} tests, {used:.0f} s of processor time"
            for database, used in self._used.items()
        ]

    def _look_after(self) -> None:
        for process in list(self._running.values()):
            process.end_if_it_hangs()
            if process.is_dead() and not process.link.poll():
                self._end(process)

    def _fill(self) -> bool:
        """Fork until there is no room; first for the database that has the most left for each of its processes."""
        while len(self._running) < self._room and any(self._waiting.values()):
            having = Counter(process.database for process in self._running.values())
            left = {name: len(waiting) / (1 + having[name]) for name, waiting in self._waiting.items() if waiting}
            self._fork(max(left, key=left.__getitem__))
        return False

    def _fork(self, database: str) -> None:
        here, there = Pipe()
        self._forked += 1
        first = self._waiting[database].popleft()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            for process in self._running.values():
                process.link.close()
            here.close()
            _be_a_process(self._session, there, f"{database}-{self._forked}".lower(), self._address[database], first)
        there.close()
        self._running[here] = Process(pid, here, database, ahead=first[:])

    def _hear(self, process: Process) -> None:
        try:
            told, value = process.link.recv()
        except (EOFError, ConnectionResetError):
            self._end(process)
            return
        if told == "begins":
            process.begins(value)
        elif told == "asks":
            waiting = self._waiting[process.database]
            given = waiting.popleft() if waiting else []
            process.ahead += given
            with suppress(BrokenPipeError):  # it died in this moment: the next look finds out
                process.link.send(given)
        else:
            self._report(process.database, value)

    def _report(self, database: str, data: dict[str, Any]) -> None:
        config = self._session.config
        if database == POSTGRESQL:
            data["nodeid"] += " on PostgreSQL"
            file, line, what = data["location"]
            data["location"] = file, line, f"{what} on PostgreSQL"
        report = config.hook.pytest_report_from_serializable(config=config, data=data)
        config.hook.pytest_runtest_logreport(report=report)

    def _end(self, process: Process) -> None:
        """Take leave of a process; what it was at when it died has failed, what it had not begun is given to others."""
        del self._running[process.link]
        process.link.close()
        _, status, usage = os.wait4(process.pid, 0)
        self._used[process.database] += usage.ru_utime + usage.ru_stime
        process.end_what_it_left()
        if status and not self._session.shouldfail:
            at = process.ahead.pop(0) if process.at is None else process.at  # it may die before it has begun its first
            self._report(process.database, _death(self._session.items[at], status, hung=bool(process.hangs)))
            if process.ahead:
                self._waiting[process.database].appendleft(process.ahead)


def _death(item: pytest.Item, status: int, *, hung: bool) -> dict[str, Any]:
    why = f"the process died in this test, with status {os.waitstatus_to_exitcode(status)}"
    report = pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome="failed",
        longrepr=f"took longer than {LONGEST_S:g} s, so {why}: its stacks are above" if hung else why,
        when="call",
    )
    return item.config.hook.pytest_report_to_serializable(config=item.config, report=report)


TOLD = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many tests each database had, and what they took."""
    for line in config.stash.get(TOLD, []):
        terminalreporter.write_line(line)


class Telling:
    """In a forked process: tells the first one how each test went."""

    def __init__(self, config: pytest.Config, link: Connection) -> None:
        self._config, self._link = config, link
        self._all = config.option.durations is not None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell of a test, and of its preparation and cleaning up only when there is something to tell."""
        if report.when == "call" or not report.passed or self._all:
            data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
            self._link.send(("report", data))


def _be_a_process(session: pytest.Session, link: Connection, name: str, postgres: str, first: Bunch) -> None:
    """Be a forked process until there is nothing left to do; never returns."""
    status = 1
    try:
        _settle(session.config, link, name, postgres)
        for item, following in _with_following(session, link, first):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        status = 0
    except KeyboardInterrupt:
        pass
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        _leave(session, status)


def _leave(session: pytest.Session, status: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        session._setupstate.teardown_exact(None)  # what an interrupted test left running
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _settle(config: pytest.Config, link: Connection, name: str, postgres: str) -> None:
    """Take what must not be shared with the process we come from: what is caught of output, folder, terminal."""
    this_process.name, this_process.postgres = name, postgres
    plugins = config.pluginmanager
    capture = plugins.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()
    plugins.unregister(plugins.getplugin("terminalreporter"))
    plugins.register(Telling(config, link))
    assert this_process.shared
    folder: Path = this_process.shared / name
    folder.mkdir()
    config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]
    gc.enable()


def _with_following(
    session: pytest.Session, link: Connection, first: Bunch
) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    """Give each test with the one after it, for which pytest keeps what both need."""
    ahead = deque(first)
    while ahead:
        place = ahead.popleft()
        link.send(("begins", place))
        if not ahead:
            link.send(("asks", None))
            ahead.extend(link.recv())
        yield session.items[place], session.items[ahead[0]] if ahead else None
