"""How much of the store files of books take, for the shares of members."""

from typing import Any

from peewee import fn

from lms.catalogue.models import BookFile
from lms.prepared import prepared


def bytes_of(whose: Any, of_unit: bool) -> Any:
    """Make the query of the bytes of the files that a member added to books of the catalogue; None for a unit.

    The catalogue belongs to no unit; covers, which are made small, one a book, count for nobody (ADR 0095).
    """
    if of_unit:
        return None
    return BookFile.select(fn.COALESCE(fn.SUM(BookFile.file_size), 0)).where(BookFile.added_by == whose)


def by_owner(of_units: bool) -> dict[int, int]:
    """Give the bytes of files of books for every member who added any; nothing for units."""
    return {} if of_units else {owner: int(size) for owner, size in _by_owner()}


@prepared
def _by_owner() -> Any:
    owner = BookFile.added_by
    return BookFile.select(owner, fn.SUM(BookFile.file_size)).where(owner.is_null(False)).group_by(owner)
