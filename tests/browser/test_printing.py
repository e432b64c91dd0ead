"""What is printed: no menus and buttons, nothing cut at the right edge, the head of a table on every sheet."""

import json
from datetime import date
from io import BytesIO
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from lms.members.models import Member, Membership
from lms.progress import booking
from lms.progress.models import Requirement
from lms.roster.models import RosterImport, RosterRow
from tests.browser.garden import Desk, Garden

pytestmark = pytest.mark.browser

A4_PX = {"width": 794, "height": 1123}
# What stands between the margins of a sheet, in pixels.
UPRIGHT, ACROSS, SLIPS = 673, 1032, 703
CONTROLS = "nav a, .top, .crumbs, .btn, .pages > :not(.of), .remind, button, select, dialog, input:not([type=hidden])"
SEEN = """(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
  .map((one) => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 30)}`)"""
BEYOND = """(width) => {
  document.documentElement.style.width = width + "px";
  document.body.style.minWidth = "0";
  const found = [...document.querySelectorAll("main *")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > width + 1)
    .map((one) => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 30)}`);
  document.documentElement.style.width = document.body.style.minWidth = "";
  return found;
}"""


def fill(garden: Garden) -> tuple[Member, int, int]:
    """Make a unit of sixty people of whom nobody has done what is asked, one administrator with a full year."""
    unit = garden.make.unit("桂花社区")
    for number in range(60):
        garden.make.member(unit, name=f"欧阳成员{number:02d}")
    for title, measure, period in (
        ("每月读一本好书", "book_finished", "month"),
        ("每周自学三小时，每天不超过一小时", "study_minutes", "week"),
        ("每半年提交一篇不少于三千字的心得", "note_submitted", "half_year"),
    ):
        amount = 180 if measure == "study_minutes" else 1
        Requirement.create(
            title=title, unit=unit, measure=measure, amount=amount, period=period, since=date(2026, 1, 1)
        )
    admin = garden.person("周正", "administrator", unit=unit)
    for number in range(70):
        about = ("reading_entry", number + 1)
        booking.book(admin.id, "book_finished", 1, date(2026, 1 + number % 10, 5), f"finish:{number}:1", about)
    load = RosterImport.create(
        member=admin.id,
        kind="people",
        file_key="",
        file_name="成员.csv",
        columns=json.dumps({"headings": ["姓名"], "fields": ["name"], "ignored": [], "unknown": []}),
        state="done",
        total=12,
        done=12,
    )
    for number, (member,) in enumerate(Membership.select(Membership.member).where(Membership.unit == unit).tuples()):
        if number < 12:
            RosterRow.create(
                load=load.id,
                number=number + 2,
                action="add",
                name="",
                subject=member,
                values="{}",
                carried_out=True,
                nonce=f"n{number}",
            )
    return admin, unit.id, load.id


def sheets(desk: Desk) -> list[str]:
    """Print the open page on A4, and give the text of each sheet without spaces."""
    pdf = PdfReader(BytesIO(desk.page.pdf(format="A4", prefer_css_page_size=True)))
    return ["".join(normalize("NFKC", sheet.extract_text()).split()) for sheet in pdf.pages]  # radicals as characters


def faults(desk: Desk, width: int) -> list[str]:
    """Say which controls would be printed, and what would be cut at the right edge."""
    desk.page.emulate_media(media="print")
    found = [*desk.page.evaluate(SEEN, CONTROLS), *desk.page.evaluate(BEYOND, width)]
    desk.page.emulate_media(media="null")
    return found


def test_boards_progress_archive_and_slips_print_whole_and_without_menus(garden: Garden) -> None:
    admin, unit, load = fill(garden)
    desk = garden.visit(admin, viewport=A4_PX, locale="zh-CN")
    tables = {
        f"/board/{unit}/members?period=year&day=2026-11-01": (ACROSS, "姓名所属单位"),
        f"/board/{unit}/people?group=late&period=year&day=2026-11-01": (UPRIGHT, "姓名所属单位"),
        "/progress/archive?year=2026": (UPRIGHT, "日期内容"),
    }
    board = f"/board/{unit}"
    plain = dict.fromkeys((f"{board}?period=year&day=2026-11-01", f"{board}/report", "/progress", "/notices"), UPRIGHT)
    for path, width in {**plain, **{path: width for path, (width, _) in tables.items()}}.items():
        desk.open(path)
        assert faults(desk, width) == [], path
        if path in tables:
            printed, head = sheets(desk), tables[path][1]
            having = [head in sheet for sheet in printed]
            assert len(printed) > 1, path
            assert ("第1" in printed[-1] and "共2" in printed[-1]) == ("/members?" in path), path
            assert having[having.index(True) :] == [True] * (len(printed) - having.index(True)), path
    desk.open(f"/people/import/{load}")
    desk.page.click(f"form[action='/people/import/{load}/slips'] button")
    desk.page.click("dialog [data-yes]")
    desk.shown(".slips li")
    assert faults(desk, SLIPS) == []
    printed = sheets(desk)
    assert [sheet.count("欧阳成员") for sheet in printed] == [10, 2]
