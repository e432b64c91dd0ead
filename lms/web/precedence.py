"""Pages before files: while a page is being made in any web process, nobody goes on sending a recording.

A page needs a few milliseconds of a core and of its process's one lock; whoever sends recordings as fast as clients
take them has both all the time. So a web process notes when it began a page, where all of them see it, and the senders
wait until it is done: never longer than ``HELD_S`` at a time, and then they send for as long as they have waited. Files
so keep at least half of the time however many pages are asked for, and a page that takes long holds up nothing.
"""

import mmap
import struct
import threading
import time
from typing import Final

HELD_S = 0.01
LOOK_S = 0.003  # to look takes the lock for a moment, so not often: a page needs some milliseconds
PLACES = 64
INSTANT: Final = "q"


class Precedence:
    """When each web process last began a page that is not done; made before the fork, so that all see it."""

    def __init__(self) -> None:
        """Make the memory that is shared."""
        self._began = memoryview(mmap.mmap(-1, PLACES * struct.calcsize(INSTANT))).cast(INSTANT)
        self._mine = 0
        self._pages = 0
        self._lock = threading.Lock()

    def join(self, number: int) -> None:
        """Take the place of this process, by a number that its neighbours do not have; what a dead one left goes."""
        self._mine = number % PLACES
        self._pages = 0
        self._note(0)

    def begin(self) -> None:
        """Note that a page begins."""
        with self._lock:
            self._pages += 1
            self._note(time.monotonic_ns())

    def end(self) -> None:
        """Note that a page is done."""
        with self._lock:
            self._pages -= 1
            if self._pages == 0:
                self._note(0)

    def _note(self, instant: int) -> None:
        self._began[self._mine] = instant

    def pages_wait(self) -> bool:
        """Say whether a page is being made that was begun a moment ago."""
        return max(self._began) > time.monotonic_ns() - int(HELD_S * 1e9)


class Courtesy:
    """What one sender owes to pages and has back from them."""

    def __init__(self, precedence: Precedence) -> None:
        """Begin without a debt."""
        self._precedence = precedence
        self._free_until = 0.0

    def let_pages_pass(self) -> None:
        """Wait while a page is being made, unless this sender has just waited its time."""
        began = time.monotonic()
        if began < self._free_until or not self._precedence.pages_wait():
            return
        until = began + HELD_S
        now = began
        while now < until and self._precedence.pages_wait():
            time.sleep(LOOK_S)
            now = time.monotonic()
        self._free_until = now + (now - began)
