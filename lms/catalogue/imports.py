"""Taking books in from a table: looked through row by row first, carried out when somebody has seen what will happen.

Both steps run in the background for large tables, in batches of their own transaction; what was begun goes on where
it stopped. The second step decides each row anew by the catalogue as it is then, so that nothing is added twice.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import IO, Any

from peewee import chunked

from lms import bulk, clock, events
from lms.catalogue import columns, import_queries, import_rules, rules
from lms.catalogue.columns import Layout
from lms.catalogue.counting import note_change
from lms.catalogue.import_rules import TWICE, Decision, Given, Known, Note
from lms.catalogue.models import Book, BookImport, ImportRow
from lms.catalogue.rules import BookDraft
from lms.catalogue.service import forget_rows, stored_values, write_rows
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound, kept
from lms.jobs import queue
from lms.members.access import Action, Actor, load_actor, may, require
from lms.storage import files
from lms.tables import TableRow, read_table

CHECK, CARRY_OUT = "catalogue.check_import", "catalogue.carry_out_import"
AT_ONCE = 500  # rows: up to so many are looked through while the reader waits
BATCH = 200
LARGEST = 20 * 1024 * 1024
CHOICES = ("", "add", "change")


def take_table(actor: Actor, stream: IO[bytes], file_name: str) -> int:
    """Take a table and look through it, a large one in the background; gives the import's id.

    Raises Forbidden, InvalidInput for what is no table or has no titles, TooLarge, Unavailable: nothing stays then.
    """
    require(actor, Action.CATALOGUE_EDIT)
    stored = files().put(stream, LARGEST)
    try:
        layout, rows = _open(stored.key)
        first = list(islice(rows, AT_ONCE + 1))
        load_id = _register(actor, stored.key, file_name, layout, len(first))
    except BaseException:
        files().take_back(stored)
        raise
    if len(first) <= AT_ONCE:
        look_through(load_id)
    return load_id


@transactional
def _register(actor: Actor, key: str, file_name: str, layout: Layout, rows: int) -> int:
    load = BookImport.create(
        member=actor.id,
        file_key=key,
        file_name=rules.line(file_name.rpartition("/")[2][-200:], "file", 200) or "table",
        source=layout.source,
        columns=json.dumps(asdict(layout), ensure_ascii=False),
        total=rows if rows <= AT_ONCE else 0,
    )
    if rows > AT_ONCE:
        queue.ask(CHECK, load.id)
    return int(load.id)


def _open(key: str) -> tuple[Layout, Iterator[TableRow]]:
    rows = read_table(files().path(key))
    head = next(rows, None)
    if head is None:
        raise InvalidInput(N_("This table is empty. Please choose another one."), field="file")
    layout = columns.understand(head.cells)
    return layout, (row for row in rows if _wanted(row, head, layout))


def _wanted(row: TableRow, head: TableRow, layout: Layout) -> bool:
    if layout.source == columns.DOUBAN and head.sheet:
        # One sheet each for what was wished for, begun and read; films and music have theirs, too.
        return row.sheet in columns.SHELVES and row.cells[:1] != head.cells[:1]
    return row.sheet == head.sheet


def look_through(load_id: int) -> None:
    """Say for each row what would happen with it, storing nothing in the catalogue. Done again it begins anew."""
    load = BookImport.get_or_none(BookImport.id == load_id)
    if load is None or load.state not in ("checking", "checked"):
        return
    try:
        layout, rows = _open(load.file_key)
        waiting = list(rows)
    except (InvalidInput, FileNotFoundError) as error:
        _note_failure(load_id, error)
        return
    ImportRow.delete().where(ImportRow.load == load_id).execute()
    BookImport.update(total=len(waiting), done=0).where(BookImport.id == load_id).execute()
    seen: dict[tuple[str, ...], int] = {}
    for batch in chunked(waiting, BATCH):
        _keep_decisions(load_id, layout, batch, seen)
    BookImport.update(state="checked").where(BookImport.id == load_id, BookImport.state == "checking").execute()


@transactional
def _keep_decisions(load_id: int, layout: Layout, batch: Sequence[TableRow], seen: dict[tuple[str, ...], int]) -> None:
    given = [import_rules.given_by(layout, row.cells) for row in batch]
    made = []
    for row, said, decision in zip(batch, given, _decided(layout, given, [""] * len(batch)), strict=True):
        decision = _doubled(decision, row.number, seen)
        made.append(
            {
                "load": load_id,
                "number": row.number,
                "action": decision.action,
                "title": said.values.get("title", "")[:200],
                "book": decision.book,
                "values": json.dumps(dict(said.values), ensure_ascii=False),
                "notes": _notes_as_json(decision.notes),
                "choice": "",
                "carried_out": False,
            }
        )
    bulk.insert_all(ImportRow, made)
    BookImport.update(done=BookImport.done + len(batch)).where(BookImport.id == load_id).execute()


def _doubled(decision: Decision, number: int, seen: dict[tuple[str, ...], int]) -> Decision:
    if decision.action != "add" or decision.draft is None:
        return decision
    first = seen.setdefault(import_rules.twin_key(decision.draft), number)
    if first == number:
        return decision
    return Decision("doubt", None, decision.draft, (Note("", TWICE, {"number": first}),))


def _notes_as_json(notes: Sequence[Note]) -> str:
    return json.dumps([[note.column, note.message, dict(note.values)] for note in notes], ensure_ascii=False)


def _decided(layout: Layout, given: Sequence[Given], choices: Sequence[str]) -> Iterator[Decision]:
    """Decide rows, with all books that any of them may be about looked up at once: four statements."""
    today = clock.today()
    known = import_queries.KnownBooks.for_rows([said.values for said in given])
    for said, choice in zip(given, choices, strict=True):
        yield import_rules.decide(layout, said, _candidates(known, said), today, choice)


def _candidates(known: import_queries.KnownBooks, said: Given) -> list[Known]:
    return [Known(*found) for found in known.about(said.values)]


def _note_failure(load_id: int, error: Exception) -> None:
    failure = kept(error) if isinstance(error, InvalidInput) else N_("The file of this table is missing in the store.")
    BookImport.update(state="failed", failure=failure).where(BookImport.id == load_id).execute()


@transactional
def choose(actor: Actor, load_id: int, row_id: int, choice: str) -> None:
    """Settle a doubt: add the row as a book of its own, change the book it resembles, or ("") leave it out.

    Raises Forbidden, NotFound, InvalidInput, Conflict when the import was carried out meanwhile.
    """
    load = import_queries.get_import(actor, load_id)
    if choice not in CHOICES:
        raise InvalidInput(N_("Please choose one of these."), field="choice")
    if load.state != "checked":
        raise Conflict(N_("This import has been started already."))
    row = ImportRow.get_or_none(ImportRow.id == row_id, ImportRow.load == load_id, ImportRow.action == "doubt")
    if row is None or (choice == "change" and row.book is None):
        raise NotFound(N_("There is no such row in this import."))
    ImportRow.update(choice=choice).where(ImportRow.id == row_id).execute()


@transactional
def start_import(actor: Actor, load_id: int) -> None:
    """Carry an import out in the background. Raises Forbidden, NotFound, Conflict when it is not ready or begun."""
    import_queries.get_import(actor, load_id)
    begun = (
        BookImport.update(state="importing", done=0)
        .where(BookImport.id == load_id, BookImport.state == "checked")
        .execute()
    )
    if not begun:
        raise Conflict(N_("This import has been started already."))
    total = _waiting(load_id).count()
    BookImport.update(total=total).where(BookImport.id == load_id).execute()
    queue.ask(CARRY_OUT, load_id)


@transactional
def discard_import(actor: Actor, load_id: int) -> None:
    """Throw an import away that was not begun. Raises Forbidden, NotFound, Conflict while it runs."""
    if import_queries.get_import(actor, load_id).state == "importing":
        raise Conflict(N_("This import has been started already."))
    BookImport.delete().where(BookImport.id == load_id).execute()


def _waiting(load_id: int) -> Any:
    chosen = ImportRow.action.in_(("add", "change")) | (ImportRow.choice != "")
    return ImportRow.select().where(ImportRow.load == load_id, ~ImportRow.carried_out, chosen)


def carry_out(load_id: int) -> None:
    """Take the rows of a started import into the catalogue, batch by batch; run again it goes on where it stopped."""
    load = BookImport.get_or_none(BookImport.id == load_id, BookImport.state == "importing")
    if load is None:
        return
    actor = load_actor(load.member)
    if not may(actor, Action.CATALOGUE_EDIT):
        BookImport.update(state="failed", failure=NO_RIGHT).where(BookImport.id == load_id).execute()
        return
    layout = Layout(**{name: _tuples(value) for name, value in json.loads(load.columns).items()})
    while _carry_out_batch(actor, load_id, layout):
        pass
    BookImport.update(state="done", finished_at=clock.now()).where(BookImport.id == load_id).execute()


NO_RIGHT = N_("Whoever started this import may not change the catalogue any more.")


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@transactional
def _carry_out_batch(actor: Actor, load_id: int, layout: Layout) -> int:
    rows = list(_waiting(load_id).order_by(ImportRow.number, ImportRow.id).limit(BATCH))
    given = [Given(json.loads(row.values)) for row in rows]
    decided = list(_decided(layout, given, [row.choice for row in rows]))
    adding = [decision.draft for decision in decided if decision.action == "add" and decision.draft is not None]
    ids = iter(_add_books(actor, adding))
    written: dict[int, BookDraft] = {}
    outcomes = []
    for row, decision in zip(rows, decided, strict=True):
        book = next(ids) if decision.action == "add" else decision.book
        if decision.action in ("add", "change") and decision.draft is not None and book is not None:
            written[book] = decision.draft
        notes = row.notes if decision.action in ("add", "change") else _notes_as_json(decision.notes)
        outcomes.append((row.id, {"carried_out": True, "book": book, "action": decision.action, "notes": notes}))
    _change_books([decision for decision in decided if decision.action == "change"])
    bulk.update_each(ImportRow, outcomes)
    write_rows(written)
    if written:
        note_change()
    for book in written:
        events.publish(events.SearchableChanged("book", book))
    BookImport.update(done=BookImport.done + len(rows)).where(BookImport.id == load_id).execute()
    return len(rows)


def _add_books(actor: Actor, drafts: Sequence[BookDraft]) -> list[int]:
    moment = clock.now()
    others = {
        "added_by": actor.id,
        "created_at": moment,
        "updated_at": moment,
        "cover_key": "",
        "thumb_key": "",
        "version": 1,
    }
    return bulk.insert_each(Book, [{**stored_values(draft), **others} for draft in drafts])


def _change_books(decisions: Sequence[Decision]) -> None:
    for decision in decisions:
        if decision.draft is not None:
            Book.update(**stored_values(decision.draft), updated_at=clock.now(), version=Book.version + 1).where(
                Book.id == decision.book
            ).execute()
    if decisions:
        forget_rows([decision.book for decision in decisions if decision.book is not None])
