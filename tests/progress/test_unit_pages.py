"""What those see who look after a unit: its members against its requirements, and a table to take away."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from playhouse.test_utils import count_queries

from lms import create_app
from lms.config import Settings
from lms.db import database
from lms.errors import Forbidden, NotFound
from lms.members.models import Member, Membership
from lms.progress import unit_queries
from lms.progress.models import Requirement
from lms.progress.rules import Pace
from tests.browser_like import Browser
from tests.progress.conftest import TODAY, Garden

Open = Callable[[Member | None], Browser]
MONDAY = date(2026, 11, 23)


def names(garden: Garden, sort: str = "behind", page: int = 1) -> list[str]:
    """Give the names on a page of the unit's members."""
    actor = garden.make.actor(garden.liaison)
    found = unit_queries.get_unit_progress(actor, garden.unit.id, sort, page, "community")
    return [row.name for row in found.members.items]


def test_a_liaison_sees_each_member_with_each_requirement(garden: Garden, browser: Open) -> None:
    garden.study_on(garden.member, MONDAY, 140)
    garden.finish_on(garden.member, TODAY)
    page = browser(garden.liaison).get(f"/progress/units/{garden.unit.id}").get_data(as_text=True)
    assert "桂花社区" in page
    assert re.search(r"王淑兰.*?1 / 1.*?已完成.*?2:20 / 3:00.*?超前", page, re.DOTALL)
    assert "共 2 人，其中 1 人有落后项。" in page
    assert f"/progress/requirements/{garden.study.id}/evidence?period=2026-11-23&amp;member={garden.member.id}" in page


def test_who_is_furthest_behind_comes_first_or_names_in_order(garden: Garden) -> None:
    one = garden.make.member(garden.unit, name="赵红")
    two = garden.make.member(garden.unit, name="李明")
    for member in (garden.liaison, garden.member, one):
        garden.finish_on(member, TODAY)
    for member, minutes in ((garden.liaison, 180), (garden.member, 100), (one, 20)):
        garden.study_on(member, MONDAY, minutes)
    assert names(garden) == [two.name, one.name, garden.member.name, garden.liaison.name]
    assert sorted(names(garden, "name")) == names(garden, "name")


def test_members_elsewhere_gone_or_deactivated_are_left_out(garden: Garden) -> None:
    garden.make.member(garden.other, name="外人")
    gone = garden.make.member(garden.unit, name="走了的")
    Membership.update(until=date(2026, 11, 25)).where(Membership.member == gone).execute()
    garden.make.member(garden.unit, name="停用的", deactivated_at=TODAY)
    assert sorted(names(garden)) == sorted([garden.member.name, garden.liaison.name])


def test_a_requirement_of_a_branch_asks_only_its_members(garden: Garden) -> None:
    branch = garden.make.unit("第一支部", garden.unit, kind="branch")
    inside = garden.make.member(branch, name="支部的")
    Requirement.create(title="支部的", unit=branch, measure="book_finished", amount=3, period="year", since=MONDAY)
    actor = garden.make.actor(garden.liaison)
    found = unit_queries.get_unit_progress(actor, garden.unit.id, "name", 1, "community")
    asked = {row.id: row.standings[-1] is not None for row in found.members.items}
    assert found.requirements[-1].title == "支部的"
    assert asked == {garden.member.id: False, garden.liaison.id: False, inside.id: True}


def test_a_move_within_the_organisation_keeps_what_the_upper_unit_asks_in_full(garden: Garden) -> None:
    Membership.update(unit=garden.other, until=date(2026, 11, 24)).where(Membership.member == garden.member).execute()
    Membership.create(member=garden.member, unit=garden.unit, since=date(2026, 11, 25))
    actor = garden.make.actor(garden.liaison)
    found = unit_queries.get_unit_progress(actor, garden.unit.id, "name", 1, "community")
    row = next(row for row in found.members.items if row.id == garden.member.id)
    assert [s.required for s in row.standings if s] == [1, 180]


def test_the_figures_of_the_list_are_those_of_each_members_own_page(garden: Garden, browser: Open) -> None:
    for number, member in enumerate((garden.member, garden.liaison), 1):
        garden.study_on(member, MONDAY, 60 * number)
    rows = browser(garden.liaison).api("GET", f"/progress/units/{garden.unit.id}").get_json()["items"]
    for member in (garden.member, garden.liaison):
        listed = next(row["standings"] for row in rows if row["id"] == member.id)
        own = [item["now"]["standing"] for item in browser(member).api("GET", "/progress").get_json()["items"]]
        assert listed == own


def test_three_hundred_members_take_at_most_twelve_statements_and_come_in_pages(garden: Garden, browser: Open) -> None:
    for number in range(300):
        member = garden.make.member(garden.unit)
        if number % 3:
            garden.study_on(member, MONDAY, number)
    open_browser = browser(garden.liaison)
    open_browser.get("/progress")
    with count_queries() as counted:
        page = open_browser.get(f"/progress/units/{garden.unit.id}").get_data(as_text=True)
    assert counted.count <= 12
    assert page.count('role="rowheader"') == 50
    assert len(names(garden, page=7)) == 2
    with count_queries() as counted:
        open_browser.get(f"/progress/units/{garden.unit.id}/table.csv")
    assert counted.count <= 12


def test_the_table_opens_in_a_spreadsheet_and_runs_no_formula(garden: Garden, browser: Open) -> None:
    garden.make.member(garden.unit, name="=HYPERLINK(1)")
    garden.study_on(garden.member, MONDAY, 140)
    response = browser(garden.liaison).get(f"/progress/units/{garden.unit.id}/table.csv?sort=name")
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.get_data().startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))
    assert table[0][0] == "姓名"
    assert len(table) == 4
    assert {len(row) for row in table} == {8}
    cells = {row[0]: row for row in table}
    assert "'=HYPERLINK(1)" in cells
    assert cells["王淑兰"][5:7] == ["140", "180"]


def test_units_outside_ones_reach_are_refused(garden: Garden) -> None:
    actor = garden.make.actor(garden.liaison)
    for unit in (garden.root.id, garden.other.id):
        with pytest.raises(Forbidden):
            unit_queries.get_unit_progress(actor, unit, "behind", 1, "community")
    with pytest.raises(NotFound):
        unit_queries.get_unit_progress(actor, 10**6, "behind", 1, "community")


def test_in_a_government_body_study_time_stays_with_the_member(garden: Garden, service: Settings) -> None:
    garden.study_on(garden.member, MONDAY, 140)
    database.close()
    app = create_app(replace(service, profile="government"))
    liaison, member = Browser(app, garden.liaison), Browser(app, garden.member)
    page = liaison.get(f"/progress/units/{garden.unit.id}").get_data(as_text=True)
    assert "每月读一本好书" in page
    assert "每周自学" not in page
    assert "学习时长只供本人查看" in page
    assert "每周自学" not in liaison.get(f"/progress/units/{garden.unit.id}/table.csv").get_data(as_text=True)
    api = liaison.api("GET", f"/progress/units/{garden.unit.id}").get_json()
    assert [row["measure"] for row in api["requirements"]] == ["book_finished"]
    evidence = f"/progress/requirements/{garden.study.id}/evidence"
    assert liaison.get(f"{evidence}?member={garden.member.id}").status_code == 404
    assert "2:20" in member.get(evidence).get_data(as_text=True)
    assert "学习时长只有您自己看得到" in member.get("/progress").get_data(as_text=True)


def test_nobody_is_behind_who_has_done_all(garden: Garden) -> None:
    for member in (garden.member, garden.liaison):
        garden.study_on(member, MONDAY, 180)
        garden.finish_on(member, MONDAY)
    actor = garden.make.actor(garden.liaison)
    found = unit_queries.list_unit_progress(actor, garden.unit.id, "behind", "community")
    assert found.behind == 0
    assert {s.pace for row in found.members.items for s in row.standings if s} == {Pace.DONE}
