"""A store of what was read from segments, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

Value = TypeVar("Value")


class ByteBoundedCache:
    """Keep the values used last, up to so many bytes in all. Thread-safe.

    Keys name immutable content (a segment never changes), so nothing is ever stale: only unused, and then dropped.
    """

    def __init__(self, capacity: int) -> None:
        """Hold at most `capacity` bytes; a single larger value is computed each time."""
        self.capacity = capacity
        self._held = 0
        self._entries: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """The bytes held now."""
        return self._held

    def get_or_make(self, key: Hashable, make: Callable[[], Value], size: Callable[[Value], int]) -> Value:
        """Return the value of a key, making and keeping it if need be; two threads may both make it."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
                return entry[0]  # type: ignore[return-value]
        value = make()
        self._keep(key, value, size(value))
        return value

    def _keep(self, key: Hashable, value: object, size: int) -> None:
        if size > self.capacity:
            return
        with self._lock:
            replaced = self._entries.pop(key, None)
            self._held += size - (replaced[1] if replaced else 0)
            self._entries[key] = (value, size)
            while self._held > self.capacity:
                _, (_, dropped) = self._entries.popitem(last=False)
                self._held -= dropped
