"""How much of the store recordings take, for the shares of lecturers and units."""

from peewee import fn

from lms.lectures.models import Lecture, Recording


def bytes_of(member: int | None, unit: int | None) -> int:
    """Give the bytes of the recordings that a member sent, or (member None) of a unit; archived ones too."""
    whose = Lecture.uploader == member if member is not None else Lecture.unit == unit
    size = Recording.file_size + Recording.sound_size + Recording.original_size
    total = Recording.select(fn.COALESCE(fn.SUM(size), 0)).join(Lecture).where(whose)
    return int(total.scalar())
