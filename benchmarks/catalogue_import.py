"""How fast a table of books is taken in: looked through, carried out, exported, taken in again.

    python benchmarks/catalogue_import.py [--books 10000] [--json FILE]

XLSX as our own template has it, into an empty catalogue of its own on SQLite; the outbox is written, not drained.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lms import runtime
from lms.catalogue import columns, imports
from lms.catalogue.export import xlsx_of_books
from lms.catalogue.models import Book, ImportRow
from lms.catalogue.numbers import isbn13_check_digit
from lms.catalogue.queries import BookFilter
from lms.config import Settings
from lms.db import ensure_open
from lms.members.access import Actor, load_actor
from lms.members.models import Member, Membership, RoleGrant, Unit
from lms.migrations import migrate
from lms.tables import write_xlsx

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
WORDS = "山河岁月人间草木江湖日记城南旧事大地春秋星空简史中国乡村社会经济制度变迁研究"


def rows(books: int) -> list[list[str]]:
    """Make up rows of our own template."""
    dice = random.Random(7)
    found = []
    for number in range(books):
        stem = f"9787{number:08d}"
        title = "".join(dice.choices(WORDS, k=6)) + str(number)
        author = dice.choice(SURNAMES) + "".join(dice.choices(WORDS, k=2))
        values = {
            "title": title,
            "authors": author,
            "publisher": "人民出版社",
            "published": f"{dice.randint(1950, 2025)}-{dice.randint(1, 12):02d}",
            "isbn": stem + isbn13_check_digit(stem),
            "language": "zh",
            "pages": str(dice.randint(80, 900)),
            "clc": dice.choice("ABDFGIKTX") + str(dice.randint(1, 9)),
            "subjects": "社会、历史",
            "summary": "".join(dice.choices(WORDS, k=120)),
        }
        found.append([values.get(field, "") for field in columns.FIELDS[1:]])
    return found


def librarian() -> Actor:
    """Make somebody who may keep the catalogue."""
    unit = Unit.create(name="unit", kind="community", path="")
    unit.path = f"/{unit.id}/"
    unit.save()
    member = Member.create(name="librarian", phone="1", password_hash="", must_change_password=False)
    Membership.create(member=member, unit=unit, since="2020-01-01")
    RoleGrant.create(member=member, unit=unit, role="administrator")
    return load_actor(member.id)


def timed(step: Callable[[], object], books: int) -> dict[str, float]:
    """Run a step and give its seconds and rows a second."""
    start, busy = time.perf_counter(), time.process_time()
    step()
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    return {"seconds": round(seconds, 2), "cpu": round(busy, 2), "rows_per_second": round(books / seconds)}


def measure(books: int) -> dict[str, dict[str, float]]:
    """Take a table in, write it out, take that in again."""
    with tempfile.TemporaryDirectory() as folder:
        runtime.start(Settings(data=Path(folder), secret_key="not used", min_free_mib=1))
        migrate()
        ensure_open()
        actor = librarian()
        table = Path(folder) / "books.xlsx"
        with table.open("wb") as file:
            write_xlsx(file, "books", columns.headings_of_export("zh"), [["", *row] for row in rows(books)])
        figures: dict[str, dict[str, float]] = {}
        taken: list[int] = []

        def take(path: Path) -> None:
            with path.open("rb") as file:
                taken.append(imports.take_table(actor, file, path.name))
            imports.look_through(taken[-1])

        figures["look through"] = timed(lambda: take(table), books)
        imports.start_import(actor, taken[-1])
        figures["carry out"] = timed(lambda: imports.carry_out(taken[-1]), books)
        assert Book.select().count() == books
        again = Path(folder) / "again.xlsx"
        with again.open("wb") as file:
            figures["export"] = timed(lambda: xlsx_of_books(actor, BookFilter(), "zh", file), books)
        figures["look through the export"] = timed(lambda: take(again), books)
        same = ImportRow.select().where(ImportRow.load == taken[-1], ImportRow.action == "same").count()
        assert same == books, f"{books - same} rows of our own export would change something"
        return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(options.books)
    for name, values in figures.items():
        times = f"{values['seconds']:8.2f} s {values['cpu']:8.2f} s of processor"
        print(f"{name:26} {times} {values['rows_per_second']:8} rows/s")
    if options.json:
        options.json.write_text(json.dumps({"books": options.books, **figures}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
