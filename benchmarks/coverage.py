"""The board of a sub-district beside the same sums in bare SQL; a member's page; what booking costs over an insert.

    python benchmarks/coverage.py --members 50000 --units 200 --rows 5000000
    python benchmarks/coverage.py --grow 5000 50000 --plot docs/figures-coverage.svg

The sub-district is made in a throw-away folder, or in the empty PostgreSQL database of ``--database``.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import coverage_data
import search_plot
from apiflask import APIFlask
from coverage_data import RULES, YEAR, Size
from figures import Figure, add_json_option, show, write
from peewee import chunked
from search_plot import Line, Panel

from lms import clock, create_app, runtime
from lms.board.queries import UnitHead, beside_of, board_of
from lms.board.rules import choose
from lms.config import Settings
from lms.db import database, ensure_open, is_sqlite
from lms.members.models import Member, Unit
from lms.migrations import migrate
from lms.notices.models import Notice
from lms.progress import booking, packs
from lms.progress.models import LedgerEntry
from lms.reminders.service import remind_of_requirements

NOW = datetime(YEAR, 11, 26, 2)
ROWS_OF_A_MEMBER = 100
BOARDS, PAGES, BOOKINGS = 7, 40, 300
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


def of_processor(task: Callable[[], Any]) -> float:
    """Give how many seconds of the processor a task takes, in this process: on a busy machine it is steadier."""
    began = time.process_time()
    task()
    return time.process_time() - began


def in_turn(
    ours: Callable[[], Any], theirs: Callable[[], Any], times: int, clock_of: Callable[..., float] = seconds
) -> tuple[float, float]:
    """Give the medians of both, taken in turn so that the machine's drift falls on both."""
    taken = [(clock_of(ours), clock_of(theirs)) for _ in range(times)]
    return median(own for own, _ in taken), median(their for _, their in taken)


def boards(root: UnitHead, rounds: int) -> list[Figure]:
    """Measure the board of the whole: of a new process, again, with the units side by side, and the bare sums."""
    chosen, today = choose("year", FIRST), clock.today()
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

    first = seconds(board)
    own, their = in_turn(board, bare, rounds)
    with_units = median(seconds(everything) for _ in range(rounds))
    inside = in_turn(board, bare, rounds, of_processor) if is_sqlite() else None
    cpu = [Figure("board", "a year over 10 rules, processor", "s", inside[0], "bare SQL", inside[1])] if inside else []
    return [
        *cpu,
        Figure("board", "of a new process", "s", first, "bare SQL", their),
        Figure("board", "a year over 10 rules, median", "s", own, "bare SQL", their),
        Figure("board", "after 50 members booked, median", "s", median(after_booking() for _ in range(rounds))),
        Figure("board", "with 200 units side by side, median", "s", with_units, "bare SQL", their),
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
    return [Figure("booking", "one fact, median", "ms", own * 1000, "bare insert", their * 1000)]


def reminders() -> list[Figure]:
    """Measure the daily reminders of everybody: the first run of a day tells, a second finds that all is told.

    Beside them the bare inserts of as many notices, with nothing decided and nobody's count of unread ones kept.
    """
    today = clock.today()

    def run() -> None:
        remind_of_requirements(today, "community")

    Notice.delete().execute()
    first, worked = of_both(run)
    again, _ = of_both(run)
    columns = [Notice.member, Notice.kind, Notice.key, Notice.message, Notice.said, Notice.href, Notice.at]
    rows = list(Notice.select(*columns).tuples())
    Notice.delete().execute()

    def bare() -> None:
        for some in chunked(rows, NOTICES_AT_ONCE):
            with database.atomic():
                Notice.insert_many(some, fields=columns).execute()

    theirs, their_work = of_both(bare)
    print(f"{len(rows):,} reminders")
    return [
        Figure("reminders", "of everybody, first run of a day", "s", first, "bare inserts", theirs),
        Figure("reminders", "of everybody, processor", "s", worked, "bare inserts", their_work),
        Figure("reminders", "run once more", "s", again),
    ]


def of_both(task: Callable[[], Any]) -> tuple[float, float]:
    """Give how long a task takes by the clock and by the processor."""
    began, worked = time.perf_counter(), time.process_time()
    task()
    return time.perf_counter() - began, time.process_time() - worked


def measure(size: Size, url: str, rounds: int, keep: Path | None = None) -> list[Figure]:
    """Make a sub-district of a size, or take one that was kept, and measure it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(data=folder, secret_key="only for figures", database_url=url)
        app = create_app(settings)
        runtime.start(settings)
        ensure_open()
        migrate()
        with clock.at(NOW):
            kept = Unit.select(Unit.id).where(Unit.parent.is_null()).scalar()
            root = kept or coverage_data.fill(size)
            members, rows = Member.select().count(), LedgerEntry.select().count()
            print(f"{members:,} members, {rows:,} rows of the ledger", flush=True)
            packing = [] if kept else [Figure("packed ledger", "made anew", "rows/s", rows / seconds(packs.rebuild))]
            head = UnitHead(root, "", "agency", f"/{root}/")
            some = list(Member.select().order_by(Member.id).limit(PAGES))
            found = [
                *boards(head, rounds),
                *members_pages(app, some),
                *bookings([member.id for member in some]),
                *reminders(),
                *packing,
            ]
        database.close()
    return found


def panels() -> list[Panel]:
    """Return what is drawn."""

    def pair(case: str, metric: str, peer: str) -> list[Line]:
        return [Line(case, metric, ours, peer=peer) for ours in (True, False)]

    return [
        Panel(
            "Board of the whole, a year, 10 rules",
            "s of processor",
            pair("board", "a year over 10 rules, processor", "bare SQL"),
        ),
        Panel(
            "A member’s page", "ms of processor (peer: the limit)", pair("member", "page /progress, processor", "limit")
        ),
        Panel("Booking one fact", "ms", pair("booking", "one fact, median", "bare insert")),
    ]


def grow(members: Sequence[int], each: int, rounds: int, keep: Path | None) -> Mapping[int, Sequence[Figure]]:
    """Measure several sizes; units of 250 members, 200 at most. Each is kept in a folder named after its size."""
    found = {}
    for count in members:
        size = Size(count, max(20, min(200, count // 250)), count * each)
        found[count] = measure(size, "", rounds, keep / str(count) if keep else None)
    return found


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
    add_json_option(parser)
    options = parser.parse_args()
    if options.grow:
        grown = grow(options.grow, options.each, options.rounds, options.keep)
        figures = search_plot.rows(grown)
        if options.plot:
            said = "Figures of boards by number of members"
            drawn = search_plot.draw(grown, panels(), said, "bare SQL, insert or limit")
            options.plot.write_text(drawn, encoding="utf-8")
    else:
        figures = measure(
            Size(options.members, options.units, options.rows), options.database, options.rounds, options.keep
        )
    show(figures)
    write(figures, options.json)


if __name__ == "__main__":
    main()
