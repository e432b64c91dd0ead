"""The members of a unit one by one, as those see them who look after it, and a table to take away."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from apiflask import APIFlask
from playhouse.test_utils import count_queries

from lms import clock
from lms.board.members import Members, list_members
from lms.board.rules import choose
from lms.config import Settings
from lms.errors import Forbidden, NotFound
from lms.members.models import Member, Membership
from tests.board.conftest import TODAY, Town
from tests.browser_like import Browser

Open = Callable[[Member | None], Browser]
MONDAY = date(2026, 11, 23)
WEEK = "period=week&day=2026-11-26"


@pytest.fixture
def asked(town: Town) -> Town:
    """A book a month and three hours of study a week."""
    town.ask("每月读一本好书")
    town.ask("每周自学", "study_minutes", 180, "week")
    return town


def found(town: Town, sort: str = "behind", page: int | None = 1) -> Members:
    return list_members(town.actor, town.first.id, choose("month", clock.today()), sort, page, "community")


def names(town: Town, sort: str = "behind", page: int = 1) -> list[str]:
    return [line.name for line in found(town, sort, page).lines.items]


def test_a_liaison_sees_each_member_with_each_requirement_of_the_days_chosen(asked: Town, browser: Open) -> None:
    member = asked.make.member(asked.first, name="王淑兰")
    asked.book(member, MONDAY, "study_minutes", 140)
    asked.book(member, TODAY)
    asked.book(asked.liaison, date(2026, 10, 3))
    hers = browser(asked.liaison)
    page = hers.get(f"/board/{asked.first.id}/members").get_data(as_text=True)
    assert "桂花社区" in page
    assert re.search(r"王淑兰.*?1 / 1.*?已完成.*?2:20 / 3:00", page, re.DOTALL)
    assert "共 2 人，其中 1 人有落后项。" in page
    assert f"/progress/requirements/2/evidence?period=2026-11-23&amp;member={member.id}" in page
    october = hers.get(f"/board/{asked.first.id}/members?period=month&day=2026-10-01").get_data(as_text=True)
    assert re.search(r"刘敏.*?1 / 1.*?已完成", october, re.DOTALL)
    former = hers.get(f"/progress/units/{asked.first.id}")
    assert (former.status_code, former.location) == (301, f"/board/{asked.first.id}/members")


def test_who_is_furthest_behind_comes_first_or_names_in_order(asked: Town) -> None:
    one, two, three = (asked.make.member(asked.first, name=name) for name in ("赵红", "李明", "王淑兰"))
    for member in (asked.liaison, three, one):
        asked.book(member, TODAY)
    for member, minutes in ((asked.liaison, 180), (three, 100), (one, 20)):
        asked.book(member, MONDAY, "study_minutes", minutes)
    assert names(asked) == [two.name, one.name, three.name, asked.liaison.name]
    assert names(asked, "name") == ["李明", "刘敏", "王淑兰", "赵红"]


def test_members_elsewhere_gone_or_with_a_closed_account_are_left_out(asked: Town) -> None:
    asked.make.member(asked.second, name="外人")
    gone = asked.make.member(asked.first, name="走了的")
    Membership.update(until=date(2026, 11, 25)).where(Membership.member == gone).execute()
    asked.make.member(asked.first, name="停用的", deactivated_at=clock.now())
    assert names(asked) == [asked.liaison.name]


def test_what_a_branch_asks_stands_with_its_members_only_and_a_move_keeps_what_the_root_asks(asked: Town) -> None:
    asked.ask("支部的", "book_finished", 3, "year", unit=asked.branch)
    inside = asked.make.member(asked.branch, name="支部的人")
    moved = asked.make.member(asked.second, name="调来的")
    Membership.update(until=date(2026, 11, 24)).where(Membership.member == moved).execute()
    Membership.create(member=moved, unit=asked.first, since=date(2026, 11, 25))
    lines = {line.id: line.cells for line in found(asked).lines.items}
    assert {ident: cells[-1] is not None for ident, cells in lines.items()} == {
        asked.liaison.id: False,
        inside.id: True,
        moved.id: False,
    }
    assert [cell.required for cell in lines[moved.id] if cell] == [1, 180]


def test_the_figures_of_the_list_are_those_of_each_members_own_page(asked: Town, browser: Open) -> None:
    member = asked.make.member(asked.first)
    for number, one in enumerate((member, asked.liaison), 1):
        asked.book(one, MONDAY, "study_minutes", 60 * number)
    rows = browser(asked.liaison).api("GET", f"/board/{asked.first.id}/members?{WEEK}").get_json()["items"]
    for one in (member, asked.liaison):
        listed = next(row["cells"] for row in rows if row["id"] == one.id)
        own = [item["now"]["standing"] for item in browser(one).api("GET", "/progress").get_json()["items"]]
        keys = ("done", "required", "pace", "why")
        assert [[cell[key] for key in keys] for cell in listed] == [[cell[key] for key in keys] for cell in own]


def test_hundreds_of_members_take_no_more_statements_and_come_in_pages(asked: Town, browser: Open) -> None:
    for _ in range(120):
        asked.make.member(asked.first)
    hers = browser(asked.liaison)
    hers.get("/progress")
    with count_queries() as counted:
        page = hers.get(f"/board/{asked.first.id}/members").get_data(as_text=True)
    assert counted.count <= 12
    assert page.count('role="rowheader"') == 50
    assert len(names(asked, page=3)) == 21
    asked.make.member(asked.first, name="王淑兰")
    page = hers.get(f"/board/{asked.first.id}/members?q=%E7%8E%8B+%E6%B7%91").get_data(as_text=True)
    assert page.count('role="rowheader"') == 1 and "王淑兰" in page
    api = hers.api("GET", f"/board/{asked.first.id}/members?q=%E7%8E%8B%E6%B7%91").get_json()["items"]
    assert [row["name"] for row in api] == ["王淑兰"]
    assert "没有叫这个名字的成员" in hers.get(f"/board/{asked.first.id}/members?q=nobody").get_data(as_text=True)
    with count_queries() as again:
        hers.get(f"/board/{asked.first.id}/members.csv")
    assert again.count <= counted.count


def test_the_table_opens_in_a_spreadsheet_and_runs_no_formula(asked: Town, browser: Open) -> None:
    asked.make.member(asked.first, name="=HYPERLINK(1)")
    asked.book(asked.liaison, MONDAY, "study_minutes", 140)
    response = browser(asked.liaison).get(f"/board/{asked.first.id}/members.csv?sort=name")
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.get_data().startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))
    assert table[0][0] == "姓名"
    assert {len(row) for row in table} == {8}
    cells = {row[0]: row for row in table}
    assert "'=HYPERLINK(1)" in cells
    assert cells["刘敏"][5:7] == ["140", "180"]


def test_units_outside_ones_reach_are_refused(asked: Town) -> None:
    for unit in (asked.root.id, asked.second.id):
        with pytest.raises(Forbidden):
            list_members(asked.actor, unit, choose("month", TODAY), "behind", 1, "community")
    with pytest.raises(NotFound):
        list_members(asked.actor, 10**6, choose("month", TODAY), "behind", 1, "community")


def test_in_a_government_body_study_time_stays_with_the_member_and_nobody_is_ranked(
    asked: Town, service: Settings, app: APIFlask
) -> None:
    member = asked.make.member(asked.first, name="王淑兰")
    asked.book(member, MONDAY, "study_minutes", 140)
    app.config["LMS"] = replace(service, profile="government")
    liaison, own = Browser(app, asked.liaison), Browser(app, member)
    page = liaison.get(f"/board/{asked.first.id}/members").get_data(as_text=True)
    assert "每月读一本好书" in page
    assert "每周自学" not in page
    assert "学习时长只供本人查看" in page
    assert "落后在前" not in page
    assert "每周自学" not in liaison.get(f"/board/{asked.first.id}/members.csv").get_data(as_text=True)
    api = liaison.api("GET", f"/board/{asked.first.id}/members").get_json()
    assert [row["title"] for row in api["requirements"]] == ["每月读一本好书"]
    evidence = "/progress/requirements/2/evidence"
    assert liaison.get(f"{evidence}?member={member.id}").status_code == 404
    assert "2:20" in own.get(evidence).get_data(as_text=True)
    assert "学习时长只有您自己看得到" in own.get("/progress").get_data(as_text=True)
