"""A file of named arrays, mapped into memory: written beside and switched in one step, shared by all its readers."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_index.errors import IndexDamaged, IndexMissing, IndexOutdated

MAGIC = b"LGARRAY1"
ALIGNED = 64


def write_arrays(path: Path, form: int, head: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays and a head (what JSON can hold) under a path, in place of what was there, in one step.

    `form` is the version of what the arrays mean. A crash leaves the old file; who has it open keeps reading it.
    """
    places: dict[str, tuple[str, int, int]] = {}
    offset = 0
    for name, array in arrays.items():
        places[name] = (array.dtype.str, offset, array.nbytes)
        offset += -(-array.nbytes // ALIGNED) * ALIGNED
    described = json.dumps({"form": form, "head": head, "arrays": places, "bytes": offset}, ensure_ascii=False).encode()
    begin = -(-(len(MAGIC) + 8 + len(described)) // ALIGNED) * ALIGNED
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    with beside.open("wb") as file:
        file.write(MAGIC + len(described).to_bytes(8, "little") + described)
        file.seek(begin)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).data)
            file.seek(-(-file.tell() // ALIGNED) * ALIGNED)
        file.truncate(begin + offset)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


class MappedArrays:
    """The arrays of a file, read-only and mapped: what is never looked at is never loaded."""

    def __init__(self, path: Path, form: int) -> None:
        """Open a file. Raises IndexMissing, IndexDamaged, or IndexOutdated when its form is another one."""
        try:
            with path.open("rb") as file:
                state = os.fstat(file.fileno())
                self.identity = (state.st_ino, state.st_mtime_ns, state.st_size)
                self.whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError as error:
            raise IndexMissing(f"no file {path}") from error
        except ValueError as error:  # an empty file cannot be mapped
            raise IndexDamaged(f"{path} is empty") from error
        self._described = self._read_description(path)
        if self._described["form"] != form:
            raise IndexOutdated(f"{path} has form {self._described['form']}, not {form}")
        self.head: dict[str, Any] = self._described["head"]

    def _read_description(self, path: Path) -> dict[str, Any]:
        size = int.from_bytes(self.whole[len(MAGIC) : len(MAGIC) + 8], "little")
        self._begin = -(-(len(MAGIC) + 8 + size) // ALIGNED) * ALIGNED
        if self.whole[: len(MAGIC)] != MAGIC or self._begin > len(self.whole):
            raise IndexDamaged(f"{path} does not begin as it should")
        try:
            described: dict[str, Any] = json.loads(self.whole[len(MAGIC) + 8 : len(MAGIC) + 8 + size])
        except ValueError as error:
            raise IndexDamaged(f"{path} does not say what it holds") from error
        if self._begin + described["bytes"] != len(self.whole):
            raise IndexDamaged(f"{path} is cut off")
        return described

    def array(self, name: str) -> NDArray[Any]:
        """Give an array by its name."""
        kind, offset, size = self._described["arrays"][name]
        dtype = np.dtype(kind)
        return np.frombuffer(self.whole, dtype, size // dtype.itemsize, self._begin + offset)

    def offset(self, name: str) -> int:
        """Give where in `whole` an array begins, for who reads its bytes."""
        return int(self._begin + self._described["arrays"][name][1])


def identity(path: Path) -> tuple[int, int, int] | None:
    """Give what tells the file under a path from the one before; None when there is none."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size


def map_file(path: Path) -> mmap.mmap:
    """Map a whole file for reading. Raises OSError when it is missing, ValueError when it is empty."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
