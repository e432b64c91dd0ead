"""Commands on uploads: begin, take in a piece, finish, throw away, and hand over to the room it is for."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lms import clock
from lms.db import one_at_a_time, transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound, TooLarge
from lms.jobs import queue
from lms.members.access import Actor, require
from lms.members.models import Unit
from lms.storage import StoredFile, files
from lms.uploads import partial, purposes, queries, rules
from lms.uploads.models import Upload
from lms.uploads.queries import NO_UPLOAD, WAITED_TOO_LONG, Gone, UploadView

BLOCK = 64 * 1024
HASHED_AT_ONCE = 32 * 1024 * 1024
FINISH = "uploads.finish"


class LineLost(Exception):
    """The sender fell silent or went away in the middle of a piece. Raised by the reader handed to ``append``."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to send: ``length`` in bytes, ``unit`` for whose share of the store.

    ``target`` is what it belongs to, where that is there already, by its kind and id; the unit is that thing's then.
    """

    purpose: str
    name: str
    length: int
    unit: int | None = None
    fingerprint: str = ""
    target: tuple[str, int] | None = None


@dataclass(frozen=True)
class Arrived:
    """A whole file in the store, with its sender's name for it. ``stored.fresh`` is False: it is never taken back."""

    stored: StoredFile
    name: str
    path: Path


@transactional
def begin(actor: Actor, wish: Wish) -> UploadView:
    """Begin an upload. Raises Forbidden, InvalidInput, TooLarge with the limit or share that it passes, Unavailable.

    Raises also what the thing it belongs to raises: NotFound, Conflict.
    """
    purpose = purposes.get_purpose(wish.purpose)
    there = _destination(actor, purpose, wish)
    rules.check_length(wish.length, purposes.limit_of(wish.purpose))
    _hold_shares(actor.id, there.unit)
    rules.check_rooms(wish.length, *queries.get_rooms(actor.id, there.unit), there)
    files().check_room(wish.length)
    row = Upload.create(
        token=secrets.token_hex(8),
        member=actor.id,
        unit=there.unit,
        purpose=wish.purpose,
        page=there.page,
        name=rules.shown_name(wish.name),
        fingerprint=wish.fingerprint,
        length=wish.length,
        expires_at=clock.now() + purposes.kept_for(),
    )
    return queries.get_mine(actor, row.token)


def _destination(actor: Actor, purpose: purposes.Purpose, wish: Wish) -> rules.Destination:
    """Say where a file will be kept; who may send it is asked of what it belongs to, else of the unit."""
    if wish.target is not None:
        kind, number = wish.target
        if kind not in purpose.targets:
            raise InvalidInput(rules.UNREADABLE)
        return purpose.targets[kind](actor, number)
    unit = wish.unit if wish.unit is not None else actor.home
    require(actor, purpose.action, Unit.select(Unit.path).where(Unit.id == unit).scalar())
    return rules.Destination(unit)


def check_declared(actor: Actor, size: int, destinations: Sequence[rules.Destination]) -> None:
    """Raise TooLarge when ``size`` bytes fit in the actor's share nowhere, or in that of none of the destinations.

    For forms, before their body is read; the room that keeps the file weighs it exactly, under a lock.
    """
    places = list(destinations) or [rules.Destination(None)]
    if len(places) == 1:
        rules.check_rooms(size, *queries.get_rooms(actor.id, places[0].unit), places[0])
        return
    mine, _ = queries.get_rooms(actor.id, None)
    units = queries.get_rooms_of_units()
    refused: TooLarge | None = None
    for there in places:
        try:
            rules.check_rooms(size, mine, units(there.unit), there)
            return
        except TooLarge as error:
            refused = refused or error
    if refused is not None:
        raise refused


def _hold_shares(member: int, unit: int | None) -> None:
    """Weigh one file at a time: of two that come at once both would fit in what is left of a share."""
    one_at_a_time(f"share of member:{member}", *([] if unit is None else [f"share of unit:{unit}"]))


@transactional
def require_room(actor: Actor, there: rules.Destination, size: int) -> None:
    """Raise TooLarge unless a file of ``size`` bytes fits in what the actor and the unit it is for may keep.

    For the room that is about to name the file, in its transaction: a whole file that came with a form was weighed by
    nobody, and one in pieces may have been begun for another unit. A file taken by ``take`` is not counted any more.
    """
    _hold_shares(actor.id, there.unit)
    rules.check_rooms(size, *queries.get_rooms(actor.id, there.unit), there)


def append(
    actor: Actor,
    token: str,
    offset: int,
    read: Callable[[int], bytes],
    checksum: rules.Checksum | None = None,
) -> UploadView:
    """Take in a piece that begins at ``offset``; ``read(n)`` gives at most n bytes, b"" at its end, or raises LineLost.

    What is counted as received is durably on disk. A piece with a checksum is kept whole or not at all; of one without,
    what arrived before the line was lost stays. Raises NotFound, Gone, Conflict for another offset, Busy while another
    request writes, WrongChecksum, TooLarge beyond the announced length, Unavailable when the disk is full.
    """
    upload = queries.get_mine(actor, token)
    if upload.state != "arriving":
        rules.check_offset(offset, upload.length, upload.length)
        return upload
    rules.check_offset(offset, upload.received, upload.length)
    with partial.Writer(token, offset) as writer:
        # Looked at again now that nobody else can write: a piece may have been concluded since.
        rules.check_offset(offset, queries.get_mine(actor, token).received, upload.length)
        try:
            _receive(upload, writer, read, checksum)
        except LineLost:
            if checksum is not None:
                raise
        if offset < purposes.HEAD_BYTES:
            _look(upload, writer)
        writer.conclude(lambda received: _note(token, received))
    if writer.position == upload.length and upload.length <= HASHED_AT_ONCE:
        finish(token)
    return queries.get_mine(actor, token)


def _receive(
    upload: UploadView, writer: partial.Writer, read: Callable[[int], bytes], checksum: rules.Checksum | None
) -> None:
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    while block := read(BLOCK):
        rules.check_fits(writer.position, len(block), upload.length)
        if digest:
            digest.update(block)
        writer.write(block)
    if checksum and digest and digest.digest() != checksum.digest:
        raise rules.WrongChecksum(N_("This piece arrived damaged and was not kept. Please send it again."))


def _look(upload: UploadView, writer: partial.Writer) -> None:
    """Have the room look at the beginning as soon as there is enough of it, so that a wrong file ends here.

    Raises InvalidInput; the upload is thrown away then.
    """
    if writer.position < min(purposes.HEAD_BYTES, upload.length):
        return
    try:
        purposes.get_purpose(upload.purpose).look(writer.head(purposes.HEAD_BYTES), upload.name)
    except InvalidInput:
        Upload.delete().where(Upload.token == upload.token).execute()
        partial.path_of(upload.token).unlink(missing_ok=True)
        raise


@transactional
def _note(token: str, received: int) -> None:
    row = Upload.get_or_none(Upload.token == token, Upload.state == "arriving")
    if row is None:
        raise NotFound(NO_UPLOAD)
    row.received = received
    row.updated_at = clock.now()
    row.expires_at = clock.now() + purposes.kept_for()
    if received == row.length:
        row.state = "finishing"
        queue.ask(FINISH, row.id)
    row.save()


def finish(token: str) -> None:
    """Hash a whole upload and move it into the store; done twice, or after a crash in between, it ends the same.

    The key is noted before the file is moved, so that a file which has been moved is found again.
    """
    with partial.held(token):
        row = Upload.get_or_none(Upload.token == token, Upload.state == "finishing")
        if row is None:
            return
        path = partial.path_of(token)
        if row.file_key == "" or path.is_file():
            if partial.size_of(token) != row.length:
                Upload.update(state="arriving", received=partial.size_of(token)).where(Upload.id == row.id).execute()
                return
            with path.open("rb") as file:
                key = hashlib.file_digest(file, "sha256").hexdigest()
            Upload.update(file_key=key).where(Upload.id == row.id).execute()
            files().adopt(path, key)
        Upload.update(state="ready", updated_at=clock.now()).where(Upload.id == row.id).execute()
    partial.remove(token)


def peek(actor: Actor, token: str, purpose: str) -> Arrived:
    """Give a whole file of the actor's, to look at before it is taken; changes nothing.

    Raises NotFound, Gone, InvalidInput for one sent for another purpose, Conflict when it is used already or not whole.
    """
    row = Upload.get_or_none(Upload.token == token, Upload.member == actor.id) if token.isalnum() else None
    if row is None:
        raise NotFound(NO_UPLOAD, field="file")
    if row.purpose != purpose:
        raise InvalidInput(N_("This file was sent for something else. Please choose it again."), field="file")
    if row.state == "used":
        raise Conflict(N_("This file has been used already. Please choose it again."), field="file")
    if row.expires_at <= clock.now():
        raise Gone(WAITED_TOO_LONG, field="file")
    if row.state == "arriving":
        raise Conflict(N_("This file has not arrived whole yet."), field="file")
    if row.state == "finishing":
        raise Conflict(N_("This file is still being checked. Please send the form again in a moment."), field="file")
    return Arrived(StoredFile(row.file_key, row.length), row.name, files().path(row.file_key))


@transactional
def take(actor: Actor, token: str, purpose: str) -> Arrived:
    """Hand a whole file over to the caller, in the caller's transaction: when that fails, the file waits on.

    Raises what ``peek`` raises; of two that take one file at once, one gets Conflict.
    """
    arrived = peek(actor, token, purpose)
    taken = (
        Upload.update(state="used", updated_at=clock.now())
        .where(Upload.token == token, Upload.member == actor.id, Upload.state == "ready")
        .execute()
    )
    if not taken:
        raise Conflict(N_("This file has been used already. Please choose it again."), field="file")
    return arrived


def terminate(actor: Actor, token: str) -> None:
    """Throw away an upload of the actor's that no form has taken. Raises NotFound, Conflict for one that was used."""
    _forget(actor, token)
    partial.remove(token)


@transactional
def _forget(actor: Actor, token: str) -> None:
    row = Upload.get_or_none(Upload.token == token, Upload.member == actor.id) if token.isalnum() else None
    if row is None:
        raise NotFound(NO_UPLOAD)
    if row.state == "used":
        raise Conflict(N_("This file has been used already, so it cannot be thrown away here."))
    row.delete_instance()
