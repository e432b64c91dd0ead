"""How much of the store pictures in notes take, for the shares of members."""

from typing import Any

from peewee import fn

from lms.notes.models import NoteImage
from lms.prepared import prepared


def bytes_of(whose: Any, of_unit: bool) -> Any:
    """Make the query of the bytes of the pictures that a member put into notes; None for a unit.

    Notes belong to their writers, and no unit is asked for one.
    """
    if of_unit:
        return None
    return NoteImage.select(fn.COALESCE(fn.SUM(NoteImage.size), 0)).where(NoteImage.member == whose)


def by_owner(of_units: bool) -> dict[int, int]:
    """Give the bytes of pictures for every member who put any into notes; nothing for units."""
    return {} if of_units else {owner: int(size) for owner, size in _by_owner()}


@prepared
def _by_owner() -> Any:
    owner = NoteImage.member
    return NoteImage.select(owner, fn.SUM(NoteImage.size)).where(owner.is_null(False)).group_by(owner)
