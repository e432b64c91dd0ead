"""A liaison sees in words how the unit stands, opens every number, and takes the report along."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from apiflask import APIFlask
from openpyxl import load_workbook
from playhouse.test_utils import count_queries

from lms import clock
from lms.config import Settings
from lms.members import service
from lms.members.models import LeaveOfAbsence, Member, Membership
from lms.progress.models import Exemption
from tests.board.conftest import Town
from tests.browser_like import Browser

Open = Callable[[Member | None], Browser]
NOVEMBER = "period=month&day=2026-11-26"


@pytest.fixture
def story(town: Town) -> Town:
    """A book a month: one has read it, two have not, one is away, one exempt, one new, one moved, one gone."""
    series = town.ask("每月读一本好书")
    town.make.member(town.branch, name="田小雨")
    done = town.make.member(town.branch, name="王淑兰")
    town.book(done, date(2026, 11, 3))
    away = town.make.member(town.first, name="徐德明")
    LeaveOfAbsence.create(member=away, since=date(2026, 10, 1), until=date(2026, 12, 31), reason="住院")
    spared = town.make.member(town.first, name="谭玉珍")
    Exemption.create(member=spared, series=series, since=date(2026, 1, 1), reason="高龄")
    new = town.make.member(town.first, name="=SUM(1)")
    Membership.update(since=date(2026, 11, 25)).where(Membership.member == new).execute()
    moved = town.make.member(town.first, name="赵明")
    Membership.update(until=date(2026, 11, 10)).where(Membership.member == moved).execute()
    Membership.create(member=moved, unit=town.second, since=date(2026, 11, 11))
    town.book(moved, date(2026, 11, 5))
    gone = town.make.member(town.branch, name="李成")
    Membership.update(until=date(2026, 11, 12)).where(Membership.member == gone).execute()
    return town


def test_the_first_line_says_in_words_how_the_unit_stands_and_the_denominators_add_up(
    story: Town, browser: Open
) -> None:
    page = browser(story.liaison).get(f"/board/{story.first.id}?{NOVEMBER}")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "完成率 33%：应完成 3 人，已完成 1 人。" in text
    assert "6 位成员中，1 位各项全部完成，2 位有落后项。" in text
    for words in ("达标 1", "落后 2", "全程请假 1", "免予要求 1", "加入较晚不计 1", "转到其他单位 1", "已离开 1"):
        assert words in text
    assert "33% <small>1 / 3</small>" in text


def test_every_number_opens_its_names_and_each_name_the_evidence(story: Town, browser: Open) -> None:
    liaison = browser(story.liaison)
    series = 1
    expected = {
        "late": {"田小雨", "刘敏"},
        "met": {"王淑兰"},
        "on_leave": {"徐德明"},
        "exempt": {"谭玉珍"},
        "too_late": {"=SUM(1)"},
        "moved_away": {"赵明"},
        "left": {"李成"},
    }
    for group, names in expected.items():
        answer = liaison.api("GET", f"/board/{story.first.id}/people?{NOVEMBER}&group={group}&series={series}")
        assert {one["name"] for one in answer.json["items"]} == names
        text = liaison.get(f"/board/{story.first.id}/people?{NOVEMBER}&group={group}&rule={series}").get_data(
            as_text=True
        )
        assert all(name in text for name in names)
    (met,) = liaison.api("GET", f"/board/{story.first.id}/people?{NOVEMBER}&group=met").json["items"]
    evidence = liaison.get(f"/progress/requirements/{series}/evidence?period={met['since']}&member={met['id']}")
    assert evidence.status_code == 200
    (late, _) = liaison.api("GET", f"/board/{story.first.id}/people?{NOVEMBER}").json["items"]
    assert late["behind_since"] == "2026-11-24"
    assert (late["done"], late["required"], late["pace"]) == (0, 1, "behind")


def test_a_closed_account_counts_up_to_the_day_before_and_again_from_the_day_it_is_opened(
    town: Town, browser: Open
) -> None:
    town.ask("每月读一本好书")
    gone = town.make.member(town.branch, name="李成")
    town.book(gone, date(2026, 9, 3))
    with clock.at(datetime(2026, 11, 12, 6)):
        service.deactivate_member(town.administrator, gone.id)
    hers = browser(town.liaison)

    def counted(month: int) -> tuple[int, int, int]:
        found = hers.api("GET", f"/board/{town.first.id}?period=month&day=2026-{month:02d}-05").json
        total = found["requirements"][0]["total"]
        return found["members"], total["met"], total["left"]

    assert [counted(month) for month in (9, 10, 11)] == [(2, 1, 0), (2, 0, 0), (1, 0, 1)]
    evidence = hers.get(f"/progress/requirements/1/evidence?period=2026-09-05&member={gone.id}")
    assert evidence.status_code == 200
    service.reactivate_member(town.administrator, gone.id)
    assert counted(11)[0] == 2
    with clock.at(datetime(2026, 12, 3, 2)):
        assert [counted(month)[0] for month in (9, 11, 12)] == [2, 2, 2]
        stays = Membership.select(Membership.since, Membership.until).where(Membership.member == gone)
        assert [until for _, until in stays.order_by(Membership.since).tuples()] == [date(2026, 11, 11), None]


def test_evidence_of_who_moved_or_left_is_open_to_the_liaison_of_that_day_for_the_days_in_the_unit(
    story: Town, browser: Open
) -> None:
    series, moved = 1, Member.get(Member.name == "赵明")
    story.book(moved, date(2026, 11, 20))
    gone = Member.get(Member.name == "李成")
    story.book(gone, date(2026, 10, 8))
    hers = browser(story.liaison)

    def days(member: Member, month: str) -> list[str]:
        found = hers.api("GET", f"/progress/{series}/evidence?period={month}-05&member={member.id}")
        return [one["day"] for one in found.json["items"]] if found.status_code == 200 else [str(found.status_code)]

    assert (days(moved, "2026-11"), days(gone, "2026-10")) == (["2026-11-05"], ["2026-10-08"])
    page = hers.get(f"/progress/requirements/{series}/evidence?period=2026-11-05&member={moved.id}")
    assert "赵明并非一直在您负责的单位" in page.get_data(as_text=True)
    with clock.at(datetime(2027, 1, 5, 2)):
        assert days(moved, "2026-12") == ["404"]
    there = browser(story.make.member(story.second, "liaison"))
    api = f"/progress/{series}/evidence?period=2026-11-05&member={moved.id}"
    assert [one["day"] for one in there.api("GET", api).json["items"]] == ["2026-11-20", "2026-11-05"]
    assert there.get(f"/progress/requirements/{series}/evidence?member={gone.id}").status_code == 404


def test_coverage_by_the_api_is_the_boards_and_whoever_is_not_of_the_unit_sees_nothing(
    story: Town, browser: Open
) -> None:
    found = browser(story.liaison).api("GET", f"/board/{story.first.id}?{NOVEMBER}").json
    (line,) = found["requirements"]
    total = line["total"]
    assert (found["members"], total["members"], total["asked"], total["met"], total["late"]) == (6, 6, 3, 1, 2)
    assert total["asked"] + total["on_leave"] + total["exempt"] + total["too_late"] + total["not_concerned"] == 6
    stranger = story.make.member(story.second, "liaison")
    assert browser(stranger).api("GET", f"/board/{story.first.id}?{NOVEMBER}").status_code == 403


def test_units_side_by_side_add_up_and_are_put_in_order_by_a_column(story: Town, browser: Open) -> None:
    chief = browser(story.chief)
    found = chief.api("GET", f"/board/{story.root.id}/units?{NOVEMBER}").json["items"]
    assert {one["name"]: (one["members"], one["cells"][0]["met"], one["cells"][0]["asked"]) for one in found} == {
        "桂花社区": (6, 1, 3),
        "临江社区": (1, 1, 1),
    }
    text = chief.get(f"/board/{story.root.id}/units?{NOVEMBER}&sort=share").get_data(as_text=True)
    assert text.index("临江社区") < text.index("桂花社区")
    branches = chief.api("GET", f"/board/{story.root.id}/units?{NOVEMBER}&kind=branch").json["items"]
    assert [one["name"] for one in branches] == ["第一支部"]


def test_a_board_of_a_closed_month_judges_it_as_over_and_the_trend_draws_what_the_table_says(
    story: Town, browser: Open
) -> None:
    liaison = browser(story.liaison)
    with clock.at(datetime(2026, 12, 5, 2, 0)):
        text = liaison.get(f"/board/{story.first.id}?{NOVEMBER}").get_data(as_text=True)
        assert "6 位成员中，1 位各项全部完成，2 位至少有一次未完成。" in text
        assert "未达标 2" in text
        drawn = liaison.get(f"/board/{story.first.id}/trend?{NOVEMBER}").get_data(as_text=True)
    assert "<svg" in drawn and "33% <small>1/3</small>" in drawn


def test_the_workbook_has_real_numbers_frozen_heads_and_no_formulas(story: Town, browser: Open) -> None:
    answer = browser(story.liaison).get(f"/board/{story.first.id}/table.xlsx?{NOVEMBER}")
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["总览", "单位并列", "每月读一本好书"] or book.sheetnames[0] == "总览"
    sheet = book["总览"]
    assert sheet.freeze_panes == "B2"
    heads = [cell.value for cell in sheet[1]]
    row = dict(zip(heads, sheet[2], strict=True))
    assert (row["达标"].value, row["应达标"].value) == (1, 3)
    share = row["覆盖率"]
    assert share.value == pytest.approx(1 / 3) and share.number_format == "0.0%"
    people = book["每月读一本好书"]
    assert {(r[0].value, r[2].value, r[3].value) for r in people.iter_rows(min_row=2)} == {
        ("王淑兰", 1, 1),
        ("刘敏", 0, 1),
        ("田小雨", 0, 1),
    }


def test_the_table_as_csv_opens_in_a_spreadsheet(story: Town, browser: Open) -> None:
    answer = browser(story.liaison).get(f"/board/{story.first.id}/table.csv?{NOVEMBER}")
    text = answer.data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (rows[0]["学习要求"], rows[0]["覆盖率"], rows[0]["应达标"]) == ("每月读一本好书", "33.3%", "3")


def test_the_pages_ask_few_statements_however_many_members(story: Town, browser: Open) -> None:
    liaison = browser(story.liaison)
    views = ("", "/people", "/units", "/trend", "/report")

    def counted() -> list[int]:
        found = []
        for view in views:
            with count_queries() as counter:
                liaison.get(f"/board/{story.first.id}{view}?{NOVEMBER}")
            found.append(int(counter.count))
        return found

    counted()
    few = counted()
    for _ in range(20):
        story.make.member(story.branch)
    assert counted() == few
    assert max(few) <= 36


def test_study_time_stands_on_no_board_of_a_government_body_and_members_are_not_ranked(
    story: Town, service: Settings, app: APIFlask
) -> None:
    story.ask("每周自学", "study_minutes", 180, "week")
    app.config["LMS"] = replace(service, profile="government")
    liaison = Browser(app, story.liaison)
    page = liaison.get(f"/board/{story.first.id}?{NOVEMBER}").get_data(as_text=True)
    assert "每月读一本好书" in page and "每周自学" not in page
    assert "学习时长只供本人查看" in page and "不对成员排名" in page
    assert "每周自学" not in liaison.get(f"/board/{story.first.id}/table.csv?{NOVEMBER}").get_data(as_text=True)
    found = liaison.api("GET", f"/board/{story.first.id}?{NOVEMBER}").json
    assert [line["measure"] for line in found["requirements"]] == ["book_finished"]
    names = [one["name"] for one in liaison.api("GET", f"/board/{story.first.id}/people?{NOVEMBER}").json["items"]]
    assert names == sorted(names)
