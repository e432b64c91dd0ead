"""The first board of a process that begins, as ``coverage.py`` asks for it: a program of its own for each time.

    python benchmarks/first_board.py FOLDER [URL]

prints its seconds by the clock and of the processor, and the memory of the process before and at the most, in MiB.
"""

import gc
import json
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from apiflask import APIFlask
from coverage_data import YEAR

from lms import clock, create_app, runtime
from lms.board.queries import UnitHead, board_of
from lms.board.rules import Chosen, choose
from lms.config import Settings
from lms.db import ensure_open
from lms.members.models import Unit

NOW = datetime(YEAR, 11, 26, 2)
TIMES = 3
KIB_A_MIB = 1024


def start(settings: Settings) -> APIFlask:
    """Start the service as its web processes do, what is loaded left alone by the collector of rubbish."""
    app = create_app(settings)
    runtime.start(settings)
    ensure_open()
    gc.collect()
    gc.freeze()
    return app


def head_of(root: int) -> UnitHead:
    """Give the unit whose board it is."""
    return UnitHead(root, "", "agency", f"/{root}/")


def chosen() -> Chosen:
    """Give the year that is looked at."""
    return choose("year", date(YEAR, 1, 1))


def of_new_processes(settings: Settings) -> tuple[float, ...]:
    """Give the medians of what some processes print that begin one after another."""
    asked = [sys.executable, __file__, str(settings.data), settings.database_url]
    told = [subprocess.run(asked, check=True, capture_output=True, text=True).stdout for _ in range(TIMES)]
    return tuple(median(column) for column in zip(*(json.loads(one.splitlines()[-1]) for one in told), strict=True))


def memory(name: str) -> float:
    """Give what the system says of this process's memory, in MiB: VmRSS now, VmHWM at the most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / KIB_A_MIB


def main() -> None:
    """Ask for a board and print what it took."""
    folder, url = (*sys.argv[1:], "")[:2]
    start(Settings(data=Path(folder), secret_key="only for figures", database_url=url))
    with clock.at(NOW):
        root = Unit.select(Unit.id).where(Unit.parent.is_null()).scalar()
        before = memory("VmRSS")
        began, worked = time.perf_counter(), time.process_time()
        board_of(head_of(root), chosen(), clock.today(), "community")
        taken = time.perf_counter() - began, time.process_time() - worked
    print(json.dumps([*taken, before, memory("VmHWM")]))


if __name__ == "__main__":
    main()
