"""Loading what a board is reckoned from: the members of a subtree as arrays, and their packed ledger."""

from collections.abc import Iterable, Sequence
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
    table = _columns(_stays(scope), 4)
    born_in, closed = _of_accounts(scope)
    whose, since, until = np.array(table[0], np.int64), _ordinals(table[2]), _ordinals(table[3])
    place_of = {place.id: number for number, place in enumerate(places)}
    stay_place = np.array([place_of[unit] for unit in table[1]], np.int32)
    if closed:
        until = np.minimum(until, np.array([closed.get(member, LAST) for member in table[0]], np.int32))
        kept = since <= until
        whose, since, until, stay_place = whose[kept], since[kept], until[kept], stay_place[kept]
    ids, who = np.unique(whose, return_inverse=True)
    born = _by_member(ids, born_in)
    position = dict(zip(ids.tolist(), range(len(ids)), strict=True))
    tags: dict[int, list[tuple[str, Span]]] = {}
    for member, tag, first, last in tags_of(scope.of).tuples():
        if member in position:
            tags.setdefault(position[member], []).append((tag, Span(first, last or date.max)))
    leaves: dict[int, list[Span]] = {}
    leave = LeaveOfAbsence
    for member, first, last in (
        leave.select(leave.member, leave.since, leave.until).where(scope.of(leave.member)).tuples()
    ):
        if member in position:
            leaves.setdefault(position[member], []).append(Span(first, last or date.max))
    return Crowd(ids, places, Intervals(who.astype(np.int32), since, until), stay_place, born, tags, leaves)


def load_exemptions(crowd: Crowd, series: Iterable[int]) -> dict[int, dict[int, list[Span]]]:
    """Load the days of exemption: by series of requirements, then by position of the member."""
    found: dict[int, dict[int, list[Span]]] = {one: {} for one in series}
    x = Exemption
    rows = x.select(x.series, x.member, x.since, x.until).where(x.series.in_(list(found))).tuples()
    for of, member, since, until in rows:
        where = int(np.searchsorted(crowd.ids, member))
        if where < crowd.size and crowd.ids[where] == member:
            found[of].setdefault(where, []).append(Span(since, until or date.max))
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
    place = np.searchsorted(crowd.ids, members).astype(np.int32)
    place[place == crowd.size] = 0
    known = crowd.ids[place] == members if crowd.size else np.zeros(len(members), bool)
    return np.where(known, place, np.int32(crowd.size))


def _stays(scope: Scope) -> list[tuple[Any, ...]]:
    m = Membership
    return _raw(m.select(m.member, m.unit, m.since, m.until).where(scope.of(m.member)))


def _of_accounts(scope: Scope) -> tuple[list[tuple[int, int]], dict[int, int]]:
    """Give the births that are known, as numbers, and the last day, as an ordinal, of closed accounts."""
    m = Member
    told = m.birth_year.is_null(False) | m.deactivated_at.is_null(False)
    born, closed = [], {}
    columns = (m.id, m.birth_year, m.birth_date, m.deactivated_at)
    for member, year, day, at in _raw(m.select(*columns).where(told, scope.of(m.id))):
        if year is not None:
            born.append((member, _born(year, day)))
        if at is not None:
            last = access.last_day(None, datetime.fromisoformat(at) if isinstance(at, str) else at)
            closed[member] = last.toordinal() if last else LAST
    return born, closed


def _born(year: int, day: date | str | None) -> int:
    if isinstance(day, str):  # 1958-03-12, as SQLite keeps it: read in one go, of tens of thousands
        return int(day[:4] + day[5:7] + day[8:10])
    return born_on(year, day)


def _by_member(ids: NDArray[np.int64], pairs: Sequence[tuple[int, int]]) -> Days:
    """Put numbers of members at their places, 0 for those without one."""
    members, numbers = np.array(pairs, np.int64).reshape(-1, 2).T
    found = np.zeros(len(ids) + 1, np.int32)
    place = np.searchsorted(ids, members)
    known = place < len(ids)
    known[known] = ids[place[known]] == members[known]
    found[place[known]] = numbers[known]
    return found[:-1]


def _raw(query: Any) -> list[tuple[Any, ...]]:
    """Send a query and give its rows as the driver gives them: of tens of thousands, converting each costs most."""
    cursor = query.model._meta.database.execute(query)
    return list(cursor.fetchall())


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _ordinals(values: Sequence[Any]) -> Days:
    """Turn days, as text or as dates, into ordinals; an open end lies at the end of time."""
    distinct = set(values)
    known = {value: _ordinal(value) for value in distinct}
    return np.array([known[value] for value in values], np.int32)


def _ordinal(value: Any) -> int:
    if value is None:
        return LAST
    return (date.fromisoformat(value) if isinstance(value, str) else value).toordinal()
