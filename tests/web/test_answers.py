"""What stands beside every answer is sent with it, once, and never instead of what an answer says itself."""

import pytest
from apiflask import APIFlask
from werkzeug.wrappers import Response

from lms.web.headers import FIXED_FOR_PAGES
from lms.web.responses import Answer

BESIDE = (("Cache-Control", "private, no-store"), ("X-Content-Type-Options", "nosniff"))


def sent(app: APIFlask, answer: Response) -> list[tuple[str, str]]:
    with app.test_request_context("/a/"):
        made = app.make_response(answer)
        assert isinstance(made, Answer)
        made.beside = BESIDE
        return made.get_wsgi_response({"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "HTTP_HOST": "here"})[2]


@pytest.mark.parametrize("answer", ["text", ({"a": 1}, 200), ("made", 201, {"Location": "/b"}), (iter(["a"]), 200)])
def test_what_stands_beside_is_added(app: APIFlask, answer: object) -> None:
    headers = sent(app, answer)  # type: ignore[arg-type]
    assert all(headers.count(one) == 1 for one in BESIDE)


def test_an_answers_own_word_goes_first(app: APIFlask) -> None:
    headers = sent(app, Response("text", headers={"cache-control": "private, no-cache"}))
    assert [value for name, value in headers if name.lower() == "cache-control"] == ["private, no-cache"]


def test_each_kind_of_answer_is_hardened(app: APIFlask) -> None:
    client = app.test_client()
    for path, status in (("/sign-in", 200), ("/", 303), ("/nothing", 404), ("/api/v1/search", 401), ("/healthz", 200)):
        answer = client.get(path, headers={"X-Request-ID": "of-the-proxy"})
        assert answer.status_code == status
        assert all(answer.headers.getlist(name) == [value] for name, value in FIXED_FOR_PAGES)
        assert answer.headers.getlist("X-Request-ID") == ["of-the-proxy"]


def test_a_page_of_a_session_says_that_it_varies(app: APIFlask) -> None:
    client = app.test_client()
    assert client.get("/sign-in").headers.getlist("Vary") == ["Cookie"], "which begins one"
    assert client.get("/sign-in").headers.getlist("Vary") == ["Cookie"], "which only reads it"
    assert client.get("/healthz").headers.getlist("Vary") == []
