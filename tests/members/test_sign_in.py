"""Signing in and out as a browser meets it."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from lms import clock
from lms.members import passwords, rules
from lms.members.models import Member, SignInFailure
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[..., Browser]
SECRET = "tea at four o'clock"


def enter(browser: Browser, login: str, password: str, **options: object):
    return browser.post("/sign-in", {"login": login, "password": password}, **options)


def is_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


@pytest.fixture
def reader(make: Make) -> Member:
    return make.member(name="王淑兰", phone="10012345678", password_hash=passwords.make_hash(SECRET))


@pytest.mark.parametrize(
    "login",
    ["王淑兰", " 王淑兰 ", "王　淑兰", "10012345678", "100 1234 5678", "+86 100-1234-5678", "１００１２３４５６７８"],
)
def test_a_member_signs_in_by_name_or_phone_however_it_is_spaced(browser: Open, reader: Member, login: str) -> None:
    page = browser()
    answer = enter(page, login, SECRET)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "王淑兰" in page.get("/account").get_data(as_text=True)


def test_a_password_typed_in_full_width_letters_is_the_same_password(browser: Open, make: Make) -> None:
    make.member(name="陈志远", password_hash=passwords.make_hash("reading1950"))
    page = browser()
    enter(page, "陈志远", "ｒｅａｄｉｎｇ１９５０")
    assert is_in(page)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("王淑兰", "tea at five o'clock"),
        ("王淑芳", SECRET),
        ("10012345679", SECRET),
        ("\x00", SECRET),
        ("王淑兰", "x" * 5000),
    ],
)
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    browser: Open, reader: Member, login: str, password: str
) -> None:
    page = browser()
    answer = enter(page, login, password)
    assert answer.status_code == 401
    assert "sign in with your phone number" in answer.get_data(as_text=True) or "手机号" in answer.get_data(
        as_text=True
    )
    assert not is_in(page)


def test_what_was_typed_as_name_stays_and_the_password_does_not(browser: Open, reader: Member) -> None:
    text = enter(browser(), "王淑兰", "tea at five").get_data(as_text=True)
    assert 'value="王淑兰"' in text
    assert "tea at five" not in text


@pytest.mark.parametrize(
    ("login", "password", "field"), [("", SECRET, "login"), ("   ", SECRET, "login"), ("王淑兰", "", "password")]
)
def test_an_empty_field_is_named_and_counts_as_no_guess(
    browser: Open, reader: Member, login: str, password: str, field: str
) -> None:
    answer = enter(browser(), login, password)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.get_data(as_text=True)
    assert SignInFailure.select().count() == 0


def test_two_members_of_one_name_come_in_only_by_their_phones(browser: Open, make: Make) -> None:
    one = make.member(name="李静", phone="10055550001", password_hash=passwords.make_hash(SECRET))
    make.member(name="李静", phone="10055550002", password_hash=passwords.make_hash("another secret"))
    page = browser()
    assert enter(page, "李静", SECRET).status_code == 401
    assert enter(page, "10055550001", SECRET).status_code == 303
    assert str(one.phone) in page.get("/account").get_data(as_text=True)


def test_signing_out_ends_the_session_and_an_old_cookie_of_nobody_gives_nothing(browser: Open, reader: Member) -> None:
    page = browser(reader)
    assert is_in(page)
    assert page.post("/sign-out").status_code == 303
    assert not is_in(page)


def test_the_account_goes_on_counting_guesses_from_several_addresses_and_says_how_long(
    browser: Open, reader: Member
) -> None:
    for number in range(rules.ACCOUNT_TRIES):
        login = "王淑兰" if number % 2 else "10012345678"
        assert enter(browser(), login, "guess", environ_base={"REMOTE_ADDR": f"10.0.0.{number}"}).status_code == 401
    answer = enter(browser(), "王淑兰", SECRET, environ_base={"REMOTE_ADDR": "10.0.9.9"})
    assert answer.status_code == 429
    assert "15" in answer.get_data(as_text=True)
    assert answer.headers["Retry-After"] == str(15 * 60)


def test_an_account_that_does_not_exist_is_throttled_just_so(browser: Open, reader: Member) -> None:
    statuses = [enter(browser(), "没有这个人", "guess").status_code for _ in range(rules.ACCOUNT_TRIES + 1)]
    assert statuses == [401] * rules.ACCOUNT_TRIES + [429]


def test_after_the_wait_the_right_password_opens_again(browser: Open, reader: Member) -> None:
    for _ in range(rules.ACCOUNT_TRIES):
        enter(browser(), "王淑兰", "guess")
    assert enter(browser(), "王淑兰", SECRET).status_code == 429
    with clock.at(clock.now() + rules.TRIES_WINDOW + timedelta(seconds=1)):
        assert enter(browser(), "王淑兰", SECRET).status_code == 303


def test_a_success_clears_the_counter_of_the_account(browser: Open, reader: Member) -> None:
    for _ in range(3):
        for _ in range(rules.ACCOUNT_TRIES - 1):
            enter(browser(), "王淑兰", "guess")
        assert enter(browser(), "王淑兰", SECRET).status_code == 303


def test_one_address_guessing_at_many_accounts_is_stopped_and_others_are_not(browser: Open, reader: Member) -> None:
    for number in range(rules.ADDRESS_TRIES):
        enter(browser(), f"某人{number}", "guess", environ_base={"REMOTE_ADDR": "10.7.7.7"})
    assert enter(browser(), "王淑兰", SECRET, environ_base={"REMOTE_ADDR": "10.7.7.7"}).status_code == 429
    assert enter(browser(), "王淑兰", SECRET, environ_base={"REMOTE_ADDR": "10.7.7.8"}).status_code == 303


def test_addresses_of_one_ipv6_network_count_together(browser: Open, reader: Member) -> None:
    for number in range(rules.ADDRESS_TRIES):
        address = f"2001:db8:1:2::{number + 1:x}"
        enter(browser(), f"某人{number}", "guess", environ_base={"REMOTE_ADDR": address})
    same = {"REMOTE_ADDR": "2001:db8:1:2:ffff::1"}
    assert enter(browser(), "王淑兰", SECRET, environ_base=same).status_code == 429


def test_old_failures_are_swept_away(browser: Open, reader: Member) -> None:
    with clock.at(clock.now() - timedelta(hours=2)):
        enter(browser(), "王淑兰", "guess")
    enter(browser(), "没有这个人", "guess")
    assert SignInFailure.select().where(SignInFailure.key == f"m:{reader.id}").count() == 0


def test_neither_password_nor_typed_name_reaches_a_log_or_the_failures(
    browser: Open, reader: Member, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    enter(browser(), "mistyped-secret", "another-secret")
    enter(browser(), "王淑兰", SECRET)
    kept = " ".join(key for (key,) in SignInFailure.select(SignInFailure.key).tuples()) + caplog.text
    assert "mistyped-secret" not in kept
    assert "another-secret" not in kept
    assert SECRET not in kept


def test_a_hash_of_another_cost_is_made_anew_at_sign_in(browser: Open, make: Make) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1).hash(SECRET)
    member = make.member(name="沈若楠", password_hash=old)
    enter(browser(), "沈若楠", SECRET)
    kept = Member.get_by_id(member.id).password_hash
    assert kept != old
    assert passwords.matches(kept, SECRET)
    assert not passwords.is_outdated(kept)


def test_a_hash_of_the_cost_in_force_stays(browser: Open, reader: Member) -> None:
    before = Member.get_by_id(reader.id).password_hash
    enter(browser(), "王淑兰", SECRET)
    assert Member.get_by_id(reader.id).password_hash == before


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "\\\\evil",
    ],
)
def test_going_on_never_leads_out_of_the_house(browser: Open, reader: Member, wanted: str) -> None:
    answer = browser().post("/sign-in", {"login": "王淑兰", "password": SECRET, "next": wanted})
    assert answer.headers["Location"] == "/"


def test_going_on_leads_back_to_the_page_that_asked_for_sign_in(browser: Open, reader: Member) -> None:
    page = browser()
    door = page.get("/people?state=former")
    assert door.status_code == 303
    form = page.get(door.headers["Location"]).get_data(as_text=True)
    assert 'name="next" value="/people?state=former"' in form
    answer = page.post("/sign-in", {"login": "王淑兰", "password": SECRET, "next": "/people?state=former"})
    assert answer.headers["Location"] == "/people?state=former"


def test_who_is_signed_in_already_is_led_on_from_the_sign_in_page(browser: Open, reader: Member) -> None:
    assert browser(reader).get("/sign-in?next=/books").headers["Location"] == "/books"


def test_a_form_without_its_token_is_refused_with_a_page_that_says_what_to_do(browser: Open, reader: Member) -> None:
    page = browser()
    for token in ({}, {"csrf_token": "forged"}):
        answer = page.client.post("/sign-in", data={"login": "王淑兰", "password": SECRET, **token})
        assert answer.status_code == 400
        assert "<h1>" in answer.get_data(as_text=True)
        assert not is_in(page)


def test_signing_in_begins_a_session_of_its_own(browser: Open, reader: Member) -> None:
    page = browser()
    page.token()
    with page.client.session_transaction() as before:
        before["planted"] = "by someone else"
    enter(page, "王淑兰", SECRET)
    with page.client.session_transaction() as after:
        assert "planted" not in after
        assert after.permanent
