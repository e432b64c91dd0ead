"""Taking in one's own shelf from an export of Goodreads or Douban: what was read, when, and how it was liked.

Only books that the catalogue has can be logged; the others are named, so that the member can ask for them. A book that
stands on the shelf already stays as it is, so that taking the same file in again changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import IO

from lms import clock
from lms.catalogue import columns, import_rules
from lms.catalogue.columns import Layout
from lms.catalogue.import_queries import KnownBooks
from lms.catalogue.import_rules import Given, Known
from lms.catalogue.numbers import parse_published
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.members.access import Actor
from lms.reading import log_queries, service
from lms.storage import files
from lms.tables import TableRow, read_table

MOST_ROWS = 3000
LARGEST = 4 * 1024 * 1024
TITLES_NAMED = 200


@dataclass(frozen=True)
class ShelfTaken:
    """What came of it: books noted, books that were on the shelf already, titles the catalogue lacks, rows refused."""

    noted: int
    known: int
    missing: tuple[str, ...]
    refused: tuple[tuple[int, str, InvalidInput | Conflict], ...]


def take_shelf(actor: Actor, stream: IO[bytes]) -> ShelfTaken:
    """Log what an export says of books that the catalogue has; all of it or nothing.

    Raises InvalidInput for what is no such export or has more than MOST_ROWS rows, TooLarge, Unavailable.
    """
    stored = files().put(stream, LARGEST)
    try:
        layout, rows = _read(stored.key)
    finally:
        files().take_back(stored)
    return _log(actor, layout, rows)


def _read(key: str) -> tuple[Layout, list[TableRow]]:
    rows = read_table(files().path(key))
    head = next(rows, None)
    if head is None:
        raise InvalidInput(N_("This table is empty. Please choose another one."), field="file")
    layout = columns.understand(head.cells, with_shelf=True)
    if layout.source == columns.OWN and "state" not in layout.fields:
        raise InvalidInput(
            N_("This table does not say what you read. Send an export of Goodreads or Douban."), field="file"
        )
    found = list(islice((row for row in rows if _wanted(row, head, layout)), MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise InvalidInput(
            N_("A table may have %(limit)s rows at most. Please split it."), field="file", limit=MOST_ROWS
        )
    return layout, found


def _wanted(row: TableRow, head: TableRow, layout: Layout) -> bool:
    if layout.source == columns.DOUBAN and head.sheet:
        return row.sheet in columns.SHELVES and row.cells[:1] != head.cells[:1]
    return row.sheet == head.sheet


@transactional
def _log(actor: Actor, layout: Layout, rows: Sequence[TableRow]) -> ShelfTaken:
    missing: list[str] = []
    refused: list[tuple[int, str, InvalidInput | Conflict]] = []
    noted = known = 0
    for row, said, book in _with_books(layout, rows):
        title = said.values.get("title", "")
        if book is None:
            missing.append(title)
            continue
        if log_queries.states_of(actor, [book.id]):
            known += 1
            continue
        try:
            _note(actor, book.id, row, said.values)
            noted += 1
        except (InvalidInput, Conflict, NotFound) as error:
            problem = error if not isinstance(error, NotFound) else Conflict(error.message)
            refused.append((row.number, title, problem))
    return ShelfTaken(noted, known, tuple(dict.fromkeys(missing))[:TITLES_NAMED], tuple(refused))


def _with_books(layout: Layout, rows: Sequence[TableRow]) -> Iterator[tuple[TableRow, Given, Known | None]]:
    for start in range(0, len(rows), 200):
        part = rows[start : start + 200]
        given = [import_rules.given_by(layout, row.cells) for row in part]
        books = KnownBooks.for_rows([said.values for said in given])
        for row, said in zip(part, given, strict=True):
            if said.values.get("title"):
                candidates = [Known(*found) for found in books.about(said.values)]
                yield row, said, import_rules.same_book(said, candidates)


def _note(actor: Actor, book: int, row: TableRow, values: Mapping[str, str]) -> None:
    state = columns.SHELVES.get(row.sheet) or columns.state_of(values.get("state", ""))
    if not state:
        raise InvalidInput(N_("This row does not say whether the book was read."), field="state")
    day = _day(values.get("day") or values.get("added", ""))
    rating = values.get("rating", "")
    stars = int(rating[0]) if rating[:1] in "12345" and rating[:1] else None
    finished = state == "finished"
    service.set_state(actor, book, state, day if finished else None, stars if finished else None)


def _day(text: str) -> date | None:
    bare = text.replace("T", " ").split()  # a time of day may stand behind the day
    published = parse_published(bare[0], clock.today()) if bare else ""
    if not published:
        return None
    return date.fromisoformat((published + "-01-01")[:10] if len(published) < 10 else published)
