"""What goes wrong is answered in the form its asker reads, with an id and without a trace."""

import logging
import re
from collections.abc import Callable

import pytest
from apiflask import APIFlask

from lms.config import Settings
from lms.db import database
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[..., Browser]


@pytest.mark.parametrize("address", ["/nowhere", "/people/x", "/books/99999999999999999999", "/%00", "/ä"])
def test_an_address_that_does_not_exist_is_a_page_for_people(browser: Open, make: Make, address: str) -> None:
    for page in (browser(), browser(make.member())):
        answer = page.get(address)
        assert answer.status_code == 404
        shown = answer.get_data(as_text=True)
        assert "<h1>" in shown
        assert answer.headers["X-Request-ID"] in shown


def test_the_same_under_the_api_is_a_problem_for_programs(browser: Open, make: Make) -> None:
    answer = browser(make.member()).client.get("/api/v1/nowhere")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_a_method_that_an_address_does_not_take_names_those_it_takes(browser: Open, make: Make) -> None:
    answer = browser(make.member()).client.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_an_address_that_is_too_long_is_said_so_in_the_form_its_asker_reads(browser: Open, make: Make) -> None:
    for page in (browser(), browser(make.member())):
        answer = page.get("/books?q=" + "x" * 4100)
        assert (answer.status_code, "网址太长" in answer.text) == (414, True)
        assert page.get("/books?q=" + "x" * 4000).status_code != 414
    problem = browser(make.member()).get("/api/v1/books?q=" + "x" * 4100)
    assert (problem.status_code, problem.content_type) == (414, "application/problem+json")


def test_a_form_refused_on_the_page_it_stands_on_leads_back_to_that_page(browser: Open, make: Make) -> None:
    page = browser(make.member())
    here = {"Referer": "http://localhost/notes/new"}
    refused = page.client.post("/notes/new", data={}, headers=here)
    assert refused.status_code == 400
    assert 'href="/notes/new"' in refused.text.split('class="error-page"')[1]
    assert 'href="/sign-out"' not in page.client.get("/sign-out", headers={"Referer": "http://localhost/sign-out"}).text


def test_a_database_that_cannot_be_reached_is_said_in_words_without_looking_anybody_up(
    app: APIFlask, browser: Open, make: Make, service: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    page = browser(make.member())
    page.token()
    caplog.set_level(logging.CRITICAL)
    database.execute_sql('ALTER TABLE "member" RENAME TO "member_gone"')
    try:
        answers = [page.get(address) for address in ("/account", "/api/v1/session")]
    finally:
        database.execute_sql('ALTER TABLE "member_gone" RENAME TO "member"')
    for answer in answers:
        shown = answer.get_data(as_text=True)
        assert answer.status_code in (500, 503)
        assert "Traceback" not in shown
        assert "member_gone" not in shown
        assert answer.headers["X-Request-ID"] in shown


@pytest.mark.parametrize("given", ["abc-DEF_12.34", "x" * 64])
def test_a_request_id_of_the_proxy_is_kept(browser: Open, given: str) -> None:
    assert browser().get("/sign-in", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f g", "<script>alert(1)</script>"])
def test_a_request_id_that_could_do_harm_is_replaced(browser: Open, given: str) -> None:
    assert re.fullmatch(
        r"[0-9a-f]{16}", browser().get("/sign-in", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    )


def test_every_answer_carries_the_policy_that_forbids_what_is_not_ours(browser: Open, make: Make) -> None:
    for page in (browser().get("/sign-in"), browser(make.member()).get("/account"), browser().get("/nowhere")):
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Cache-Control"] == "private, no-store"
        shown = page.get_data(as_text=True)
        assert not re.search(r"<[^>]+ (style|on\w+)=", shown)
        assert not re.search(r"<script(?![^>]*src=)", shown)


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(browser: Open) -> None:
    cookie = browser().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_what_a_schema_refuses_is_said_in_the_readers_language(browser: Open, make: Make) -> None:
    desk = browser(make.member(role="administrator"))
    refused = desk.api("POST", "/books", json={"year": "long ago"}, headers={"Accept-Language": "zh-CN"})
    assert refused.status_code == 422
    errors = refused.get_json()["errors"]
    assert errors["title"] == ["必须填写。"]
    assert errors["year"] == ["必须是数字。"]


def test_a_script_of_a_page_is_answered_in_the_language_of_the_page_on_phones_sold_with_an_english_header(
    browser: Open, make: Make
) -> None:
    desk = browser(make.member(role="administrator"))
    phone = {"Accept-Language": "en", "Referer": "http://localhost/books/new"}
    assert desk.api("POST", "/books", json={}, headers=phone).json["errors"]["title"] == ["必须填写。"]
    for elsewhere in ("", "http://localhost.example.org/", "http://[", "localhost"):
        said = desk.api("POST", "/books", json={}, headers={**phone, "Referer": elsewhere}).json["errors"]["title"]
        assert said != ["必须填写。"], elsewhere


def test_the_description_names_the_form_of_every_failure(browser: Open) -> None:
    described = browser(None).get("/api/openapi.json").get_json()
    assert {"type", "title", "status", "detail", "request_id", "errors"} <= set(
        described["components"]["schemas"]["web.Problem"]["properties"]
    )


def test_the_page_of_an_error_leads_back_to_where_its_reader_came_from_and_never_elsewhere(
    browser: Open, make: Make
) -> None:
    page = browser(make.member())
    shown = page.client.get("/nowhere", headers={"Referer": "http://localhost/books?page=2"}).get_data(as_text=True)
    assert 'href="/books?page=2">回到刚才的页面' in shown
    here, evil = "http://localhost/nowhere", "http://localhost//evil"
    for stranger in ("http://elsewhere.example/books", here, evil, "nonsense"):
        answer = page.client.get("/nowhere", headers={"Referer": stranger})
        assert "回到刚才的页面" not in answer.get_data(as_text=True)
