"""Reads on imports of people and units."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, Case, fn

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
    """A row of an import: what happens, with whom, why as heading, msgid and values, and where.

    ``unit`` is that in which the member is to be or which they leave, for a unit the one above it; one that is not
    there (yet) has only its name, as the table writes it. ``unit_before`` is that which a move leaves.
    """

    number: int
    action: str
    name: str
    subject: int | None
    notes: Sequence[tuple[str, str, dict[str, Any]]]
    carried_out: bool
    unit: int | None
    unit_name: str
    unit_before: int | None
    unit_before_name: str


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
    return _views([load])[0]


def list_imports(actor: Actor, number: int, size: int) -> Page[ImportView]:
    """Give a page of the actor's imports, the newest first. Raises Forbidden."""
    require(actor, Action.MEMBER_MANAGE)
    mine = RosterImport.select().where(RosterImport.member == actor.id)
    loads = list(mine.order_by(RosterImport.id.desc()).paginate(number, size))
    return Page(_views(loads), number, size, mine.count())


class _Counted(NamedTuple):
    """How many rows of an import have an action; of them slips that wait, and those with roles."""

    action: str
    rows: int
    slips: int
    roles: int


def _views(loads: Sequence[RosterImport]) -> list[ImportView]:
    """Add to imports what their rows are, counted in one statement."""
    r = RosterRow
    slip, role = (fn.SUM(Case(None, ((condition, 1),), 0)) for condition in (r.nonce != "", r.roles > 0))
    rows = r.select(r.load, r.action, fn.COUNT(r.id), slip, role).where(r.load.in_([load.id for load in loads]))
    counted: dict[int, list[_Counted]] = defaultdict(list)
    for load, *values in rows.group_by(r.load, r.action).tuples():
        counted[load].append(_Counted._make(values))
    return [_view(load, counted[load.id]) for load in loads]


def _view(load: RosterImport, counted: Sequence[_Counted]) -> ImportView:
    layout, counts = json.loads(load.columns), {one.action: one.rows for one in counted}
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
        sum(one.slips for one in counted),
        sum(one.roles for one in counted),
    )


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
    rows = list(RosterRow.select().where(*wanted).order_by(RosterRow.number, RosterRow.id).paginate(number, size))
    names = _unit_names({unit for row in rows for unit in (row.unit, row.unit_before) if unit})
    items = [_row_view(row, names) for row in rows]
    return Page(items, number, size, RosterRow.select().where(*wanted).count())


def _row_view(row: RosterRow, names: Mapping[int | None, str]) -> RowView:
    values = json.loads(row.values)
    typed = str(values.get("unit") or values.get("parent") or "")
    return RowView(
        row.number,
        row.action,
        row.name,
        row.subject,
        json.loads(row.notes),
        row.carried_out,
        row.unit,
        names.get(row.unit, typed),
        row.unit_before,
        names.get(row.unit_before, ""),
    )


def _unit_names(units: Collection[int]) -> dict[int | None, str]:
    """Name units; one whose name another unit has as well is named with the one above it."""
    if not units:
        return {}
    above = Unit.alias()
    found = Unit.select(Unit.id, Unit.name, above.name).join(above, JOIN.LEFT_OUTER, on=Unit.parent == above.id)
    rows = list(found.where(Unit.id.in_(units)).tuples())
    same = Unit.select(Unit.name).where(Unit.name.in_({name for _, name, _ in rows}))
    several = {name for (name,) in same.group_by(Unit.name).having(fn.COUNT(Unit.id) > 1).tuples()}
    return {unit: f"{parent} / {name}" if parent and name in several else name for unit, name, parent in rows}


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
