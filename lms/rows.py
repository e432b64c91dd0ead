"""Rows written often, quickly: the statement is put together once in a process, later rows are only sent with it.

For what members do all day, such as noting some reading. Everything else is clearer with peewee's own ``create`` and
``save``, which put the SQL together anew each time: that costs ten times what SQLite takes to write the row.
"""

from functools import lru_cache
from typing import Any

from lms.db import database, is_sqlite

MOST_STATEMENTS = 200


def insert_row(model: Any, **values: Any) -> int:
    """Insert a row, defaults and all, and give its id. Raises peewee's IntegrityError as ``create`` does."""
    row = {**model._meta.get_default_dict(), **values}
    cursor = database.execute_sql(_insert(model, tuple(row), is_sqlite()), _converted(model, row))
    return int(cursor.lastrowid if is_sqlite() else cursor.fetchone()[0])


def update_row(model: Any, row_id: int, **values: Any) -> None:
    """Write some columns of a row."""
    database.execute_sql(_update(model, tuple(values), is_sqlite()), [*_converted(model, values), row_id])


def _converted(model: Any, row: dict[str, Any]) -> list[Any]:
    fields = model._meta.fields
    return [fields[name].db_value(value) for name, value in row.items()]


@lru_cache(MOST_STATEMENTS)
def _insert(model: Any, names: tuple[str, ...], sqlite: bool) -> str:
    columns = ", ".join(f'"{model._meta.fields[name].column_name}"' for name in names)
    places = ", ".join(["?" if sqlite else "%s"] * len(names))
    made = f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES ({places})'  # noqa: S608 names of our own models
    return made if sqlite else f'{made} RETURNING "{model._meta.primary_key.column_name}"'


@lru_cache(MOST_STATEMENTS)
def _update(model: Any, names: tuple[str, ...], sqlite: bool) -> str:
    mark = "?" if sqlite else "%s"
    set_to = ", ".join(f'"{model._meta.fields[name].column_name}" = {mark}' for name in names)
    key = model._meta.primary_key.column_name
    return f'UPDATE "{model._meta.table_name}" SET {set_to} WHERE "{key}" = {mark}'  # noqa: S608 names of our models
