"""A writer killed at random points: the index opens, and replay brings it to what a rebuild would be."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from search_index import Document, Index, dump, rebuild
from tests.search_index.asking import search
from tests.search_index.crashing_writer import batch

KILLS = int(os.environ.get("LMS_TEST_KILLS", "8"))
ROOT = Path(__file__).parents[2]


def _state(batches: int) -> dict[str, Document]:
    """Return the documents there are after so many batches."""
    state: dict[str, Document] = {}
    for number in range(batches):
        upserts, deletes = batch(number)
        for key in deletes:
            state.pop(key, None)
        state.update((document.key, document) for document in upserts)
    return state


def _sorted(state: dict[str, Document]) -> list[Document]:
    return [state[key] for key in sorted(state)]


def _write_and_kill(path: Path, log: Path, first: int, delay: float) -> int:
    """Let a process write from batch `first` on, kill it, and return how many batches it had reported done."""
    command = [sys.executable, "-m", "tests.search_index.crashing_writer", str(path), str(log), str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)
        process.kill()
    lines = log.read_text().splitlines() if log.exists() else []
    return int(lines[-1]) + 1 if lines else first


def test_a_writer_killed_at_any_point_loses_nothing_it_had_reported(tmp_path: Path) -> None:
    path, log = tmp_path / "index", tmp_path / "log"
    rebuild(path, [])
    reader = Index.open(path)
    chance = random.Random(20240501)
    done = kills = 0
    while kills < KILLS or done <= KILLS / 2:  # on a slow machine most are killed before they have written anything
        kills += 1
        done = _write_and_kill(path, log, done, chance.uniform(0.005, 0.3))
        after = dump(path)
        assert after in (_sorted(_state(done)), _sorted(_state(done + 1)))
        assert search(reader, "学习笔记", limit=200).total == len(after) == reader.count()
    with Index.writer(path) as writer:
        writer.apply(*batch(done))
    replayed, found = dump(path), {hit.key for hit in search(reader, "第 学习", limit=200).hits}
    rebuild(path, _state(done + 1).values())
    assert replayed == dump(path)
    assert found == {hit.key for hit in search(reader, "第 学习", limit=200).hits}


def test_a_rebuild_killed_at_any_point_leaves_the_old_index_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "index"
    rebuild(path, _state(3).values())
    chance = random.Random(7)
    script = (
        "import sys; from search_index import rebuild; from tests.search_index.test_crashes import _state\n"
        "print('ready', flush=True)\n"
        "while True: rebuild(sys.argv[1], _state(30).values()); rebuild(sys.argv[1], _state(3).values())"
    )
    for _ in range(max(KILLS // 5, 1)):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.01, 0.4))
            process.kill()
        assert dump(path) in (_sorted(_state(3)), _sorted(_state(30)))
