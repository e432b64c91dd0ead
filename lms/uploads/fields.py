"""Files that arrived in pieces, as fields of a form: what the field shows, and what the form brought."""

from io import BytesIO
from typing import Any

from flask import request

from lms.uploads import purposes, queries, service
from lms.uploads.queries import UploadView
from lms.web.signin import actor

FIELD = "upload"
MOST = 200


def pieces(purpose: str, target: str = "", whose: tuple[int | None, str | None] = (None, "")) -> dict[str, Any]:
    """Make what the template's field needs: purpose, largest piece, my share, the files that form or address name.

    ``target`` names what the file belongs to, where that is there already, as in "recording:12";
    ``whose`` that is, by id and name, to say beforehand that the file counts in the share of who sends it all the same.
    """
    room, _ = queries.get_rooms(actor().id, None)
    arrived = _arrived(purpose)
    return {
        "purpose": purpose,
        "chunk": purposes.chunk_bytes(),
        "arrived": arrived,
        "room": room,
        "target": target,
        "member": actor().id,
        "days": purposes.kept_for().days,
        "not_of": (whose[1] or "") if whose[0] != actor().id else "",
    }


def limits(unit: int | None, each: int, together: int = 0) -> dict[str, int | None]:
    """Make what a plain file field says before anything is sent: the most bytes of a file, of all, and what is left.

    ``unit`` is the one in whose share the files are kept, beside the actor's; ``left`` is None without any bound.
    """
    rooms = queries.get_rooms(actor().id, unit)
    left = min((max(0, room.allowed - room.used) for room in rooms if room.allowed), default=None)
    return {"each": each, "together": together, "left": left}


def _arrived(purpose: str) -> list[UploadView]:
    """Give those of the named files that have arrived; what is not there any more is chosen anew."""
    named = queries.find_mine(actor(), request.values.getlist(FIELD)[:MOST])
    return [upload for upload in named if upload.purpose == purpose and upload.state in ("finishing", "ready")]


def tokens() -> list[str]:
    """Give the tokens of the files a form brought, each once."""
    return list(dict.fromkeys(token for token in request.form.getlist(FIELD)[:MOST] if token))


def head_of(arrived: service.Arrived) -> BytesIO:
    """Give the first bytes of a file as a stream, for a look at what it is."""
    with arrived.path.open("rb") as file:
        return BytesIO(file.read(purposes.HEAD_BYTES))
