"""Many things instead of one: copies of all rows there are, so that what a page asks row by row shows in its count."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import Enum, auto
from itertools import count
from typing import Any

from peewee import ForeignKeyField, Model

from lms.members.models import Member, Membership, RoleGrant, Unit
from lms.migrations import models
from lms.progress.models import Requirement

# The service's own, of which more say nothing more, and what has no number.
LEFT_OUT = {"Job", "WorkerBeat", "OutboxRow", "ReminderRun", "LikenessMark", "CatalogueState"}
OWNERS = (Member, Unit)
ONCE = (Membership, RoleGrant, Requirement)  # nobody's own: copied in one way


class Way(Enum):
    """How a row is copied: another member's with all that hangs on it, the same member's too, or hung on the same."""

    OTHERS = auto()
    OWN = auto()
    ON_THE_SAME = auto()


class Multiplying:
    """Copies every row some times in each way: many members with many things each, and much that hangs on a thing."""

    def __init__(self, times: int) -> None:
        """Take how many copies are made of each row in each way."""
        self._times = times
        self._numbers = count(1)
        self._copies: dict[tuple[type[Model], int, Way | None, int], int] = {}

    def all_rows(self) -> None:
        """Copy the rows of all tables, those first that others point at."""
        for model in _in_order([one for one in models() if one.__name__ not in LEFT_OUT]):
            for row in list(model.select().order_by(model._meta.primary_key).dicts()):
                for way in _ways(model):
                    for number in range(self._times):
                        self._copy(model, row, way, number)

    def _copy(self, model: type[Model], row: dict[str, Any], way: Way, number: int) -> None:
        """Copy a row; where no other can stand beside it, there is no copy."""
        values = {name: value for name, value in row.items() if name != "id"}
        for field in _references(model):
            target, ident = field.rel_model, values[field.name]
            values[field.name] = self._copies.get((target, ident, _followed(target, way, number), number), ident)
        for names in _unique(model):
            if _stands(model, values, names):
                self._make_other(model, values, names, number)
                if _stands(model, values, names):
                    return
        if "series" in values and values["series"] == row["id"]:
            values["series"] = None
        made = int(model.insert(values).execute())
        if model is Unit:
            above = row["path"].removesuffix(f"{row['id']}/")
            Unit.update(path=f"{above}{made}/").where(Unit.id == made).execute()
        self._copies[model, row["id"], way, number] = made

    def _make_other(self, model: type[Model], values: dict[str, Any], names: Sequence[str], number: int) -> None:
        """Change what must not stand twice: a text, number or day to one of no other row, or else what it is about."""
        fields = [getattr(model, name) for name in reversed(names)]
        plain = [field for field in fields if not isinstance(field, ForeignKeyField)]
        for field in plain[:1]:
            values[field.name] = _other(values[field.name], next(self._numbers), getattr(field, "max_length", 255))
        for field in fields if not plain else ():
            held = self._copies.get((field.rel_model, values[field.name], Way.OTHERS, number))
            if held:
                values[field.name] = held
                return


def _ways(model: type[Model]) -> Sequence[Way]:
    if model in (*OWNERS, *ONCE):
        return (Way.OTHERS,)
    hangs = any(field.rel_model not in OWNERS for field in _references(model))
    return tuple(Way) if hangs else (Way.OTHERS, Way.OWN)


def _followed(target: type[Model], way: Way, number: int) -> Way | None:
    """Say which copies of what a row points at its copy points at, None for the very same."""
    if target is Unit:
        return Way.OTHERS if way is Way.OTHERS and number % 2 else None
    if target is Member:
        return None if way is Way.OWN else Way.OTHERS
    return None if way is Way.ON_THE_SAME else way


def _references(model: type[Model]) -> Sequence[ForeignKeyField]:
    return [f for f in model._meta.sorted_fields if isinstance(f, ForeignKeyField) and f.rel_model is not model]


def _unique(model: type[Model]) -> Iterator[Sequence[str]]:
    meta = model._meta
    yield from ([field.name] for field in meta.sorted_fields if field.unique and not field.primary_key)
    yield from (list(one[0]) for one in meta.indexes if isinstance(one, tuple) and one[1])


def _stands(model: type[Model], values: dict[str, Any], names: Sequence[str]) -> bool:
    """Say whether there is such a row; nothing is no value that could stand twice."""
    if None in [values[name] for name in names]:
        return False
    return bool(model.select().where(*[getattr(model, name) == values[name] for name in names]).exists())


def _other(value: Any, number: int, most: int) -> Any:
    if isinstance(value, date):
        return value + timedelta(days=number)
    if isinstance(value, int):
        return value + 1000 + number
    text = str(number)
    return f"{value[: most - len(text)]}{text}"


def _in_order(wanted: Sequence[type[Model]]) -> list[type[Model]]:
    found: list[type[Model]] = []
    while len(found) < len(wanted):
        found += [m for m in wanted if m not in found and {f.rel_model for f in _references(m)} <= set(found)]
    return found
