"""Loading what a board is reckoned from: the members of a subtree as arrays, and their packed ledger."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from peewee import SQL

from lms.board import kept_years
from lms.board.counting import PackedLedger, PackedYear
from lms.board.crowd import LAST, Crowd, Days, Intervals, Place
from lms.members import access
from lms.members.models import LeaveOfAbsence, Member, Membership, Unit
from lms.periods import Span
from lms.progress.models import Exemption, LedgerKind, LedgerPack
from lms.progress.people import tags_of
from lms.progress.who import born_on

Pairs = NDArray[np.int64]
EVERYBODY = SQL("1 = 1")


def load_places() -> list[Place]:
    """Give every unit of the organisation."""
    return [Place(*row) for row in Unit.select(Unit.id, Unit.path, Unit.kind).order_by(Unit.id).tuples()]


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


def load_crowd(places: Sequence[Place], scope: Scope) -> Crowd:
    """Load the members in scope with all their stays, tags and leaves; a closed account ends the stays."""
    rows = _stays(scope)
    born_in, closed = _of_accounts(scope)
    whose, since, until = _numbers(rows, 0), _ordinals(rows, 2), _ordinals(rows, 3)
    place_ids = np.array([place.id for place in places], np.int64)  # in order, and each stay is in one of them
    stay_place = np.searchsorted(place_ids, _numbers(rows, 1)).astype(np.int32)
    ids, who = np.unique(whose, return_inverse=True)
    if len(closed):
        until = np.minimum(until, _by_member(ids, closed, LAST)[who])
        kept = since <= until
        whose, since, until, stay_place = whose[kept], since[kept], until[kept], stay_place[kept]
        ids, who = np.unique(whose, return_inverse=True)
    born = _by_member(ids, born_in, 0)
    tags: dict[int, list[tuple[str, Span]]] = {}
    for member, tag, first, last in _of_these(ids, tags_of(scope.of).tuples()):
        tags.setdefault(member, []).append((tag, Span(first, last or date.max)))
    leaves: dict[int, list[Span]] = {}
    leave = LeaveOfAbsence
    held = leave.select(leave.member, leave.since, leave.until).where(scope.of(leave.member)).tuples()
    for member, first, last in _of_these(ids, held):
        leaves.setdefault(member, []).append(Span(first, last or date.max))
    return Crowd(ids, places, Intervals(who.astype(np.int32), since, until), stay_place, born, tags, leaves)


def load_exemptions(crowd: Crowd, series: Iterable[int]) -> dict[int, dict[int, list[Span]]]:
    """Load the days of exemption: by series of requirements, then by position of the member."""
    found: dict[int, dict[int, list[Span]]] = {one: {} for one in series}
    x = Exemption
    rows = x.select(x.member, x.series, x.since, x.until).where(x.series.in_(list(found))).tuples()
    for member, of, since, until in _of_these(crowd.ids, rows):
        found[of].setdefault(member, []).append(Span(since, until or date.max))
    return found


def load_ledger(crowd: Crowd, scope: Scope, years: Iterable[int]) -> PackedLedger:
    """Load the packed ledger of the members for some calendar years."""
    kinds = {
        (m, c): n for n, m, c in LedgerKind.select(LedgerKind.id, LedgerKind.measure, LedgerKind.category).tuples()
    }
    wanted = sorted(set(years))
    parts = kept_years.parts_of(wanted) if scope.everyone else [_of_some(scope, year) for year in wanted]
    packed = [PackedYear(part.year, part.rows, _positions(crowd, part.members)) for part in parts]
    return PackedLedger(kinds, packed, crowd.size)


def _of_some(scope: Scope, year: int) -> kept_years.Part:
    p = LedgerPack
    query = p.select(p.member, p.version, p.entries).where(p.year == year, scope.of(p.member))
    found = kept_years.read(kept_years.in_chunks(query))
    return kept_years.Part(year, found.members, found.rows)


def _positions(crowd: Crowd, members: NDArray[np.int64]) -> Days:
    """Give the place of members in the crowd, the one behind the last for those who are not in it."""
    return _places(crowd.ids, members).astype(np.int32)


def _stays(scope: Scope) -> list[tuple[Any, ...]]:
    m = Membership
    return _raw(m.select(m.member, m.unit, m.since, m.until).where(scope.of(m.member)))


def _of_accounts(scope: Scope) -> tuple[Pairs, Pairs]:
    """Give the births that are known, as numbers, and the last day, as an ordinal, of closed accounts."""
    m = Member
    told = m.birth_year.is_null(False) | m.deactivated_at.is_null(False)
    rows = _raw(m.select(m.id, m.birth_year, m.birth_date, m.deactivated_at).where(told, scope.of(m.id)))
    years = kept_years.table_of([(member, year) for member, year, day, _ in rows if year is not None and not day], 2)
    born = kept_years.table_of([(member, _born(year, day)) for member, year, day, _ in rows if day], 2)
    closed = [(member, _last_day(at)) for member, _, _, at in rows if at is not None]
    return np.concatenate([years * (1, born_on(1, None)), born]), kept_years.table_of(closed, 2)


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


def _of_these(ids: NDArray[np.int64], rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Give rows with the place of their member instead of its id, without those of others."""
    held = list(rows)
    places = _places(ids, np.array([row[0] for row in held], np.int64)).tolist()
    return ((place, *row[1:]) for place, row in zip(places, held, strict=True) if place < len(ids))


def _raw(query: Any) -> list[tuple[Any, ...]]:
    """Send a query and give its rows as the driver gives them: of tens of thousands, converting each costs most."""
    cursor = query.model._meta.database.execute(query)
    return list(cursor.fetchall())


def _numbers(rows: Sequence[tuple[Any, ...]], column: int) -> NDArray[np.int64]:
    return np.fromiter((row[column] for row in rows), np.int64, len(rows))


def _ordinals(rows: Sequence[tuple[Any, ...]], column: int) -> Days:
    """Turn a column of days, as text or as dates, into ordinals; an open end lies at the end of time."""
    known = {value: _ordinal(value) for value in {row[column] for row in rows}}
    return np.fromiter((known[row[column]] for row in rows), np.int32, len(rows))


def _ordinal(value: Any) -> int:
    if value is None:
        return LAST
    return (date.fromisoformat(value) if isinstance(value, str) else value).toordinal()
