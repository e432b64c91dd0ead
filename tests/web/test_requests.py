"""What a process knows of a browser's requests again is what werkzeug would read of each anew."""

import pytest
from apiflask import APIFlask
from flask import Flask, request
from werkzeug.test import EnvironBuilder

COOKIES = [
    "",
    "lms_locale=en",
    'a=1; a=2; b="x\\054y"',
    "lms_theme=dark;;=odd; \xe5\xad\xa6=\xe4\xb9\xa0",
    "k=" + "v" * 1200,
]
PATHS = [
    "/books",
    "/books/1",
    "//books",
    "/books//1",
    "/%E5%AD%A6",
    "/%ff?q=%E5%AD%A6&q=%ff",
    "/search?q=a%20b",
    "/books/",
]


@pytest.mark.parametrize("sent", COOKIES)
def test_cookies_are_read_as_they_are_sent(app: APIFlask, sent: str) -> None:
    for _ in range(2):
        with app.test_request_context("/", headers={"Cookie": sent}):
            plain = Flask.request_class(request.environ).cookies
            assert request.cookies.to_dict(flat=False) == plain.to_dict(flat=False)


def test_what_an_address_says_and_does_not_say_is_found_as_werkzeug_finds_it(app: APIFlask) -> None:
    with app.test_request_context("/?a=1&a=2&b=x&c="):
        plain = Flask.request_class(request.environ).args
        for name in ("a", "b", "c", "d"):
            for default in (None, "9"):
                assert request.args.get(name, default) == plain.get(name, default)
                assert request.args.get(name, default, type=int) == plain.get(name, default, type=int)


@pytest.mark.parametrize("path", PATHS)
def test_addresses_are_matched_as_for_the_first_request_of_a_host(app: APIFlask, path: str) -> None:
    for host, mount in (("here.cn:8000", ""), ("b\xfccher.cn", "/learn"), ("[::1]", "")):
        environ = EnvironBuilder(path, f"http://{host}{mount}/").get_environ()
        asked = [app.request_class(dict(environ)) for _ in range(2)]
        first, again = (vars(app.create_url_adapter(one)) for one in asked)
        assert first == again
        assert asked[0].host == asked[1].host
