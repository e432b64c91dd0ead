"""Commands on tables of people and units: take one in, look through it, start it, throw it away."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import IO

from peewee import chunked

from lms import bulk, clock
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, kept
from lms.jobs import queue
from lms.members.access import Action, Actor, load_actor, require
from lms.roster import columns, people, queries, units
from lms.roster.columns import Layout
from lms.roster.models import KINDS, RosterImport, RosterRow
from lms.roster.people_rules import Note
from lms.storage import files
from lms.tables import TableRow, read_table
from lms.uploads.rules import shown_name

CHECK, CARRY_OUT = "roster.check", "roster.carry_out"
RIGHTS = {"people": Action.MEMBER_MANAGE, "units": Action.UNIT_MANAGE}
AT_ONCE = 300  # rows: up to so many are looked through while the reader waits
BATCH = 500
MOST_ROWS = 100_000
LARGEST = 20 * 1024 * 1024
BEGUN = N_("This import has been started already.")


def take_table(actor: Actor, kind: str, stream: IO[bytes], file_name: str, whole: bool = False) -> int:
    """Take a table of people or units and look through it, a large one in the background; gives the import's id.

    ``whole``: people of its units who are missing in it have left. Nobody is changed yet. Raises Forbidden,
    InvalidInput for what is no table or has no names, TooLarge, Unavailable: nothing stays then.
    """
    if kind not in KINDS:
        raise InvalidInput(N_("Please choose one of these."), field="kind")
    require(actor, RIGHTS[kind])
    stored = files().put(stream, LARGEST)
    try:
        layout, rows = open_table(kind, stored.key)
        few = len(list(islice(rows, AT_ONCE + 1))) <= AT_ONCE
        load_id = _register(actor, kind, stored.key, file_name, layout, whole and kind == "people", few)
    except BaseException:
        files().take_back(stored)
        raise
    if few:
        look_through(load_id)
    return load_id


@transactional
def _register(actor: Actor, kind: str, key: str, name: str, layout: Layout, whole: bool, few: bool) -> int:
    load = RosterImport.create(
        member=actor.id,
        kind=kind,
        file_key=key,
        file_name=shown_name(name),
        columns=json.dumps(asdict(layout), ensure_ascii=False),
        whole=whole,
    )
    if not few:
        queue.ask(CHECK, load.id)
    return int(load.id)


def open_table(kind: str, key: str) -> tuple[Layout, Iterator[TableRow]]:
    """Open a stored table: its layout, and its rows below the headings, of the first sheet only."""
    rows = read_table(files().path(key), MOST_ROWS)
    head = next(rows, None)
    if head is None:
        raise InvalidInput(N_("This table is empty. Please choose another one."), field="file")
    layout = columns.understand(kind, head.cells)
    return layout, (row for row in rows if row.sheet == head.sheet)


def look_through(load_id: int) -> None:
    """Say for each row what would happen with it; nobody is changed. Done again it begins anew."""
    load = RosterImport.get_or_none(RosterImport.id == load_id)
    if load is None or load.state not in ("checking", "checked"):
        return
    try:
        layout, rows = open_table(load.kind, load.file_key)
        waiting = list(rows)
    except (InvalidInput, FileNotFoundError) as error:
        failure = kept(error) if isinstance(error, InvalidInput) else FILE_GONE
        RosterImport.update(state="failed", failure=failure).where(RosterImport.id == load_id).execute()
        return
    RosterRow.delete().where(RosterRow.load == load_id).execute()
    RosterImport.update(total=len(waiting), done=0).where(RosterImport.id == load_id).execute()
    actor = load_actor(load.member)
    judge = people.Judge(actor, layout, load.whole) if load.kind == "people" else units.Judge(actor, layout, waiting)
    for batch in chunked(waiting, BATCH):
        keep_rows(load_id, judge.rows(batch), len(batch))
    keep_rows(load_id, judge.missing(), 0)
    RosterImport.update(state="checked").where(RosterImport.id == load_id, RosterImport.state == "checking").execute()


FILE_GONE = N_("The file of this table is missing in the store.")


@transactional
def keep_rows(load_id: int, rows: Sequence[people.Judged], done: int) -> None:
    """Write down what is to happen with some rows, and how far it is."""
    bulk.insert_all(
        RosterRow,
        [
            {
                "load": load_id,
                "number": row.number,
                "action": row.action,
                "name": row.name[:80],
                "subject": row.subject,
                "values": json.dumps(row.values, ensure_ascii=False),
                "notes": notes_as_json(row.notes),
                "carried_out": False,
                "nonce": "",
                "roles": row.roles,
                "unit": row.unit,
                "unit_before": row.unit_before,
            }
            for row in rows
        ],
    )
    RosterImport.update(done=RosterImport.done + done).where(RosterImport.id == load_id).execute()


def notes_as_json(notes: Sequence[Note]) -> str:
    """Write the notes of a row as they are kept."""
    return json.dumps([[note.column, note.message, dict(note.values)] for note in notes], ensure_ascii=False)


@transactional
def start_import(actor: Actor, load_id: int, leave_out: bool) -> None:
    """Carry an import out in the background: all rows, or, where some are refused, all others if the actor says so.

    Raises Forbidden, NotFound, Conflict when it was begun, or when rows are refused and ``leave_out`` is not said.
    """
    load = queries.get_import(actor, load_id)
    refused = load.counts.get("refused", 0)
    if refused and not leave_out:
        raise Conflict(
            N_("%(rows)s rows are refused. Mend the table and send it again, or choose to leave these rows out."),
            rows=refused,
            field="leave_out",
        )
    total = queries.waiting(load_id).count()
    begun = (
        RosterImport.update(state="importing", done=0, total=total, leave_out=leave_out)
        .where(RosterImport.id == load_id, RosterImport.state == "checked")
        .execute()
    )
    if not begun:
        raise Conflict(BEGUN)
    queue.ask(CARRY_OUT, load_id)


@transactional
def discard_import(actor: Actor, load_id: int) -> None:
    """Throw an import away that does not run. Raises Forbidden, NotFound, Conflict."""
    if queries.get_import(actor, load_id).state == "importing":
        raise Conflict(BEGUN)
    RosterImport.delete().where(RosterImport.id == load_id).execute()


def carry_out(load_id: int) -> None:
    """Carry the rows of a started import out, batch by batch; run again it goes on where it stopped."""
    load = RosterImport.get_or_none(RosterImport.id == load_id, RosterImport.state == "importing")
    if load is None:
        return
    actor = load_actor(load.member)
    layout = Layout(**{name: tuple(value) for name, value in json.loads(load.columns).items()})
    hand = people.Hand(actor, layout) if load.kind == "people" else units.Hand(actor, layout)
    while _carry_out_batch(load_id, hand):
        pass
    RosterImport.update(state="done", finished_at=clock.now()).where(RosterImport.id == load_id).execute()


@transactional
def _carry_out_batch(load_id: int, hand: people.Hand | units.Hand) -> int:
    """Carry some rows out. Each is decided anew by what is stored now, so that nothing happens twice."""
    rows = list(queries.waiting(load_id).order_by(RosterRow.number, RosterRow.id).limit(hand.at_once))
    done = hand.carry_out(rows) if rows else []
    bulk.update_each(
        RosterRow,
        [
            (
                row.id,
                {
                    "carried_out": True,
                    "action": outcome.action,
                    "subject": outcome.subject,
                    "notes": notes_as_json(outcome.notes),
                    "nonce": outcome.nonce,
                    "unit": outcome.unit,
                    "unit_before": outcome.unit_before,
                },
            )
            for row, outcome in zip(rows, done, strict=True)
        ],
    )
    RosterImport.update(done=RosterImport.done + len(rows)).where(RosterImport.id == load_id).execute()
    return len(rows)
