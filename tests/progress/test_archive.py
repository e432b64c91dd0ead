"""The study archive of a year: it adds up, is cut nowhere, and goes along as a workbook."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from lms.members.models import Member
from lms.progress import archive, booking
from lms.progress.models import LedgerEntry
from tests.browser_like import Browser
from tests.progress.conftest import Garden, page

Open = Callable[[Member | None], Browser]
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_the_archive_of_a_year_adds_up_and_leaves_out_what_was_taken_back(garden: Garden, browser: Open) -> None:
    garden.finish_on(garden.member, date(2026, 3, 3))
    garden.study_on(garden.member, date(2026, 3, 3), 90)
    booking.reverse(garden.study_on(garden.member, date(2026, 4, 4), 45))
    garden.study_on(garden.member, date(2025, 12, 31), 500)
    actor = garden.make.actor(garden.member)
    found = archive.get_archive(actor, None, None, "community")
    assert found.totals == (("book_finished", 1), ("study_minutes", 90))
    assert sum(row.amount for row in archive.walk_entries(found)) == 91
    assert found.years == (2026, 2025)
    books = next(course for course in found.courses if course.requirement.title == "每月读一本好书")
    assert (books.met, books.asked) == (1, 11)
    shown = page(browser(garden.member), "/progress/archive?year=2026")
    assert "11 个周期中完成 1 个" in shown
    assert archive.get_archive(actor, 2025, None, "community").totals == (("study_minutes", 500),)
    assert browser(garden.member).get("/progress/archive?year=1999").status_code == 422
    of_other = archive.get_archive(garden.make.actor(garden.liaison), 2026, garden.member.id, "government")
    assert of_other.totals == (("book_finished", 1),)
    assert (
        browser(garden.make.member(garden.other)).get(f"/progress/archive?member={garden.member.id}").status_code == 404
    )


def test_an_archive_of_thousands_of_entries_is_cut_nowhere(
    garden: Garden, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "member": garden.member.id,
        "measure": "study_minutes",
        "amount": 1,
        "evidence_kind": "reading_session",
        "evidence_ref": 1,
    }
    LedgerEntry.insert_many(
        [{**values, "day": date(2026, 1 + number % 9, 2), "fact": f"session:{number}"} for number in range(5500)]
    ).execute()
    booking.reverse("session:7")
    for month in (2, 3, 3, 5, 6):
        garden.finish_on(garden.member, date(2026, month, 4))
    monkeypatch.setattr(archive, "PAGE_SIZE", 2)
    found = archive.get_archive(garden.make.actor(garden.member), 2026, None, "community")
    assert found.totals == (("book_finished", 5), ("study_minutes", 5499))
    assert sum(minutes for _, minutes in found.months) == 5499
    garden.finish_on(garden.member, date(2026, 7, 4))  # after the archive was made: not in it
    rows = list(archive.walk_entries(found))
    assert (len(rows), sum(row.amount for row in rows)) == (5504, 5504)
    assert [row.day for row in rows] == sorted(row.day for row in rows)
    first, last = (page(browser(garden.member), f"/progress/archive?year=2026&page={number}") for number in (1, 3))
    assert "共 6 条，此处为第 1–2 条" in first
    assert "7 月 4 日" in last
    assert "7 月 4 日" not in first
    assert "91 小时 39 分" in first
    answer = browser(garden.member).get("/api/v1/progress/archive?year=2026&page=2753").json
    assert (answer["pages"], answer["entries_total"], len(answer["entries"])) == (2753, 5505, 1)
    book = browser(garden.member).get("/api/v1/progress/archive.xlsx?year=2026")
    assert book.content_type == SHEET


def test_the_workbook_has_real_numbers_frozen_headings_and_chinese_sheets(garden: Garden, browser: Open) -> None:
    garden.study_on(garden.member, date(2026, 3, 3), 90)
    response = browser(garden.member).get("/progress/archive.xlsx?year=2026")
    assert response.content_type == SHEET
    book = load_workbook(BytesIO(response.get_data()))
    assert book.sheetnames == ["合计", "学习要求", "学习记录"]
    assert [sheet.freeze_panes for sheet in book] == ["A2", "A2", "A2"]
    assert [cell.value for cell in book["合计"][2]] == ["自学时间", 1.5, "小时"]
    assert book["学习记录"]["A2"].value.date() == date(2026, 3, 3)
