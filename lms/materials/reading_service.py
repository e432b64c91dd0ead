"""Noting what members read of materials: pages dwelt on, where they stopped, what they read on paper."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms import clock
from lms.db import is_sqlite, transactional
from lms.errors import N_, Conflict, InvalidInput
from lms.events import MaterialReadThrough, MaterialReadUndone, publish
from lms.materials import queries, reading_rules
from lms.materials.models import MaterialReading
from lms.members.access import Actor


@dataclass(frozen=True)
class Noted:
    """How it stands after a page was looked at: whether it counts, else the seconds it still takes; pages read."""

    counts: bool
    seconds_left: int
    read: int
    pages: int
    read_through: bool


@transactional
def note_page(actor: Actor, material_id: int, number: int, opened_at: datetime) -> Noted:
    """Note that the actor has been looking at a page since an instant, and count it when that was long enough.

    No second counts for two pages of a material. The place is kept at once, so that reading goes on there. Raises
    NotFound, InvalidInput for an instant that is long past or still to come.
    """
    material = queries.get_material(actor, material_id)
    page = queries.get_page(material_id, number)
    now = clock.now()
    if not reading_rules.is_valid(opened_at, now):
        raise InvalidInput(N_("This page was opened too long ago. Please open it again."))
    row = _locked(actor, material_id)
    row.last_page, row.updated_at, row.version = number, now, material.version
    read = reading_rules.pages_of(row.pages)
    left = 0
    if number not in read:
        left = reading_rules.seconds_left(opened_at, now, row.credited_at, len(page.text))
        if left == 0:
            read.add(number)
            row.pages, row.read, row.credited_at = reading_rules.text_of(read), len(read), now
    _conclude(row, material, read)
    row.save()
    return Noted(number in read, left, row.read, material.page_count, row.finished_on is not None)


def _locked(actor: Actor, material_id: int) -> Any:
    """Give the actor's row of a material, made when there is none, and hold it to the end of the transaction."""
    MaterialReading.insert(member=actor.id, material=material_id).on_conflict(action="nothing").execute()
    rows = MaterialReading.select().where(MaterialReading.member == actor.id, MaterialReading.material == material_id)
    return (rows if is_sqlite() else rows.for_update()).get()


def _conclude(row: Any, material: Any, read: set[int]) -> None:
    """Tell, once, that the material is read through."""
    if not material.page_count or not reading_rules.is_read_through(read, material.page_count):
        return
    if row.finished_on is None:
        _finish(row, material, on_paper=False)
    row.on_paper = False


def _finish(row: Any, material: Any, *, on_paper: bool) -> None:
    row.finished_on, row.on_paper, row.times = clock.today(), on_paper, row.times + 1
    publish(
        MaterialReadThrough(
            row.member, material.id, row.times, row.finished_on, material.page_count, on_paper, material.category
        )
    )


@transactional
def note_read_on_paper(actor: Actor, material_id: int) -> None:
    """Note, by the actor's own word, that a material was read elsewhere. Doing it twice is fine. Raises NotFound."""
    material = queries.get_material(actor, material_id)
    row = _locked(actor, material_id)
    if row.finished_on is None:
        row.updated_at, row.version = clock.now(), material.version
        _finish(row, material, on_paper=True)
        row.save()


@transactional
def take_back_read_on_paper(actor: Actor, material_id: int) -> None:
    """Take back that a material was read elsewhere. Raises NotFound, Conflict for one whose pages were read here."""
    queries.get_material(actor, material_id)
    row = _locked(actor, material_id)
    if row.finished_on is None:
        return
    if not row.on_paper:
        raise Conflict(N_("The pages of this material were read here; that is not taken back."))
    publish(MaterialReadUndone(actor.id, material_id, row.times))
    row.finished_on, row.on_paper, row.updated_at = None, False, clock.now()
    row.save()
