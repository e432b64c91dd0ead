"""Holding rows while it is decided what becomes of them."""

from typing import Any

from lms.db import is_sqlite


def locked(query: Any, lock: str = "FOR UPDATE") -> Any:
    """Lock the rows of a query on PostgreSQL; on SQLite BEGIN IMMEDIATE has locked the whole database."""
    return query if is_sqlite() else query.for_update(lock)
