"""The own password: changed with the old one asked, forced at first sign-in, ending other sessions."""

from collections.abc import Callable

import pytest

from lms import clock
from lms.members import pages, passwords, rules
from lms.members.models import Member
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[..., Browser]
OLD = "tea at four o'clock"
NEW = "rain on the window"


@pytest.fixture
def reader(make: Make) -> Member:
    return make.member(name="王淑兰", phone="10012345678", password_hash=passwords.make_hash(OLD))


def change(page: Browser, old: str = OLD, new: str = NEW, again: str | None = None):
    return page.post("/account/password", {"old": old, "new": new, "again": new if again is None else again})


def test_a_new_password_counts_from_then_on_and_the_old_one_no_more(browser: Open, reader: Member) -> None:
    page = browser(reader)
    assert change(page).status_code == 303
    kept = Member.get_by_id(reader.id).password_hash
    assert passwords.matches(kept, NEW)
    assert not passwords.matches(kept, OLD)


def test_changing_the_password_ends_every_other_session_and_this_one_goes_on(browser: Open, reader: Member) -> None:
    here, elsewhere = browser(reader), browser(reader)
    assert elsewhere.get("/account").status_code == 200
    change(here)
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("", NEW, NEW, "old"),
        ("not the old one", NEW, NEW, "old"),
        (OLD, "short", "short", "new"),
        (OLD, "", "", "new"),
        (OLD, "x" * 201, "x" * 201, "new"),
        (OLD, OLD, OLD, "new"),
        (OLD, "10012345678", "10012345678", "new"),
        (OLD, "王淑兰10012345678", "王淑兰10012345678", "new"),
        (OLD, "12345678", "12345678", "new"),
        (OLD, "PASSWORD", "PASSWORD", "new"),
        (OLD, "aaaaaaaaaa", "aaaaaaaaaa", "new"),
        (OLD, "abababababab", "abababababab", "new"),
        (OLD, "hgfedcba", "hgfedcba", "new"),
        (OLD, "woaini1314", "woaini1314", "new"),
        (OLD, NEW, "rain on the windows", "again"),
    ],
)
def test_a_password_that_cannot_be_taken_is_refused_beside_its_field(
    browser: Open, reader: Member, old: str, new: str, again: str, field: str
) -> None:
    answer = change(browser(reader), old, new, again)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.get_data(as_text=True)
    assert passwords.matches(Member.get_by_id(reader.id).password_hash, OLD)


@pytest.mark.parametrize("good", ["cold rain in May", "三月桃花水满江南岸", "p!9xWq2#", "1990年10月的北方"])
def test_a_sentence_or_a_mixture_is_taken(browser: Open, reader: Member, good: str) -> None:
    assert change(browser(reader), new=good).status_code == 303


def test_guesses_at_the_old_password_are_throttled_together_with_those_at_sign_in(
    browser: Open, reader: Member
) -> None:
    page = browser(reader)
    for _ in range(rules.ACCOUNT_TRIES):
        assert change(page, old="a guess").status_code == 422
    assert change(page).status_code == 429
    assert browser().post("/sign-in", {"login": "王淑兰", "password": OLD}).status_code == 429


def test_a_newcomer_must_choose_a_password_before_anything_else_and_then_goes_on(browser: Open, make: Make) -> None:
    make.member(name="田小雨", password_hash=passwords.make_hash(OLD), must_change_password=True)
    page = browser()
    first = page.post("/sign-in", {"login": "田小雨", "password": OLD, "next": "/books"})
    assert first.headers["Location"] == "/account/password?next=/books"
    page._token = ""
    assert page.get("/books").headers["Location"] == "/account/password"
    assert page.client.get("/api/v1/units").status_code == 403
    done = page.post("/account/password", {"old": OLD, "new": NEW, "again": NEW, "next": "/books"})
    assert done.headers["Location"] == "/books"
    assert page.get("/account").status_code == 200


@pytest.mark.parametrize("typed", ["pybr-tgc9", "pybrtgc9", "PYBR tgc9", "Pybr–Tgc9 "])
def test_a_first_password_is_taken_as_it_is_typed_from_paper_and_not_asked_for_twice(
    browser: Open, make: Make, typed: str
) -> None:
    member = make.member(name="田小雨", password_hash=passwords.make_hash("pybr-tgc9"), must_change_password=True)
    page = browser()
    assert page.post("/sign-in", {"login": "田小雨", "password": typed}).status_code == 303
    page._token = ""
    assert 'name="old"' not in page.get("/account/password").get_data(as_text=True)
    assert page.post("/account/password", {"new": "pybrtgc9", "again": "pybrtgc9"}).status_code == 422
    with clock.at(clock.now() + pages.STILL_FRESH):
        assert 'name="old"' in page.get("/account/password").get_data(as_text=True)
        assert page.post("/account/password", {"new": NEW, "again": NEW}).status_code == 422
    assert page.post("/account/password", {"new": NEW, "again": NEW}).status_code == 303
    assert passwords.matches(Member.get_by_id(member.id).password_hash, NEW)
    assert not passwords.matches(Member.get_by_id(member.id).password_hash, typed)


def test_the_session_of_a_member_whose_account_is_closed_ends(browser: Open, reader: Member) -> None:
    page = browser(reader)
    Member.update(deactivated_at=clock.now()).where(Member.id == reader.id).execute()
    assert page.get("/account").status_code == 303
    assert browser().post("/sign-in", {"login": "王淑兰", "password": OLD}).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "1", "1:x", "999999:1", "1:2", "-1:1"])
def test_a_session_that_names_nobody_is_nobody(browser: Open, reader: Member, cookie: str) -> None:
    page = browser()
    with page.client.session_transaction() as session:
        session["_user_id"] = cookie
    assert page.get("/account").status_code == 303
