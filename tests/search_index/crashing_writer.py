"""A writing process for test_crashes.py to kill: applies numbered batches, telling which are done.

Usage: crashing_writer.py INDEX LOG FIRST. Batch n is the same whenever it is made, so it can be replayed.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from search_index import Document, Index
from search_index.analysis import terms_of

KEYS = 150


def batch(number: int) -> tuple[list[Document], list[str]]:
    """Return the upserts and deletes of a batch."""
    chance = random.Random(number)
    upserts = [
        Document(
            f"k{key}",
            "note",
            key,
            f"g{key}",
            f"笔记{key}",
            f"第{number}批的学习笔记" * chance.randint(1, 20),
            audience=("all",),
        )
        for key in chance.sample(range(KEYS), chance.randint(1, 8))
    ]
    deletes = [f"k{key}" for key in chance.sample(range(KEYS), chance.randint(0, 5))]
    return upserts, deletes


def main() -> None:
    """Apply batches until killed."""
    path, log, first = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    number = first
    terms_of(["学习"])  # tables are made at first use: the kill is to fall into a commit
    print("ready", flush=True)
    with log.open("a") as done:
        while True:
            with Index.writer(path) as writer:
                for _ in range(10):
                    writer.apply(*batch(number))
                    done.write(f"{number}\n")
                    done.flush()
                    number += 1


if __name__ == "__main__":
    main()
