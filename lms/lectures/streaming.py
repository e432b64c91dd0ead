"""Sending a stored file over HTTP so that a player can seek in it (RFC 9110, ranges).

One range is answered with 206 through the server's own ``wsgi.file_wrapper``, so that the kernel copies the bytes.
Several at once, which no player asks for, are answered as one where they join, else with the whole file (RFC 9110,
14.2: a server may ignore them, and many small ones are a way to make it work hard). Where nginx stands
in front and shares the folder of files, it is told which file to send, and does all of this itself.
"""

from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from werkzeug.http import http_date, parse_range_header, quote_etag
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import wrap_file

from lms.lectures.recording_queries import Media
from lms.storage import files
from lms.web.attachments import attachment, inline

BLOCK = 256 * 1024
REMEMBERED = 1000
MOST_RANGES = 8


class Slice:
    """The next ``length`` bytes of an open file, as the file object that ``wsgi.file_wrapper`` wants.

    ``fileno`` lets the server send the bytes without reading them; it then stops after Content-Length by itself.
    """

    def __init__(self, file: BinaryIO, length: int) -> None:
        """Begin where the file stands."""
        self._file = file
        self._left = length

    def read(self, size: int = -1) -> bytes:
        """Read at most ``size`` bytes, nothing after the end of the slice."""
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._file.read(wanted)
        self._left -= len(data)
        return data

    def fileno(self) -> int:
        """Give the descriptor of the file, which stands at the next byte of the slice."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def send(request: Request, media: Media, inside: str = "", *, attached: bool = False) -> Response:
    """Answer GET or HEAD with a file of the store, or have the server in front send it from its location ``inside``.

    nginx knows ranges, conditions and 416 by itself. Of our own answers the key, the sha256 of the content, is the
    ETag; a range that begins past the end is answered with 416. Raises FileNotFoundError without the file.
    """
    response = Response(content_type=media.media_type)
    response.headers.extend((("Accept-Ranges", "bytes"), ("Cache-Control", "private, no-cache")))
    if media.name or attached:
        response.headers["Content-Disposition"] = _disposition(media.name, attached)
    if inside:
        response.headers["X-Accel-Redirect"] = inside + files().place(media.key)
        response.headers["Content-Length"] = "0"
        return response
    return _send(request, response, files().path(media.key), media.key)


@lru_cache(REMEMBERED)
def _disposition(name: str, attached: bool) -> str:
    return attachment(name) if attached else inline(name)


def _send(request: Request, response: Response, path: Path, key: str) -> Response:
    status = path.stat()
    changed_at = datetime.fromtimestamp(int(status.st_mtime), UTC)
    response.set_etag(key)
    response.last_modified = changed_at
    if _is_kept(request, key, changed_at):
        response.status_code = 304
        return response
    asked = _range(request, key, changed_at, status.st_size)
    start, stop = asked or (0, status.st_size)
    if start >= stop:
        unmet = {"Content-Range": f"bytes */{status.st_size}", "Content-Length": "0"}
        return Response(status=416, headers=unmet, content_type="text/plain")
    if asked is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{status.st_size}"
    response.headers["Content-Length"] = str(stop - start)
    if request.method != "HEAD":
        file = path.open("rb")
        file.seek(start)
        response.response = wrap_file(request.environ, Slice(file, stop - start), BLOCK)  # type: ignore[arg-type]
        response.direct_passthrough = True
    return response


def _is_kept(request: Request, key: str, changed_at: datetime) -> bool:
    """Say whether the copy that the client keeps is this content; its tag decides where it names one."""
    if request.if_none_match:
        return request.if_none_match.contains(key)
    since = request.if_modified_since
    return since is not None and changed_at <= since


def _range(request: Request, key: str, changed_at: datetime, size: int) -> tuple[int, int] | None:
    """Give the first byte that is asked for and the one after the last, None for the whole file; see ``_bytes``.

    Only GET knows ranges. If-Range must be this very content's strong tag, or exactly the date it was given. Of
    several ranges those past the end fall away and neighbours become one; what is not one range then, is the whole.
    """
    asked = parse_range_header(request.headers.get("Range"))
    if request.method != "GET" or asked is None or asked.units != "bytes":
        return None
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() not in (quote_etag(key), http_date(changed_at)):
        return None
    spans = [_bytes(one, size) for one in asked.ranges[:MOST_RANGES]]
    there = [span for span in spans if span[0] < span[1]] or spans[:1]
    joined = all(before[1] == after[0] for before, after in pairwise(there))
    return (there[0][0], there[-1][1]) if joined and len(asked.ranges) <= MOST_RANGES else None


def _bytes(asked: tuple[int, int | None], size: int) -> tuple[int, int]:
    """Give the first byte to send and the one after the last; the same twice when nothing of it is there."""
    start, stop = asked
    if start < 0:
        start = max(0, size + start)
    return min(start, size), size if stop is None else min(stop, size)
