"""The JSON API of uploads, which is the tus protocol 1.0 as well: any tus client can send files here.

Core with creation (also with the first piece), checksum, termination and expiration. What a client hears beyond the
protocol is problem+json in the reader's language.
"""

from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from socket import SHUT_RD
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import DateTime, Integer, List, Nested, String
from apiflask.validators import Range
from flask import request
from gunicorn.http.errors import NoMoreData
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import http_date
from werkzeug.wrappers import Response

from lms.errors import N_, InvalidInput, NotFound, TooLarge
from lms.uploads import partial, purposes, queries, rules, service
from lms.uploads.queries import UploadView
from lms.web.addresses import url_for
from lms.web.errors import answer
from lms.web.i18n import words
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.uploads import allow_upload
from lms.web.view import LAST_PAGE

api = APIBlueprint("uploads_api", __name__, url_prefix="/api/v1", tag="Uploads")

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
ONE = "/uploads/<string(length=16):upload>"
PIECE = "application/offset+octet-stream"
SILENT_S = 30.0
WRONG_CHECKSUM = 460

for _endpoint in ("begin", "append", "overridden"):
    allow_upload(f"uploads_api.{_endpoint}", lambda settings: purposes.largest(), None)


class Instant(DateTime):
    """A stored instant (naive UTC), written with its offset."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(value.replace(tzinfo=UTC) if value else None, attr, obj, **kwargs)


class PageQuery(Schema):
    """Which page of a list."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))
    per_page = Integer(load_default=24, validate=Range(1, 100))


class UploadItem(Schema):
    """An upload of mine; ``received`` of ``length`` bytes are safely stored. "ready" waits for the form it is for."""

    token = String()
    purpose = String()
    name = String()
    fingerprint = String()
    length = Integer()
    received = Integer()
    state = String(metadata={"enum": ["arriving", "finishing", "ready", "used"]})
    created_at = Instant()
    expires_at = Instant()
    page = String(metadata={"description": "Where it goes on; empty for something new."})


class Share(Schema):
    """How much of a share of the store is used, in bytes; ``allowed`` 0 is without a bound."""

    used = Integer()
    allowed = Integer()


class UploadList(Paged):
    """My uploads that no form has taken yet, with my share of the store and my unit's."""

    items = List(Nested(UploadItem))
    mine = Nested(Share)
    unit = Nested(Share)


@api.after_request
def _say_version(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        response.headers["Tus-Version"] = VERSION
    return response


def _wrong_version() -> Response | None:
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    return answer(412, words(InvalidInput(N_("This service speaks tus %(version)s."), version=VERSION)))


@api.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
@api.route(ONE, methods=["OPTIONS"], provide_automatic_options=False)
@api.doc(hide=True)
def discover(upload: str = "") -> Response:
    """Say which parts of the tus protocol are spoken here, and how large a file may be."""
    return Response(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(purposes.largest()),
            "Tus-Checksum-Algorithm": ",".join(rules.ALGORITHMS),
            "Allow": "GET, HEAD, POST, PATCH, DELETE, OPTIONS",
        },
    )


@api.get("/uploads")
@api.input(PageQuery, location="query", arg_name="wanted")
@api.output(UploadList)
@api.doc(summary="List my uploads that no form has taken yet")
def list_uploads(wanted: dict[str, int]) -> dict[str, Any]:
    """List my uploads that no form has taken yet, the newest first, with the shares of the store."""
    me = actor()
    found = queries.list_unfinished(me, wanted["page"], wanted["per_page"])
    mine, unit = queries.get_rooms(me.id, me.home)
    return {**paged(found), "mine": mine, "unit": unit}


@api.post("/uploads")
@api.doc(summary="Begin an upload (tus creation)", responses={201: "Location names the upload."})
def begin() -> Response:
    """Begin an upload; a body is its first piece.

    Headers: Tus-Resumable, Upload-Length, Upload-Metadata with purpose, filename, fingerprint, unit, target (values in
    Base64). ``target`` is what the file is for, where that is there already: "recording:12" another file for a failed
    recording, "lecture:3" one more recording, "material:7" a new version.
    """
    refused = _wrong_version()
    if refused:
        return refused
    told = rules.read_metadata(request.headers.get("Upload-Metadata", ""))
    wish = service.Wish(
        purpose=told.get("purpose", ""),
        name=told.get("filename", ""),
        length=rules.whole_number(request.headers.get("Upload-Length", ""), "Upload-Length"),
        unit=rules.whole_number(told["unit"], "unit") if told.get("unit") else None,
        fingerprint=rules.fingerprint(told),
        target=rules.read_target(told.get("target", "")),
    )
    made = service.begin(actor(), wish)
    response = _standing(made, 201)
    if request.mimetype == PIECE:
        response = _take_piece(made.token, 0)
        if response.status_code == HTTPStatus.NO_CONTENT:
            response.status_code = 201
    response.headers["Location"] = url_for("uploads_api.get_upload", upload=made.token)
    return response


# Before the GET of the same address, which would answer HEAD as well, but not as tus wants it.
@api.route(ONE, methods=["HEAD"])
@api.doc(hide=True)
def get_offset(upload: str) -> Response:
    """Say how far an upload of mine is, in headers."""
    refused = _wrong_version()
    if refused:
        return refused
    try:
        return _standing(queries.get_mine(actor(), upload), 200)
    except queries.Gone as error:
        return answer(410, words(error))


@api.get(ONE)
@api.output(UploadItem)
@api.doc(summary="How far an upload of mine is")
def get_upload(upload: str) -> UploadView:
    """Say how far an upload of mine is; HEAD answers as tus wants it."""
    return queries.get_mine(actor(), upload)


@api.patch(ONE)
@api.doc(summary="Send a piece of an upload (tus)", responses={204: "Upload-Offset says how much is stored."})
def append(upload: str) -> Response:
    """Take in a piece. Headers: Tus-Resumable, Upload-Offset, Content-Type, Upload-Checksum if wanted."""
    refused = _wrong_version()
    if refused:
        return refused
    if request.mimetype != PIECE:
        return answer(415, words(InvalidInput(N_("Pieces are sent as %(type)s."), type=PIECE)))
    return _take_piece(upload, rules.whole_number(request.headers.get("Upload-Offset", ""), "Upload-Offset"))


def _take_piece(upload: str, offset: int) -> Response:
    checksum = rules.read_checksum(request.headers.get("Upload-Checksum", ""))
    try:
        return _standing(service.append(actor(), upload, offset, _reader(), checksum), 204)
    except queries.Gone as error:
        return answer(410, words(error))
    except partial.Overtaken as error:
        return answer(409, words(error))
    except partial.Busy as error:
        return answer(423, words(error), headers={"Retry-After": "3"})
    except rules.WrongChecksum as error:
        return answer(WRONG_CHECKSUM, words(error))
    except service.LineLost:
        return answer(400, words(InvalidInput(N_("The line was lost in the middle of a piece."))))


def _reader() -> Any:
    """Give the function that reads the body. A sender who says nothing for SILENT_S has gone; the line is then closed.

    Without that a phone that changed networks would hold a thread of this process for hours.
    """
    line = request.environ.get("gunicorn.socket")
    if line is not None:
        line.settimeout(SILENT_S)

    def read(size: int) -> bytes:
        try:
            return request.stream.read(size)
        except RequestEntityTooLarge as error:
            raise TooLarge(N_("What was sent is too large for this form.")) from error
        except (ClientDisconnected, NoMoreData, OSError) as error:
            if line is not None:
                with suppress(OSError):
                    line.shutdown(SHUT_RD)
            raise service.LineLost from error

    return read


@api.delete(ONE)
@api.doc(summary="Throw away an upload of mine (tus termination)", responses={204: "It is gone."})
def terminate(upload: str) -> Response:
    """Throw away an upload of mine that no form has taken."""
    refused = _wrong_version()
    if refused:
        return refused
    service.terminate(actor(), upload)
    return Response(status=204)


@api.post(ONE)
@api.doc(hide=True)
def overridden(upload: str) -> Response:
    """Take PATCH and DELETE from clients that can only send POST and say so in X-HTTP-Method-Override."""
    method = request.headers.get("X-HTTP-Method-Override", "").upper()
    if method == "PATCH":
        return append(upload)
    if method == "DELETE":
        return terminate(upload)
    raise NotFound(queries.NO_UPLOAD)


def _standing(upload: UploadView, status: int) -> Response:
    """Answer with how far an upload is, as tus says it."""
    headers = {"Upload-Offset": str(upload.received), "Upload-Length": str(upload.length), "Cache-Control": "no-store"}
    if upload.state == "arriving":
        headers["Upload-Expires"] = http_date(upload.expires_at.replace(tzinfo=UTC))
    headers["Upload-State"] = upload.state
    return Response(status=status, headers=headers)
