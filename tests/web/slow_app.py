"""A small application that sends a file, for the test of the worker that sends beside its threads.

Addresses under "/said" are answered with a few words, in each of the ways that an application may send them.

Addresses that end in "quick" it answers by the lane of players as well; what does not exist there, or is asked for
with "?slowly", it leaves to gunicorn's threads.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Response

from lms.lectures.streaming import Slice
from lms.web.quick_files import Answered, add_way

PATH = Path(os.environ.get("SLOW_FILE", ""))
LARGE = 300_000


def start(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer "/" with a word, everything else with the file from the byte named in the address."""
    if environ["PATH_INFO"] == "/":
        start_response("200 OK", [("Content-Length", "5")])
        return [b"hello"]
    if environ["PATH_INFO"].startswith("/said/"):
        return SAID[environ["PATH_INFO"].removeprefix("/said/")](start_response)
    headers, sent = _part(environ, environ["PATH_INFO"].split("/")[2])
    start_response("200 OK", headers)
    return sent


def _in_pieces(start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [])
    return iter([b"one ", b"", b"two"])


def _nothing(start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("304 Not Modified", [("ETag", '"1"')])
    return []


def _large(start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", str(LARGE))])
    return [b"x" * LARGE]


def _fails(start_response: Callable[..., Any]) -> Iterable[bytes]:
    raise ZeroDivisionError("the application means to fail")


def _fails_midway(start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "10")])
    yield b"begun"
    raise ZeroDivisionError("the application means to fail")


SAID: dict[str, Callable[[Callable[..., Any]], Iterable[bytes]]] = {
    "pieces": _in_pieces,
    "nothing": _nothing,
    "large": _large,
    "fails": _fails,
    "fails-midway": _fails_midway,
}


def _part(environ: dict[str, Any], first: str) -> tuple[list[tuple[str, str]], Iterable[bytes]]:
    length = PATH.stat().st_size - int(first)
    file = PATH.open("rb")
    file.seek(int(first))
    return [("Content-Length", str(length))], environ["wsgi.file_wrapper"](Slice(file, length), 65536)


class Quick:
    """What the lane asks."""

    def answer(self, environ: dict[str, Any]) -> Answered | None:
        """Answer what goes the short way, as ``QuickFiles`` does."""
        first = environ["PATH_INFO"].split("/")[2]
        if environ["QUERY_STRING"] == "slowly":
            return None
        if environ["QUERY_STRING"] == "broken":
            raise ZeroDivisionError
        headers, sent = _part(environ, first)
        if environ["REQUEST_METHOD"] == "HEAD":
            sent.close()  # type: ignore[attr-defined]
            sent = []
        return "200 OK", [*headers, ("X-Lane", environ.get("HTTP_RANGE", "-"))], sent


class App:
    """The application with what the worker looks for."""

    extensions: Mapping[str, Any] = {"quick_files": Quick()}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        return start(environ, start_response)


add_way(r"/film/([0-9]+)/quick", "film", lambda *_: Response())
app = App()
