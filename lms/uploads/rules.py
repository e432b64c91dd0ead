"""Pure decisions about uploads in pieces: what may follow where, what was said about the file, what still fits."""

import base64
import binascii
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from lms.errors import N_, Conflict, InvalidInput, TooLarge

MIB = 1024 * 1024
NAME_CHARS = 200
NAME_END = 12
FINGERPRINT_CHARS = 80
MOST_METADATA = 8 * 1024
ALGORITHMS = ("sha1", "sha256")
UNREADABLE = N_("What was said about this file cannot be read.")


class WrongChecksum(InvalidInput):
    """A piece arrived other than it was sent; nothing of it was kept."""


@dataclass(frozen=True)
class Checksum:
    """The digest that a piece must have."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True)
class Room:
    """How much of a quota is used, in bytes; ``allowed`` 0 is without a bound."""

    used: int
    allowed: int


@dataclass(frozen=True)
class Destination:
    """Where a file will be kept, and what goes when it comes.

    It counts in the share of who sends it, whosever the thing is that it belongs to, and in that of ``unit`` (None: not
    known yet, or of no unit). Of the file whose place it takes ``freed`` bytes go from the unit's share, ``freed_own``
    from the sender's. ``page`` is the address of the form that takes it, where it is for something there already.
    """

    unit: int | None
    freed: int = 0
    freed_own: int = 0
    page: str = ""


def check_offset(sent: int, received: int, length: int) -> None:
    """Raise Conflict unless a piece begins exactly where what is stored ends."""
    if sent != received:
        raise Conflict(
            N_("This piece begins at byte %(sent)s, but the server has %(received)s of %(length)s."),
            sent=sent,
            received=received,
            length=length,
        )


def check_fits(position: int, more: int, length: int) -> None:
    """Raise TooLarge when a piece would make the file longer than was said when it was begun."""
    if position + more > length:
        raise TooLarge(N_("More bytes were sent than the %(length)s that were announced."), length=length)


def whole_number(raw: str, what: str) -> int:
    """Read a number of bytes from a header. Raises InvalidInput naming the header."""
    if not (raw.isascii() and raw.isdigit() and len(raw) < 16):
        raise InvalidInput(N_("The header %(what)s must be a whole number of bytes."), what=what)
    return int(raw)


def read_metadata(raw: str) -> dict[str, str]:
    """Read an Upload-Metadata header: pairs of a key and its value in Base64. Raises InvalidInput."""
    if len(raw) > MOST_METADATA:
        raise InvalidInput(UNREADABLE)
    found: dict[str, str] = {}
    for pair in raw.split(","):
        key, _, value = pair.strip().partition(" ")
        if key:
            found[key] = _decoded(value.strip())
    return found


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(UNREADABLE) from error


def read_checksum(raw: str) -> Checksum | None:
    """Read an Upload-Checksum header, None for none. Raises InvalidInput for another algorithm or no Base64."""
    if not raw.strip():
        return None
    algorithm, _, value = raw.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise InvalidInput(N_("Checksums are taken by sha1 or sha256."))
    try:
        return Checksum(algorithm, base64.b64decode(value.strip(), validate=True))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(N_("This checksum cannot be read.")) from error


def shown_name(raw: str) -> str:
    """Give the bare name of a file for showing only: no folder, nothing invisible, its end kept when it is long."""
    bare = raw.replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in bare if char.isprintable() and unicodedata.category(char)[0] != "C").strip()
    shown = shown or "file"
    return shown if len(shown) <= NAME_CHARS else shown[: NAME_CHARS - NAME_END] + shown[-NAME_END:]


def read_target(raw: str) -> tuple[str, int] | None:
    """Read what a file belongs to, as "recording:12"; None for nothing. Raises InvalidInput."""
    if not raw:
        return None
    kind, _, number = raw.partition(":")
    if not (number.isascii() and number.isdigit() and 0 < len(number) < 10):
        raise InvalidInput(UNREADABLE)
    return kind, int(number)


def fingerprint(metadata: Mapping[str, str]) -> str:
    """Give by what the sender knows the same file again; anything too long or not plain is passed over."""
    given = metadata.get("fingerprint", "")
    return given if given.isascii() and given.isprintable() and len(given) <= FINGERPRINT_CHARS else ""


def check_length(length: int, limit: int) -> None:
    """Raise InvalidInput for an empty file, TooLarge naming the real limit for one beyond it."""
    if length == 0:
        raise InvalidInput(N_("This file is empty. Please choose another one."), field="file")
    if length > limit:
        raise TooLarge(N_("The file is too large: the limit is %(limit)s MB."), field="file", limit=limit // MIB)


def check_rooms(length: int, member: Room, unit: Room, there: Destination) -> None:
    """Raise TooLarge when a file does not fit in what a member, or their unit, may keep; the message has figures."""
    if _lacks(length - there.freed_own, member):
        raise TooLarge(
            N_("Your share of the store is full: %(used)s of %(allowed)s MB are used, this file needs %(needed)s MB."),
            field="file",
            **_figures(length, member),
        )
    if _lacks(length - there.freed, unit):
        raise TooLarge(
            N_("The unit's share of the store is full: %(used)s of %(allowed)s MB used, %(needed)s MB needed."),
            field="file",
            **_figures(length, unit),
        )


def _lacks(more: int, room: Room) -> bool:
    return room.allowed > 0 and more > 0 and room.used + more > room.allowed


def _figures(length: int, room: Room) -> dict[str, object]:
    return {"used": room.used // MIB, "allowed": room.allowed // MIB, "needed": -(-length // MIB)}
