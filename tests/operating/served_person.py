"""A person at a served instance: a browser with cookies, each request over a connection of its own."""

import re
from http.cookiejar import CookieJar
from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Person:
    """Opens pages and sends forms; without keeping connections, so that any web process may answer."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self._token = ""

    def get(self, path: str) -> tuple[int, str]:
        """Open a page and give its status and text."""
        return self._ask(Request(self._address + path))

    def send(self, path: str, fields: dict[str, Any]) -> tuple[int, str]:
        """Send a form with its token, as multipart when it holds a file (name, content)."""
        if not self._token:
            self.renew_token()
        fields = {"csrf_token": self._token, **fields}
        if any(isinstance(value, tuple) for value in fields.values()):
            request = Request(self._address + path, data=_multipart(fields))
            request.add_header("Content-Type", "multipart/form-data; boundary=x")
        else:
            request = Request(self._address + path, data=urlencode(fields).encode())
        return self._ask(request)

    def renew_token(self) -> None:
        """Take a token from a form, as this session has it now."""
        _, shown = self.get("/account/password")
        found = TOKEN.search(shown)
        assert found, shown
        self._token = found.group(1)

    def sign_in(self, login: str, password: str) -> int:
        """Sign in and give the status of the page come to."""
        self.renew_token()
        status, _ = self.send("/sign-in", {"login": login, "password": password})
        self._token = ""
        return status

    def _ask(self, request: Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=150) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()


def _multipart(fields: dict[str, Any]) -> bytes:
    body = BytesIO()
    for name, value in fields.items():
        file_name, content = value if isinstance(value, tuple) else ("", str(value).encode())
        ending = f'; filename="{file_name}"' if file_name else ""
        body.write(f'--x\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'.encode())
        body.write(content + b"\r\n")
    body.write(b"--x--\r\n")
    return body.getvalue()
