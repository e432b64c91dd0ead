"""Removing files that no row names any more.

The store cannot know who uses a file, so the rooms say it: each gives a function for the keys it uses, and the runtime
hands them over. Without any the sweep refuses to run, because then every file would look unused.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from lms import clock
from lms.jobs.queue import task
from lms.storage import files

log = logging.getLogger("lms.storage")

SPARED = timedelta(days=1)

_users: list[Callable[[], Iterable[str]]] = []


def bind(users: Sequence[Callable[[], Iterable[str]]]) -> None:
    """Ask these functions which keys are in use, from now on: one of each room that stores files."""
    _users[:] = users


@task("storage.sweep")
def sweep() -> None:
    """Remove files that no room uses and that were put more than a day ago.

    A day, because a file is stored before the transaction that names it. Raises RuntimeError when no room is bound.
    """
    if not _users:
        raise RuntimeError("lms.storage.sweep is not bound: every file would look unused")
    store = files()
    before = clock.now() - SPARED
    candidates = list(store.keys())
    used = {key for keys in _users for key in keys()}
    removed = sum(store.delete_if_older(key, before) for key in candidates if key not in used)
    left = store.clear_incoming(before)
    log.info("swept the store", extra={"removed": removed, "incoming": left})
