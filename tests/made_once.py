"""What all processes of one run share is made by the first that asks for it; the others wait and take it as it is."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import this_process


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Give the folder of a run that ``make`` filled once; it is only read, or copied, by those who ask.

    What fails is tried anew by the next who asks.
    """
    base = this_process.shared or factory.getbasetemp()
    folder, finished = base / name, base / f"{name}.made"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            finished.touch()
    return folder
