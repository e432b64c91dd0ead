"""The JSON API of people, as a program uses it."""

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask

from lms.members import passwords
from lms.members.models import Member, Membership, Unit
from tests.browser_like import Browser
from tests.members.conftest import Town

Open = Callable[..., Browser]
SECRET = "tea at four o'clock"


@pytest.fixture
def secret(town: Town) -> Town:
    Member.update(password_hash=passwords.make_hash(SECRET)).execute()
    return town


def test_a_program_signs_in_acts_with_its_token_and_signs_out(app: APIFlask, secret: Town) -> None:
    client = app.test_client()
    entered = client.post("/api/v1/session", json={"login": "周正", "password": SECRET})
    assert entered.status_code == 201
    assert entered.json["member"]["name"] == "周正"
    headers = {"X-CSRFToken": entered.json["csrf_token"]}
    made = client.post("/api/v1/members", json={"name": "赵明", "unit": secret.garden.id}, headers=headers)
    assert made.status_code == 201
    assert passwords.matches(Member.get_by_id(made.json["member"]).password_hash, made.json["password"])
    assert client.delete("/api/v1/session", headers=headers).status_code == 204
    assert client.get("/api/v1/session").status_code == 401


def test_without_the_token_nothing_is_changed_and_the_problem_says_so(app: APIFlask, secret: Town) -> None:
    client = app.test_client()
    client.post("/api/v1/session", json={"login": "周正", "password": SECRET})
    for headers in ({}, {"X-CSRFToken": "forged"}):
        answer = client.post("/api/v1/members", json={"name": "赵明", "unit": secret.garden.id}, headers=headers)
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert Member.get_or_none(Member.name == "赵明") is None


def test_a_form_of_another_site_cannot_sign_anybody_in(app: APIFlask, secret: Town) -> None:
    client = app.test_client()
    answer = client.post("/api/v1/session", data={"login": "周正", "password": SECRET})
    assert answer.status_code in (400, 415, 422)
    plain = client.post("/api/v1/session", data='{"login": "周正", "password": "x"}', content_type="text/plain")
    assert plain.status_code in (400, 415, 422)
    assert client.get("/api/v1/session").status_code == 401


def test_a_wrong_password_is_a_problem_and_too_many_are_told_to_wait(app: APIFlask, secret: Town) -> None:
    client = app.test_client()
    answers = [client.post("/api/v1/session", json={"login": "周正", "password": "guess"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "900"
    assert answers[0].json["status"] == 401
    assert "guess" not in answers[0].get_data(as_text=True)


def test_changing_the_password_goes_on_here_and_ends_the_session_elsewhere(app: APIFlask, secret: Town) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    for client in (here, elsewhere):
        entered = client.post("/api/v1/session", json={"login": "王淑兰", "password": SECRET})
    token = here.get("/api/v1/session").json["csrf_token"]
    changed = here.put(
        "/api/v1/password", json={"old": SECRET, "new": "rain on the window"}, headers={"X-CSRFToken": token}
    )
    assert entered.status_code == 201
    assert changed.status_code == 200
    assert here.get("/api/v1/session").status_code == 200
    assert elsewhere.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"unit": 2}, "name"),
        ({"name": "", "unit": 2}, "name"),
        ({"name": "a\x00", "unit": 2}, "name"),
        ({"name": 5, "unit": 2}, "name"),
        ({"name": "赵明"}, "unit"),
        ({"name": "赵明", "unit": "x"}, "unit"),
        ({"name": "赵明", "unit": 10**30}, "unit"),
        ({"name": "赵明", "unit": 2, "phone": "abc"}, "phone"),
        ({"name": "赵明", "unit": 2, "birth_year": 1}, "birth_year"),
        ({"name": "赵明", "unit": 2, "since": "soon"}, "since"),
    ],
)
def test_each_wrong_value_is_named_in_the_problem(browser: Open, town: Town, body: Any, field: str) -> None:
    answer = browser(town.chief).api("POST", "/members", json=body)
    assert answer.status_code == 422
    assert field in answer.json["errors"]


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "null", ""])
def test_what_is_no_json_object_is_refused(browser: Open, town: Town, body: str) -> None:
    page = browser(town.chief)
    answer = page.client.post(
        "/api/v1/members", data=body, content_type="application/json", headers={"X-CSRFToken": page.token()}
    )
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"


def test_members_are_listed_shown_corrected_moved_and_given_roles(browser: Open, town: Town) -> None:
    page = browser(town.chief)
    listed = page.api("GET", f"/members?unit={town.garden.id}").json
    assert {row["name"] for row in listed["items"]} == {"林建华", "刘敏", "王淑兰"}
    assert (listed["page"], listed["pages"], listed["total"]) == (1, 1, 3)
    member = town.reader.id
    assert page.api("PATCH", f"/members/{member}", json={"birth_year": 1958}).json["birth_year"] == 1958
    assert Member.get_by_id(member).phone == town.reader.phone
    dated = page.api("PATCH", f"/members/{member}", json={"birth_date": "1958-03-12"}).json
    assert (dated["birth_year"], dated["birth_date"]) == (1958, "1958-03-12")
    assert page.api("PATCH", f"/members/{member}", json={"birth_year": 1958}).json["birth_date"] == "1958-03-12"
    for wrong in ({"birth_year": 1960, "birth_date": "1958-03-12"}, {"birth_date": "2958-03-12"}):
        assert page.api("PATCH", f"/members/{member}", json=wrong).status_code == 422
    liaison = browser(town.liaison).api("GET", f"/members/{member}").json
    assert (liaison["birth_year"], liaison["birth_date"]) == (1958, None), "the date is for administrators"
    assert browser(town.reader).api("GET", "/session").json["member"]["birth_date"] == "1958-03-12"
    assert page.api("PATCH", f"/members/{member}", json={"birth_year": 1959}).json["birth_date"] is None
    held = Membership.get(Membership.member == member).id
    moved = page.api("POST", f"/memberships/{held}/transfer", json={"unit": town.river.id, "since": "2026-02-01"})
    assert [row["until"] for row in moved.json["memberships"]] == [None, "2026-01-31"]
    given = page.api("POST", f"/members/{member}/roles", json={"unit": town.river.id, "role": "liaison"})
    grant = given.json["grants"][0]
    assert (given.status_code, grant["role"]) == (201, "liaison")
    assert page.api("DELETE", f"/roles/{grant['id']}").status_code == 204
    assert page.api("PUT", f"/members/{member}/deactivation").status_code == 204
    assert page.api("GET", f"/members/{member}").json["deactivated"] is True
    assert page.api("DELETE", f"/members/{member}/deactivation").status_code == 204


def test_units_are_listed_as_a_tree_added_moved_and_removed(browser: Open, town: Town) -> None:
    page = browser(town.chief)
    names = [row["name"] for row in page.api("GET", "/units").json["items"]]
    assert names == ["青禾街道", "桂花社区", "银龄读书班", "临江社区"]
    made = page.api("POST", "/units", json={"parent": town.garden.id, "kind": "group", "name": "晨读小组"})
    unit = made.json["id"]
    assert made.json["path"] == f"{town.garden.path}{unit}/"
    moved = page.api("PUT", f"/units/{unit}/parent", json={"parent": town.river.id})
    assert moved.json["path"] == f"{town.river.path}{unit}/"
    assert page.api("PATCH", f"/units/{unit}", json={"name": "晨读之家"}).json["kind"] == "group"
    assert page.api("DELETE", f"/units/{town.garden.id}").status_code == 409
    assert page.api("DELETE", f"/units/{unit}").status_code == 204
    assert Unit.get_or_none(Unit.id == unit) is None


def test_a_liaison_sees_their_own_subtree_only(browser: Open, town: Town) -> None:
    page = browser(town.liaison)
    assert [row["name"] for row in page.api("GET", "/units").json["items"]] == ["桂花社区", "银龄读书班"]
    assert page.api("GET", f"/members/{town.chief.id}").status_code == 404
    assert page.api("GET", f"/members?unit={town.river.id}").status_code == 404
    assert page.api("GET", f"/members/{town.reader.id}").json["manageable"] is False
