"""Put SQL together with half of peewee's work: a column of a table is written down at once.

For each column peewee makes two objects and a state of its own and asks a dozen functions, which is most of what it
does for a query that is not prepared (lms/prepared.py). Everything else, and what is no column of a plain table, goes
peewee's way (docs/adr/0085-quick-sql.md). ``tests/foundation/test_quick_sql.py`` sees to it that both say the same.
"""

from functools import lru_cache
from typing import Any

from peewee import SCOPE_VALUES, Context, Field, State, Table

ORDINARY = '""'
PEEWEES_OWN = (Field.__sql__, Context.__call__)


def install() -> None:
    """Let every query of this process be put together in the quick way."""
    Field.__sql__ = _column
    Context.__call__ = _inner_state


def _column(field: Any, ctx: Any) -> Any:
    """Write a column: by its bare name where values are set, else with the alias of its table."""
    table = field.model._meta.table
    if type(table) is not Table:
        return ctx.sql(field.column)
    state = ctx.state
    quotes = state.settings.get("quote") or ORDINARY
    name = _quoted(field.column_name, quotes)
    if state.scope == SCOPE_VALUES:
        return ctx.literal(name)
    aliases = ctx.alias_manager
    if table._alias:
        aliases[table] = table._alias
    return ctx.literal(f"{_quoted(aliases[table], quotes)}.{name}")


@lru_cache(maxsize=4096)
def _quoted(name: str, quotes: str) -> str:
    return name.replace(quotes[0], quotes).join(quotes)


def _inner_state(ctx: Any, scope: int | None = None, parentheses: bool | None = None, **settings: Any) -> Any:
    """Begin a part of a query: what is not said anew stays, but for parentheses."""
    state = ctx.state
    ctx.stack.append(state)
    merged = {**state.settings, **settings} if settings else state.settings
    ctx.state = State(state.scope if scope is None else scope, parentheses, merged)
    return ctx
