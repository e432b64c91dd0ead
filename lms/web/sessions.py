"""The session's cookie and the token of its forms: verified and signed once in a process, then remembered.

A browser sends the same cookie until the session changes, and gets the same token into every form. Whether the member
may still come in does not hang on the cookie alone: ``signin`` asks the database at every request.
"""

import time
from typing import Any

from apiflask import APIFlask
from flask import Flask, Request, Response, current_app, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer

from lms.memory import Memory
from lms.web.responses import Answer

REMEMBERED = 2000
UNCHANGING = (str, int, bool)


class RememberingSessions(SecureCookieSessionInterface):
    """Flask's signed cookies, each of which is verified and read only when it comes for the first time."""

    def __init__(self) -> None:
        """Begin with nothing remembered."""
        self._opened: Memory[str, tuple[dict[str, Any], float]] = Memory(REMEMBERED)
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Give the signer of cookies, which is the same as long as the application runs."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Give the session of a cookie; an empty one if the cookie is forged, expired or not there."""
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        kept = self.remembered(app, cookie)
        if kept is not None:
            return self.session_class(kept)
        opened = super().open_session(app, request)
        if opened:
            self._remember(app, cookie)
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie of a session that was changed; one that was only read, as by nearly all, needs no cookie."""
        needless = session and not self.should_set_cookie(app, session)
        if not needless or not isinstance(response, Answer) or "Vary" in response.headers:
            super().save_session(app, session, response)
        elif session.accessed:
            response.beside = (*response.beside, ("Vary", "Cookie"))

    def remembered(self, app: Flask, cookie: str) -> dict[str, Any] | None:
        """Give what a cookie holds that was verified before and has not expired; not to be changed."""
        kept = self._opened.get(cookie)
        if kept is None or not 0 <= time.time() - kept[1] <= app.permanent_session_lifetime.total_seconds():
            return None
        return kept[0]

    def _remember(self, app: Flask, cookie: str) -> None:
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return
        try:
            values, signed = serializer.loads(cookie, return_timestamp=True)
        except BadSignature:
            return
        # What a request may change in place, like the list of messages to show, belongs to that request alone.
        if all(isinstance(value, UNCHANGING) for value in values.values()):
            self._opened.put(cookie, (values, signed.timestamp()))


def init_app(app: APIFlask) -> None:
    """Open sessions and sign tokens in this way. The CSRF protection must be set up before."""
    app.session_interface = RememberingSessions()
    app.extensions["csrf_tokens"] = Memory[str, str](REMEMBERED)
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.context_processor(lambda: {"csrf_token": csrf_token})


def csrf_token() -> str:
    """Give the token for the forms of this session. It is good as long as the session is."""
    signed: Memory[str, str] = current_app.extensions["csrf_tokens"]
    opened = session._get_current_object()  # type: ignore[attr-defined]
    raw = opened.get("csrf_token")
    token = signed.get(raw) if isinstance(raw, str) else None
    if token is None:
        token = str(generate_csrf())
        signed.put(opened["csrf_token"], token)
    return token
