"""The quick way of putting SQL together says what peewee's own way says, for every table of the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from peewee import JOIN, Context, Database, Field, ForeignKeyField, Model, PostgresqlDatabase, SqliteDatabase, State, fn

from lms import clock
from lms.migrations import models
from lms.quick_sql import PEEWEES_OWN, install

DATABASES = (SqliteDatabase(":memory:"), PostgresqlDatabase("unused"))


@contextmanager
def peewees_own_way() -> Iterator[None]:
    """Put SQL together as peewee does."""
    Field.__sql__, Context.__call__ = PEEWEES_OWN
    try:
        yield
    finally:
        install()


def queries_of(model: type[Model]) -> Iterator[Any]:
    """Give queries of many kinds about a table: it alone, joined, within one another, as an alias, written to."""
    fields = list(model._meta.sorted_fields)
    first, last = fields[0], fields[-1]
    other = model.alias()
    named = model.alias("other")
    inner = model.select(first).where(last.is_null(False)).limit(3)
    yield model.select()
    yield model.select(*fields).where(first == 1, last.in_([1, 2]) | ~(first > 5)).order_by(last.desc(), first)
    yield model.select(first.alias("x"), fn.COUNT(last).alias("n")).group_by(first).having(fn.COUNT(last) > 1)
    yield model.select(first).where(first.in_(inner)).where(fn.EXISTS(inner.where(first == 3)))
    yield model.select(first, other).join(other, JOIN.LEFT_OUTER, on=(first == getattr(other, first.name)))
    yield model.select(getattr(named, first.name)).from_(named).where(getattr(named, last.name) == 1)
    yield inner | model.select(first)
    part = inner.alias("part")
    yield model.select(first, part.c[first.column_name]).join(part, on=(part.c[first.column_name] == first))
    table = inner.cte("some")
    yield model.select(first).join(table, on=(table.c[first.column_name] == first)).with_cte(table)
    yield model.update({last: None}).where(first == 1)
    yield model.insert({last: None})
    yield model.delete().where(last == 1, first.not_in(inner))
    for key in (field for field in fields if isinstance(field, ForeignKeyField)):
        if key.rel_model is not model:
            yield model.select(key, *key.rel_model._meta.sorted_fields).join(key.rel_model, on=key)


def said(kind: Database) -> list[tuple[str, list[Any]]]:
    """Give what becomes of all queries on a kind of database."""
    return [kind.get_sql_context().sql(query).query() for model in models() for query in queries_of(model)]


@pytest.mark.parametrize("kind", DATABASES, ids=("SQLite", "PostgreSQL"))
def test_every_table_is_asked_and_written_to_in_the_same_words(kind: Database) -> None:
    with clock.at(clock.now()):
        quick = said(kind)
        with peewees_own_way():
            own = said(kind)
    assert len(quick) > 1000
    assert quick == own


def test_it_is_in_force_and_a_state_of_peewee_holds_what_it_held() -> None:
    assert (Field.__sql__, Context.__call__) != PEEWEES_OWN
    assert set(State.__slots__) == {"settings", "scope", "parentheses"}, "another peewee: look at lms/quick_sql.py"
