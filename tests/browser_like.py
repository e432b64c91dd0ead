"""A test client that behaves as a browser does: cookies, CSRF token with every form, no other shortcuts."""

import re
from typing import Any

from apiflask import APIFlask
from werkzeug.test import TestResponse

from lms.members.models import Member

SESSION = "lms_session"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """A browser of one person. ``get`` and ``post`` give werkzeug's TestResponse; ``api`` speaks JSON."""

    def __init__(self, app: APIFlask, member: Member | None) -> None:
        """Open a browser; a member given is signed in as the sign-in page would do it."""
        self.client = app.test_client()
        self._token = ""
        if member is not None:
            with self.client.session_transaction() as session:
                session["_user_id"] = f"{member.id}:{member.session_version}"
                session["_fresh"] = True

    def session(self) -> tuple[str, str]:
        """Give the token and the cookie of this session, for another browser that goes on with it."""
        token, cookie = self.token(), self.client.get_cookie(SESSION)
        assert cookie
        return token, cookie.value

    def go_on(self, session: tuple[str, str]) -> "Browser":
        """Go on with a session that was begun elsewhere."""
        self._token, cookie = session
        self.client.set_cookie(SESSION, cookie)
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **options)

    def token(self) -> str:
        """Give a CSRF token of this session, taken from a form as a browser would."""
        if not self._token:
            page = self.client.get("/account/password", follow_redirects=True).get_data(as_text=True)
            found = TOKEN.search(page)
            assert found, "no form with a CSRF token found"
            self._token = found.group(1)
        return self._token

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with its CSRF token."""
        return self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **options)

    def api(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        """Call the API as a script of a signed-in page does: JSON, token in the header."""
        headers = {"X-CSRFToken": self.token(), **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, json=json, headers=headers, **options)
