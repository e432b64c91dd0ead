"""The program of the child process: ``FORMAT FILE``; it answers in lines of JSON.

One ``{"heading", "text", "markup"}`` for each page, or ``{"failure": word}`` in place of the rest.
"""

import json
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from .docx import read_docx
from .epub import read_epub
from .flow import Section
from .limits import Refused, limit_resources
from .page import read_html
from .pptx import read_pptx

READERS: dict[str, Callable[[IO[bytes]], list[Section]]] = {
    "epub": read_epub,
    "docx": read_docx,
    "pptx": read_pptx,
    "html": lambda stream: read_html(stream.read()),
}
# What lxml and zipfile let through on damaged files besides their own errors.
DAMAGE = (
    ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError, EOFError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def read(kind: str, path: str) -> list[Section]:
    """Read a file. Raises Refused, "broken" for whatever a damaged one brings about."""
    try:
        with Path(path).open("rb") as stream:
            return READERS[kind](stream)
    except DAMAGE as error:
        raise Refused("broken") from error


def main() -> int:
    """Answer the command line; the status says whether the process itself held."""
    limit_resources()
    _, kind, path = sys.argv
    try:
        for section in read(kind, path):
            line = {"heading": section.heading, "text": "\n".join(section.lines), "markup": "".join(section.pieces)}
            sys.stdout.write(json.dumps(line) + "\n")
    except Refused as refused:
        sys.stdout.write(json.dumps({"failure": str(refused)}) + "\n")
    except MemoryError:
        sys.stdout.write(json.dumps({"failure": "heavy"}) + "\n")
    return 0
