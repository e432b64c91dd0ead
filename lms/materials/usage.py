"""How much of the store materials take, for the shares of lecturers and units."""

from typing import Any

from peewee import fn

from lms.materials.models import Material, MaterialVersion
from lms.prepared import prepared


def bytes_of(whose: Any, of_unit: bool) -> Any:
    """Make the query of the bytes of the materials that a member sent, or of a unit; archived and earlier ones too."""
    owner = Material.unit if of_unit else MaterialVersion.uploader
    total = MaterialVersion.select(fn.COALESCE(fn.SUM(MaterialVersion.file_size), 0))
    return total.join(Material).where(owner == whose)


def by_owner(of_units: bool) -> dict[int, int]:
    """Give the bytes of materials of every member who sent any, or of every unit."""
    return {owner: int(size) for owner, size in _by_owner(of_units=of_units)}


@prepared
def _by_owner(*, of_units: bool) -> Any:
    owner = Material.unit if of_units else MaterialVersion.uploader
    found = MaterialVersion.select(owner, fn.SUM(MaterialVersion.file_size)).join(Material)
    return found.where(owner.is_null(False)).group_by(owner)
