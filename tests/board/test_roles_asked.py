"""A requirement may be asked of those who hold a role, on the days on which they hold it."""

from collections.abc import Callable
from datetime import date, datetime
from html import unescape

import pytest

from lms import clock
from lms.errors import InvalidInput
from lms.members import service, tags
from lms.members.models import Member, RoleGrant
from lms.progress.models import Requirement
from tests.board.conftest import Town
from tests.browser_like import Browser

Open = Callable[[Member | None], Browser]


def asked_in(town: Town, browser: Open, month: int) -> list[str]:
    address = f"/board/{town.root.id}/people?period=month&day=2026-{month:02d}-10&group=asked&series=1"
    answer = browser(town.chief).api("GET", address)
    return sorted(one["name"] for one in answer.json["items"]) if answer.status_code == 200 else []


def test_a_rule_for_all_liaisons_reaches_who_holds_the_role_on_the_days_of_a_period(town: Town, browser: Open) -> None:
    RoleGrant.update(since=date(2026, 1, 1)).execute()
    other = town.make.member(town.second, "liaison", name="赵红")
    RoleGrant.update(since=date(2026, 9, 1)).where(RoleGrant.member == other).execute()
    town.make.member(town.first, name="王淑兰")
    form = {
        "title": "联络员每月读一本书",
        "measure": "book_finished",
        "amount": "1",
        "period": "month",
        "since": "2026-01-01",
        "tags": "role:liaison",
        "unit": town.root.id,
    }
    chief = browser(town.chief)
    ahead = unescape(chief.post("/progress/requirements/new", {**form, "step": "look"}).get_data(as_text=True))
    assert "青禾街道办事处的每位联络员每月读完 1 本" in ahead
    assert "涉及 2 人：刘敏、赵红" in ahead
    assert chief.post("/progress/requirements/new", form).status_code == 303
    assert Requirement.get().spec == '{"who": {"tags": ["role:liaison"]}}'
    assert [asked_in(town, browser, month) for month in (8, 10, 11)] == [["刘敏"], ["刘敏", "赵红"], ["刘敏", "赵红"]]
    own = browser(other).api("GET", "/progress").json["items"]
    assert [item["now"]["requirement"]["title"] for item in own] == ["联络员每月读一本书"]
    grant = RoleGrant.get(RoleGrant.member == other)
    with clock.at(datetime(2026, 11, 27, 2)):
        service.revoke_role(town.administrator, grant.id)
        assert browser(other).api("GET", "/progress").json["items"] == []
    with clock.at(datetime(2026, 12, 10, 2)):
        assert [asked_in(town, browser, month) for month in (8, 10, 11, 12)] == [
            ["刘敏"],
            ["刘敏", "赵红"],
            ["刘敏", "赵红"],
            ["刘敏"],
        ]


def test_nobody_is_given_a_role_by_a_tag_of_its_name(town: Town) -> None:
    with pytest.raises(InvalidInput):
        tags.add_tag(town.administrator, town.liaison.id, "role:administrator", date(2026, 1, 1))
