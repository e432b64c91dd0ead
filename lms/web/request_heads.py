"""Reading the head of a plain request for a file, as players send them; anything else is left to gunicorn.

Only what can be understood in one way is understood here: GET or HEAD of HTTP/1.1, every line ended by CR LF, no body,
no field twice, the connection kept.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

HEAD_BYTES = 8192
_END = b"\r\n\r\n"
_LINE = re.compile(rb"(GET|HEAD) (/[!-~]*) HTTP/1\.1\r\n")
_FIELD = re.compile(rb"([A-Za-z0-9-]{1,60}):[ \t]*([\t -~\x80-\xff]*?)[ \t]*")
# A body would have to be read to its end, which may take as long as its sender likes.
_NOT_FOR_US = {"CONTENT-LENGTH", "TRANSFER-ENCODING", "EXPECT", "UPGRADE", "HTTP2-SETTINGS", "TRAILER"}


@dataclass(frozen=True)
class Head:
    """A request without a body: what an application is told of it, and how many bytes it takes on the line."""

    environ: dict[str, Any]
    length: int


def read_head(seen: bytes, wanted: Callable[[str], bool]) -> Head | None:
    """Read a whole head at the beginning of what has come, if its path is ``wanted``.

    None for one that has not come whole, or is not plain.
    """
    asked = _LINE.match(seen)
    if asked is None:
        return None
    method, target = asked[1].decode(), asked[2]
    raw, _, query = target.partition(b"?")
    path = (unquote_to_bytes(raw) if b"%" in raw else raw).decode("latin-1")
    if not wanted(path):
        return None
    end = seen.find(_END)
    if end < 0:
        return None
    fields = seen[:end].split(b"\r\n")[1:]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query.decode("latin-1"),
        "SCRIPT_NAME": "",
        "SERVER_NAME": "",
        "SERVER_PORT": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
    }
    for field in fields:
        found = _FIELD.fullmatch(field)
        if found is None:
            return None
        name, value = found[1].decode().upper(), found[2].decode("latin-1")
        key = "HTTP_" + name.replace("-", "_")
        if name in _NOT_FOR_US or key in environ or (name == "CONNECTION" and value.lower() != "keep-alive"):
            return None
        environ[key] = value
    return Head(environ, end + len(_END)) if "HTTP_HOST" in environ else None
