"""What a process remembers between requests: a bounded store that forgets what was not used for longest."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory(Generic[K, V]):
    """A store for several threads. What is put in must not be changed afterwards: every reader gets the same object."""

    def __init__(self, most: int) -> None:
        """Remember at most so many things, the last used ones."""
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Give what was put under the key, None if it is not there any more or never was."""
        with self._lock:
            value = self._kept.get(key)
            if value is not None:
                self._kept.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Remember a value."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()

    def __len__(self) -> int:
        """Count what is remembered."""
        return len(self._kept)


class Recent:
    """Which things were asked for of late, without what they gave: to keep only what is asked for again.

    Most questions are asked once. To keep what each of them gave costs more than to find it again for the few that are
    not: thousands of small objects, cold by the time they are thrown away.
    """

    def __init__(self, most: int) -> None:
        """Remember at most so many things, the last ones."""
        self._most = most
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._lock = Lock()

    def again(self, key: Hashable) -> bool:
        """Take note that something is asked for, and say whether it was before."""
        seen = hash(key)
        with self._lock:
            before = seen in self._seen
            self._seen[seen] = None
            self._seen.move_to_end(seen)
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return before
