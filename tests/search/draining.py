"""A process that drains the outbox until it is killed: ``python -m tests.search.draining DATA``."""

import sys
import time
from pathlib import Path

from lms import runtime
from lms.db import ensure_open
from lms.search import drain
from tests.conftest import make_settings


def main() -> None:
    """Drain for ever, in small batches, so that a kill falls into every phase of a commit."""
    settings = make_settings(Path(sys.argv[1]), database_url=sys.argv[2])
    runtime.start(settings)
    ensure_open()
    drain.ensure_index(settings.index_path)
    print("draining", flush=True)
    while True:
        if not drain.drain_once(settings.index_path, limit=3):
            time.sleep(0.005)


if __name__ == "__main__":
    main()
