"""The program of the child process: ``FORMAT FILE``; it answers in lines of JSON.

One ``{"heading", "text", "markup"}`` for each page, then one ``{"picture"}`` (base64) for each picture in the
order of their numbers, or ``{"failure": word}`` in place of the rest.
"""

import base64
import json
import sys
import zipfile
import zlib
from importlib import import_module
from pathlib import Path

from .flow import Section
from .limits import Refused, limit_resources

# What lxml and zipfile let through on damaged files besides their own errors.
DAMAGE = (
    ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError, EOFError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def read(kind: str, path: str) -> tuple[list[Section], list[bytes]]:
    """Read a file, its pages and pictures. Raises Refused, "broken" for whatever a damaged one brings about."""
    try:
        with Path(path).open("rb") as stream:
            # Only this reader: to load them all takes as long as to read a short document.
            found: tuple[list[Section], list[bytes]] = import_module(f".{kind}", __package__).read(stream)
            return found
    except DAMAGE as error:
        raise Refused("broken") from error


def _line(values: dict[str, str]) -> bytes:
    """Write a line as it stands: what is spelled out in numbers takes several times as long to read again."""
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def main() -> int:
    """Answer the command line; the status says whether the process itself held."""
    limit_resources()
    _, kind, path = sys.argv
    out = sys.stdout.buffer
    try:
        sections, pictures = read(kind, path)
        for section in sections:
            text, markup = "\n".join(section.lines), "".join(section.pieces)
            out.write(_line({"heading": section.heading, "text": text, "markup": markup}))
        for picture in pictures:
            out.write(_line({"picture": base64.b64encode(picture).decode("ascii")}))
    except Refused as refused:
        out.write(_line({"failure": str(refused)}))
    except MemoryError:
        out.write(_line({"failure": "heavy"}))
    return 0
