"""Four processes that read while one writes all the time: no error, nothing stale; a merge is in nobody's way.

LMS_TEST_SECONDS=60 pytest -s tests/search_index/test_constant_changes.py is the long run.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from search_index import Index, rebuild
from tests.search_index.asking import search
from tests.search_index.constant_changes import HALVES, KEYS, Reading, clock, notes

SECONDS = float(os.environ.get("LMS_TEST_SECONDS", "2"))
READERS = 4
STALE_AFTER = 2.0
STOPS = 10
ROOT = Path(__file__).parents[2]


def _start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.search_index.constant_changes", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_readers_see_whole_batches_and_nothing_stale_while_a_writer_changes_the_index(tmp_path: Path) -> None:
    path, log = tmp_path / "index", tmp_path / "log"
    rebuild(path, [*clock(0), *notes(random.Random(0), KEYS // 2)])
    log.touch()
    readers = [_start("read", path, log) for _ in range(READERS)]
    for reader in readers:
        assert reader.stdout is not None and reader.stdout.readline() == "ready\n"
    writer = _start("write", path, log, SECONDS)
    ended = [(process.communicate(), process.returncode) for process in (writer, *readers)]
    assert [(errors, code) for (_, errors), code in ended] == [("", 0)] * (1 + READERS)
    for (printed, _), _ in ended[1:]:
        reading = Reading(**json.loads(printed))
        print(reading)
        assert reading.generations > 1
        assert reading.stalest <= STALE_AFTER


def test_a_writer_that_stops_in_the_middle_of_a_merge_stops_no_search(tmp_path: Path) -> None:
    path, chance = tmp_path / "index", random.Random(4)
    rebuild(path, [*clock(0), *notes(random.Random(0), KEYS)])
    index = Index.open(path)
    with _start("merge", path) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "merging\n"
        for _ in range(STOPS):
            time.sleep(chance.uniform(0, 0.05))
            writer.send_signal(signal.SIGSTOP)
            assert search(index, "时钟").total == len(HALVES)
            assert search(index, "终身学习").total == KEYS
            writer.send_signal(signal.SIGCONT)
        writer.kill()
