"""Cookies, headers and addresses that no browser of ours would send."""

import base64
import json
from collections.abc import Callable
from io import RawIOBase

import pytest
from apiflask import APIFlask
from gunicorn.http.errors import InvalidChunkSize

from lms.members.models import Member
from lms.members.passwords import make_hash
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
PASSWORD = "rain on the window"
UNSIGNED = base64.urlsafe_b64encode(json.dumps({"_user_id": "1:1", "_fresh": True}).encode()).decode().rstrip("=")

SESSIONS = ["", "x", "a.b.c", f"{UNSIGNED}.aaaaaa.bbbbbb", f".{UNSIGNED}", "%00", "\x7f", "\u7684", "." * 3500]
ELSEWHERE = [
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "http:/evil.example",
    "evil.example",
    "//[",
    "/%0d%0aX-Injected: 1\r\nX-Injected: 1",
]


@pytest.mark.parametrize("value", SESSIONS)
def test_a_session_that_was_not_made_here_is_nobodys(app: APIFlask, browser: Open, make: Make, value: str) -> None:
    make.member()
    stranger = browser(None)
    answer = stranger.client.get("/account", headers={"Cookie": f"lms_session={value}; lms_locale=x; =; a"})
    assert (answer.status_code, "/sign-in" in answer.headers["Location"]) == (303, True)


def test_a_session_ends_when_a_new_password_moves_its_version_on(browser: Open, make: Make) -> None:
    member = make.member()
    before = browser(member)
    assert before.get("/account").status_code == 200
    Member.update(session_version=Member.session_version + 1).where(Member.id == member.id).execute()
    assert before.get("/account").status_code == 303


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_after_signing_in_nobody_is_led_elsewhere(browser: Open, make: Make, wanted: str) -> None:
    make.member(name="王淑兰", password_hash=make_hash(PASSWORD))
    stranger = browser(None)
    answer = stranger.post("/sign-in", {"login": "王淑兰", "password": PASSWORD, "next": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "X-Injected" not in answer.headers


def test_after_signing_in_a_page_of_ours_is_gone_on_to(browser: Open, make: Make) -> None:
    make.member(name="王淑兰", password_hash=make_hash(PASSWORD))
    answer = browser(None).post(
        "/sign-in", {"login": "王淑兰", "password": PASSWORD, "next": "/search?q=%E8%AF%BB&kind=book"}
    )
    assert answer.headers["Location"] == "/search?q=%E8%AF%BB&kind=book"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=9-1,,-,a-b"},
        {"Range": "bytes=" + "0-0," * 2000},
        {"Range": "lines=1-2"},
        {"Range": "bytes=-" + "9" * 5000},
        {"If-Modified-Since": "yesterday", "If-None-Match": '"' * 99, "If-Range": "x"},
        {"Accept-Language": "x" * 5000 + ";q=2,,;;", "Accept": "\xff/*"},
        {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "' OR 1=1 --"},
        {"Content-Length": "-1"},
        {"Content-Length": "abc"},
        {"X-CSRFToken": "\xff\xfe", "Referer": "//[", "Origin": "null"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Authorization": "Basic \xff"},
    ],
    ids=lambda headers: next(iter(headers)),
)
@pytest.mark.parametrize("path", ["/books", "/api/v1/books", "/static/css/garden.css", "/search?q=a", "/metrics"])
def test_headers_that_mean_nothing_do_no_harm(
    browser: Open, make: Make, path: str, headers: dict[str, str], tmp_path: object
) -> None:
    answer = browser(make.member()).client.get(path, headers=headers)
    assert answer.status_code < 500 or (path.startswith("/search") and answer.status_code == 503)
    assert "evil.example" not in answer.get_data(as_text=True) + str(answer.headers)
    answer.close()


@pytest.mark.parametrize("path", ["/books", "/nowhere", "/api/v1/books", "/static/css/garden.css"])
def test_a_name_of_the_service_that_is_none_is_refused_in_its_look(browser: Open, make: Make, path: str) -> None:
    answer = browser(make.member()).client.get(path, headers={"Host": "x..y"})
    assert answer.status_code == 400
    if path.startswith("/api/"):
        assert answer.content_type == "application/problem+json"
        assert "服务器没有看懂" in answer.get_json()["detail"]
    else:
        assert "服务器没有看懂" in answer.get_data(as_text=True)


def test_an_address_of_any_length_is_answered(browser: Open, make: Make) -> None:
    reader = browser(make.member())
    for times, status in ((1, 200), (20, 414)):
        assert reader.get("/" + "x" * 4000 * times).status_code == (404 if times == 1 else 414)
        assert reader.get("/books?q=" + "%E4%B9%A6" * 400 * times).status_code == status
        assert reader.get("/books?" + "&".join(f"a{n}=1" for n in range(400 * times))).status_code == status


class Garbled(RawIOBase):
    """A chunked body as gunicorn hands it over, that breaks the rules at its first chunk."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise InvalidChunkSize(b"zz")


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/session"])
def test_a_chunked_body_that_breaks_the_rules_is_refused(browser: Open, path: str) -> None:
    answer = browser(None).client.post(
        path,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": Garbled(), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert answer.status_code in (400, 422)


def test_a_script_is_kept_only_under_an_address_that_changes_with_it(browser: Open) -> None:
    stranger = browser(None)
    kept = stranger.get("/static/js/pieces.js?v=1")
    asked = stranger.get("/static/js/pieces/piece.js")
    assert ("max-age=31536000" in kept.headers["Cache-Control"], asked.headers["Cache-Control"]) == (True, "no-cache")
    again = stranger.client.get("/static/js/pieces/piece.js", headers={"If-None-Match": asked.headers["ETag"]})
    assert again.status_code == 304
    for answer in (kept, asked, again):
        answer.close()
