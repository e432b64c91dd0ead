"""The packed ledger of the whole organisation, unpacked and kept in memory from one board to the next.

What is kept of a year is asked about each time: the database names the version of each member's text, and members
whose text has another one are read again. So nothing stale is ever counted, whichever process booked it, and a board
after some bookings reads these few texts instead of a town's. Once a twentieth of the members have moved on, the year
is read as a whole again. Of years with more rows than there is room for nothing is kept. A process that begins maps
what the worker has written to the disk (``year_files``), which is asked about in the same way; one that had to read
the texts has the worker do so at once, so that after an import or an upgrade only one process waits for them.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, groupby
from operator import itemgetter, or_
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from lms import clock
from lms.board import year_files
from lms.board.year_files import Ids, Year
from lms.progress.models import LedgerPack
from lms.progress.packing import Rows, Unpacking

MOST_ROWS = 12_000_000  # of ten bytes each, of all years together
AT_ONCE = 5_000  # texts unpacked at once
MOST_CHANGED, SHARE_CHANGED = 200, 20
LEAST_WRITTEN, SHARE_WRITTEN = 2_000, 100  # members
YEARS = 2  # written: this one and the one before it, into which weeks, surpluses and trends reach
NOBODY: Ids = np.zeros(0, np.int64)

_kept: OrderedDict[int, Year] = OrderedDict()
_keeping = Lock()


@dataclass(frozen=True)
class Part:
    """Rows of a year by kind: ``members`` says whose the texts are that ``who`` numbers; -1 is nobody."""

    year: int
    members: Ids
    rows: Mapping[int, Rows]


def parts_of(years: Sequence[int]) -> Sequence[Part]:
    """Give the ledger of years of everybody, as the database has it now: what is kept, and what was booked since."""
    with _keeping:
        current = _versions(years)
        held = _known(current)
        unknown = [year for year in years if year not in held]
        for year, found in _read_whole(unknown).items():
            held[year] = _Held(found, NOBODY, NOBODY)
    newer = _read_newer({year: known.changed for year, known in held.items()})
    return [part for year in years for part in _parts(year, held[year], newer.get(year))]


def parts_of_some(years: Sequence[int], scope: Callable[[Any], Any]) -> Sequence[Part]:
    """Give the ledger of years of some members, whom the condition on a column names: one statement."""
    found = read(_texts(LedgerPack.year.in_(years) & scope(LedgerPack.member)), years)
    return [_whole(year, held) for year, held in found.items()]


class _Held(NamedTuple):
    """A year as it is kept, with who has another text by now and who has none any more."""

    year: Year
    changed: Ids
    gone: Ids


def _known(current: Mapping[int, tuple[Ids, Ids]]) -> dict[int, _Held]:
    """Give the years that are kept in memory or on the disk; not those in which too many have another text by now."""
    found = {}
    for year, (members, versions) in current.items():
        for find in (_kept.get, year_files.find):
            known = find(year)
            if known is None:
                continue
            changed, gone = _differing(known, members, versions)
            if len(changed) + len(gone) <= max(MOST_CHANGED, len(known.members) // SHARE_CHANGED):
                _keep(year, known)
                found[year] = _Held(known, changed, gone)
                break
    return found


def _read_whole(years: Sequence[int]) -> Mapping[int, Year]:
    """Read years of everybody, keep them, and have the worker write down what a process that begins needs."""
    found = read(_texts(LedgerPack.year.in_(years)), years) if years else {}
    for year, known in found.items():
        _keep(year, known)
        if len(known.members) >= LEAST_WRITTEN and year >= clock.today().year - (YEARS - 1):
            year_files.want()
    return found


def _read_newer(changed: Mapping[int, Ids]) -> Mapping[int, Year]:
    """Read the texts that are others by now, of all years together: no more at once than a statement takes ids."""
    asked = [(year, member) for year, members in changed.items() for member in members.tolist()]
    portions = (asked[first : first + AT_ONCE] for first in range(0, len(asked), AT_ONCE))
    chunks = chain.from_iterable(_texts(_among(some)) for some in portions)
    return read(chunks, {year for year, _ in asked})


def _among(some: Sequence[tuple[int, int]]) -> Any:
    """Make the condition that a text is one of some, given by year and member."""
    p = LedgerPack
    members = {year: [member for _, member in of_year] for year, of_year in groupby(some, itemgetter(0))}
    return reduce(or_, [(p.year == year) & p.member.in_(of_year) for year, of_year in members.items()])


def write_down(year: int) -> None:
    """Have the year of a large organisation on the disk, for processes that begin; not again for a few bookings."""
    members, versions = _versions([year])[year]
    if len(members) < LEAST_WRITTEN:
        year_files.remove(year)
        return
    known = year_files.find(year)
    if known is None or sum(map(len, _differing(known, members, versions))) > len(members) // SHARE_WRITTEN:
        year_files.write(year, read(_texts(LedgerPack.year == year), [year])[year])


def _parts(year: int, held: _Held, newer: Year | None) -> Sequence[Part]:
    known, changed, gone = held
    if not len(changed) and not len(gone):
        return [_whole(year, known)]
    still = known.members.copy()
    still[np.isin(known.members, np.concatenate([changed, gone]))] = -1
    return [Part(year, still, known.rows), *([_whole(year, newer)] if newer else [])]


def _whole(year: int, held: Year) -> Part:
    return Part(year, held.members, held.rows)


def _differing(known: Year, members: Ids, versions: Ids) -> tuple[Ids, Ids]:
    """Give the members whose text is new or another one, and those who have none any more."""
    if np.array_equal(members, known.members):
        return members[versions != known.versions], members[:0]
    place = np.minimum(np.searchsorted(known.members, members), max(len(known.members) - 1, 0))
    same = (
        (known.members[place] == members) & (known.versions[place] == versions)
        if len(known.members)
        else np.zeros(len(members), bool)
    )
    return members[~same], known.members[~np.isin(known.members, members)]


def _keep(year: int, known: Year) -> None:
    _kept.pop(year, None)
    if known.count <= MOST_ROWS:
        while _kept and sum(one.count for one in _kept.values()) + known.count > MOST_ROWS:
            _kept.popitem(last=False)
        _kept[year] = known


def read(chunks: Iterable[Sequence[tuple[Any, ...]]], years: Iterable[int]) -> dict[int, Year]:
    """Unpack the texts of some years as ``_texts`` gives them: year, member, version and text, some at a time."""
    reading = {year: Unpacking() for year in years}
    whose: dict[int, list[Sequence[int]]] = {year: [] for year in reading}
    for chunk in chunks:
        for year, of_year in _by_year(chunk).items():
            reading[year].add([entries for _, _, _, entries in of_year])
            whose[year] += [row[1:3] for row in of_year]
    return {year: Year(*_columns(whose[year]), reading[year].rows()) for year in reading}


def _by_year(rows: Sequence[tuple[Any, ...]]) -> Mapping[int, Sequence[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def _columns(pairs: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    table = table_of(pairs, 2)
    return table[:, 0], table[:, 1]


def table_of(rows: Sequence[Sequence[int]], width: int) -> Ids:
    """Make a table of rows of whole numbers: several times as fast as NumPy makes one of tuples."""
    return np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width).reshape(-1, width)


def _versions(years: Sequence[int]) -> dict[int, tuple[Ids, Ids]]:
    p = LedgerPack
    query = p.select(p.year, p.member, p.version).where(p.year.in_(years)).order_by(p.year, p.member)
    table = table_of(_cursor(query).fetchall(), 3)
    return {year: (rows[:, 1], rows[:, 2]) for year in years for rows in [table[table[:, 0] == year]]}


def _texts(condition: Any) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Ask for texts, the members of a year in order, and give them some at a time as the driver does."""
    p = LedgerPack
    cursor = _cursor(p.select(p.year, p.member, p.version, p.entries).where(condition).order_by(p.year, p.member))
    while chunk := cursor.fetchmany(AT_ONCE):
        yield chunk


def _cursor(query: Any) -> Any:
    return query.model._meta.database.execute(query)
