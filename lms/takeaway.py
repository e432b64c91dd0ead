"""What a member may take away: each room says which of its rows are the member's own, as plain tables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lms.members.access import Actor

Cell = str | int | float | date | datetime | None


@dataclass(frozen=True)
class Table:
    """A table of a member's own rows. ``name`` is its file's name, ``columns`` are English keys that never change."""

    name: str
    columns: Sequence[str]
    rows: Callable[[Actor], Iterator[Sequence[Cell]]]


_tables: list[Table] = []


def bind(tables: Sequence[Table]) -> None:
    """Take these tables along from now on."""
    _tables[:] = tables


def tables() -> Sequence[Table]:
    """Give the tables that rooms let their members take away."""
    return tuple(_tables)
