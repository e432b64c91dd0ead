"""A liaison asks something of the unit, changes it and ends it; closed periods keep what was asked in them."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import pytest

from lms import clock
from lms.errors import Forbidden, InvalidInput, NotFound
from lms.members.models import Member
from lms.progress import asked_rows, queries, service
from lms.progress.models import Requirement
from lms.progress.service import RequirementForm
from tests.browser_like import Browser
from tests.progress.conftest import TODAY, Garden
from tests.side_by_side import side_by_side

Open = Callable[[Member | None], Browser]
ASKED = {
    "title": "每季度读两本书",
    "measure": "book_finished",
    "amount": "2",
    "period": "quarter",
    "since": "2026-10-01",
    "until": "",
}


@pytest.fixture
def own(garden: Garden) -> Requirement:
    """What the liaison's own unit asks since summer."""
    return Requirement.create(
        title="本社区自学", unit=garden.unit, measure="study_minutes", amount=60, period="week", since=date(2026, 7, 1)
    )


def stored(title: str) -> list[tuple[int, date, date | None]]:
    rows = Requirement.select(Requirement.amount, Requirement.since, Requirement.until)
    return list(rows.where(Requirement.title == title).order_by(Requirement.id).tuples())


def test_what_is_asked_reads_itself_back_and_reaches_the_member(garden: Garden, browser: Open) -> None:
    liaison = browser(garden.liaison)
    answer = liaison.post("/progress/requirements/new", {**ASKED, "unit": garden.unit.id}, follow_redirects=True)
    assert "已提出要求： 自十月一日起，桂花社区的每位成员每季度读完 2 本。" in answer.get_data(as_text=True)
    assert "每季度读两本书" in browser(garden.member).get("/").get_data(as_text=True)


def test_a_refused_form_keeps_what_was_typed_and_says_each_mistake(garden: Garden, browser: Open) -> None:
    wrong = {**ASKED, "unit": garden.unit.id, "amount": "many", "since": "2026-31-31", "title": "x" * 121}
    answer = browser(garden.liaison).post("/progress/requirements/new", wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for kept in ("x" * 121, "many", "2026-31-31"):
        assert f'value="{kept}"' in page
    for field in ("title", "amount", "since"):
        assert f'id="f-{field}-error"' in page
    assert stored("x" * 121) == []


@pytest.mark.parametrize("amount", ["", "0", "-3", "1.5", "99999999999999999999", "１００１", "two"])
def test_an_amount_out_of_range_is_refused(garden: Garden, browser: Open, amount: str) -> None:
    wrong = {**ASKED, "unit": garden.unit.id, "amount": amount}
    assert browser(garden.liaison).post("/progress/requirements/new", wrong).status_code == 422


def test_a_requirement_without_a_unit_is_refused(garden: Garden, browser: Open) -> None:
    answer = browser(garden.liaison).post("/progress/requirements/new", ASKED)
    assert answer.status_code == 422
    assert "请选择对哪个单位的成员提出要求。" in answer.get_data(as_text=True)


def test_changing_the_amount_leaves_closed_weeks_as_they_were(garden: Garden, own: Requirement) -> None:
    actor = garden.make.actor(garden.liaison)
    form = RequirementForm("本社区自学", "study_minutes", 90, "week", date(2020, 1, 1))
    changed = service.change_requirement(actor, own.id, form)
    assert changed != own.id
    assert stored("本社区自学") == [
        (60, date(2026, 7, 1), date(2026, 11, 22)),
        (90, date(2026, 11, 23), None),
    ]


def test_changing_only_the_name_or_the_end_changes_in_place(garden: Garden, own: Requirement) -> None:
    actor = garden.make.actor(garden.liaison)
    form = RequirementForm("每周一小时", "study_minutes", 60, "week", date(2026, 7, 1), date(2026, 12, 31))
    assert service.change_requirement(actor, own.id, form) == own.id
    assert stored("每周一小时") == [(60, date(2026, 7, 1), date(2026, 12, 31))]


def test_a_requirement_of_this_week_is_simply_corrected(garden: Garden, own: Requirement) -> None:
    Requirement.update(since=TODAY).where(Requirement.id == own.id).execute()
    actor = garden.make.actor(garden.liaison)
    form = RequirementForm("本社区自学", "study_minutes", 45, "week", date(2026, 11, 24))
    assert service.change_requirement(actor, own.id, form) == own.id
    assert stored("本社区自学") == [(45, date(2026, 11, 24), None)]


def test_an_end_in_a_closed_week_is_refused_when_the_amount_changes(garden: Garden, own: Requirement) -> None:
    actor = garden.make.actor(garden.liaison)
    form = RequirementForm("本社区自学", "study_minutes", 90, "week", date(2026, 7, 1), date(2026, 11, 20))
    with pytest.raises(InvalidInput) as raised:
        service.change_requirement(actor, own.id, form)
    assert raised.value.field == "until"
    assert stored("本社区自学") == [(60, date(2026, 7, 1), None)]


def test_ending_counts_today_and_asks_nothing_tomorrow(garden: Garden, own: Requirement, browser: Open) -> None:
    liaison = browser(garden.liaison)
    assert liaison.post(f"/progress/requirements/{own.id}/end").status_code == 303
    assert stored("本社区自学") == [(60, date(2026, 7, 1), TODAY)]
    assert "本社区自学" in liaison.get("/progress").get_data(as_text=True)


def test_ending_what_has_not_begun_takes_it_away(garden: Garden, own: Requirement) -> None:
    Requirement.update(since=date(2026, 12, 1)).where(Requirement.id == own.id).execute()
    service.end_requirement(garden.make.actor(garden.liaison), own.id)
    assert stored("本社区自学") == []


def test_only_who_looks_after_the_unit_may_ask_change_or_end(garden: Garden, own: Requirement) -> None:
    form = RequirementForm("本社区自学", "study_minutes", 90, "week", date(2026, 7, 1))
    stranger = garden.make.member(garden.other, "liaison")
    for member in (garden.member, stranger):
        actor = garden.make.actor(member)
        for command in (
            lambda actor=actor: service.add_requirement(actor, garden.unit.id, form),
            lambda actor=actor: service.change_requirement(actor, own.id, form),
            lambda actor=actor: service.end_requirement(actor, own.id),
        ):
            with pytest.raises(Forbidden):
                command()
    with pytest.raises(Forbidden):
        service.change_requirement(garden.make.actor(garden.liaison), garden.study.id, form)
    with pytest.raises(NotFound):
        service.end_requirement(garden.make.actor(garden.liaison), 10**6)


def test_the_list_shows_what_the_liaison_may_edit_and_nothing_else(garden: Garden, own: Requirement) -> None:
    found = queries.list_requirements(garden.make.actor(garden.liaison), 1, 30)
    assert [row.title for row in found.items] == ["本社区自学"]
    admin = garden.make.member(garden.root, "administrator")
    assert queries.list_requirements(garden.make.actor(admin), 1, 30).total == 3


def test_the_api_asks_changes_and_ends(garden: Garden, browser: Open) -> None:
    liaison = browser(garden.liaison)
    new = {**ASKED, "amount": 2, "until": None, "unit": garden.unit.id, "since": "2026-11-23"}
    made = liaison.api("POST", "/requirements", new)
    assert made.status_code == 201
    ident = made.get_json()["id"]
    changed = {name: value for name, value in new.items() if name != "unit"} | {"amount": 3}
    assert liaison.api("PUT", f"/requirements/{ident}", changed).get_json()["amount"] == 3
    assert liaison.api("GET", "/requirements").get_json()["total"] == 1
    assert liaison.api("DELETE", f"/requirements/{ident}").status_code == 204
    assert liaison.api("GET", f"/requirements/{ident}").get_json()["until"] == "2026-11-26"
    assert liaison.api("POST", "/requirements", {**new, "amount": "2.5"}).status_code == 422
    assert liaison.api("POST", "/requirements", {**new, "since": "9999-12-31"}).status_code == 422
    assert browser(garden.member).api("POST", "/requirements", new).status_code == 403


def test_requirements_stand_in_the_order_in_which_they_were_asked_however_the_database_holds_them(
    garden: Garden,
) -> None:
    values = {"unit": garden.root, "measure": "book_finished", "amount": 1, "period": "year", "since": TODAY}
    for ident in (9002, 9001):
        Requirement.create(id=ident, title=str(ident), **values)
    asked = asked_rows.asked_of_members([garden.root.id], TODAY, TODAY)
    assert [row.id for row in asked] == [garden.books.id, garden.study.id, 9001, 9002]


@pytest.mark.postgres_only
def test_a_requirement_changed_by_two_at_once_goes_on_in_one_version(garden: Garden, own: Requirement) -> None:
    actor = garden.make.actor(garden.liaison)
    form = RequirementForm("本社区自学", "study_minutes", 90, "week", own.since, None)
    change = partial(service.change_requirement, actor, own.id, form)
    with clock.at(datetime(2026, 10, 7, 4)):
        assert side_by_side(change, change) == []
    assert [amount for amount, _, until in stored("本社区自学") if until is None] == [90]
