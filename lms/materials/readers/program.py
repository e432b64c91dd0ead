"""The program of the child process: ``FORMAT FILE``; what it answers is put together and taken apart here.

First a line of JSON: ``{"failure": word}``, or ``{"text": bytes, "pictures": [bytes, ...]}`` with the lengths of what
follows: heading, text and markup of each page, with `BETWEEN` between them all, then the pictures by their numbers.
"""

import json
import sys
import zipfile
import zlib
from importlib import import_module
from pathlib import Path
from typing import IO

from .flow import Section
from .limits import Refused, limit_resources

# What lxml and zipfile let through on damaged files besides their own errors.
DAMAGE = (
    ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError, EOFError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
BETWEEN = "\x1e"


def read(kind: str, path: str) -> tuple[list[Section], list[bytes]]:
    """Read a file, its pages and pictures. Raises Refused, "broken" for whatever a damaged one brings about."""
    try:
        with Path(path).open("rb") as stream:
            # Only this reader: to load them all takes as long as to read a short document.
            found: tuple[list[Section], list[bytes]] = import_module(f".{kind}", __package__).read(stream)
            return found
    except DAMAGE as error:
        raise Refused("broken") from error


def answer(kind: str, path: str, out: IO[bytes]) -> None:
    """Read a file and write the answer."""
    try:
        sections, pictures = read(kind, path)
        written = _written(sections)
        head: dict[str, object] = {"text": len(written), "pictures": [len(picture) for picture in pictures]}
    except Refused as refused:
        head, written, pictures = {"failure": str(refused)}, b"", []
    except MemoryError:
        head, written, pictures = {"failure": "heavy"}, b"", []
    out.write(json.dumps(head).encode() + b"\n")
    for part in (written, *pictures):
        out.write(part)
    out.flush()


def _written(sections: list[Section]) -> bytes:
    """Write all in one go: to take it apart costs a fraction of what so many lines of JSON did."""
    return BETWEEN.encode().join([_section(section.heading, *section.whole()) for section in sections])


def _section(*fields: str) -> bytes:
    text = BETWEEN.join(fields)
    if text.count(BETWEEN) != len(fields) - 1:
        text = BETWEEN.join([field.replace(BETWEEN, " ") for field in fields])
    return text.encode("utf-8", "replace")


def main() -> int:
    """Answer the command line; the status says whether the process itself held."""
    limit_resources()
    _, kind, path = sys.argv
    answer(kind, path, sys.stdout.buffer)
    return 0
