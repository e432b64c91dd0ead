"""Many rows at once: statements made once and sent with each row's values, where peewee would make each anew."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from peewee import SQL, Model, Value, fn

from lms.db import database, is_sqlite


def _columns(model: type[Model], names: Sequence[str]) -> list[Any]:
    return [model._meta.fields[name] for name in names]


def _quoted(name: str) -> str:
    return f'"{name}"'


def _stored(fields: Sequence[Any], row: Mapping[str, Any]) -> list[Any]:
    return [field.db_value(row[field.name]) for field in fields]


def insert_all(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same fields; nothing for none."""
    if not rows:
        return
    fields = _columns(model, list(rows[0]))
    database.cursor().executemany(_insert(model, fields), [_stored(fields, row) for row in rows])


def among(column: Any, values: Collection[int] | Collection[str]) -> Any:
    """Make the condition that a column is one of many values: all are sent as one.

    For hundreds of them ``in_`` costs more than the database takes to answer: it writes out a mark for each.
    """
    if is_sqlite():
        return column.in_(SQL("(SELECT value FROM json_each(?))", [json.dumps(list(values))]))
    return column == fn.ANY(Value(list(values), converter=False, unpack=False))


def hold_in_order(model: type[Model], ids: Collection[int]) -> None:
    """Hold rows until the transaction ends, the lowest id first; on SQLite there is one writer anyway.

    An UPDATE of many rows takes them as it meets them: of two that have some in common each may wait for the other.
    """
    if not is_sqlite() and len(ids) > 1:
        key: Any = model._meta.primary_key
        held = model.select(key).where(among(key, ids)).order_by(key).for_update("FOR NO KEY UPDATE")
        database.execute(held).fetchall()


def insert_each(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that all have the same fields and give their ids in order."""
    if not rows:
        return []
    fields = _columns(model, list(rows[0]))
    statement = _insert(model, fields)
    if is_sqlite():
        return [int(database.execute_sql(statement, _stored(fields, row)).lastrowid) for row in rows]
    cursor = database.cursor()
    # All at once on the line, instead of waiting for each answer.
    cursor.executemany(f'{statement} RETURNING "id"', [_stored(fields, row) for row in rows], returning=True)
    found = [int(cursor.fetchone()[0])]
    while cursor.nextset():
        found.append(int(cursor.fetchone()[0]))
    return found


def insert_new(model: type[Model], rows: Sequence[Mapping[str, Any]], returning: str) -> list[Any]:
    """Insert those rows that no unique key stands against and give a field of each of them: one statement.

    All rows have the same fields; not more than the database takes values in one statement, some thousands.
    """
    if not rows:
        return []
    fields = _columns(model, list(rows[0]))
    row = f"({', '.join([database.param] * len(fields))})"
    head, _, _ = _insert(model, fields).rpartition("(")
    back = _quoted(model._meta.fields[returning].column_name)
    statement = f"{head}{', '.join([row] * len(rows))} ON CONFLICT DO NOTHING RETURNING {back}"
    values = [value for one in rows for value in _stored(fields, one)]
    return [value for (value,) in database.execute_sql(statement, values).fetchall()]


def update_each(model: type[Model], rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Change rows by their ids; all have the same fields."""
    if not rows:
        return
    fields = _columns(model, list(rows[0][1]))
    mark = database.param
    changes = ", ".join(f"{_quoted(field.column_name)} = {mark}" for field in fields)
    statement = f'UPDATE {_quoted(model._meta.table_name)} SET {changes} WHERE "id" = {mark}'  # noqa: S608 names of ours
    database.cursor().executemany(statement, [[*_stored(fields, row), row_id] for row_id, row in rows])


def _insert(model: type[Model], fields: Sequence[Any]) -> str:
    names = ", ".join(_quoted(field.column_name) for field in fields)
    marks = ", ".join([database.param] * len(fields))
    return f"INSERT INTO {_quoted(model._meta.table_name)} ({names}) VALUES ({marks})"  # noqa: S608 names of ours
