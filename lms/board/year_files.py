"""Years of the packed ledger as files of plain arrays: written by the worker, mapped by every process of this machine.

A process that begins so finds a town's year unpacked, and all processes share the memory. What a file holds is asked
about at each use like what is kept in memory (``kept_years``), so an old one costs time and never shows anything old.

A file is a mark, the length of its head, the head (JSON: members and kinds with their rows), then the arrays one after
another, each beginning at a multiple of 64 bytes.
"""

import json
import mmap
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lms.config import Settings
from lms.progress.packing import Rows

Ids = NDArray[np.int64]

MARK = b"LMS year 1\n"
LENGTH = 8  # digits of the head's length
STEP = 64
COLUMNS: Mapping[str, str] = {"who": "<i4", "day": "<i2", "amount": "<i4", "size": "<i4"}

_folder: list[Path] = []


@dataclass(frozen=True)
class Year:
    """A year as it was read: members in order, with the versions of their texts."""

    members: Ids
    versions: Ids
    rows: Mapping[int, Rows]

    @property
    def count(self) -> int:
        """Count the rows."""
        return sum(rows.count for rows in self.rows.values())


def bind(settings: Settings) -> None:
    """Keep the files in the data folder."""
    _folder[:] = [settings.years_path]


def find(year: int) -> Year | None:
    """Map the file of a year; None where there is none, or where it is not whole."""
    try:
        with _path(year).open("rb") as file:
            held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _read(held)
    except (OSError, ValueError, LookupError, TypeError):  # whatever is wrong with it: it is made anew
        return None


def write(year: int, held: Year) -> None:
    """Write a year, so that at every moment the old file is there or the new one, whole.

    Two threads of a worker may be at it, each with a part of its own.
    """
    path = _path(year)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    try:
        with part.open("wb") as file:
            for piece in _pieces(held):
                file.write(piece)
                file.write(bytes(-file.tell() % STEP))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def remove(year: int) -> None:
    """Remove the file of a year, if there is one."""
    _path(year).unlink(missing_ok=True)


def want() -> None:
    """Have the worker of this machine look at once which years are to be written; it does so every hour by itself.

    A file says so, for who asks only reads. Where it cannot be written nothing is lost but time.
    """
    with suppress(OSError):
        _wanted().parent.mkdir(parents=True, exist_ok=True)
        _wanted().touch()


def take_wanted() -> bool:
    """Say whether somebody wants it, once for all who do."""
    try:
        _wanted().unlink()
    except OSError:
        return False
    return True


def _wanted() -> Path:
    return _folder[0] / "wanted"


def _path(year: int) -> Path:
    return _folder[0] / f"{year}.rows"


def _pieces(held: Year) -> Iterator[Any]:
    kinds = [[kind, rows.count, rows.size is not None] for kind, rows in held.rows.items()]
    head = json.dumps({"members": len(held.members), "kinds": kinds}).encode()
    yield MARK + str(len(head)).zfill(LENGTH).encode() + head
    yield from (held.members.astype("<i8").tobytes(), held.versions.astype("<i8").tobytes())
    for rows in held.rows.values():
        for name, form in COLUMNS.items():
            column = getattr(rows, name)
            if column is not None:
                yield column.astype(form, copy=False).tobytes()


def _read(held: mmap.mmap) -> Year:
    """Read a mapped file. Raises ValueError, LookupError or TypeError for one that is not whole or no such file."""
    begins = len(MARK) + LENGTH
    if held[: len(MARK)] != MARK:
        raise ValueError("no file of a year")
    ends = begins + int(held[len(MARK) : begins])
    head = json.loads(held[begins:ends])
    at = _after(ends)

    def column(form: str, count: int) -> NDArray[Any]:
        nonlocal at
        found = np.frombuffer(held, form, count, at)
        at = _after(at + found.nbytes)
        return found

    members, versions = column("<i8", head["members"]), column("<i8", head["members"])
    rows = {}
    for kind, count, has_size in head["kinds"]:
        who, day, amount = (column(COLUMNS[name], count) for name in ("who", "day", "amount"))
        rows[kind] = Rows(who, day, amount, column(COLUMNS["size"], count) if has_size else None)
    if at != len(held):
        raise ValueError("a file of a year that is not whole")
    return Year(members, versions, rows)


def _after(place: int) -> int:
    return place + -place % STEP
