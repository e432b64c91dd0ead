"""Files that arrived in pieces, as fields of a form: what the field shows, and what the form brought."""

from io import BytesIO
from typing import Any

from flask import request

from lms.errors import LmsError
from lms.uploads import purposes, queries, service
from lms.uploads.queries import UploadView
from lms.web.signin import actor

FIELD = "upload"
MOST = 200


def pieces(purpose: str) -> dict[str, Any]:
    """Make what the template's field needs: purpose, largest piece, my share, the files that form or address name."""
    room, _ = queries.get_rooms(actor().id, None)
    return {"purpose": purpose, "chunk": purposes.chunk_bytes(), "arrived": _arrived(purpose), "room": room}


def _arrived(purpose: str) -> list[UploadView]:
    found = []
    for token in request.values.getlist(FIELD)[:MOST]:
        try:
            upload = queries.get_mine(actor(), token)
        except LmsError:
            continue  # what is not there any more is chosen anew
        if upload.purpose == purpose and upload.state in ("finishing", "ready"):
            found.append(upload)
    return found


def tokens() -> list[str]:
    """Give the tokens of the files a form brought, each once."""
    return list(dict.fromkeys(token for token in request.form.getlist(FIELD)[:MOST] if token))


def head_of(arrived: service.Arrived) -> BytesIO:
    """Give the first bytes of a file as a stream, for a look at what it is."""
    with arrived.path.open("rb") as file:
        return BytesIO(file.read(purposes.HEAD_BYTES))
