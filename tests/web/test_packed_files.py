"""What every page loads goes over the line packed, to who can unpack it; pages never do."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

from lms.web import packed_files
from tests.browser_like import Browser
from tests.factories import Make

PACKS = {"Accept-Encoding": "gzip, deflate, br"}
STATIC = Path(packed_files.__file__).parent.parent / "static"


def test_a_stylesheet_is_packed_for_who_can_unpack_it_and_is_known_again(browser: Callable[..., Browser]) -> None:
    page = browser()
    found = re.search(r'href="(/static/css/garden\.css\?v=\w+)"', page.get("/sign-in").text)
    assert found
    plain = (STATIC / "css/garden.css").read_bytes()
    packed = page.get(found[1], headers=PACKS)
    assert (packed.headers["Content-Encoding"], packed.mimetype) == ("gzip", "text/css")
    assert gzip.decompress(packed.data) == plain
    assert len(packed.data) * 4 < len(plain)
    assert "max-age=31536000" in packed.headers["Cache-Control"]
    again = page.get(found[1], headers={**PACKS, "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for refuses in ({}, {"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "identity"}):
        with page.get(found[1], headers=refuses) as whole:
            assert "Content-Encoding" not in whole.headers
            assert whole.data == plain
            assert whole.headers["ETag"] != packed.headers["ETag"]
            assert whole.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_an_imported_script_is_asked_for_anew_and_what_is_no_file_is_not_there(browser: Callable[..., Browser]) -> None:
    page = browser()
    script = page.get("/static/js/pieces/piece.js", headers=PACKS)
    assert (script.headers["Content-Encoding"], script.headers["Cache-Control"]) == ("gzip", "no-cache")
    for address in ("/static/js/nothing.js", "/static/../lms/config.py", "/static/js"):
        assert page.get(address, headers=PACKS).status_code == 404


def test_a_page_which_holds_its_readers_token_is_never_packed(browser: Callable[..., Browser], make: Make) -> None:
    answer = browser(make.member()).get("/account", headers=PACKS)
    assert "csrf_token" in answer.text
    assert "Content-Encoding" not in answer.headers
