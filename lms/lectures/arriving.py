"""Recordings as they reach a form or the API: whole in the form, or in pieces before it."""

from typing import BinaryIO, cast

from werkzeug.datastructures import FileStorage

from lms.lectures.service import Upload
from lms.members.access import Actor
from lms.uploads import fields
from lms.uploads import service as uploads

PURPOSE = "recording"


def recording_sent(actor: Actor, file: FileStorage | None, token: str | None) -> Upload | None:
    """Give the recording that was sent, None for none; a field left empty comes with no name.

    Raises what ``uploads.peek`` raises for a file that did not arrive whole or is not the actor's.
    """
    if token:
        arrived = uploads.peek(actor, token, PURPOSE)
        return Upload(arrived.name, fields.head_of(arrived), lambda: uploads.take(actor, token, PURPOSE).stored)
    return Upload(file.filename, cast(BinaryIO, file.stream)) if file and file.filename else None
