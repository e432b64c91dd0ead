"""How fast a table of people is taken in: looked through, carried out, exported, taken in again.

    python benchmarks/members_import.py [--members 10000] [--units 200] [--form csv|xlsx] [--bad-row]
        [--database URL] [--json FILE]

With --bad-row the row in the middle is wrong (a phone number that is none): exactly it is refused, by number and
column, all others are taken in.

The peer is the bare work in the same run: the table read, and the same rows put into member and membership by bare SQL
in one transaction, without any check, tag or password. An organisation of its own, in SQLite or in an empty
PostgreSQL.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from figures import Figure, add_json_option, show, write

from lms import runtime
from lms.config import Settings
from lms.db import database, ensure_open
from lms.members.access import Actor, load_actor
from lms.members.models import Member, Membership, RoleGrant, Unit
from lms.migrations import migrate
from lms.roster import columns, export, queries, service
from lms.roster.models import RosterRow
from lms.tables import csv_lines, read_table, write_xlsx

NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨梅兰竹菊山河岁月"
TAGS = ("", "", "党员", "党员；干部", "领导干部", "离退休人员")


def organisation(units: int) -> Actor:
    """Make a town with its units, and who administers it."""
    root = Unit.create(name="青禾街道", kind="agency", path="")
    root.path = f"/{root.id}/"
    root.save()
    for number in range(units):
        unit = Unit.create(name=f"第{number}社区", kind="community", parent=root, path="")
        unit.path = f"{root.path}{unit.id}/"
        unit.save()
    member = Member.create(name="周正", phone="10000000001", password_hash="", must_change_password=False)
    Membership.create(member=member, unit=root, since="2020-01-01")
    RoleGrant.create(member=member, unit=root, role="administrator")
    return load_actor(member.id)


def rows(members: int, units: int) -> list[list[str]]:
    """Make up rows of our own template."""
    dice = random.Random(7)
    return [
        [
            "".join(dice.choices(NAMES, k=3)),
            f"139{number:08d}",
            f"第{number % units}社区",
            str(dice.randint(1940, 2005)),
            "",
            dice.choice(TAGS),
            "",
            f"2026-{dice.randint(1, 9):02d}-01",
            "",
            "",
        ]
        for number in range(members)
    ]


def timed(step: Callable[[], object]) -> tuple[float, float]:
    """Run a step and give its seconds by the clock and of the processor, which a busy machine does not change."""
    start, busy = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - start, time.process_time() - busy


def bare(path: Path) -> tuple[float, float]:
    """Read the table and put its rows in by bare SQL, taken back afterwards."""

    def insert() -> None:
        found = list(read_table(path, service.MOST_ROWS))[1:]
        with database.atomic() as transaction:
            cursor, mark = database.cursor(), database.param
            cursor.executemany(
                "INSERT INTO member (name, phone, birth_year, position, password_hash, must_change_password,"
                " session_version, access_version, unread_notices, created_at)"
                f" VALUES ({mark}, {mark}, {mark}, '', '', TRUE, 1, 1, 0, '2026-01-01')",
                [(row.cells[0], row.cells[1], int(row.cells[3])) for row in found],
            )
            cursor.execute(
                "INSERT INTO membership (member_id, unit_id, since) SELECT id, 1, '2026-01-01' FROM member WHERE id > 1"
            )
            transaction.rollback()

    return timed(insert)


def measure(members: int, units: int, form: str, bad_row: bool, url: str = "") -> list[Figure]:
    """Take a table in, write it out, take that in again."""
    with tempfile.TemporaryDirectory(prefix="lms-members-") as folder:
        runtime.start(Settings(data=Path(folder), secret_key="not used", min_free_mib=1, database_url=url))
        migrate()
        ensure_open()
        actor = organisation(units)
        table, again = Path(folder) / f"people.{form}", Path(folder) / f"again.{form}"
        heads, made = columns.headings_of("people", "zh")[1:], rows(members, units)
        if bad_row:
            made[members // 2][1] = "no phone"
        if form == "csv":
            table.write_text("".join(csv_lines(heads, made)), encoding="utf-8")
        else:
            with table.open("wb") as file:
                write_xlsx(file, "people", heads, made)
        floor = bare(table)
        taken: list[int] = []

        def take(path: Path) -> None:
            with path.open("rb") as file:
                taken.append(service.take_table(actor, "people", file, path.name))
            service.look_through(taken[-1])

        def write_out() -> None:
            with again.open("wb") as file:
                if form == "csv":
                    file.writelines(line.encode() for line in export.as_csv(actor, "people", "zh"))
                else:
                    export.as_xlsx(actor, "people", "zh", file)

        looked = timed(lambda: take(table))
        refused = list(RosterRow.select().where(RosterRow.load == taken[-1], RosterRow.action == "refused"))
        assert [row.number for row in refused] == ([members // 2 + 2] if bad_row else [])
        service.start_import(actor, taken[-1], leave_out=bad_row)
        carried = timed(lambda: service.carry_out(taken[-1]))
        assert Member.select().count() == members + 1 - bad_row
        exported = timed(write_out)
        looked_again = timed(lambda: take(again))
        counts = queries.get_import(actor, taken[-1]).counts
        assert counts == {"same": members + 1 - bad_row}, f"our own export would change something: {counts}"
        case = f"{members} people, {units} units, {form}" + (", one bad row" if bad_row else "")
        figures = []
        for place, unit in ((0, "clock"), (1, "processor")):
            both = members / (looked[place] + carried[place])
            bare_rate = members / floor[place]
            figures.append(Figure(case, "look through and carry out", f"rows/s {unit}", both, "bare", bare_rate))
            for name, took in (
                ("look through", looked),
                ("carry out, with first passwords", carried),
                ("export", exported),
                ("look through the export: no change", looked_again),
            ):
                figures.append(Figure(case, name, f"s {unit}", took[place], "bare", floor[place]))
        return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--form", choices=("csv", "xlsx"), default="csv")
    parser.add_argument("--bad-row", action="store_true")
    parser.add_argument("--database", default="", metavar="URL", help="an empty database instead of a SQLite file")
    add_json_option(parser)
    options = parser.parse_args()
    figures = measure(options.members, options.units, options.form, options.bad_row, options.database)
    show(figures)
    write(figures, options.json)


if __name__ == "__main__":
    main()
