"""The processes of test_constant_changes.py: one that changes an index all the time, and those that read it meanwhile.

    constant_changes.py write INDEX LOG SECONDS
    constant_changes.py read INDEX LOG             prints "ready", and a Reading as JSON when the writer has ended
    constant_changes.py merge INDEX                merges until it is killed

Every batch holds the two halves of a clock with the batch's number: a search must find both, with the same number,
and never a number that was replaced more than a moment before the search began. The log has a line for every commit
and every merge, with the time by the system's monotonic clock, which all processes share.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from search_index import Document, Index, Query, rebuild

KEYS = 600
FEWEST_BATCHES = 20
MERGE_EVERY = 7
REBUILD_EVERY = 18
HALVES = ("左", "右")
READER = frozenset({"all"})


@dataclass
class Reading:
    """What a reader saw: searches answered, those within a merge, the oldest state and longest search (s)."""

    searches: int = 0
    within_merges: int = 0
    stalest: float = 0.0
    longest: float = 0.0
    generations: int = 0


def clock(number: int) -> list[Document]:
    """Return the halves of the clock."""
    return [
        Document(
            f"clock:{half}",
            "clock",
            0,
            half,
            "时钟的一半",
            f"时钟 {half}",
            audience=("all",),
            place=str(number),
        )
        for half in HALVES
    ]


def notes(chance: random.Random, count: int) -> list[Document]:
    """Return some notes with texts that differ each time."""
    return [
        Document(
            f"note:{key}",
            "note",
            key,
            f"note:{key}",
            f"笔记{key}",
            "终身学习 " * chance.randint(1, 9),
            audience=("all",),
        )
        for key in chance.sample(range(KEYS), count)
    ]


def write(path: Path, log_path: Path, seconds: float) -> None:
    """Change the index until the time is over, but often enough: batches, now and then a merge or a rebuild."""
    chance = random.Random(1)
    ends = time.monotonic() + seconds
    number = 0
    with log_path.open("a") as log:
        while time.monotonic() < ends or number < FEWEST_BATCHES:
            number += 1
            if number % REBUILD_EVERY == 0:
                rebuild(path, [*clock(number), *notes(chance, KEYS // 2)])
                print("commit", number, time.monotonic(), file=log, flush=True)
                continue
            with Index.writer(path) as writer:
                gone = [f"n{key}" for key in chance.sample(range(KEYS), 3)]
                writer.apply([*clock(number), *notes(chance, 12)], deletes=gone)
                print("commit", number, time.monotonic(), file=log, flush=True)
                if number % MERGE_EVERY == 0:
                    began = time.monotonic()
                    writer.merge()
                    print("merge", began, time.monotonic(), file=log, flush=True)
        print("end", 0, 0, file=log, flush=True)


class _Log:
    """What the writer has told so far."""

    def __init__(self, path: Path) -> None:
        self._lines = path.open()
        self._rest = ""
        self.commits: dict[int, float] = {}
        self.merges: list[tuple[float, float]] = []
        self.ended = False

    def follow(self) -> None:
        text = self._rest + self._lines.read()
        *lines, self._rest = text.split("\n")
        for line in lines:
            kind, first, second = line.split()
            if kind == "commit":
                self.commits[int(first)] = float(second)
            elif kind == "end":
                self.ended = True
            else:
                self.merges.append((float(first), float(second)))


def read(path: Path, log_path: Path) -> Reading:
    """Search until the writer has ended. Raises AssertionError for an answer that never was true."""
    index, log, reading = Index.open(path), _Log(log_path), Reading()
    calls: list[tuple[float, float]] = []
    generations = set()
    print("ready", flush=True)
    while not log.ended:
        log.follow()
        began = time.monotonic()
        results = index.search(Query("时钟", READER, facets={"kind": frozenset({"clock"})}))
        ended = time.monotonic()
        numbers = {hit.place for hit in results.hits}
        assert len(results.hits) == results.total == len(HALVES), f"{len(results.hits)} halves of the clock"
        assert len(numbers) == 1, f"halves of two batches: {numbers}"
        replaced = log.commits.get(int(numbers.pop()) + 1, began)
        generations.add(results.generation)
        calls.append((began, ended))
        reading.stalest = max(reading.stalest, began - replaced)
        index.search(Query("终身学习", READER, limit=5))
    reading.searches = len(calls)
    reading.longest = max(ended - began for began, ended in calls)
    reading.generations = len(generations)
    reading.within_merges = sum(
        any(first <= began and ended <= last for first, last in log.merges) for began, ended in calls
    )
    return reading


def merge(path: Path) -> None:
    """Merge again and again: hardly a moment that is not within a merge."""
    chance = random.Random(2)
    print("merging", flush=True)
    with Index.writer(path) as writer:
        while True:
            writer.apply(notes(chance, 2))
            writer.merge()


def main() -> None:
    """Play the part that the arguments name."""
    part, path = sys.argv[1], Path(sys.argv[2])
    if part == "merge":
        merge(path)
    elif part == "write":
        write(path, Path(sys.argv[3]), float(sys.argv[4]))
    else:
        print(json.dumps(asdict(read(path, Path(sys.argv[3])))))


if __name__ == "__main__":
    main()
