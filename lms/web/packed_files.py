"""Stylesheet, scripts and drawings of the pages, packed once at the start: on a thin line they come in a moment.

Only what everybody may read is packed. A page holds its reader's token beside what others have typed: packed together,
its length would betray the token to who listens on the line (BREACH).
"""

import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import NamedTuple

from apiflask import APIFlask
from flask import request
from werkzeug.wrappers import Response

ENDINGS = {".css", ".js", ".svg"}
LEAST_BYTES = 500  # below that packing saves nothing that a line would notice


class Packed(NamedTuple):
    """A file as it goes over the line."""

    content: bytes
    mimetype: str
    etag: str


def init_app(app: APIFlask) -> None:
    """Send the files of the static folder packed to whoever can unpack them."""
    folder = Path(app.static_folder or "")
    packed = {str(path.relative_to(folder)): made for path in folder.rglob("*") if (made := _pack(path))}

    def send(filename: str) -> Response:
        found = packed.get(filename)
        if found is None or not request.accept_encodings.quality("gzip"):
            response: Response = app.send_static_file(filename)
        else:
            response = Response(found.content, mimetype=found.mimetype)
            response.content_encoding = "gzip"
            response.set_etag(found.etag)
            response.cache_control.public = True
            response.cache_control.max_age = app.get_send_file_max_age(filename)
            response.make_conditional(request)
        if found is not None:
            response.vary.add("Accept-Encoding")
        return response

    app.view_functions["static"] = send


def _pack(path: Path) -> Packed | None:
    if path.suffix not in ENDINGS or not path.is_file():
        return None
    content = path.read_bytes()
    if len(content) < LEAST_BYTES:
        return None
    packed = gzip.compress(content, mtime=0)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Packed(packed, kind, f"{hashlib.sha256(content).hexdigest()[:16]}-gzip")
