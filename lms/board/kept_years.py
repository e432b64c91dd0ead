"""The packed ledger of the whole organisation, unpacked and kept in memory from one board to the next.

What is kept of a year is asked about each time: the database names the version of each member's text, and members
whose text has another one are read again. So nothing stale is ever counted, whichever process booked it, and a board
after some bookings reads these few texts instead of a town's. Once a twentieth of the members have moved on, the year
is read as a whole again. Of years with more rows than there is room for nothing is kept. A process that begins maps
what the worker has written to the disk (``year_files``), which is asked about in the same way; one that had to read
the texts has the worker do so at once, so that after an import or an upgrade only one process waits for them.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Lock
from typing import Any

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
        held = {year: _current(year, *current[year]) for year in years}
    return [part for year in years for part in _parts(year, *held[year])]


def _current(year: int, members: Ids, versions: Ids) -> tuple[Year, Ids, Ids]:
    """Give a year as it is kept in memory or on the disk, with who has another text by now and who has none any more.

    Where too many have, it is read as a whole and nobody has.
    """
    for find in (_kept.get, year_files.find):
        known = find(year)
        if known is None:
            continue
        changed, gone = _differing(known, members, versions)
        if len(changed) + len(gone) <= max(MOST_CHANGED, len(known.members) // SHARE_CHANGED):
            _keep(year, known)
            return known, changed, gone
    known = read(_all_texts(year))
    _keep(year, known)
    if len(known.members) >= LEAST_WRITTEN and year >= clock.today().year - (YEARS - 1):
        year_files.want()
    return known, NOBODY, NOBODY


def write_down(year: int) -> None:
    """Have the year of a large organisation on the disk, for processes that begin; not again for a few bookings."""
    members, versions = _versions([year])[year]
    if len(members) < LEAST_WRITTEN:
        year_files.remove(year)
        return
    known = year_files.find(year)
    if known is None or sum(map(len, _differing(known, members, versions))) > len(members) // SHARE_WRITTEN:
        year_files.write(year, read(_all_texts(year)))


def _parts(year: int, known: Year, changed: Ids, gone: Ids) -> Sequence[Part]:
    if not len(changed) and not len(gone):
        return [_whole(year, known)]
    still = known.members.copy()
    still[np.isin(known.members, np.concatenate([changed, gone]))] = -1
    return [Part(year, still, known.rows), _whole(year, read(_texts_of(year, changed.tolist())))]


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


def read(chunks: Iterable[Sequence[tuple[Any, ...]]]) -> Year:
    """Unpack texts that come some at a time, each with its member and version, the members in order."""
    reading, whose = Unpacking(), []
    for chunk in chunks:
        reading.add([entries for _, _, entries in chunk])
        whose += [pair[:2] for pair in chunk]
    return Year(*_columns(whose), reading.rows())


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


def _all_texts(year: int) -> Iterator[Sequence[tuple[Any, ...]]]:
    yield from in_chunks(_texts(year))


def _texts_of(year: int, members: Sequence[int]) -> Iterator[Sequence[tuple[Any, ...]]]:
    for first in range(0, len(members), AT_ONCE):
        some = members[first : first + AT_ONCE]
        yield from in_chunks(_texts(year).where(LedgerPack.member.in_(some)))


def _texts(year: int) -> Any:
    p = LedgerPack
    return p.select(p.member, p.version, p.entries).where(p.year == year).order_by(p.member)


def in_chunks(query: Any) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Send a query and give its rows some at a time as the driver gives them: converting each would cost most."""
    cursor = _cursor(query)
    while chunk := cursor.fetchmany(AT_ONCE):
        yield chunk


def _cursor(query: Any) -> Any:
    return query.model._meta.database.execute(query)
