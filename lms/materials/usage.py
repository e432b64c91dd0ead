"""How much of the store materials take, for the shares of lecturers and units."""

from peewee import fn

from lms.materials.models import Material, MaterialVersion


def bytes_of(member: int | None, unit: int | None) -> int:
    """Give the bytes of the materials that a member sent, or (member None) of a unit; archived and earlier ones too."""
    whose = MaterialVersion.uploader == member if member is not None else Material.unit == unit
    total = MaterialVersion.select(fn.COALESCE(fn.SUM(MaterialVersion.file_size), 0)).join(Material).where(whose)
    return int(total.scalar())
