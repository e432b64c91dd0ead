"""A made-up sub-district for ``coverage.py``: units, members who join, leave, move and are away, a year of ledger.

Written straight into the tables by the fastest way each database has; what the service itself would derive from the
ledger is derived the service's way afterwards.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from peewee import fn

from lms.db import database, is_sqlite
from lms.members.models import LeaveOfAbsence, Member, Membership, Unit
from lms.progress.models import LedgerEntry, Requirement

YEAR = 2026
DAYS = 365
SEED = 1905
MOST_MADE = 50_000  # members made one by one; more are copies of these
FOUNDED = date(2019, 1, 1)
KINDS = ("community", "village", "enterprise", "agency")
BOOKED = datetime(YEAR, 12, 31, 12)
# Measure, category, share of the ledger's rows, least and largest amount.
MIX = (
    ("study_minutes", "", 0.50, 5, 60),
    ("book_finished", "", 0.10, 1, 1),
    ("took_part", "", 0.10, 1, 1),
    ("lecture_completed", "", 0.10, 1, 1),
    ("lecture_attended", "", 0.06, 1, 1),
    ("business_study_attended", "", 0.06, 1, 1),
    ("class_hours", "on_job", 0.05, 5, 40),
    ("note_accepted", "reflection", 0.03, 1, 1),
)
# Title, measure, amount, period: what ten rules of the collected plans ask.
RULES = (
    ("Q04", "book_finished", 1, "month"),
    ("Q05", "study_minutes", 60, "week"),
    ("Q06", "note_accepted", 1, "half_year"),
    ("Q08", "business_study_attended", 1, "week"),
    ("Q09", "lecture_attended", 1, "quarter"),
    ("Q02", "lecture_completed", 1, "month"),
    ("Q11", "class_hours", 100, "year"),
    ("U12", "took_part", 1, "year"),
    ("books", "book_finished", 6, "year"),
    ("minutes", "study_minutes", 600, "quarter"),
)
FOREIGN_INDEXES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'ledger_entry' AND sql NOT NULL"
)


@dataclass(frozen=True)
class Size:
    """How large a sub-district to make."""

    members: int
    units: int
    rows: int


def fill(size: Size) -> int:
    """Fill an empty, migrated database and give the root's id; a large one by making a town and copying its people."""
    times = max(1, size.members // MOST_MADE)
    root = _town(Size(size.members // times, size.units, size.rows // times))
    if times > 1:
        with _without_indexes():
            for number in range(1, times):
                copy_people(size.members // times, size.rows // times, number)
    return root


def copy_people(members: int, rows: int, number: int) -> None:
    """Add the first members once more, with their stays, leaves and ledger, in one statement a table."""
    more, further = members * number, rows * number
    stays, leaves = (
        model.select(fn.MAX(model.id)).where(model.member <= members).scalar() for model in (Membership, LeaveOfAbsence)
    )
    copied = (
        (Member, {"id": f"id + {more}", "name": f"name || '-{number}'"}, "id"),
        (Membership, {"id": f"id + {stays * number}", "member_id": f"member_id + {more}"}, "member_id"),
        (LeaveOfAbsence, {"id": f"id + {leaves * number}", "member_id": f"member_id + {more}"}, "member_id"),
        (
            LedgerEntry,
            {"id": f"id + {further}", "member_id": f"member_id + {more}", "fact": f"'made:' || (id + {further})"},
            "member_id",
        ),
    )
    for model, changed, whose in copied:
        names = [field.column_name for field in model._meta.sorted_fields]
        values = ", ".join(changed.get(name, name) for name in names)
        table = model._meta.table_name
        columns = ", ".join(names)
        with database.atomic():
            database.execute_sql(
                f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE {whose} <= {members}"
            )
            _number_on(table)


def _town(size: Size) -> int:
    random = np.random.default_rng(SEED)
    root, units = _units(size.units)
    _insert(
        Member,
        (
            "id",
            "name",
            "password_hash",
            "must_change_password",
            "session_version",
            "access_version",
            "birth_year",
            "unread_notices",
            "created_at",
        ),
        _members(size.members, random),
    )
    homes = random.integers(0, len(units), size.members)
    _insert(Membership, ("id", "member_id", "unit_id", "since", "until"), _stays(homes, units, random))
    _insert(LeaveOfAbsence, ("id", "member_id", "since", "until", "reason", "noted_at"), _leaves(size.members, random))
    for title, measure, amount, period in RULES:
        row = Requirement.create(
            title=title, unit=root, measure=measure, amount=amount, period=period, since=date(YEAR - 1, 1, 1)
        )
        Requirement.update(series=row.id).where(Requirement.id == row.id).execute()
    _ledger(size, homes, units, random)
    return root


def _units(count: int) -> tuple[int, list[int]]:
    root = Unit.create(kind="agency", name="Sub-district", path="")
    Unit.update(path=f"/{root.id}/").where(Unit.id == root.id).execute()
    made = []
    for number in range(count - 1):
        unit = Unit.create(parent=root, kind=KINDS[number % len(KINDS)], name=f"Unit {number}", path="")
        Unit.update(path=f"/{root.id}/{unit.id}/").where(Unit.id == unit.id).execute()
        made.append(int(unit.id))
    return int(root.id), made


def _members(count: int, random: Any) -> Iterator[Sequence[Any]]:
    born = random.integers(1935, 2006, count).tolist()
    return ((n + 1, f"Member {n}", "", False, 1, 1, born[n], 0, BOOKED) for n in range(count))


def _stays(homes: Any, units: Sequence[int], random: Any) -> Iterator[Sequence[Any]]:
    """Make a fifth of the members join late, leave or move within the year."""
    fate, when = random.random(len(homes)), random.integers(1, DAYS, len(homes)).tolist()
    others = random.integers(0, len(units), len(homes)).tolist()
    number = 0
    for n, home in enumerate(homes.tolist()):
        day = date(YEAR, 1, 1) + timedelta(days=when[n])
        if fate[n] < 0.07:
            stays = [(home, day, None)]
        elif fate[n] < 0.12:
            stays = [(home, FOUNDED, day)]
        elif fate[n] < 0.20:
            stays = [(home, FOUNDED, day), (others[n], day + timedelta(days=1), None)]
        else:
            stays = [(home, FOUNDED, None)]
        for where, since, until in stays:
            number += 1
            yield number, n + 1, units[where], since, until


def _leaves(members: int, random: Any) -> Iterator[Sequence[Any]]:
    away = np.flatnonzero(random.random(members) < 0.02).tolist()
    for number, member in enumerate(away, 1):
        since = date(YEAR, 1, 1) + timedelta(days=int(random.integers(0, 300)))
        until = since + timedelta(days=int(random.integers(7, 120)))
        yield number, member + 1, since, until, "", BOOKED


def _ledger(size: Size, homes: Any, units: Sequence[int], random: Any) -> None:
    with _without_indexes():
        columns = (
            "id",
            "member_id",
            "measure",
            "amount",
            "day",
            "unit_id",
            "category",
            "size",
            "subject",
            "fact",
            "evidence_kind",
            "evidence_ref",
            "booked_at",
        )
        _insert(LedgerEntry, columns, _entries(size, homes, units, random))


def _entries(size: Size, homes: Any, units: Sequence[int], random: Any) -> Iterator[Sequence[Any]]:
    days = [date(YEAR, 1, 1) + timedelta(days=n) for n in range(DAYS)]
    texts = [day.isoformat() for day in days]
    who = random.integers(0, size.members, size.rows)
    kind = random.choice(len(MIX), size.rows, p=[row[2] for row in MIX])
    low, high = (np.array([row[column] for row in MIX])[kind] for column in (3, 4))
    amount = random.integers(low, high + 1)
    day = np.sort(random.integers(0, DAYS, size.rows))
    place = np.array(units)[homes[who]]
    booked = BOOKED.isoformat(sep=" ")
    rows = zip(who.tolist(), kind.tolist(), amount.tolist(), day.tolist(), place.tolist(), strict=True)
    for n, (member, k, much, on, unit) in enumerate(rows, 1):
        measure, category = MIX[k][0], MIX[k][1]
        yield n, member + 1, measure, much, texts[on], unit, category, 0, "", f"made:{n}", "made", n, booked


class _without_indexes:
    """Leave the ledger's indexes away while rows pour in, and make them anew afterwards."""

    def __enter__(self) -> None:
        query = (
            FOREIGN_INDEXES
            if is_sqlite()
            else ("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'ledger_entry'")
        )
        found = database.execute_sql(query).fetchall()
        self.indexes = [(name, sql) for name, sql in found if not name.endswith("_pkey")]
        for name, _ in self.indexes:
            database.execute_sql(f'DROP INDEX "{name}"')

    def __exit__(self, *reason: object) -> None:
        for _, sql in self.indexes:
            database.execute_sql(sql)
        database.execute_sql("ANALYZE")


def _insert(model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = model._meta.table_name
    if is_sqlite():
        places = ",".join("?" * len(columns))
        with database.atomic():
            cursor = database.connection().cursor()
            cursor.executemany(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({places})", map(_plain, rows))
        return
    with database.atomic():
        cursor = database.connection().cursor()
        with cursor.copy(f"COPY {table} ({','.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        _number_on(table)


def _number_on(table: str) -> None:
    """Have the next row numbered on from those with ids of their own."""
    if not is_sqlite():
        database.execute_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    """Write days and instants as SQLite keeps them."""
    return tuple(
        value.isoformat(sep=" ")
        if isinstance(value, datetime)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for value in row
    )
