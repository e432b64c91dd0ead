"""Keeping the packed ledger: appended to with each row, made anew from the ledger, compared with it."""

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from peewee import Select, fn

from lms.db import database, is_sqlite, transactional
from lms.members.models import Member
from lms.prepared import prepared
from lms.progress.models import LedgerEntry, LedgerKind, LedgerPack
from lms.progress.packing import LARGEST_SIZE, WIDTH, pack

log = logging.getLogger("lms.progress")

AT_ONCE = 2000
NEWEST_ROWS = 200
MEND = "board.mend_packs"
HEAD = 4  # characters of day and kind
Progress = Callable[[int], object]


def nobody_listens(done: int) -> None:
    """Hear how far it is, and say nothing."""


class Booked(NamedTuple):
    """What a packed row holds of a row of the ledger."""

    measure: str
    category: str
    day: date
    amount: int
    size: int


def append(member: int | None, row: Booked) -> None:
    """Add a row of the ledger to the member's year, in the transaction that books it; units have no year to keep."""
    if member is None:
        return
    entry = pack(row.day, kind_of(row.measure, row.category), row.amount, min(row.size, LARGEST_SIZE))
    # One statement, so that two bookings for the same member at once cannot lose each other's row.
    LedgerPack.insert(member=member, year=row.day.year, entries=entry, version=new_version()).on_conflict(
        conflict_target=[LedgerPack.member, LedgerPack.year],
        update={LedgerPack.entries: LedgerPack.entries.concat(entry), LedgerPack.version: new_version()},
    ).execute()


def new_version() -> int:
    """Give a number that hardly any other state of a year has, also none of a database that was put back since.

    Counting on would not do: after a database was put back to yesterday, a year gets the same numbers once more for
    other rows, and what was kept of the lost day would be taken for today's.
    """
    return secrets.randbits(30)


def kind_of(measure: str, category: str) -> int:
    """Give the number of a measure with a category, making one where there is none yet."""
    number = _number.scalar(measure, category)
    if number is None:
        LedgerKind.insert(measure=measure, category=category).on_conflict(action="nothing").execute()
        number = _number.scalar(measure, category)
    return int(number)


@prepared
def _number(measure: str, category: str) -> Any:
    return LedgerKind.select(LedgerKind.id).where(LedgerKind.measure == measure, LedgerKind.category == category)


@prepared
def _kinds() -> Any:
    return LedgerKind.select(LedgerKind.id, LedgerKind.measure, LedgerKind.category)


def rebuild(progress: Progress = nobody_listens) -> int:
    """Make the packed ledger anew from the ledger and give the number of its rows.

    Some members at a time, each time in a transaction of its own: bookings wait only so long, little memory is needed,
    and what was broken off is simply begun again. ``progress`` hears up to which member it is done.
    """
    count = 0
    last = max(
        Member.select(fn.MAX(Member.id)).scalar() or 0, LedgerPack.select(fn.MAX(LedgerPack.member)).scalar() or 0
    )
    packing = _Packing()
    for first in range(1, last + 1, AT_ONCE):
        count += _rebuild_some(first, min(first + AT_ONCE - 1, last), packing)
        progress(min(first + AT_ONCE - 1, last))
    return count


@transactional
def _rebuild_some(first: int, last: int, packing: "_Packing") -> int:
    _hold_bookings()
    LedgerPack.delete().where(LedgerPack.member.between(first, last)).execute()
    count, rows = 0, []
    for member, by_year in _packed(LedgerEntry.member.between(first, last), packing):
        for year, entries in sorted(by_year.items()):
            count += len(entries)
            rows.append((member, year, "".join(entries), new_version()))
    if rows:
        LedgerPack.insert_many(
            rows, fields=[LedgerPack.member, LedgerPack.year, LedgerPack.entries, LedgerPack.version]
        ).execute()
    return count


def _hold_bookings() -> None:
    """Let nobody book until this transaction ends; SQLite's BEGIN IMMEDIATE does so already."""
    if not is_sqlite():
        database.execute_sql('LOCK TABLE "ledger_entry" IN SHARE MODE')


def _packed(condition: Any, packing: "_Packing") -> Iterator[tuple[int, dict[int, list[str]]]]:
    """Walk over the ledger of some members, giving each one's rows as they are packed, by year."""
    e = LedgerEntry
    query = e.select(e.member, e.day, e.measure, e.category, e.amount, e.size).where(condition).order_by(e.member)
    # Rows as the driver gives them: converting each of millions would cost most.
    for member, rows in groupby(database.execute(query).fetchall(), key=itemgetter(0)):
        by_year: dict[int, list[str]] = {}
        for _, on, measure, category, amount, size in rows:
            year, entry = packing.entry(on, measure, category, amount, size)
            by_year.setdefault(year, []).append(entry)
        yield member, by_year


class _Packing:
    """Packs many rows: the same days, kinds, amounts and sizes come again and again."""

    def __init__(self) -> None:
        self._kinds = {(measure, category): number for number, measure, category in _kinds()}
        self._heads: dict[tuple[Any, str, str], tuple[int, str]] = {}
        self._rests: dict[tuple[int, int], str] = {}

    def entry(self, on: Any, measure: str, category: str, amount: int, size: int) -> tuple[int, str]:
        head = self._heads.get((on, measure, category))
        if head is None:
            day = date.fromisoformat(on) if isinstance(on, str) else on
            head = day.year, pack(day, self._kind(measure, category), 0)[:HEAD]
            self._heads[on, measure, category] = head
        rest = self._rests.get((amount, size))
        if rest is None:
            entry = pack(date.min, 0, amount, min(size, LARGEST_SIZE))
            if len(entry) > WIDTH:
                day = date.fromisoformat(on) if isinstance(on, str) else on
                return head[0], pack(day, self._kind(measure, category), amount, min(size, LARGEST_SIZE))
            rest = self._rests[amount, size] = entry[HEAD:]
        return head[0], head[1] + rest

    def _kind(self, measure: str, category: str) -> int:
        number = self._kinds.get((measure, category))
        if number is None:
            number = self._kinds[measure, category] = kind_of(measure, category)
        return number


def differing(members: Sequence[int]) -> list[int]:
    """Give those of some members whose packed ledger says anything else than the ledger."""
    held: dict[int, dict[int, list[str]]] = {}
    p = LedgerPack
    for member, year, entries in p.select(p.member, p.year, p.entries).where(p.member.in_(members)).tuples():
        held.setdefault(member, {})[year] = sorted(_cut(entries))
    booked = {
        member: {year: sorted(_cut("".join(entries))) for year, entries in by_year.items()}
        for member, by_year in _packed(LedgerEntry.member.in_(members), _Packing())
    }
    return [member for member in members if held.get(member, {}) != booked.get(member, {})]


def _cut(entries: str) -> list[str]:
    return [entries[at : at + WIDTH] for at in range(0, len(entries), WIDTH)]


def found_differing() -> tuple[list[int], int]:
    """Give those of the members of the ledger's newest rows whose packed ledger differs, and of how many of them."""
    e = LedgerEntry
    newest = e.select(e.member).where(e.member.is_null(False)).order_by(e.id.desc()).limit(NEWEST_ROWS).tuples()
    members = sorted({member for (member,) in newest})
    return differing(members), len(members)


def mend() -> int:
    """Make the packed ledger anew where it differs from the ledger; gives the number of rows packed, 0 where it agrees.

    All of it: what left some out, a database that came from the middle of a version, left out others as well. Rows of
    members are counted, and those of the newest compared, twice, for something may be booked between two looks.
    """
    if _complete() and not differing(differing(found_differing()[0])):
        return 0
    log.warning("the packed ledger differs from the ledger and is made anew")
    return rebuild()


def _complete() -> bool:
    e, p = LedgerEntry, LedgerPack
    rows = e.select(fn.COUNT(e.id)).where(e.member.is_null(False))
    packed = p.select(fn.COALESCE(fn.SUM(fn.LENGTH(p.entries)), 0) / WIDTH)
    # In one statement, so that both are of the same moment; a row of a very large amount is packed as several.
    return bool(Select(columns=[rows <= packed]).bind(database.obj).scalar())
