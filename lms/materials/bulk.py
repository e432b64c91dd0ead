"""Changing many materials at once, and taking that back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms import clock
from lms.categories import queries as categories
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.events import SearchableChanged, publish
from lms.materials import queries, rules
from lms.materials.models import Material, MaterialBulkEdit
from lms.materials.queries import may_manage
from lms.members.access import Actor
from lms.members.models import Unit

MOST = 500
WHAT = ("category", "audience", "archive", "restore")


@dataclass(frozen=True)
class Done:
    """What a change of many came to: its id for taking it back, how many changed, how many stayed as they were."""

    id: int
    changed: int
    skipped: int


@transactional
def change_many(actor: Actor, ids: Sequence[int], what: str, value: str = "") -> Done:
    """Change category or audience of many materials, or archive or restore them.

    Those that the actor may not change, or that are so already, are skipped. Raises InvalidInput when none is chosen,
    more than ``MOST``, or the value is none.
    """
    wanted = sorted(set(ids))
    if what not in WHAT:
        raise InvalidInput(N_("Please choose what is to be changed."), field="what")
    if not wanted:
        raise InvalidInput(N_("Please choose at least one material."), field="material")
    if len(wanted) > MOST:
        raise InvalidInput(N_("At most %(limit)s materials at once, please."), field="material", limit=MOST)
    rows = [row for row in _rows(actor, wanted) if may_manage(actor, row.uploader_id, row.unit_path)]
    changed = []
    for row in rows:
        new = _changed(row, what, value)
        if any(getattr(row, name) != after for name, after in new.items()):
            Material.update(updated_at=clock.now(), **new).where(Material.id == row.id).execute()
            publish(SearchableChanged("material", row.id))
            changed.append([row.id, row.category, row.audience, row.archived_at and row.archived_at.isoformat()])
    made = MaterialBulkEdit.create(member=actor.id, what=what, before=json.dumps(changed))
    return Done(int(made.id), len(changed), len(wanted) - len(changed))


def _rows(actor: Actor, ids: Sequence[int]) -> list[Any]:
    return list(
        Material.select(
            Material.id,
            Material.category,
            Material.audience,
            Material.archived_at,
            Material.uploader.alias("uploader_id"),
            Unit.path.alias("unit_path"),
        )
        .join(Unit)
        .where(Material.id.in_(list(ids)), queries.may_see(actor))
        .order_by(Material.id)
        .namedtuples()
    )


def _changed(row: Any, what: str, value: str) -> dict[str, Any]:
    if what == "category":
        return {"category": categories.check(value, row.unit_path, row.category)}
    if what == "audience":
        return {"audience": rules.check_audience(value)}
    if what == "archive":
        return {"archived_at": row.archived_at or clock.now()}
    return {"archived_at": None}


@transactional
def undo(actor: Actor, edit_id: int) -> int:
    """Give the materials of a change of many back what they had; gives their number.

    Raises NotFound for a change of somebody else, Conflict for one taken back already.
    """
    edit = MaterialBulkEdit.get_or_none(MaterialBulkEdit.id == edit_id, MaterialBulkEdit.member == actor.id)
    if edit is None:
        raise NotFound(N_("There is no such change of yours."))
    if edit.undone_at is not None:
        raise Conflict(N_("This change was taken back already."))
    before = {ident: values for ident, *values in json.loads(edit.before)}
    rows = [row for row in _rows(actor, list(before)) if may_manage(actor, row.uploader_id, row.unit_path)]
    for row in rows:
        category, audience, archived_at = before[row.id]
        archived = datetime.fromisoformat(archived_at) if archived_at else None
        new = {
            "category": {"category": category},
            "audience": {"audience": audience},
        }.get(edit.what, {"archived_at": archived})
        Material.update(updated_at=clock.now(), **new).where(Material.id == row.id).execute()
        publish(SearchableChanged("material", row.id))
    MaterialBulkEdit.update(undone_at=clock.now()).where(MaterialBulkEdit.id == edit_id).execute()
    return len(rows)


def find_mine(actor: Actor, edit_id: int) -> Any:
    """Give a change of many that the actor made and has not taken back, None for any other."""
    return MaterialBulkEdit.get_or_none(
        MaterialBulkEdit.id == edit_id, MaterialBulkEdit.member == actor.id, MaterialBulkEdit.undone_at.is_null()
    )
