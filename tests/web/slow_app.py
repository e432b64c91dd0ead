"""A small application that sends a file, for the test of the worker that sends beside its threads."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from lms.lectures.streaming import Slice

PATH = Path(os.environ.get("SLOW_FILE", ""))


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer "/" with a word, everything else with the file from the byte named in the address."""
    if environ["PATH_INFO"] == "/":
        start_response("200 OK", [("Content-Length", "5")])
        return [b"hello"]
    first = int(environ["PATH_INFO"].rpartition("/")[2])
    length = PATH.stat().st_size - first
    file = PATH.open("rb")
    file.seek(first)
    start_response("200 OK", [("Content-Length", str(length))])
    sent: Iterable[bytes] = environ["wsgi.file_wrapper"](Slice(file, length), 65536)
    return sent
