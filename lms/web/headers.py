"""Security headers on every answer, and the id each request is known by."""

import random
import re
from typing import cast

from apiflask import APIFlask
from flask import g, request
from werkzeug.wrappers import Response

from lms.web.responses import Answer

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
FIXED = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
FIXED_FOR_PAGES = (*FIXED, ("Cache-Control", "private, no-store"))
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def init_app(app: APIFlask) -> None:
    """Name each request and harden each answer."""
    app.response_class = Answer
    app.before_request(_name_request)
    app.after_request(_harden)


def _name_request() -> None:
    given = request.environ.get("HTTP_X_REQUEST_ID", "")
    g.request_id = given if is_request_id(given) else new_request_id()


def new_request_id() -> str:
    """Name a request. Nobody need be unable to guess it, and the system's own dice cost a wait for the GIL."""
    return f"{random.getrandbits(64):016x}"  # thrown anew by Python in every process that is forked


def is_request_id(given: str) -> bool:
    """Say whether a proxy's id of a request can be taken over."""
    return _REQUEST_ID.fullmatch(given) is not None


def _harden(response: Response) -> Response:
    asked = request._get_current_object()  # type: ignore[attr-defined]
    static = asked.endpoint == "static"
    if static and "v" not in asked.args:
        # A script that another one imports has no version in its address: browsers ask each time whether it is new.
        response.headers["Cache-Control"] = "no-cache"
    beside = FIXED if static else FIXED_FOR_PAGES
    answer = response if isinstance(response, Answer) else cast(Answer, Answer.force_type(response))
    answer.beside = (*beside, ("X-Request-ID", g.get("request_id", "")))
    return answer
