"""A page of a list: what a ``list_`` query gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items of a longer list. ``number`` counts from 1; ``total`` is the number of items in the whole list."""

    items: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """Count the pages; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def has_prev(self) -> bool:
        """Say whether a page comes before this one."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Say whether a page comes after this one."""
        return self.number < self.pages
