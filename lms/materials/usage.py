"""How much of the store materials take, for the shares of lecturers and units."""

from peewee import fn

from lms.materials.models import Material


def bytes_of(member: int | None, unit: int | None) -> int:
    """Give the bytes of the materials that a member sent, or (member None) of a unit; archived ones too."""
    whose = Material.uploader == member if member is not None else Material.unit == unit
    return int(Material.select(fn.COALESCE(fn.SUM(Material.file_size), 0)).where(whose).scalar())
