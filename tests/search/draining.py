"""Processes that drain the outbox until they are killed: ``python -m tests.search.draining DATA DATABASE``.

To load the service takes longer than such a process lives, so it is loaded once: for each line that is read, a child is
forked, which says its number and drains. "gone" is said when it was killed.
"""

import os
import sys
import time
from pathlib import Path

from lms import runtime
from lms.config import Settings
from lms.db import ensure_open
from lms.search import drain
from tests.conftest import make_settings


def main() -> None:
    """Fork a child for each line of the input and wait until it was killed."""
    settings = make_settings(Path(sys.argv[1]), database_url=sys.argv[2])
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            drain_for_ever(settings)
        os.waitpid(child, 0)
        print("gone", flush=True)


def drain_for_ever(settings: Settings) -> None:
    """Drain in small batches, so that a kill falls into every phase of a commit."""
    runtime.start(settings)
    ensure_open()
    drain.ensure_index(settings.index_path)
    print(os.getpid(), flush=True)
    while True:
        if not drain.drain_once(settings.index_path, limit=3):
            time.sleep(0.005)


if __name__ == "__main__":
    main()
