"""Loading what a board is reckoned from: the members of a subtree as arrays, and their packed ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from itertools import groupby
from operator import add, itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from peewee import SQL, Value, fn

from lms.board import kept_years
from lms.board.counting import Kinds, PackedLedger, PackedYear
from lms.board.crowd import LAST, Crowd, Days, Intervals, Place
from lms.db import database
from lms.members import access
from lms.members.models import LeaveOfAbsence, Member, Membership, Unit
from lms.periods import Span
from lms.progress.models import Exemption, LedgerEntry, LedgerKind
from lms.progress.people import held_tags
from lms.progress.sums import DailyRow
from lms.progress.who import born_on

Pairs = NDArray[np.int64]
Exemptions = Mapping[int, Mapping[int, list[Span]]]
EVERYBODY = SQL("1 = 1")
NOTHING, NO_TEXT, NO_NUMBER = Value(None), Value(""), Value(0)


@dataclass(frozen=True)
class Ground:
    """What boards are reckoned on besides members: all units, and what the kinds of the packed ledger count."""

    places: Sequence[Place]
    kinds: Kinds

    def has_units(self, path: str) -> bool:
        """Say whether there are units below one."""
        return any(place.path.startswith(path) and place.path != path for place in self.places)


def load_ground() -> Ground:
    """Read every unit of the organisation and every kind of the packed ledger: one statement."""
    k = LedgerKind
    units = Unit.select(Value("unit"), Unit.id, Unit.path, Unit.kind, Unit.name)
    rows = list((units + k.select(Value("kind"), k.id, k.measure, k.category, NO_TEXT)).tuples())
    places = [Place(*row) for what, *row in rows if what == "unit"]
    kinds = {(measure, category): ident for what, ident, measure, category, _ in rows if what == "kind"}
    return Ground(sorted(places, key=lambda place: place.id), kinds)


class Scope:
    """The members to load: those with a stay in some units on any of some days."""

    def __init__(
        self, path: str, places: Sequence[Place], first: date, last: date, ids: tuple[int, int] | None = None
    ) -> None:
        """Take the units at or below a path. Where these are all units, the database need not be asked who is in.

        ``ids`` are the first and last number of a part of the members.
        """
        below = [place.id for place in places if place.path.startswith(path)]
        self.everyone = len(below) == len(places) and ids is None
        self._ids = ids
        self._below, self._first, self._last = below, first, last

    def of(self, column: Any) -> Any:
        """Make the condition that a column names one of the members."""
        if self.everyone:
            return EVERYBODY
        part = column.between(*self._ids) if self._ids else EVERYBODY
        m = Membership
        held = (m.since <= self._last) & (m.until.is_null() | (m.until >= self._first))
        return part & column.in_(m.select(m.member).where(m.unit.in_(self._below), held))


class Loaded(NamedTuple):
    """The members in scope, and the days of exemption: by series of requirements, then by position of the member."""

    crowd: Crowd
    exempt: Exemptions


class _Told(NamedTuple):
    """A row about a member, as the driver gives it; what is not told of this kind of thing is left empty."""

    what: str | None  # None is a stay: of these there are as many as members, so least is said of them
    member: int
    number: int  # of the unit, of the series
    text: str | None
    since: date | str
    until: date | str | None
    birth_year: int | None
    birth_date: date | str | None
    closed_at: datetime | str | None


def load_members(places: Sequence[Place], scope: Scope) -> Loaded:
    """Load the members in scope with stays, tags, leaves and exemptions; a closed account ends the stays.

    One statement, however many members.
    """
    told = _told(scope)
    rows = told[None]
    born_in, closed = _of_accounts(rows)
    whose, since, until = _numbers(rows, 1), _ordinals(rows, 4), _ordinals(rows, 5)
    place_ids = np.array([place.id for place in places], np.int64)  # in order, and each stay is in one of them
    stay_place = np.searchsorted(place_ids, _numbers(rows, 2)).astype(np.int32)
    ids, who = np.unique(whose, return_inverse=True)
    if len(closed):
        until = np.minimum(until, _by_member(ids, closed, LAST)[who])
        kept = since <= until
        whose, since, until, stay_place = whose[kept], since[kept], until[kept], stay_place[kept]
        ids, who = np.unique(whose, return_inverse=True)
    born = _by_member(ids, born_in, 0)
    tags: dict[int, list[tuple[str, Span]]] = defaultdict(list)
    for place, row in _of_these(ids, told["tag"]):
        tags[place].append((row.text or "", _span(row)))
    leaves: dict[int, list[Span]] = defaultdict(list)
    for place, row in _of_these(ids, told["leave"]):
        leaves[place].append(_span(row))
    exempt: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for place, row in _of_these(ids, told["exempt"]):
        exempt[row.number][place].append(_span(row))
    stays = Intervals(who.astype(np.int32), since, until)
    return Loaded(Crowd(ids, places, stays, stay_place, born, dict(tags), dict(leaves)), exempt)


def _told(scope: Scope) -> Mapping[str | None, list[Any]]:
    """Read all that is told of the members in scope, and part it by what it is."""
    m, stay, leave, out = Member, Membership, LeaveOfAbsence, Exemption
    of_account = (m.birth_year, m.birth_date, m.deactivated_at)
    stays = stay.select(NOTHING, stay.member, stay.unit, NOTHING, stay.since, stay.until, *of_account)
    parts = [
        stays.join(m, on=(stay.member == m.id)).where(scope.of(stay.member)),
        _days_of(leave, "leave", NO_NUMBER, NO_TEXT, leave.until, scope),
        _days_of(out, "exempt", out.series, NO_TEXT, out.until, scope),
        *(_days_of(model, "tag", NO_NUMBER, tag, until, scope) for model, tag, until in held_tags()),
    ]
    found: dict[str | None, list[Any]] = defaultdict(list)
    for what, rows in groupby(_raw(reduce(add, parts)), itemgetter(0)):
        found[what].extend(rows)
    return found


def _days_of(model: Any, what: str, number: Any, text: Any, until: Any, scope: Scope) -> Any:
    columns = (Value(what), model.member, number, text, model.since, until, NOTHING, NOTHING, NOTHING)
    return model.select(*columns).where(scope.of(model.member))


def load_ledger(crowd: Crowd, scope: Scope, years: Iterable[int], kinds: Kinds) -> PackedLedger:
    """Load the packed ledger of the members for some calendar years: one statement, of everybody two or three."""
    wanted = sorted(set(years))
    parts = kept_years.parts_of(wanted) if scope.everyone else kept_years.parts_of_some(wanted, scope.of)
    packed = [PackedYear(part.year, part.rows, _positions(crowd, part.members)) for part in parts]
    return PackedLedger(kinds, packed, crowd.size)


def load_of_subjects(
    subjects: Iterable[str], measures: Iterable[str], first: date, last: date
) -> list[tuple[int, DailyRow]]:
    """Read by day what was booked for members of texts named one by one: few rows, which no packed text tells apart."""
    e = LedgerEntry
    finer = (e.measure, e.day, e.category, e.size, e.subject)
    rows = e.select(e.member, *finer, fn.SUM(e.amount)).where(
        *(e.measure.in_(sorted(measures)), e.day.between(first, last)),
        *(e.subject.in_(sorted(subjects)), e.member.is_null(False)),
    )
    return [(member, DailyRow._make(row)) for member, *row in rows.group_by(e.member, *finer).tuples()]


def _positions(crowd: Crowd, members: NDArray[np.int64]) -> Days:
    """Give the place of members in the crowd, the one behind the last for those who are not in it."""
    return _places(crowd.ids, members).astype(np.int32)


def _of_accounts(stays: Sequence[Any]) -> tuple[Pairs, Pairs]:
    """Give the births that are known, as numbers, and the last day, as an ordinal, of closed accounts."""
    of = [(row[1], row[6], row[7]) for row in stays]
    of_year = kept_years.table_of([(member, year) for member, year, day in of if year is not None and not day], 2)
    of_day = kept_years.table_of([(member, _born(year, day)) for member, year, day in of if day], 2)
    closed = kept_years.table_of([(row[1], _last_day(row[8])) for row in stays if row[8] is not None], 2)
    return np.concatenate([of_year * (1, born_on(1, None)), of_day]), closed


def _last_day(closed_at: datetime | str) -> int:
    moment = datetime.fromisoformat(closed_at) if isinstance(closed_at, str) else closed_at
    last = access.last_day(None, moment)
    return last.toordinal() if last else LAST


def _born(year: int, day: date | str | None) -> int:
    if isinstance(day, str):  # 1958-03-12, as SQLite keeps it: read in one go, of tens of thousands
        return int(day[:4] + day[5:7] + day[8:10])
    return born_on(year, day)


def _by_member(ids: NDArray[np.int64], pairs: Pairs, otherwise: int) -> Days:
    """Put numbers of members at their places."""
    found = np.full(len(ids) + 1, otherwise, np.int32)
    found[_places(ids, pairs[:, 0])] = pairs[:, 1]
    return found[:-1]


def _places(ids: NDArray[np.int64], members: NDArray[np.int64]) -> NDArray[np.intp]:
    """Give the place of each of some members in the order of ids, the one behind the last for others."""
    place = np.searchsorted(ids, members)
    if len(ids):
        place[ids[np.minimum(place, len(ids) - 1)] != members] = len(ids)
    return place


def _of_these(ids: NDArray[np.int64], rows: Sequence[Any]) -> Iterator[tuple[int, _Told]]:
    """Give rows with the place of their member, without those of others."""
    places = _places(ids, _numbers(rows, 1)).tolist()
    return ((place, _Told._make(row)) for place, row in zip(places, rows, strict=True) if place < len(ids))


def _span(row: _Told) -> Span:
    return Span(_day(row.since), date.max if row.until is None else _day(row.until))


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _raw(query: Any) -> list[Any]:
    """Send a query and give its rows as the driver gives them: of tens of thousands, converting each costs most."""
    return list(database.execute(query).fetchall())


def _numbers(rows: Sequence[tuple[Any, ...]], column: int) -> NDArray[np.int64]:
    return np.fromiter((row[column] for row in rows), np.int64, len(rows))


def _ordinals(rows: Sequence[tuple[Any, ...]], column: int) -> Days:
    """Turn a column of days, as text or as dates, into ordinals; an open end lies at the end of time."""
    known = {value: _ordinal(value) for value in {row[column] for row in rows}}
    return np.fromiter((known[row[column]] for row in rows), np.int32, len(rows))


def _ordinal(value: Any) -> int:
    if value is None:
        return LAST
    return _day(value).toordinal()
