"""Prepared queries: peewee makes the SQL of a query once in a process, later calls only send it with new values.

Putting a query's SQL together costs ten times what SQLite takes to answer it. A page that is asked often therefore
keeps its queries prepared::

    @prepared
    def _notes_of(book_id: int, units: Sequence[int], limit: int, *, oldest_first: bool) -> Any:
        query = Note.select(Note.id, Note.title).where(Note.book == book_id, Note.unit.in_(units))
        return query.order_by(Note.id if oldest_first else Note.id.desc()).limit(limit)

    rows = _notes_of(12, [1, 4], 10, oldest_first=False)

The function is called when a shape of its arguments comes for the first time, with a stand-in for each value.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime
from enum import Enum
from functools import partial, update_wrapper
from typing import Any, Generic, NamedTuple, ParamSpec

from peewee import (
    CharField,
    ColumnBase,
    Context,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    ModelTupleCursorWrapper,
    TextField,
)

from lms.db import database, is_sqlite

P = ParamSpec("P")

MOST_SHAPES = 200
SINGLE = {int, str, date, datetime}  # most arguments
AS_THEY_COME = (IntegerField, CharField, TextField, ForeignKeyField)  # the drivers give these in their own type


class _Place(NamedTuple):
    """Where an argument goes: its place among the flattened values, and how its column converts it."""

    number: int
    convert: Callable[[Any], Any] | None


class _Filling(NamedTuple):
    """A place in a statement to be filled: where, by which argument, and how one of another type is converted."""

    at: int
    number: int
    kind: type | None
    convert: Callable[[Any], Any]


class _StandIn(ColumnBase):
    """What the query is made with instead of a value."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __sql__(self, ctx: Context) -> Context:
        return ctx.value(_Place(self._number, ctx.state.converter or None), converter=False)

    def __bool__(self) -> bool:
        raise TypeError("a prepared query cannot depend on a positional value: pass it as a keyword")


class _Statement:
    """A query's SQL, and how its columns are read: as peewee would read them.

    What can be decided once is: values that are always the same are put into the driver's form, and of those that come
    each time it is known which type goes as it is.
    """

    def __init__(self, query: Any) -> None:
        self._query = query
        self._sql, values = database.get_sql_context().sql(query).query()
        self._values = [None if type(value) is _Place else _bare(value) for value in values]
        places = [(at, value) for at, value in enumerate(values) if type(value) is _Place]
        self._plain = [(at, place.number) for at, place in places if place.convert is None]
        self._converted = [
            _Filling(at, place.number, _goes_as_it_is(place.convert), _writer_of(place.convert))
            for at, place in places
            if place.convert is not None
        ]
        self._readers: list[tuple[int, Callable[[Any], Any]]] | None = None

    def rows(self, flat: list[Any]) -> list[tuple[Any, ...]]:
        values = self._values.copy()
        for at, number in self._plain:
            values[at] = flat[number]
        for at, number, kind, convert in self._converted:
            value = flat[number]
            values[at] = value if type(value) is kind else convert(value)
        cursor = database.obj.execute_sql(self._sql, values)
        readers = self._readers
        if readers is None:
            readers = self._readers = self._read_converters(cursor)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return [_read(row, readers) for row in found] if readers else found

    def _read_converters(self, cursor: Any) -> list[tuple[int, Callable[[Any], Any]]]:
        first = self._query
        while not hasattr(first, "selected_columns"):
            first = first.lhs  # a union: its first part says what the columns are
        wrapper = ModelTupleCursorWrapper(cursor, first.model, first.selected_columns)
        wrapper.initialize()
        readers = [_reader_of(converter) for converter in wrapper.converters]
        return [(at, reader) for at, reader in enumerate(readers) if reader]


def _read(row: tuple[Any, ...], readers: list[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    cells = list(row)
    for at, reader in readers:
        cells[at] = reader(cells[at])
    return tuple(cells)


def _bare(value: Any) -> Any:
    """Put a value into a form that the driver takes without asking around; PostgreSQL's takes days as they are."""
    if isinstance(value, Enum):
        return value.value
    if is_sqlite() and type(value) is date:
        return value.isoformat()
    return value


def _goes_as_it_is(convert: Callable[[Any], Any]) -> type | None:
    """Give the type of value that a column's converter would leave as it is."""
    field = getattr(convert, "__self__", None)
    if isinstance(field, ForeignKeyField):
        field = field.rel_field
    if isinstance(field, IntegerField):
        return int
    return str if type(field) in (CharField, TextField) else None


def _writer_of(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Give how a column's values are written; days on SQLite without the driver's search for a way."""
    is_day = is_sqlite() and type(getattr(convert, "__self__", None)) is DateField
    return partial(_day_written, convert) if is_day else convert


def _day_written(convert: Callable[[Any], Any], value: Any) -> Any:
    return value.isoformat() if type(value) is date else convert(value)


def _reader_of(converter: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    field = getattr(converter, "__self__", None)
    if isinstance(field, AS_THEY_COME):
        return None
    if type(field) is DateField:
        return _day
    return _instant if type(field) is DateTimeField else converter


def _instant(value: Any) -> Any:
    """Read an instant; SQLite gives it as it was written, and peewee would try one format after the other."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _day(value: Any) -> Any:
    """Read a day, which SQLite gives as it was written."""
    return date.fromisoformat(value) if isinstance(value, str) else value


class Prepared(Generic[P]):
    """A query that is made once for each shape of its arguments.

    Positional arguments are values, or sequences of values whose length belongs to the shape; None belongs to the
    shape as well, because SQL compares with it differently. Keyword arguments decide how the query is made and must
    be hashable. A positional value must not be looked at, nor given to ``contains`` or ``startswith``, which would
    have to escape it.
    """

    def __init__(self, make: Callable[P, Any]) -> None:
        """Prepare what ``make`` gives: a peewee select."""
        update_wrapper(self, make)
        self._make = make
        self._statements: dict[Hashable, _Statement] = {}

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[tuple[Any, ...]]:
        """Send the query and give its rows as tuples."""
        flat: list[Any] = []
        shape: list[int | None] = []
        for value in args:
            if type(value) in SINGLE:
                shape.append(-1)
                flat.append(value)
            elif value is None:
                shape.append(None)
            elif isinstance(value, (list, tuple, set, frozenset)):
                shape.append(len(value))
                flat.extend(value)
            else:
                shape.append(-1)
                flat.append(value)
        key = (type(database.obj), tuple(shape), tuple(kwargs.items()))
        statement = self._statements.get(key)
        if statement is None:
            statement = self._statements[key] = self._made(shape, kwargs)
        return statement.rows(flat)

    def first(self, *args: P.args, **kwargs: P.kwargs) -> tuple[Any, ...] | None:
        """Give the first row, or None. The query itself should have a limit of one."""
        rows = self(*args, **kwargs)
        return rows[0] if rows else None

    def scalar(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Give the first column of the first row, or None."""
        row = self.first(*args, **kwargs)
        return row[0] if row else None

    def _made(self, shape: Sequence[int | None], structure: dict[str, Any]) -> _Statement:
        if len(self._statements) >= MOST_SHAPES:
            self._statements.clear()
        stand_ins: list[Any] = []
        used = 0
        for size in shape:
            if size is None:
                stand_ins.append(None)
            elif size < 0:
                stand_ins.append(_StandIn(used))
                used += 1
            else:
                stand_ins.append([_StandIn(used + number) for number in range(size)])
                used += size
        return _Statement(self._make(*stand_ins, **structure))


def prepared(make: Callable[P, Any]) -> Prepared[P]:
    """Have the query that a function makes prepared: see the module's text."""
    return Prepared(make)


def evened(ids: Sequence[int]) -> list[int]:
    """Give some ids with the last repeated until there are 1, 2, 4, 8, ... of them, for a query that looks for any.

    Each length is a statement of its own, to be made in every process and to be prepared on every thread's connection:
    ids of a page of search come in ten lengths for each kind.
    """
    if not ids:
        return []
    return [*ids, *[ids[-1]] * ((1 << (len(ids) - 1).bit_length()) - len(ids))]
