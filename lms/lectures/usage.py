"""How much of the store recordings take, for the shares of lecturers and units."""

from typing import Any

from peewee import fn

from lms.lectures.models import Lecture, Recording
from lms.prepared import prepared


def bytes_of(member: int | None, unit: int | None) -> int:
    """Give the bytes of the recordings that a member sent, or (member None) of a unit; archived ones too."""
    return int(_bytes.scalar(unit if member is None else member, of_unit=member is None))


@prepared
def _bytes(whose: int | None, *, of_unit: bool) -> Any:
    size = Recording.file_size + Recording.sound_size + Recording.original_size
    owner = Lecture.unit if of_unit else Lecture.uploader
    return Recording.select(fn.COALESCE(fn.SUM(size), 0)).join(Lecture).where(owner == whose)
