"""How far members are with materials."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from lms.materials import reading_rules
from lms.materials.models import MaterialReading
from lms.members.access import Actor
from lms.prepared import prepared


class Progress(NamedTuple):
    """How far somebody is with a material: pages read, the page to go on at, the day it was read through."""

    pages: frozenset[int]
    last_page: int
    begun: bool
    finished_on: date | None
    on_paper: bool

    @property
    def read(self) -> int:
        """Give the number of pages read."""
        return len(self.pages)


NOT_BEGUN = Progress(frozenset(), 1, False, None, False)


def progress_of(actor: Actor, material_id: int) -> Progress:
    """Give how far the actor is with a material."""
    row = _reading.first(actor.id, material_id)
    if row is None:
        return NOT_BEGUN
    pages, last, finished, on_paper = row
    return Progress(frozenset(reading_rules.pages_of(pages)), last, True, finished, on_paper)


@prepared
def _reading(member: int, material_id: int) -> Any:
    return MaterialReading.select(
        MaterialReading.pages, MaterialReading.last_page, MaterialReading.finished_on, MaterialReading.on_paper
    ).where(MaterialReading.member == member, MaterialReading.material == material_id)


class Begun(NamedTuple):
    """A material that somebody has begun and not finished; ``read`` pages so far, ``last_page`` to go on at."""

    id: int
    title: str
    page_count: int
    last_page: int
    read: int


def read_through(members: Sequence[int], materials: Sequence[int]) -> dict[tuple[int, int], date]:
    """Give the day on which each of some members read each of some materials through; no entry for those not done."""
    if not members or not materials:
        return {}
    rows = MaterialReading.select(MaterialReading.member, MaterialReading.material, MaterialReading.finished_on).where(
        MaterialReading.member.in_(list(members)),
        MaterialReading.material.in_(list(materials)),
        MaterialReading.finished_on.is_null(False),
    )
    return {(member, material): day for member, material, day in rows.tuples()}
