"""Failures as answers: a page for people, problem+json (RFC 9457) for programs, decided by the path."""

import logging
from functools import partial
from http.client import responses
from typing import Any

from apiflask import APIFlask, HTTPError, Schema
from apiflask.fields import Dict, Integer, String
from flask import Flask, current_app, g, jsonify, render_template, request
from flask.globals import request_ctx
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import NoMoreData, ParseException
from peewee import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response

from lms import db
from lms.errors import (
    N_,
    Conflict,
    Forbidden,
    InvalidInput,
    LmsError,
    NotFound,
    NotSignedIn,
    TooLarge,
    TooManyTries,
    Unavailable,
)
from lms.web.field_messages import translated
from lms.web.i18n import gettext, said_kept, words
from lms.web.view import came_from

log = logging.getLogger("lms.web")

LARGEST_ROW = 2**31 - 1
LONGEST_ADDRESS = 4096  # in bytes; the server reads up to 8190 (gunicorn.conf.py)
SECRETS = {"password", "old", "new", "again"}

STATUS: dict[type[LmsError], int] = {
    InvalidInput: 422,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    TooManyTries: 429,
    Unavailable: 503,
}

SAYINGS = {
    400: N_("The server did not understand this request. Please go back and try again."),
    401: N_("Please sign in first."),
    403: N_("You do not have the right to do this. Ask the administrator of your unit if you need it."),
    404: N_("This page does not exist, or you may not see it."),
    405: N_("This address does not take this kind of request."),
    413: N_("What was sent is too large for this form."),
    414: N_("An address of this length is none of ours. Look for fewer words, or begin at the first page."),
    415: N_("This kind of content is not taken here."),
    416: N_("That part of the file does not exist."),
    429: N_("Too many tries. Please wait a little."),
    431: N_("The cookies it keeps for this address are too many. Delete them in its settings and sign in again."),
    500: N_("Something went wrong on our side. It has been noted; nothing you had saved is lost."),
    503: N_("This part of the service cannot answer just now. Please try again in a moment."),
}


class Problem(Schema):
    """A failure as the API answers it: application/problem+json (RFC 9457). ``errors`` names what is wrong by field."""

    type = String()
    title = String()
    status = Integer()
    detail = String()
    request_id = String()
    errors = Dict(keys=String())


class Kept(String):
    """A field that holds an error as ``lms.errors.kept`` wrote it, said in the reader's language."""

    def _serialize(self, value: str | None, *args: Any, **options: Any) -> str:
        return said_kept(value or "")


def status_of(error: LmsError) -> int:
    """Give the HTTP status of an expected failure."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)


class RowNumber(IntegerConverter):
    """``<int:...>`` in an address: a number beyond what a table can hold is an address that does not exist."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        """Set the largest number unless the rule sets one itself."""
        options.setdefault("max", LARGEST_ROW)
        super().__init__(map, *args, **options)


def init_app(app: APIFlask) -> None:
    """Register the handlers. They are the application's: a blueprint's would not see an unknown address."""
    app.url_map.converters["int"] = RowNumber
    app.register_error_handler(LmsError, _expected)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(InterfaceError, _database)
    app.register_error_handler(ParseException, _garbled)
    app.register_error_handler(NoMoreData, _garbled)
    app.register_error_handler(Exception, _unexpected)
    app.error_processor(_api_validation)
    app.before_request(_look_at_address)
    app.extensions["unread"] = partial(_unread, app)
    app.config.update(VALIDATION_ERROR_SCHEMA=Problem, HTTP_ERROR_SCHEMA=Problem)


def _look_at_address() -> Response | None:
    return answer(414, gettext(SAYINGS[414])) if len(request.environ.get("RAW_URI", "")) > LONGEST_ADDRESS else None


def _unread(app: Flask, status: int) -> bytes:
    """Give the page for a request that the server did not read to the end, so that nobody knows what it asked for."""
    with app.test_request_context("/"):
        return answer(status, gettext(SAYINGS[status])).get_data()


def is_api() -> bool:
    """Say whether the current request is for a program."""
    return request.path.startswith("/api/")


def answer(
    status: int,
    text: str,
    *,
    field: str | None = None,
    errors: object = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Answer with a failure in the form its asker reads.

    From 500 up nobody is looked up for the page: what failed may be just that.
    """
    if status >= 500:
        g._login_user = AnonymousUserMixin()
    if is_api():
        body: dict[str, object] = {
            "type": "about:blank",
            "title": _phrase(status),
            "status": status,
            "detail": text,
            "request_id": g.get("request_id", ""),
        }
        if field or errors:
            body["errors"] = errors or {field: [text]}
        response: Response = jsonify(body)
        response.content_type = "application/problem+json"
    else:
        response = Response(
            render_template(
                "errors/error.html",
                status=status,
                text=text,
                came_from=came_from(),
                again=_typed() if status == 503 else None,
            ),
            content_type="text/html; charset=utf-8",
        )
    response.status_code = status
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def _typed() -> list[tuple[str, str]] | None:
    """Give what a form held, for a button that sends it once more; None when that is not all of it, or a secret.

    A form that could not be read is not read again here: what failed may be just that.
    """
    if request.method != "POST" or "form" not in vars(request) or request.files or SECRETS & request.form.keys():
        return None
    return list(request.form.items(multi=True))


def _phrase(status: int) -> str:
    """Name a status; those that only one protocol knows (tus has 460) go without."""
    return responses.get(status, "Refused")


def _expected(error: LmsError) -> Response:
    headers = {"Retry-After": "5"} if isinstance(error, Unavailable) else {}
    if isinstance(error, TooManyTries):
        headers["Retry-After"] = str(int(str(error.values.get("minutes", 1))) * 60)
    errors = {one.field: [words(one)] for one in error.all if one.field} if error.also else None
    return answer(status_of(error), words(error), field=error.field, errors=errors, headers=headers)


def _csrf(error: CSRFError) -> Response:
    log.warning("request without a valid CSRF token", extra={"reason": error.description})
    text = gettext(
        "This form had been open for too long or came from elsewhere. Go back, reload the page, send it again."
    )
    return answer(400, text)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    if (
        request_ctx.url_adapter is None and not is_api()
    ):  # asked by a name that is none: nothing leads anywhere under it
        page: bytes = current_app.extensions["unread"](code)
        return Response(page, code, content_type="text/html; charset=utf-8")
    kept = {k: v for k, v in error.get_headers() if k in ("Allow", "Retry-After", "Content-Range")}
    return answer(code, gettext(SAYINGS.get(code, SAYINGS[400 if code < 500 else 500])), headers=kept)


def _database(error: Exception) -> Response:
    log.error("the database failed", exc_info=error)
    db.drop_broken_connection()
    return answer(503, words(db.explain(error)), headers={"Retry-After": "5"})


def _garbled(error: Exception) -> Response:
    """Answer a body whose chunks break the rules of HTTP; the server meets that only while we read."""
    log.warning("request with a garbled body", extra={"reason": str(error)})
    return answer(400, gettext(SAYINGS[400]), headers={"Connection": "close"})


def _unexpected(error: Exception) -> Response:
    log.error("unexpected failure", exc_info=error)
    return answer(500, gettext(SAYINGS[500]))


LOCATIONS = ("json", "query", "form_and_files")  # APIFlask puts the faults of fields below the place they came in


def _api_validation(error: HTTPError) -> Response:
    # APIFlask turns what routing found wrong into an error of its own and loses Allow on the way.
    if isinstance(request.routing_exception, HTTPException):
        return _http(request.routing_exception)
    found = error.detail or {}
    detail = next((found[place] for place in LOCATIONS if found.get(place)), found or None)
    unusable = gettext("Some values cannot be taken as they are.")
    text = unusable if error.status_code == 422 else gettext(SAYINGS.get(error.status_code, SAYINGS[400]))
    return answer(error.status_code, text, errors=translated(detail))
