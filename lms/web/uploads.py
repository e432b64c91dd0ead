"""Uploads: which addresses take large files, how large, and where the bytes wait.

Everything else takes ``FORM_BYTES``. The limit must stand before anybody reads the form, and the CSRF check is the
first to read it: so ``init_app`` comes before it. Bytes wait in a nameless file in the data folder, on the disk they
will be stored on: the system takes it back when the request ends, however it ends.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import IO, Any

from apiflask import APIFlask
from flask import current_app, g, request
from flask_login import current_user
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from lms.config import MIB, Settings
from lms.db import ensure_open
from lms.errors import N_, NotSignedIn, TooLarge, Unavailable
from lms.members.access import Action, Actor, require
from lms.storage import files
from lms.storage.store import no_room_explained, too_large
from lms.uploads import service
from lms.uploads.rules import Destination
from lms.web.requests import KnowingRequest

FORM_BYTES = 4 * MIB
FIELDS_BYTES = 1 * MIB
IN_MEMORY = 512 * 1024


Destinations = Callable[[Actor, Mapping[str, Any]], Sequence[Destination]]


@dataclass(frozen=True)
class _Upload:
    action: Action | None
    limit: Callable[[Settings], int]
    destinations: Destinations | None


_uploads: dict[str, _Upload] = {}


def allow_upload(
    endpoint: str, limit: Callable[[Settings], int], action: Action | None, kept_in: Destinations | None = None
) -> None:
    """Let an endpoint take files of up to ``limit(settings)`` bytes, from members who may do ``action`` somewhere.

    Who may not is refused before a byte is read; without an action every member may. ``kept_in`` gives, of the values
    in the address, where what is sent may be kept: in the member's share of the store, and in that of which units.
    What fits in none of them is refused then as well, and it may raise what the room would say afterwards. The room
    that keeps the file weighs it exactly.
    """
    _uploads[endpoint] = _Upload(action, limit, kept_in)


def upload_limit(endpoint: str) -> int:
    """Give the greatest file an endpoint takes, in bytes, for the words beside the field."""
    settings: Settings = current_app.config["LMS"]
    return _uploads[endpoint].limit(settings)


def init_app(app: APIFlask) -> None:
    """Set the limits for every request. Call this before the CSRF protection is set up."""
    app.request_class = UploadRequest
    app.config.update(MAX_CONTENT_LENGTH=FORM_BYTES, MAX_FORM_MEMORY_SIZE=FORM_BYTES)
    app.extensions["upload_slots"] = BoundedSemaphore(max(1, app.config["LMS"].web_threads // 2))
    app.before_request(_set_limit)
    app.teardown_request(_free_slot)


def _set_limit() -> None:
    upload = _uploads.get(request.endpoint or "")
    if upload is None or request.method in ("GET", "HEAD", "OPTIONS"):
        return
    ensure_open()
    if not current_user.is_authenticated:
        raise NotSignedIn(N_("Please sign in first."))
    if upload.action is not None:
        require(current_user.actor, upload.action)
    limit = upload.limit(current_app.config["LMS"])
    request.max_content_length = limit + FIELDS_BYTES
    if isinstance(request, UploadRequest):
        request.file_limit = limit
    if (request.content_length or 0) > limit + FIELDS_BYTES:
        raise too_large(limit)
    least = (request.content_length or 0) - FIELDS_BYTES  # up to a mebibyte a form may hold only words
    if upload.destinations is not None and least > 0:
        me = current_user.actor
        service.check_declared(me, least, upload.destinations(me, request.view_args or {}))
    files().check_room(request.content_length or 0)
    _take_slot()


def _take_slot() -> None:
    """Take one of the process's places for uploads, half as many as its threads.

    A file on a bad line holds its thread for as long as it takes: without a bound a few of them would leave no thread
    for pages. Raises Unavailable when all places are taken.
    """
    if not current_app.extensions["upload_slots"].acquire(blocking=False):
        raise Unavailable(N_("Many files are being sent just now. Please try again in a minute."))
    g.upload_slot = True


def _free_slot(error: BaseException | None) -> None:
    if g.pop("upload_slot", False):
        current_app.extensions["upload_slots"].release()


class WaitingFile(SpooledTemporaryFile[bytes]):
    """An uploaded file while its request lasts: small ones in memory, others in the store's incoming folder."""

    def __init__(self) -> None:
        """Begin an empty file."""
        super().__init__(max_size=IN_MEMORY, mode="w+b", dir=str(files().incoming()))

    def write(self, s: Any) -> int:
        """Write bytes. Raises Unavailable when the disk has no room."""
        with no_room_explained():
            return super().write(s)

    def seek(self, *args: int) -> int:
        """Move within the file, which may write what was held back. Raises Unavailable when the disk has no room."""
        with no_room_explained():
            return super().seek(*args)

    def close(self) -> None:
        """Let go of the file; bytes that the disk has no room for are of no interest any more."""
        with suppress(OSError):
            super().close()


class UploadRequest(KnowingRequest):
    """A request whose files wait in the data folder and whose limit is named when it is passed."""

    file_limit: int | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        """Begin a request that waits for no file yet."""
        super().__init__(*args, **options)
        self._waiting: list[WaitingFile] = []

    def close(self) -> None:
        """Let go of the files that waited, those of a form that broke off as well."""
        super().close()
        for file in self._waiting:
            file.close()

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        self._waiting.append(WaitingFile())
        return self._waiting[-1]

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except RequestEntityTooLarge as error:
            if self.file_limit is not None:
                raise too_large(self.file_limit) from error
            raise TooLarge(N_("What was sent is too large for this form.")) from error
        if None in self.form or None in self.files:
            raise BadRequest("a part of the form has no name")
