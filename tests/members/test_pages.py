"""The pages of people and units as a liaison and an administrator use them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.members.models import Member, Membership, RoleGrant, Unit
from tests.browser_like import Browser
from tests.factories import Make
from tests.members.conftest import Town

Open = Callable[..., Browser]
EN = {"Cookie": "lms_locale=en"}


def english(page: Browser) -> Browser:
    page.client.set_cookie("lms_locale", "en")
    return page


def text(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))  # type: ignore[attr-defined]


def test_an_administrator_adds_a_member_and_sees_the_first_password_exactly_once(browser: Open, town: Town) -> None:
    page = english(browser(town.chief))
    form = {"name": "赵雨桐", "phone": "100 6369 7405", "birth_year": "2007", "unit": town.garden.id}
    made = page.post("/people/new", form)
    assert made.status_code == 303
    slip = text(page.get(made.headers["Location"]))
    password = re.search(r'class="first-password"[^>]*>([^<]+)<', slip)
    assert password
    again = page.get(made.headers["Location"])
    assert again.status_code == 303
    assert password.group(1) not in text(page.get(again.headers["Location"]))
    newcomer = english(browser())
    inside = newcomer.post("/sign-in", {"login": "赵雨桐", "password": password.group(1)})
    assert inside.headers["Location"] == "/account/password"


def test_a_refused_form_keeps_all_that_was_typed_and_says_what_is_wrong_beside_the_field(
    browser: Open, town: Town
) -> None:
    form = {"name": "赵雨桐", "phone": "12", "birth_year": "1990", "unit": town.garden.id, "since": "2026-03-01"}
    answer = english(browser(town.chief)).post("/people/new", form)
    shown = text(answer)
    assert answer.status_code == 422
    assert 'id="f-phone-error">Please enter a phone number' in shown
    for kept in (
        'value="赵雨桐"',
        'value="12"',
        'value="1990"',
        'value="2026-03-01"',
        f'value="{town.garden.id}" selected',
    ):
        assert kept in shown
    assert Member.get_or_none(Member.name == "赵雨桐") is None


# Of these nothing stands in the page again: a choice that is not offered, a password.
CHOSEN = {"unit", "parent", "role", "kind", "old", "new", "again"}


def test_all_that_is_wrong_in_a_form_of_people_is_said_at_once_each_beside_its_field(browser: Open, town: Town) -> None:
    page, api = browser(town.chief), browser(town.chief)
    taken, other = Member.get_by_id(town.reader.id), town.liaison.id
    held = Membership.get(Membership.member == town.reader.id).id
    wrong_day = {"unit": "", "since": "gestern"}
    person = {"name": "", "phone": "12", "birth_year": "neunzehn", "position": "长" * 41}
    forms: tuple[tuple[str, dict[str, object], set[str]], ...] = (
        ("/people/new", {**person, **wrong_day}, {*person, *wrong_day}),
        (f"/people/{other}/edit", {**person, "phone": taken.phone}, {*person}),
        (f"/people/{other}/units/new", wrong_day, {*wrong_day}),
        (f"/memberships/{held}/transfer", {"unit": "x", "since": "1066-10-14"}, {*wrong_day}),
        (f"/people/{other}/roles/new", {"role": "king", "unit": "x"}, {"role", "unit"}),
        ("/units/new", {"name": "", "kind": "palace", "parent": "x"}, {"name", "kind", "parent"}),
        (f"/units/{town.garden.id}/edit", {"name": "", "kind": "palace"}, {"name", "kind"}),
        ("/lecturers/new", {"who": "", "unit": "", "since": "x", "until": "y"}, {"who", "unit", "since", "until"}),
        ("/account/password", {"old": "", "new": "1", "again": "2"}, {"old", "new", "again"}),
    )
    for address, form, fields in forms:
        answer = page.post(address, form)
        shown = text(answer)
        assert answer.status_code == 422, address
        assert set(re.findall(r'id="f-([a-z_]+)-error"', shown)) == fields, address
        listed = re.findall(r'href="#f-([a-z_]+)"', shown)
        assert listed == [name for name in form if name in fields], "in the order of the form"
        typed = {name: value for name, value in form.items() if name not in CHOSEN and value}
        assert [value for value in typed.values() if f'value="{value}"' not in shown] == [], address
    said = api.api("POST", "/members", json={"name": "  ", "phone": "abc", "unit": town.garden.id, "birth_year": 1})
    assert (said.status_code, set(said.json["errors"])) == (422, {"name", "phone", "birth_year"})
    both = page.post(f"/people/{other}/edit", {"name": "", "phone": str(taken.phone)})
    assert both.status_code == 422
    out = browser().post("/sign-in", {"login": "", "password": ""})
    assert {"login", "password"} == set(re.findall(r'id="f-([a-z_]+)-error"', text(out)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "长" * 41),
        ("name", "a\x00b"),
        ("birth_year", "nineteen"),
        ("birth_year", "1"),
        ("birth_year", "1958-02-30"),
        ("birth_year", (clock.today() + timedelta(days=2)).isoformat()),
        ("birth_year", "9" * 30),
        ("unit", ""),
        ("unit", "x"),
        ("unit", "99999999999999999999"),
        ("since", "yesterday"),
        ("since", "1066-10-14"),
    ],
)
def test_each_wrong_value_of_the_member_form_is_named(browser: Open, town: Town, field: str, value: str) -> None:
    form = {"name": "赵雨桐", "unit": town.garden.id, field: value}
    answer = browser(town.chief).post("/people/new", form)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in text(answer)


def test_the_pages_of_a_member_take_them_through_units_roles_and_leaving(browser: Open, town: Town) -> None:
    page = english(browser(town.chief))
    member = town.reader.id
    held = Membership.get(Membership.member == member).id
    assert page.post(f"/memberships/{held}/transfer", {"unit": town.river.id, "since": "2026-02-01"}).status_code == 303
    shown = text(page.get(f"/people/{member}"))
    assert "临江社区" in shown
    assert "1 Jan 2020 to 31 Jan" in shown
    assert page.post(f"/people/{member}/roles/new", {"unit": town.river.id, "role": "lecturer"}).status_code == 303
    assert "Lecturer" in text(page.get(f"/people/{member}"))
    grant = RoleGrant.get(RoleGrant.member == member).id
    assert page.post(f"/roles/{grant}/revoke").status_code == 303
    new = Membership.get(Membership.member == member, Membership.until.is_null()).id
    assert page.post(f"/memberships/{new}/leave", {"until": "2026-03-01"}).status_code == 303
    assert page.post(f"/people/{member}/units/new", {"unit": town.garden.id, "since": "2026-04-01"}).status_code == 303
    assert Membership.select().where(Membership.member == member).count() == 3


def test_closing_an_account_signs_the_member_out_and_opening_it_lets_them_in_again(browser: Open, town: Town) -> None:
    chief, reader = english(browser(town.chief)), browser(town.reader)
    assert reader.get("/account").status_code == 200
    chief.post(f"/people/{town.reader.id}/deactivate")
    assert reader.get("/account").status_code == 303
    assert "王淑兰" in text(chief.get("/people?state=deactivated"))
    assert "王淑兰" not in text(chief.get("/people"))
    chief.post(f"/people/{town.reader.id}/reactivate")
    assert "王淑兰" in text(chief.get("/people"))


def test_what_contradicts_the_state_of_things_is_said_on_the_page_of_the_member(browser: Open, town: Town) -> None:
    page = english(browser(town.chief))
    grant = RoleGrant.get(RoleGrant.member == town.chief).id
    answers = [
        (page.post(f"/people/{town.chief.id}/deactivate"), "You cannot close your own account."),
        (page.post(f"/people/{town.chief.id}/first-password"), "Change your own password on your account page."),
        (page.post(f"/roles/{grant}/revoke"), "This is the last administrator."),
    ]
    for answer, said in answers:
        assert answer.status_code == 409
        assert said in text(answer)
        assert "周正" in text(answer)


def test_a_liaison_reads_about_people_and_is_offered_no_change(browser: Open, town: Town) -> None:
    page = browser(town.liaison)
    for address in ("/people", f"/people/{town.reader.id}", "/units"):
        shown = text(page.get(address)).replace("/lecturers/new", "")  # to accredit is the liaison's own right
        assert "王淑兰" in shown or "桂花社区" in shown
        assert "/edit" not in shown
        assert "/new" not in shown
        assert "周正" not in shown


def test_names_are_shown_as_text_and_never_as_markup(browser: Open, town: Town, make: Make) -> None:
    bad = make.member(town.garden, name='<b onmouseover="x">兰</b>')
    make.unit("<script>alert(1)</script>", town.garden)
    page = browser(town.chief)
    for address in ("/people", f"/people/{bad.id}", f"/people/{bad.id}/edit", "/units", "/units/new"):
        shown = text(page.get(address))
        assert "<b onmouseover" not in shown
        assert "<script>alert" not in shown


def test_the_list_is_paged_filtered_and_says_when_nobody_matches(browser: Open, town: Town, make: Make) -> None:
    for _ in range(35):
        make.member(town.circle)
    page = english(browser(town.chief))
    first, second = text(page.get("/people")), text(page.get("/people?page=2"))
    assert first.count('scope="row"') == 30
    assert second.count('scope="row"') == 9
    assert "39 people" in first
    assert "Nobody here matches." in text(page.get("/people?q=没有这个人"))
    assert text(page.get(f"/people?unit={town.circle.id}")).count('scope="row"') == 30
    assert text(page.get("/people?page=999")).count('scope="row"') == 0


@pytest.mark.parametrize("query", ["unit=x", "unit=-1", "unit=99999999999999999999", "q=%00"])
def test_a_filter_that_makes_no_sense_is_refused_with_a_page(browser: Open, town: Town, query: str) -> None:
    answer = browser(town.chief).get(f"/people?{query}")
    assert answer.status_code == 422
    assert "<h1>" in text(answer)


@pytest.mark.parametrize("address", ["/people", "/units", "/account"])
def test_the_number_of_queries_does_not_grow_with_the_number_of_rows(
    browser: Open, town: Town, make: Make, address: str
) -> None:
    page = browser(town.chief)
    page.get(address)
    with count_queries() as few:
        page.get(address)
    for _ in range(12):
        make.member(make.unit(parent=town.garden), "lecturer")
    with count_queries() as many:
        page.get(address)
    assert many.count == few.count <= 8


def test_units_are_added_renamed_moved_and_removed_on_their_pages(browser: Open, town: Town) -> None:
    page = english(browser(town.chief))
    assert page.post("/units/new", {"parent": town.garden.id, "kind": "group", "name": "晨读小组"}).status_code == 303
    made = Unit.get(Unit.name == "晨读小组")
    assert page.post(f"/units/{made.id}/edit", {"kind": "family", "name": "晨读之家"}).status_code == 303
    assert page.post(f"/units/{made.id}/move", {"parent": town.river.id}).status_code == 303
    kept = Unit.get_by_id(made.id)
    assert (kept.name, kept.kind, kept.path) == ("晨读之家", "family", f"{town.river.path}{made.id}/")
    listed = text(page.get("/units"))
    assert listed.index("临江社区") < listed.index("晨读之家")
    assert page.post(f"/units/{made.id}/remove").status_code == 303
    assert Unit.get_or_none(Unit.id == made.id) is None


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"kind": "group", "name": "小组"}, "parent"),
        ({"kind": "group", "name": "小组", "parent": "x"}, "parent"),
        ({"kind": "palace", "name": "小组", "parent": 1}, "kind"),
        ({"kind": "group", "name": "", "parent": 1}, "name"),
        ({"kind": "group", "name": "长" * 81, "parent": 1}, "name"),
    ],
)
def test_each_wrong_value_of_the_unit_form_is_named(browser: Open, town: Town, form: dict, field: str) -> None:
    answer = browser(town.chief).post("/units/new", form)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in text(answer)


def test_a_unit_that_is_not_empty_stays_and_the_page_says_why(browser: Open, town: Town) -> None:
    answer = english(browser(town.chief)).post(f"/units/{town.garden.id}/remove")
    assert answer.status_code == 409
    assert "There are units below this one." in text(answer)


def test_the_move_form_offers_no_place_below_the_unit_itself(browser: Open, town: Town) -> None:
    shown = text(browser(town.chief).get(f"/units/{town.garden.id}/move"))
    assert f'value="{town.river.id}"' in shown
    assert f'value="{town.circle.id}"' not in shown


@pytest.mark.parametrize(
    "address", ["/people/0", "/people/999999", "/people/99999999999999999999", "/units/99999999999999999999/edit"]
)
def test_a_number_that_names_nothing_is_not_found(browser: Open, town: Town, address: str) -> None:
    assert browser(town.chief).get(address).status_code == 404


def test_a_withdrawn_role_ends_at_the_next_request(browser: Open, town: Town) -> None:
    page = browser(town.liaison)
    assert page.get("/people").status_code == 200
    grant = RoleGrant.get(RoleGrant.member == town.liaison).id
    browser(town.chief).post(f"/roles/{grant}/revoke")
    assert page.get("/people").status_code == 403


def test_text_size_language_and_theme_are_kept_for_this_browser(browser: Open, town: Town) -> None:
    page = browser(town.reader)
    for name, value in (("text_size", "large"), ("theme", "dark"), ("locale", "en")):
        answer = page.post("/preferences", {name: value, "next": "/account"})
        assert answer.headers["Location"] == "/account"
    shown = text(page.get("/account"))
    assert 'lang="en" data-text="large" data-theme="dark"' in shown
    page.post("/preferences", {"theme": "neon", "next": "https://evil.example"})
    assert 'data-theme="dark"' in text(page.get("/account"))
