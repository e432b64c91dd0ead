"""The board of a sub-district beside the same sums in bare SQL; a member's page; what booking costs over an insert.

    python benchmarks/coverage.py --members 50000 --units 200 --rows 5000000
    python benchmarks/coverage.py --grow 5000 50000 500000 --each 20 --keep FOLDER --json sqlite.json
    python benchmarks/coverage.py --grow 5000 50000 500000 --each 20 --keep FOLDER --json postgresql.json \\
        --database 'postgresql://lms@127.0.0.1:5432/grown{members}' --beside sqlite.json --plot FILE

The sub-district is made in a throw-away folder, or in the empty PostgreSQL database of ``--database``; with ``--keep``
it stays there, and is taken from there the next time.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import coverage_data
import first_board
import search_plot
from apiflask import APIFlask
from coverage_data import RULES, YEAR, Size
from figures import Figure, add_json_option, show, write
from peewee import chunked
from search_plot import Line, Panel

from lms import clock
from lms.board.jobs import keep_years
from lms.board.queries import UnitHead, beside_of, board_of
from lms.config import Settings
from lms.db import database, is_sqlite
from lms.members.models import Member, Unit
from lms.migrations import migrate
from lms.notices.models import Notice
from lms.progress import booking, packs
from lms.progress.models import LedgerEntry
from lms.reminders.models import Reminded
from lms.reminders.service import remind_of_requirements

ROWS_OF_A_MEMBER = 100
BOARDS, PAGES, BOOKINGS = 7, 40, 300
MOST_SUMMED = 20_000_000  # rows of the ledger that the bare sums go through in all rounds together
MOST_REMINDED = 100_000  # members: the notices of more are gigabytes
SQLITE, POSTGRES = "SQLite", "PostgreSQL"
NOTICES_AT_ONCE = 1_000
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
WEEK_OF = {
    True: "CAST((JULIANDAY(day) - 2461039.5) / 7 AS INTEGER)",
    False: "(day - DATE '2025-12-29') / 7",
}
MONTH_OF = {True: "CAST(SUBSTR(day, 6, 2) AS INTEGER)", False: "EXTRACT(MONTH FROM day)::INTEGER"}


def bare_sums() -> list[str]:
    """Give a statement for each rule: how many members reached the amount in each of its periods of the year."""
    sqlite = is_sqlite()
    month = MONTH_OF[sqlite]
    of_period = {
        "week": WEEK_OF[sqlite],
        "month": month,
        "quarter": f"({month} + 2) / 3",
        "half_year": f"({month} + 5) / 6",
        "year": "1",
    }
    return [
        f"SELECT p, COUNT(*) FROM (SELECT member_id, {of_period[period]} AS p, SUM(amount) AS s FROM ledger_entry "
        f"WHERE measure = '{measure}' AND day BETWEEN '{FIRST}' AND '{LAST}' GROUP BY 1, 2) AS sums "
        f"WHERE s >= {amount} GROUP BY p"
        for _, measure, amount, period in RULES
    ]


def seconds(task: Callable[[], Any]) -> float:
    """Give how long a task takes."""
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


Taken = tuple[float, float]


def of_both(task: Callable[[], Any]) -> Taken:
    """Give how long a task takes by the clock and of the processor in this process: that is steadier."""
    began, worked = time.perf_counter(), time.process_time()
    task()
    return time.perf_counter() - began, time.process_time() - worked


def in_turn(ours: Callable[[], Any], theirs: Callable[[], Any], times: int) -> tuple[Taken, Taken]:
    """Give the medians of both, taken in turn so that the machine's drift falls on both."""
    taken = [(of_both(ours), of_both(theirs)) for _ in range(times)]
    return middle([own for own, _ in taken]), middle([their for _, their in taken])


def middle(taken: Sequence[Taken]) -> Taken:
    """Give the medians of clock and processor."""
    return median(clock for clock, _ in taken), median(worked for _, worked in taken)


def first_boards(settings: Settings, bare: float) -> list[Figure]:
    """Measure the first board of a process, with the year unpacked on the disk by the worker and without."""
    settings.years_path.mkdir(exist_ok=True)
    for file in settings.years_path.iterdir():
        file.unlink()
    without = first_board.of_new_processes(settings)
    kept, _ = of_both(keep_years)
    clock_of, worked, before, most = first_board.of_new_processes(settings)
    return [
        Figure("board", "of a new process", "s", clock_of, "bare SQL", bare),
        Figure("board", "of a new process, processor", "s", worked),
        Figure("board", "of a new process, no year on the disk", "s", without[0], "bare SQL", bare),
        Figure("board", "of a new process, no year on the disk, processor", "s", without[1]),
        Figure("board", "the worker puts the year on the disk", "s", kept),
        Figure("memory", "most of a new process with the board", "MiB", most, "before the board", before),
        Figure("memory", "most of it, no year on the disk", "MiB", without[3], "before the board", without[2]),
    ]


def boards(root: UnitHead, rounds: int) -> list[Figure]:
    """Measure the board of the whole: of a new process, again, with the units side by side, and the bare sums."""
    chosen, today = first_board.chosen(), clock.today()
    statements = bare_sums()

    def board() -> None:
        board_of(root, chosen, today, "community")

    def everything() -> None:
        _, reckoning = board_of(root, chosen, today, "community")
        beside_of(root, reckoning)

    def after_booking() -> float:
        books = {"amount": 1, "day": date(YEAR, 11, 20)}
        some = Member.select(Member.id).order_by(Member.id).limit(50).tuples()
        with database.atomic():
            for (member,) in some:
                booking.book(member, "book_finished", *books.values(), f"more:{time.time_ns()}:{member}", ("made", 1))
        return seconds(board)

    def bare() -> None:
        for statement in statements:
            database.execute_sql(statement).fetchall()

    board()
    own, their = in_turn(board, bare, rounds)
    with_units = median(seconds(everything) for _ in range(rounds))
    sqlite = is_sqlite()  # PostgreSQL sums in processes of its own
    return [
        Figure("board", "a year over 10 rules, median", "s", own[0], "bare SQL", their[0]),
        Figure("board", "a year over 10 rules, processor", "s", own[1], *(("bare SQL", their[1]) if sqlite else ())),
        Figure("board", "after 50 members booked, median", "s", median(after_booking() for _ in range(rounds))),
        Figure("board", "with 200 units side by side, median", "s", with_units, "bare SQL", their[0]),
    ]


def members_pages(app: APIFlask, members: Sequence[Member]) -> list[Figure]:
    """Measure a member's own pages, each of another member; the application alone, without a server."""
    found = []
    for path in ("/progress", "/"):
        times, cpu = [], []
        for member in members:
            client = app.test_client()
            with client.session_transaction() as session:
                session["_user_id"] = f"{member.id}:{member.session_version}"
                session["_fresh"] = True
            client.get(path)
            began, worked = time.perf_counter(), time.process_time()
            answer = client.get(path)
            times.append(time.perf_counter() - began)
            cpu.append(time.process_time() - worked)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
        found.append(Figure("member", f"page {path}, median", "ms", median(times) * 1000, "limit", 25.0))
        found.append(Figure("member", f"page {path}, processor", "ms", median(cpu) * 1000, "limit", 25.0))
    return found


def bookings(members: Sequence[int]) -> list[Figure]:
    """Measure booking a fact against inserting the same row, each in a transaction of its own."""
    number, run = 0, time.time_ns()

    def row() -> dict[str, Any]:
        nonlocal number
        number += 1
        member = members[number % len(members)]
        return {"member": member, "measure": "book_finished", "amount": 1, "day": date(YEAR, 11, 20)}

    def book() -> None:
        values = row()
        with database.atomic():
            booking.book(*values.values(), f"ours:{run}:{number}", ("made", number))

    def insert() -> None:
        values = row()
        with database.atomic():
            LedgerEntry.insert(
                **values, unit=None, fact=f"bare:{run}:{number}", evidence_kind="made", evidence_ref=number
            ).execute()

    for _ in range(20):
        book()
        insert()
    own, their = in_turn(book, insert, BOOKINGS)
    return [Figure("booking", "one fact, median", "ms", own[0] * 1000, "bare insert", their[0] * 1000)]


def reminders() -> list[Figure]:
    """Measure the daily reminders of everybody: the first run of a day tells, a second finds that all is told.

    Beside them the bare inserts of as many notices and of what they name, with nothing decided and nobody's count of
    unread ones kept.
    """
    today = clock.today()

    def run() -> None:
        remind_of_requirements(today, "community")

    Notice.delete().execute()
    Reminded.delete().execute()
    first, worked = of_both(run)
    again, _ = of_both(run)
    columns = [Notice.member, Notice.kind, Notice.key, Notice.message, Notice.said, Notice.href, Notice.at]
    rows = list(Notice.select(*columns).tuples())
    of_what = [Reminded.member, Reminded.key, Reminded.at]
    things = list(Reminded.select(*of_what).tuples())
    Notice.delete().execute()
    Reminded.delete().execute()

    def bare() -> None:
        for some in chunked(rows, NOTICES_AT_ONCE):
            with database.atomic():
                Notice.insert_many(some, fields=columns).execute()
        for some in chunked(things, NOTICES_AT_ONCE):
            with database.atomic():
                Reminded.insert_many(some, fields=of_what).execute()

    theirs, their_work = of_both(bare)
    print(f"{len(rows):,} reminders of {len(things):,} things")
    return [
        Figure("reminders", "of everybody, first run of a day", "s", first, "bare inserts", theirs),
        Figure("reminders", "of everybody, processor", "s", worked, "bare inserts", their_work),
        Figure("reminders", "run once more", "s", again),
    ]


def measure(size: Size, url: str, rounds: int, keep: Path | None = None) -> list[Figure]:
    """Make a sub-district of a size, or take one that was kept, and measure it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(data=folder, secret_key="only for figures", database_url=url)
        app = first_board.start(settings)
        migrate()
        with clock.at(first_board.NOW):
            kept = Unit.select(Unit.id).where(Unit.parent.is_null()).scalar()
            root = kept or coverage_data.fill(size)
            members, rows = Member.select().count(), LedgerEntry.select().count()
            print(f"{members:,} members, {rows:,} rows of the ledger", flush=True)
            packing = [] if kept else [Figure("packed ledger", "made anew", "rows/s", rows / seconds(packs.rebuild))]
            some = list(Member.select().order_by(Member.id).limit(PAGES))
            found = boards(first_board.head_of(root), max(2, min(rounds, MOST_SUMMED // rows)))
            bare = next(figure.theirs for figure in found if figure.peer == "bare SQL")
            found += [
                *first_boards(settings, bare or 0.0),
                *members_pages(app, some),
                *bookings([member.id for member in some]),
                *(reminders() if members <= MOST_REMINDED else ()),
                *packing,
            ]
        database.close()
    return found


def panels() -> list[Panel]:
    """Return what is drawn: ours and the peer, PostgreSQL dashed."""

    def lines(case: str, metric: str, peer: str) -> list[Line]:
        return [
            Line(f"{name} {case}", metric, ours, dashed=name == POSTGRES, peer=peer)
            for name in (SQLITE, POSTGRES)
            for ours in (True, False)
        ]

    return [
        Panel("Board of the whole, a year, 10 rules", "s", lines("board", "a year over 10 rules, median", "bare SQL")),
        Panel("The first board of a process", "s", lines("board", "of a new process", "bare SQL")),
        Panel(
            "Memory of a process, at the most",
            "MiB (peer: before its first board)",
            lines("memory", "most of a new process with the board", "before the board"),
        ),
        Panel("A member’s page", "ms (peer: the limit)", lines("member", "page /progress, processor", "limit")),
        Panel("Booking one fact", "ms", lines("booking", "one fact, median", "bare insert")),
        Panel(
            "Daily reminders of everybody",
            "s",
            lines("reminders", "of everybody, first run of a day", "bare inserts"),
        ),
    ]


Grown = dict[int, list[Figure]]


def grow(members: Sequence[int], each: int, rounds: int, keep: Path | None, url: str) -> Grown:
    """Measure several sizes; units of 250 members, 200 at most. Each is kept in a folder named after its size."""
    found = {}
    name = POSTGRES if url else SQLITE
    for count in members:
        size = Size(count, max(20, min(200, count // 250)), count * each)
        figures = measure(size, url.format(members=count), rounds, keep / name / str(count) if keep else None)
        found[count] = [replace(figure, case=f"{name} {figure.case}") for figure in figures]
        show(figures)
    return found


def beside(path: Path) -> Grown:
    """Read what was measured of another database before."""
    found: Grown = {}
    for row in json.loads(path.read_text(encoding="utf-8")):
        size, _, case = row.pop("case").partition(": ")
        found.setdefault(int(size.replace(",", "")), []).append(
            Figure(case, **{name: value for name, value in row.items() if name != "ratio"})
        )
    return found


def plot(grown: Grown, other: Grown, path: Path) -> None:
    """Draw what was measured of one database or two."""
    sizes = sorted({*grown, *other})
    together = {size: [*grown.get(size, ()), *other.get(size, ())] for size in sizes}
    said = "Figures of boards by number of members, on SQLite and PostgreSQL"
    drawn = search_plot.draw(together, panels(), said, "peer: bare SQL, insert or limit", (SQLITE, POSTGRES))
    path.write_text(drawn, encoding="utf-8")


def main() -> None:
    """Read the arguments, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=50_000)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=BOARDS)
    parser.add_argument("--database", default="", metavar="URL", help="an empty database instead of a SQLite file")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="a folder to keep the sub-district in, or to take it from"
    )
    parser.add_argument("--grow", type=int, nargs="+", metavar="MEMBERS", help="measure several sizes instead")
    parser.add_argument("--each", type=int, default=ROWS_OF_A_MEMBER, help="rows of the ledger for each member to grow")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw how the figures grow, as SVG")
    parser.add_argument("--beside", type=Path, metavar="FILE", help="JSON of another database, drawn as well")
    add_json_option(parser)
    options = parser.parse_args()
    if options.grow:
        grown = grow(options.grow, options.each, options.rounds, options.keep, options.database)
        figures = search_plot.rows(grown)
        if options.plot:
            plot(grown, beside(options.beside) if options.beside else {}, options.plot)
    else:
        figures = measure(
            Size(options.members, options.units, options.rows), options.database, options.rounds, options.keep
        )
    show(figures)
    write(figures, options.json)


if __name__ == "__main__":
    main()
