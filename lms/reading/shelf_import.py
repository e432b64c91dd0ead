"""Bringing one's own shelf from Goodreads, Douban, StoryGraph or an own export: what was read, when, how it was liked.

First it is shown row by row what will happen; then it is taken in, in the background where there is much. Only books
that the catalogue has can be logged; the others are named, so that the member can ask for them. A book that stands on
the shelf already stays as it is, so that taking the same file in again changes nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import IO, Any

from lms import clock
from lms.catalogue import columns, import_rules
from lms.catalogue.columns import Layout
from lms.catalogue.import_queries import KnownBooks
from lms.catalogue.import_rules import Known, Note
from lms.catalogue.rules import line
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.events import ReviewBrought, publish
from lms.jobs import queue
from lms.members.access import Actor, load_actor
from lms.reading import log_queries, service, shelf_rules
from lms.reading.models import ShelfImport
from lms.reading.rules import Progress
from lms.reading.shelf_rules import Said
from lms.storage import files
from lms.tables import TableRow, read_table

TAKE_IN = "reading.take_shelf"
MOST_ROWS = 3000
LARGEST = 4 * 1024 * 1024
AT_ONCE = 200  # books: up to so many are noted while the reader waits
BATCH = 50
KEPT = timedelta(days=1)
GONE = N_("There is no such import.")


@dataclass(frozen=True)
class ShelfRow:
    """A row and what happens with it (shelf_rules.ACTIONS); ``notes`` say what is wrong or worth knowing, by column."""

    number: int
    sheet: str
    title: str
    action: str
    book: int | None = None
    said: Said | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class ShelfLook:
    """A table looked through: how it is read, and every row."""

    layout: Layout
    rows: Sequence[ShelfRow]

    def count(self, action: str) -> int:
        """Count the rows with which something happens."""
        return sum(row.action == action for row in self.rows)


def take_table(actor: Actor, stream: IO[bytes], file_name: str) -> int:
    """Take an export to be looked at, in place of one that waits still, and give its id.

    Raises InvalidInput for what is no such export or has more than MOST_ROWS rows, TooLarge, Unavailable.
    """
    stored = files().put(stream, LARGEST)
    try:
        look = _look(actor, stored.key)
        return _register(actor, stored.key, file_name, look.count("note"))
    except BaseException:
        files().take_back(stored)
        raise


@transactional
def _register(actor: Actor, key: str, file_name: str, total: int) -> int:
    ShelfImport.delete().where(ShelfImport.member == actor.id, ShelfImport.state == "checked").execute()
    name = line(file_name.rpartition("/")[2][-200:], "file", 200) or "table"
    return int(ShelfImport.create(member=actor.id, file_key=key, file_name=name, total=total).id)


def get_import(actor: Actor, load_id: int) -> ShelfImport:
    """Give an import of the actor's own. Raises NotFound."""
    load: ShelfImport | None = ShelfImport.get_or_none(ShelfImport.id == load_id, ShelfImport.member == actor.id)
    if load is None:
        raise NotFound(GONE)
    return load


def look_at(actor: Actor, load_id: int) -> ShelfLook:
    """Say for every row of a table what would happen with it now. Raises NotFound."""
    return _look(actor, get_import(actor, load_id).file_key)


def _look(actor: Actor, key: str) -> ShelfLook:
    layout, rows = _read(key)
    return ShelfLook(layout, _decided(actor, layout, rows))


def _read(key: str) -> tuple[Layout, list[TableRow]]:
    rows = read_table(files().path(key))
    head = next(rows, None)
    if head is None:
        raise InvalidInput(N_("This table is empty. Please choose another one."), field="file")
    layout = columns.understand(head.cells, with_shelf=True)
    if "state" not in layout.fields and layout.source != columns.DOUBAN:
        raise InvalidInput(
            N_("This table does not say what you read. Send an export of Goodreads, Douban or StoryGraph."),
            field="file",
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


def _decided(actor: Actor, layout: Layout, rows: Sequence[TableRow]) -> list[ShelfRow]:
    """Decide every row: five statements, however many rows."""
    today = clock.today()
    given = [import_rules.given_by(layout, row.cells) for row in rows]
    known = KnownBooks.for_rows([one.values for one in given])
    about = [
        import_rules.same_book(one, [Known(*found) for found in known.about(one.values)])
        if one.values.get("title")
        else None
        for one in given
    ]
    shelf = log_queries.states_of(actor, sorted({book.id for book in about if book}))
    seen: dict[int, int] = {}
    decided = []
    for row, one, book in zip(rows, given, about, strict=True):
        title = one.values.get("title", "")
        place = (row.number, row.sheet, title)
        if one.notes or not title:
            missing = Note(layout.heading("title"), N_("Please give a title."), {})
            decided.append(ShelfRow(*place, "error", notes=one.notes or (missing,)))
        elif book is None:
            decided.append(ShelfRow(*place, "missing"))
        elif book.id in shelf:
            decided.append(ShelfRow(*place, "stays", book.id))
        elif book.id in seen:
            twice = Note("", import_rules.TWICE, {"number": seen[book.id]})
            decided.append(ShelfRow(*place, "stays", book.id, notes=(twice,)))
        else:
            found = _said(layout, place, book, one.values, today)
            decided.append(found)
            if found.action == "note":
                seen[book.id] = row.number
    return decided


def _said(layout: Layout, place: tuple[int, str, str], book: Known, values: Any, today: Any) -> ShelfRow:
    try:
        said = shelf_rules.read(values, place[1], today)
        if book.withdrawn:
            raise InvalidInput(
                N_("This book has been taken off the catalogue, so it cannot be put on a shelf any more.")
            )
    except InvalidInput as error:
        note = Note(layout.heading(error.field or ""), error.message, dict(error.values))
        return ShelfRow(*place, "error", book.id, notes=(note,))
    left = (Note(layout.heading("remark"), said.left, {"limit": said.limit}),) if said.left else ()
    return ShelfRow(*place, "note", book.id, said, left)


@transactional
def _begin(load: ShelfImport, total: int) -> bool:
    begun = (
        ShelfImport.update(state="importing", total=total)
        .where(ShelfImport.id == load.id, ShelfImport.state == "checked")
        .execute()
    )
    if begun and total > AT_ONCE:
        queue.ask(TAKE_IN, load.id)
    return bool(begun)


def start_import(actor: Actor, load_id: int) -> None:
    """Take a table in that was looked at; much of it in the background. Doing it twice changes nothing.

    Raises NotFound.
    """
    load = get_import(actor, load_id)
    if load.state != "checked":
        return
    total = _look(actor, load.file_key).count("note")
    if _begin(load, total) and total <= AT_ONCE:
        carry_out(load_id)


def discard_import(actor: Actor, load_id: int) -> None:
    """Throw away a table that was not taken in. Raises NotFound, Conflict while it is being taken in."""
    if get_import(actor, load_id).state == "importing":
        raise Conflict(N_("This import is being carried out."))
    ShelfImport.delete().where(ShelfImport.id == load_id).execute()


def carry_out(load_id: int) -> None:
    """Note the books of a table, in batches. What was begun goes on: books noted before stand on the shelf now."""
    load = ShelfImport.get_or_none(ShelfImport.id == load_id)
    if load is None or load.state != "importing":
        return
    actor = load_actor(load.member)
    wanted = [row for row in _look(actor, load.file_key).rows if row.action == "note"]
    for start in range(0, len(wanted), BATCH):
        _note_batch(actor, load_id, wanted[start : start + BATCH])
    ShelfImport.update(state="done", finished_at=clock.now()).where(ShelfImport.id == load_id).execute()


@transactional
def _note_batch(actor: Actor, load_id: int, rows: Sequence[ShelfRow]) -> None:
    refused = []
    for row in rows:
        try:
            _note(actor, row)
        except (InvalidInput, Conflict, NotFound) as error:
            refused.append([row.number, row.sheet, row.title, error.message, dict(error.values)])
    before = ShelfImport.get_by_id(load_id)
    ShelfImport.update(
        done=before.done + len(rows),
        noted=before.noted + len(rows) - len(refused),
        refused=json.dumps([*json.loads(before.refused), *refused], ensure_ascii=False),
    ).where(ShelfImport.id == load_id).execute()


@transactional
def _note(actor: Actor, row: ShelfRow) -> None:
    """Note one book: all of it or nothing."""
    said, book = row.said, row.book
    if said is None or book is None:
        return
    service.set_state(actor, book, said.state, said.day, said.rating, said.reason)
    if said.remark:
        service.note_progress(actor, book, Progress(day=said.day, remark=said.remark))
    if said.review:
        publish(ReviewBrought(actor.id, book, said.review))


def sweep() -> None:
    """Forget imports after a day; their files go with them."""
    ShelfImport.delete().where(ShelfImport.created_at < clock.now() - KEPT, ShelfImport.state != "importing").execute()


def used_keys() -> list[str]:
    """Give the storage keys of tables that wait or are shown still."""
    return [key for (key,) in ShelfImport.select(ShelfImport.file_key).tuples()]
