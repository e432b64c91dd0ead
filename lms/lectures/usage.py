"""How much of the store recordings take, for the shares of lecturers and units."""

from typing import Any

from peewee import fn

from lms.lectures.models import Lecture, Recording
from lms.prepared import prepared


def bytes_of(whose: Any, of_unit: bool) -> Any:
    """Make the query of the bytes of the recordings that a member sent, or of a unit; archived ones too.

    Who sends a file answers for it, also where the lecture is somebody else's: nobody can fill another's share.
    """
    size = Recording.file_size + Recording.sound_size + Recording.original_size
    owner = Lecture.unit if of_unit else Recording.sent_by
    return Recording.select(fn.COALESCE(fn.SUM(size), 0)).join(Lecture).where(owner == whose)


def by_owner(of_units: bool) -> dict[int, int]:
    """Give the bytes of recordings of every member who sent any, or of every unit."""
    return {owner: int(size) for owner, size in _by_owner(of_units=of_units)}


@prepared
def _by_owner(*, of_units: bool) -> Any:
    owner = Lecture.unit if of_units else Recording.sent_by
    size = fn.SUM(Recording.file_size + Recording.sound_size + Recording.original_size)
    return Recording.select(owner, size).join(Lecture).where(owner.is_null(False)).group_by(owner)
