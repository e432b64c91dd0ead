"""The pages that readers open every day, on a large organisation, beside the floor.

    python benchmarks/reading.py [--books 10000] [--members 5000] [--entries 100000] [--notes 50000] [--json FILE]

Fills a throw-away database straight through the tables, then asks for the catalogue (first and last page), a book, a
plan, and saves a note of reading. ``application alone`` is the processor time of one request in the application itself,
measured in turn with the floor's page in the same process: a busy machine falls on both alike. With ``--serve`` the
pages are also loaded through gunicorn, as ``pages.py`` does it. ``--explain`` prints the plan of each statement.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import load
import servers
from apiflask import APIFlask
from figures import Figure, add_json_option, show, write
from load import Target
from playhouse.test_utils import count_queries

from lms import clock, create_app, runtime
from lms.catalogue.models import Book
from lms.config import Settings
from lms.db import database, ensure_open, is_sqlite
from lms.members.models import Member, Membership, Unit
from lms.members.passwords import make_hash
from lms.migrations import migrate
from lms.notes.models import Note
from lms.progress.models import LedgerEntry
from lms.reading.models import PlanItem, ReadingEntry, ReadingPlan, ReadingSession

LOGIN, PASSWORD = "10000000001", "the reading room"
WORDS = "山河岁月人间草木江湖日记城南旧事大地春秋星空简史中国乡村社会经济制度变迁研究"
CLASSES = "ABCDEFGHIJKNOPQRSTUVXZ"
PAGE_SIZE = 24
BATCH = 500
UNITS = 100
PLANNED = 12
WARM_UPS, SLICE, SLICES = 5, 40, 9
MOST_QUERIES = 12


@dataclass(frozen=True)
class Case:
    """Something to ask for; with a ``form`` it is posted."""

    name: str
    path: str
    expect: str
    form: Callable[[], dict[str, str]] | None = None


def main() -> int:
    """Fill, measure, report."""
    options = _options()
    servers.stop_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="lms-reading-") as made:
        scratch = Path(made)
        data = scratch / "var"
        os.environ["FLOOR_DATA"] = str(scratch)
        settings = Settings(data=data, secret_key="only for the measurement", password_time_cost=1)
        runtime.start(settings)
        began = time.perf_counter()
        migrate()
        _fill(options, Random(11))
        print(f"filled in {time.perf_counter() - began:.0f} s: {_counted()}")
        cases = _cases(options)
        figures = _measure_alone(create_app(settings), cases, explain=options.explain)
        if options.serve:
            database.close()
            figures += _measure_served(data, scratch, cases, options)
    show(figures)
    write(figures, options.json)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--books", type=int, default=10_000)
    parser.add_argument("--members", type=int, default=5_000)
    parser.add_argument("--entries", type=int, default=100_000, help="log entries; as many notes of reading")
    parser.add_argument("--notes", type=int, default=50_000)
    parser.add_argument("--serve", action="store_true", help="also load the pages through gunicorn")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--explain", action="store_true", help="print each page's statements with their plans")
    add_json_option(parser)
    return parser.parse_args()


# ---- filling -------------------------------------------------------------------------------------------------------


def _insert(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    with database.atomic():
        while batch := list(islice(rows, BATCH)):
            model.insert_many(batch).execute()


def _fill(options: argparse.Namespace, dice: Random) -> None:
    ensure_open()
    now, today = clock.now(), clock.today()
    _people(options.members)
    _insert(Book, _books(options.books, dice))
    pairs = [(number % options.members + 1, dice.randint(1, options.books)) for number in range(options.entries)]
    kept = list(dict.fromkeys(pairs))
    _insert(ReadingEntry, _entries(kept, dice, today))
    _insert(ReadingSession, _sessions(kept, dice, today))
    _insert(
        LedgerEntry,
        (
            {
                "member": member,
                "measure": "study_minutes",
                "amount": 30,
                "day": today - timedelta(days=number % 360),
                "unit": 1,
                "fact": f"session:{number}",
                "evidence_kind": "reading_session",
                "evidence_ref": number,
            }
            for number, (member, _) in enumerate(kept, 1)
        ),
    )
    _insert(
        Note,
        (
            {
                "member": number % options.members + 1,
                "book": dice.randint(1, options.books),
                "unit": number % UNITS + 1,
                "title": _title(dice),
                "body": _title(dice) * 20,
                "chars": 120,
                "audience": "everyone",
                "updated_at": now - timedelta(minutes=number),
            }
            for number in range(options.notes)
        ),
    )
    _plans(options, dice, today)
    database.execute_sql("ANALYZE")


def _people(members: int) -> None:
    hashed = make_hash(PASSWORD)
    _insert(Unit, ({"name": f"单位{n}", "kind": "community", "path": f"/{n}/"} for n in range(1, UNITS + 1)))
    _insert(
        Member,
        (
            {
                "name": f"成员{number}",
                "phone": f"1{number:010d}",
                "password_hash": hashed,
                "must_change_password": False,
            }
            for number in range(1, members + 1)
        ),
    )
    since = date(2020, 1, 1)
    _insert(
        Membership,
        ({"member": n, "unit": n % UNITS + 1, "since": since} for n in range(1, members + 1)),
    )


def _title(dice: Random) -> str:
    return "".join(dice.choices(WORDS, k=6))


def _books(books: int, dice: Random) -> Iterator[dict[str, Any]]:
    now = clock.now()
    for number in range(books):
        title = _title(dice)
        yield {
            "title": title,
            "sort_key": title,
            "authors": _title(dice)[:3],
            "publisher": "人民出版社",
            "clc": f"{CLASSES[number % len(CLASSES)]}{number % 90 + 10}",
            "pages": dice.randint(80, 900),
            "created_at": now - timedelta(minutes=number),
        }


def _entries(pairs: Sequence[tuple[int, int]], dice: Random, today: date) -> Iterator[dict[str, Any]]:
    states = ("finished", "finished", "finished", "reading", "want", "abandoned")
    for number, (member, book) in enumerate(pairs):
        state = states[number // 7 % len(states)]
        day = today - timedelta(days=dice.randint(1, 700))
        yield {
            "member": member,
            "book": book,
            "state": state,
            "page": dice.randint(1, 80),
            "started_on": day,
            "finished_on": day if state == "finished" else None,
            "times": int(state == "finished"),
            "fact": int(state == "finished"),
        }


def _sessions(pairs: Sequence[tuple[int, int]], dice: Random, today: date) -> Iterator[dict[str, Any]]:
    for number, (member, book) in enumerate(pairs):
        day = today - timedelta(days=1 + number % 360)
        yield {"member": member, "book": book, "day": day, "minutes": 30, "page": dice.randint(1, 80)}


def _plans(options: argparse.Namespace, dice: Random, today: date) -> None:
    since, until = today - timedelta(days=100), today + timedelta(days=200)
    _insert(
        ReadingPlan,
        (
            {"member": member, "title": "一年十二本", "since": since, "until": until}
            for member in range(1, options.members + 1)
        ),
    )
    _insert(
        PlanItem,
        (
            {"plan": plan, "book": book, "due_on": since + timedelta(days=25 * place), "position": place, "title": "书"}
            for plan in range(1, options.members + 1)
            for place, book in enumerate(dice.sample(range(1, options.books + 1), PLANNED))
        ),
    )


def _counted() -> str:
    tables = (Book, Member, ReadingEntry, ReadingSession, Note, PlanItem)
    return ", ".join(f"{model.select().count():,} {model._meta.table_name}" for model in tables)


# ---- measuring -----------------------------------------------------------------------------------------------------


def _cases(options: argparse.Namespace) -> list[Case]:
    last = -(-options.books // PAGE_SIZE)
    book = int(
        ReadingEntry.select(ReadingEntry.book).where(ReadingEntry.member == 1).order_by(ReadingEntry.id).scalar()
    )
    pages = iter(range(1, 10**9))

    def note() -> dict[str, str]:
        return {"page": str(next(pages) % 70 + 1)}

    return [
        Case("catalogue, first page", "/books", "/books/"),
        Case("catalogue, last page", f"/books?page={last}", "/books/"),
        Case("book page", f"/books/{book}", "<h1>"),
        Case("my plan", "/plans/1", "一年十二本"),
        Case("my plans", "/plans", "一年十二本"),
        Case("my shelf", "/reading?state=finished", "/books/"),
        Case("home", "/", "成员1"),
        Case("save a log entry", f"/books/{book}/sessions", "", note),
    ]


def _measure_alone(app: APIFlask, cases: Sequence[Case], *, explain: bool) -> list[Figure]:
    floor_app = import_module("floor_app")  # it reads FLOOR_DATA, which is set by now
    floor_app.prepare()
    theirs = floor_app.app.test_client()
    theirs.get("/sign-in")
    browser = _sign_in(app)
    figures = []
    for case in cases:
        ask = partial(browser.ask, case)
        for _ in range(WARM_UPS):
            ask()
            theirs.get("/")
        with count_queries() as counter:
            ask()
        if explain:
            _explain(case, counter.get_queries())
        taken = [(_milliseconds(ask), _milliseconds(lambda: theirs.get("/"))) for _ in range(SLICES)]
        own, floor = median(a for a, _ in taken), median(b for _, b in taken)
        figures += [
            Figure(case.name, "application alone", "cpu ms/request", own, "floor", floor),
            Figure(case.name, "throughput of one cpu", "req/s", 1000 / own, "floor", 1000 / floor),
            Figure(case.name, "queries", "a request", counter.count, "limit", MOST_QUERIES),
        ]
    return figures


@dataclass(frozen=True)
class Browser:
    """A signed-in reader: the cookie stays the same, as if each page that follows a save had been shown."""

    client: Any
    cookie: str
    token: str

    def ask(self, case: Case) -> None:
        """Ask for a case. Leaves the program when the answer is another than expected."""
        headers = {"Cookie": self.cookie}
        if case.form is None:
            answer = self.client.get(case.path, headers=headers)
            sound = answer.status_code == 200 and case.expect in answer.get_data(as_text=True)
        else:
            answer = self.client.post(case.path, data={"csrf_token": self.token, **case.form()}, headers=headers)
            sound = answer.status_code == 303
        if not sound:
            raise SystemExit(f"{case.path} answered {answer.status_code}: {answer.get_data(as_text=True)[:500]}")


def _sign_in(app: APIFlask) -> Browser:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = "1:1", True
    page = client.get("/account/password").get_data(as_text=True)
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    name = app.config["SESSION_COOKIE_NAME"]
    return Browser(app.test_client(use_cookies=False), f"{name}={client.get_cookie(name).value}", token)


def _milliseconds(ask: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(SLICE):
        ask()
    return (time.process_time() - began) * 1000 / SLICE


def _explain(case: Case, queries: Sequence[Any]) -> None:
    print(f"\n== {case.name}")
    for record in queries:
        sql, values = record.msg[0], tuple(record.msg[1] or ())
        print(f"- {sql[:160]}")
        if is_sqlite() and sql.lstrip().upper().startswith("SELECT"):
            for *_, step in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values):
                print(f"    {step}")


def _measure_served(data: Path, scratch: Path, cases: Sequence[Case], options: argparse.Namespace) -> list[Figure]:
    settings = servers.gunicorn_settings(data)
    processes = int(settings["workers"])
    figures = []
    with (
        servers.service(data, scratch / "service.log") as ours,
        servers.floor(scratch, scratch / "floor.log", settings) as floor,
    ):
        cookie = servers.sign_in(ours.port, LOGIN, PASSWORD)
        _, _, theirs = servers.get(floor.port, "/sign-in")
        workers = floor.all_web_workers(processes)
        beside = Target("floor", floor.port, "/", "Good morning", theirs, workers=workers)
        for case in cases:
            if case.form is None:
                own = ours.all_web_workers(processes)
                target = Target(case.name, ours.port, case.path, case.expect, cookie, workers=own)
                rounds = load.alternate([target, beside], options.clients, options.seconds, options.rounds, 0.3)
                rates = [load.median_rate(of) for of in rounds]
                figures.append(Figure(case.name, "throughput", "req/s", rates[0], "floor", rates[1]))
    return figures


if __name__ == "__main__":
    sys.exit(main())
