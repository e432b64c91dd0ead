"""Counts over the whole catalogue, made once for each state of it.

Counting a hundred thousand books takes longer than all the rest of a page, and the catalogue changes seldom. Every
command of the room moves the number in CatalogueState; what was counted is kept in the process under that number and
the newest id, so no reader ever sees an old count.
"""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from peewee import fn

from lms.catalogue.models import Book, CatalogueState
from lms.db import database
from lms.prepared import prepared

V = TypeVar("V")

MOST_KEPT = 2000

_kept: WeakKeyDictionary[Any, tuple[Hashable, dict[Hashable, Any]]] = WeakKeyDictionary()
_lock = Lock()


def note_change() -> None:
    """Say, within the transaction, that the catalogue changes: counts that were made before hold no longer."""
    if not CatalogueState.update(changes=CatalogueState.changes + 1).execute():
        CatalogueState.create(changes=1)


@prepared
def _state() -> Any:
    newest = Book.select(fn.MAX(Book.id))
    return CatalogueState.select(CatalogueState.changes, newest).order_by(CatalogueState.id).limit(1)


def counted(what: Hashable, count: Callable[[], V]) -> V:
    """Give what was counted under a name for the present state of the catalogue, or count it now: one statement more.

    The result is shared by all readers and must not be changed.
    """
    state = _state.first() or (0, Book.select(fn.MAX(Book.id)).scalar())
    with _lock:
        held = _kept.get(database.obj)
        if held is not None and held[0] == state and what in held[1]:
            known: V = held[1][what]
            return known
    found = count()
    with _lock:
        held = _kept.get(database.obj)
        if held is None or held[0] != state or len(held[1]) >= MOST_KEPT:
            _kept[database.obj] = held = (state, {})
        held[1][what] = found
    return found
