"""Where an index lies on disk, and how one is switched for another.

path/current        the name of the directory that counts, replaced in one step
path/writer.lock    held (by the operating system, so a dead process never holds it) while a writer is open
path/000003/        one Whoosh index, with `format` beside its files: the version of schema and analyser
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from search_index.errors import IndexDamaged, IndexMissing, IndexOutdated
from search_index.schema import FORMAT

CURRENT = "current"
LOCK = "writer.lock"
FORMAT_FILE = "format"
INDEX_NAME = "main"
GENERATIONS_PER_DIRECTORY = 10**9

_DIRECTORY = re.compile(r"[0-9]{6,}")
_TABLE = re.compile(rf"_{INDEX_NAME}_([0-9]+)[.]toc")


class Pointer(NamedTuple):
    """The directory that counts, and the state of the pointer file that named it."""

    directory: Path
    state: tuple[int, int]

    @property
    def number(self) -> int:
        """The directory's number: it grows with every rebuild."""
        return int(self.directory.name)

    def generation(self, toc: int) -> int:
        """Return one number that grows with every commit and every rebuild."""
        return self.number * GENERATIONS_PER_DIRECTORY + toc


def pointer_state(path: Path) -> tuple[int, int]:
    """Return what changes when the pointer is replaced. Raises IndexMissing."""
    try:
        status = os.stat(f"{path}/{CURRENT}")  # noqa: PTH116 - asked at every search: a Path is ten times slower
    except OSError as error:
        raise IndexMissing(f"no index at {path}") from error
    return status.st_ino, status.st_mtime_ns


def newest(path: Path) -> tuple[tuple[int, int], int]:
    """Return what no two states share: that of the pointer, and the last table there is. Raises IndexMissing."""
    state, name = pointer_state(path), current_name(path)
    try:
        files = [entry.name for entry in (path / name).iterdir()] if _DIRECTORY.fullmatch(name) else []
    except OSError:
        files = []
    return state, max((int(found[1]) for file in files if (found := _TABLE.fullmatch(file))), default=-1)


def read_pointer(path: Path) -> Pointer:
    """Return the directory that counts.

    Raises IndexMissing, IndexDamaged (the pointer leads nowhere) or IndexOutdated (another format).
    """
    state = pointer_state(path)
    try:
        name = (path / CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"the pointer of {path} cannot be read") from error
    if not _DIRECTORY.fullmatch(name) or not (path / name).is_dir():
        raise IndexDamaged(f"the pointer of {path} leads nowhere")
    _check_format(path / name)
    return Pointer(path / name, state)


def _check_format(directory: Path) -> None:
    try:
        found = (directory / FORMAT_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{directory} does not tell its format") from error
    if found != FORMAT:
        raise IndexOutdated(f"{directory} has format {found}, this program writes {FORMAT}")


def new_directory(path: Path) -> Path:
    """Make the directory for the next index beside those there are; nobody reads it until `switch`."""
    numbers = [int(entry.name) for entry in path.iterdir() if _DIRECTORY.fullmatch(entry.name)]
    directory = path / f"{max(numbers, default=0) + 1:06d}"
    directory.mkdir()
    (directory / FORMAT_FILE).write_text(FORMAT + "\n", encoding="utf-8")
    return directory


def switch(path: Path, directory: Path) -> None:
    """Make a directory the one that counts, in one step that survives a power cut; drop what is older.

    The directory that counted until now stays until the next switch: a reader may be about to open its files.
    """
    previous = current_name(path)
    _sync_tree(directory)
    fresh = path / f"{CURRENT}.new"
    with fresh.open("w", encoding="ascii") as file:
        file.write(directory.name + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path / CURRENT)
    _sync(path)
    remove_others(path, keep={directory.name, previous})


def current_name(path: Path) -> str:
    """Return the name that the pointer holds, whatever it is; empty when there is no pointer."""
    try:
        return (path / CURRENT).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def remove_others(path: Path, keep: set[str]) -> None:
    """Remove index directories other than those named, left by older or by interrupted rebuilds."""
    for entry in path.iterdir():
        if _DIRECTORY.fullmatch(entry.name) and entry.name not in keep:
            shutil.rmtree(entry, ignore_errors=True)


def _sync_tree(directory: Path) -> None:
    for entry in directory.iterdir():
        if entry.is_file():
            _sync(entry)
    _sync(directory)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def table_of(directory: Path, generation: int) -> str:
    """Return the file that Whoosh keeps the table of contents of a generation in."""
    return f"{directory}/_{INDEX_NAME}_{generation}.toc"


def is_there(file: str) -> bool:
    """Tell whether there is a file, asked at every search."""
    return os.access(file, os.F_OK)


def sweep(directory: Path) -> None:
    """Remove what a killed writer left behind and Whoosh does not look for: unfinished tables and sort runs.

    Only for the holder of the writer's lock.
    """
    for entry in directory.glob(f"_{INDEX_NAME}_*.toc.*"):
        entry.unlink(missing_ok=True)
    shutil.rmtree(directory / f"{INDEX_NAME}.tmp", ignore_errors=True)
