"""A store of what was read from segments, bounded in bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class _Entry(Generic[Value]):
    """A kept value, its bytes, and whether it was asked for since it was last in danger."""

    __slots__ = ("size", "used", "value")

    def __init__(self, value: Value, size: int) -> None:
        self.value, self.size, self.used = value, size, False


class ByteBoundedCache:
    """Keep values, up to so many bytes in all; those not used lately go first. Thread-safe.

    Keys name immutable content (a segment never changes), so nothing is ever stale: only unused, and then dropped. To
    find a value takes no lock: it is marked as used, and what is marked is spared once ("second chance").
    """

    def __init__(self, capacity: int) -> None:
        """Hold at most `capacity` bytes; a single larger value is computed each time."""
        self.capacity = capacity
        self._held = 0
        self._entries: dict[Hashable, _Entry[Any]] = {}
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """The bytes held now."""
        return self._held

    def find(self, key: Hashable) -> Any | None:
        """Return the value of a key, None when it is not kept."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        entry.used = True
        return entry.value

    def get_or_make(self, key: Hashable, make: Callable[[], Value], size: Callable[[Value], int]) -> Value:
        """Return the value of a key, making and keeping it if need be; two threads may both make it."""
        entry: _Entry[Value] | None = self._entries.get(key)
        if entry is not None:
            entry.used = True
            return entry.value
        value = make()
        self.keep(key, value, size(value))
        return value

    def keep(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value of so many bytes under a key."""
        self.keep_all([(key, value, size)])

    def keep_all(self, values: Iterable[tuple[Hashable, object, int]]) -> None:
        """Keep values, each with its key before it and its bytes after it."""
        with self._lock:
            for key, value, size in values:
                if size <= self.capacity:
                    replaced = self._entries.pop(key, None)
                    self._held += size - (replaced.size if replaced else 0)
                    self._entries[key] = _Entry(value, size)
            while self._held > self.capacity:
                self._drop_one()

    def _drop_one(self) -> None:
        oldest = next(iter(self._entries))
        entry = self._entries.pop(oldest)
        if entry.used:
            entry.used = False
            self._entries[oldest] = entry
        else:
            self._held -= entry.size
