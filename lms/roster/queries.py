"""Reads on imports of people and units."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from peewee import fn

from lms.errors import N_, NotFound
from lms.members.access import Action, Actor, require
from lms.members.models import Member, Membership, Unit
from lms.paging import Page
from lms.roster.models import ACTIONS, RosterImport, RosterRow

NO_IMPORT = N_("There is no such import.")
GIVING = "roles"  # rows that give or take roles, whatever else happens with them
SLIPS_AT_ONCE = 240


class ImportView(NamedTuple):
    """An import: what it is, how far it is, how many rows are to be added, changed and so on, how many slips wait."""

    id: int
    kind: str
    file_name: str
    whole: bool
    state: str
    failure: str
    total: int
    done: int
    created_at: datetime
    finished_at: datetime | None
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]
    counts: Mapping[str, int]
    slips: int
    roles: int


class RowView(NamedTuple):
    """A row of an import: what happens, with whom, and why as heading, msgid and values."""

    number: int
    action: str
    name: str
    subject: int | None
    notes: Sequence[tuple[str, str, dict[str, Any]]]
    carried_out: bool


class Slip(NamedTuple):
    """What a slip to print is made of; ``nonce`` leads to the first password."""

    row: int
    name: str
    phone: str | None
    unit: str
    nonce: str


def get_import(actor: Actor, load_id: int) -> ImportView:
    """Give an import of the actor's own. Raises Forbidden, NotFound."""
    require(actor, Action.MEMBER_MANAGE)
    load = RosterImport.get_or_none(RosterImport.id == load_id, RosterImport.member == actor.id)
    if load is None:
        raise NotFound(NO_IMPORT)
    counted = RosterRow.select(RosterRow.action, fn.COUNT(RosterRow.id)).where(RosterRow.load == load_id)
    counts = dict(counted.group_by(RosterRow.action).tuples())
    slips = RosterRow.select().where(RosterRow.load == load_id, RosterRow.nonce != "").count()
    layout = json.loads(load.columns)
    return ImportView(
        load.id,
        load.kind,
        load.file_name,
        load.whole,
        load.state,
        load.failure,
        load.total,
        load.done,
        load.created_at,
        load.finished_at,
        tuple(layout["ignored"]),
        tuple(layout["unknown"]),
        {action: counts[action] for action in ACTIONS if action in counts},
        slips,
        RosterRow.select().where(RosterRow.load == load_id, RosterRow.roles > 0).count(),
    )


def list_imports(actor: Actor, number: int, size: int) -> Page[Any]:
    """Give a page of the actor's imports, the newest first. Raises Forbidden."""
    require(actor, Action.MEMBER_MANAGE)
    mine = RosterImport.select().where(RosterImport.member == actor.id)
    rows = list(mine.order_by(RosterImport.id.desc()).paginate(number, size).namedtuples())
    return Page(rows, number, size, mine.count())


def list_rows(actor: Actor, load_id: int, action: str, number: int, size: int) -> Page[RowView]:
    """Give a page of the rows of an import: all, those of one action, or "roles". Raises Forbidden, NotFound."""
    require(actor, Action.MEMBER_MANAGE)
    if not RosterImport.select().where(RosterImport.id == load_id, RosterImport.member == actor.id).exists():
        raise NotFound(NO_IMPORT)
    wanted = [RosterRow.load == load_id]
    if action in ACTIONS:
        wanted.append(RosterRow.action == action)
    elif action == GIVING:
        wanted.append(RosterRow.roles > 0)
    rows = RosterRow.select().where(*wanted).order_by(RosterRow.number, RosterRow.id).paginate(number, size)
    items = [
        RowView(row.number, row.action, row.name, row.subject, json.loads(row.notes), row.carried_out) for row in rows
    ]
    return Page(items, number, size, RosterRow.select().where(*wanted).count())


def waiting(load_id: int) -> Any:
    """Select the rows of an import that are still to be carried out."""
    doing = RosterRow.action.in_(("add", "change", "move", "leave"))
    # "= false" and not "NOT": so that the index leads past the rows that are done.
    return RosterRow.select().where(RosterRow.load == load_id, RosterRow.carried_out == False, doing)  # noqa: E712


def next_slips(load_id: int) -> list[Slip]:
    """Give the next slips of an import that were not shown yet, in the order of the table; access was checked."""
    rows = (
        RosterRow.select(RosterRow.id, Member.name, Member.phone, Unit.name, RosterRow.nonce)
        .join(Member, on=RosterRow.subject == Member.id)
        .join(Membership, on=Membership.member == Member.id)
        .join(Unit, on=Membership.unit == Unit.id)
        .where(RosterRow.load == load_id, RosterRow.nonce != "")
        .order_by(RosterRow.number, Membership.id)
        .limit(SLIPS_AT_ONCE)
    )
    found = {row[0]: Slip(*row) for row in rows.tuples()}
    return list(found.values())


def used_keys() -> set[str]:
    """Give the storage keys of tables on their way in."""
    return {key for (key,) in RosterImport.select(RosterImport.file_key).distinct().tuples()}
