"""The short way to a file that a player asks for again and again, range after range.

A player sends a request for each piece. What a page needs around it (languages, forms, flashed messages) costs more
than to find out who asks and whether they may: that alone is done here, by the same functions, before Flask is entered.
Whatever is not plainly allowed (no sign-in known to this process, a forced change of password, no right, no such file)
goes the long way, which decides again and says why in the reader's language.
"""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apiflask import APIFlask
from peewee import InterfaceError, OperationalError
from werkzeug.wrappers import Request, Response

from lms.db import ensure_open
from lms.errors import LmsError
from lms.members.access import Actor
from lms.web import headers, requestlog, signin
from lms.web.sessions import RememberingSessions
from lms.web.signin import SignedIn

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Answer = Callable[[Actor, int, Request, str], Response]
"""Answers for an actor, the id in the address, a request, and the internal location of the server in front.

Raises LmsError or OSError where it must be said why not.
"""


@dataclass(frozen=True)
class _Way:
    address: re.Pattern[str]
    endpoint: str
    answer: Answer


Answered = tuple[str, list[tuple[str, str]], Iterable[bytes]]
"""Status, headers and body of an answer, as WSGI knows them."""

ALWAYS = (*headers.FIXED, ("Vary", "Cookie"))

_ways: list[_Way] = []


def add_way(address: str, endpoint: str, answer: Answer) -> None:
    """Let an address go the short way: a pattern whose one group is an id; ``endpoint`` for log and figures."""
    _ways.append(_Way(re.compile(address), endpoint, answer))


def is_quick(path: str) -> bool:
    """Say whether an address goes the short way, as far as the address alone tells."""
    return _way_of(path)[0] is not None


class QuickFiles:
    """A WSGI application that answers some addresses itself, when that is plain, and hands on everything else."""

    def __init__(self, app: APIFlask, application: "WSGIApplication") -> None:
        """Wrap an application."""
        self._app, self._application = app, application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        answered = self.answer(environ)
        if answered is None:
            return self._application(environ, start_response)
        status, headers, body = answered
        start_response(status, headers)
        return body

    def answer(self, environ: "WSGIEnvironment") -> Answered | None:
        """Give status, headers and body for what is plainly allowed; None for everything else."""
        way, ident = _way_of(environ["PATH_INFO"])
        if way is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        began = time.perf_counter()
        try:
            ensure_open()
            user = self._who(environ.get("HTTP_COOKIE", ""))
            if user is None or user.must_change_password:
                return None
            request = Request(environ, populate_request=False)
            response = way.answer(user.actor, ident, request, self._app.config["LMS"].accel_redirect)
        except (LmsError, OSError, OperationalError, InterfaceError):
            return None
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if headers.is_request_id(given) else headers.new_request_id()
        said = requestlog.Said(
            request_id=request_id,
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            endpoint=way.endpoint,
            status=response.status_code,
            length=response.content_length,
            member=user.actor.id,
        )
        requestlog.note(said, time.perf_counter() - began)
        body: Iterable[bytes] = response.response  # type: ignore[assignment]
        # Not response(environ, start_response): what it makes good has been right from the start here.
        return response.status, [*response.headers, *ALWAYS, ("X-Request-ID", request_id)], body

    def _who(self, cookies: str) -> SignedIn | None:
        """Give who asks when this process has verified the cookie before; the database is asked as always."""
        sessions = self._app.session_interface
        if not isinstance(sessions, RememberingSessions):
            return None
        known = sessions.remembered(self._app, _cookie(cookies, self._app.config["SESSION_COOKIE_NAME"]))
        if known is None:
            return None
        return signin.load(self._app.extensions["actors"], str(known.get("_user_id", "")))


def _way_of(path: str) -> tuple[_Way | None, int]:
    for way in _ways:
        found = way.address.fullmatch(path)
        if found:
            return way, int(found.group(1))
    return None, 0


def _cookie(cookies: str, name: str) -> str:
    """Give the value of a cookie of ours as it stands there; empty when it is not there."""
    for pair in cookies.split(";"):
        found, _, value = pair.strip().partition("=")
        if found == name:
            return value
    return ""
