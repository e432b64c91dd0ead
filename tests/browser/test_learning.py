"""A member's day in a real browser: sign in, read, plan, write, with scripts and without."""

from datetime import date

import pytest
from playwright.sync_api import Page

from lms.members.models import Member
from lms.notes.models import Note
from lms.notes.rules import count_characters
from lms.progress.models import Requirement
from lms.reading.models import ReadingEntry
from tests.browser.garden import PASSWORD, Garden, kept_in_this_browser

pytestmark = pytest.mark.browser

NEW_PASSWORD = "十年树木百年树人"
FINISHED = "button[name=state][value=finished]"
NOTE = "挖渠人的手\n\n**差序格局**，就像石子投进水里的波纹，read it twice。"


def sign_in(page: Page, member: Member, password: str = PASSWORD) -> None:
    """Fill in the sign-in page and send it."""
    page.fill("[name=login]", member.phone)
    page.fill("[name=password]", password)
    page.click("main button.btn")


def write_note(page: Page, title: str, body: str) -> None:
    """Fill in the page of a new note and save it."""
    page.fill("#f-title", title)
    page.fill("#f-body", body)
    page.click(".note-form button.btn")


def test_a_newcomer_signs_in_and_must_choose_a_password_first(garden: Garden) -> None:
    newcomer = garden.person(must_change_password=True)
    desk = garden.visit()
    page = desk.open("/progress")
    sign_in(page, newcomer)
    page.wait_for_selector("[name=again]")
    desk.open("/books")
    assert desk.at().startswith("/account/password")
    assert page.locator("[name=old]").count() == 0, "it was typed a moment ago"
    page.fill("[name=new]", NEW_PASSWORD)
    page.fill("[name=again]", NEW_PASSWORD)
    page.click("main button.btn")
    page.wait_for_url(lambda url: "/account/password" not in url)
    assert desk.open("/books").inner_text("h1") == "书目"
    again = garden.visit()
    sign_in(again.open("/sign-in"), newcomer, NEW_PASSWORD)
    again.page.wait_for_url(f"{garden.address}/")
    assert "王淑兰" in again.page.inner_text("h1")


def test_a_wrong_password_says_so_and_keeps_the_name(garden: Garden) -> None:
    member = garden.person()
    desk = garden.visit()
    sign_in(desk.open("/sign-in"), member, "not this one")
    desk.page.wait_for_selector(".form-errors")
    assert desk.page.input_value("[name=login]") == member.phone
    assert desk.page.input_value("[name=password]") == ""


def test_two_taps_finish_a_book_and_progress_shows_it_with_its_evidence(garden: Garden) -> None:
    member = garden.person()
    book = garden.make.book("额尔古纳河右岸")
    unit = garden.make.actor(member).home
    Requirement.create(
        title="每月读一本好书", unit=unit, measure="book_finished", amount=1, period="month", since=date(2024, 1, 1)
    )
    desk = garden.visit(member)
    page = desk.open("/progress")
    assert page.inner_text(".rule .n") == "0 / 1 本"
    page = desk.open("/books")
    page.click(f"a[href='/books/{book.id}'] >> nth=0")
    page.click(FINISHED)
    page.wait_for_selector(f"{FINISHED}[aria-pressed=true]")
    page = desk.open("/progress")
    assert page.inner_text(".rule .n") == "1 / 1 本"
    page.click(".rule-title a")
    desk.shown("table")
    assert page.locator("tbody tr").count() == 1
    page.click("tbody a")
    page.wait_for_url(f"**/books/{book.id}")


def test_a_plan_is_ticked_off_by_finishing_its_book(garden: Garden) -> None:
    member = garden.person()
    first, second = garden.make.book("乡土中国"), garden.make.book("呼兰河传")
    desk = garden.visit(member)
    page = desk.open(f"/plans/new?book={first.id}&book={second.id}")
    page.fill("[name=title]", "冬季读书")
    page.click("main .form > .actions button.btn")
    desk.shown(".plan-books")
    plan = desk.at()
    assert page.locator(".plan-books .pill.done").count() == 0
    page.click(f".plan-books .item-title a[href='/books/{first.id}']")
    page.click(FINISHED)
    page.wait_for_selector(f"{FINISHED}[aria-pressed=true]")
    page = desk.open(plan)
    assert page.locator(".book-row:has(.pill.done) .item-title").all_inner_texts() == ["乡土中国"]
    assert "呼兰河传" in page.inner_text(".now-title")


def test_a_note_is_counted_while_typing_as_the_server_counts_it_and_outlives_its_tab(garden: Garden) -> None:
    book = garden.make.book("平凡的世界")
    desk = garden.visit(garden.person())
    page = desk.open(f"/books/{book.id}")
    page.click(f"a[href='/notes/new?book={book.id}']")
    page.fill("#f-title", "写到一半")
    page.fill("#f-body", NOTE)
    assert page.inner_text("[data-note-count]") == f"{count_characters(NOTE)} 字"
    desk.until(kept_in_this_browser("read it twice"))  # the last words typed
    desk.new_tab()
    page = desk.open(f"/notes/new?book={book.id}")
    assert (page.input_value("#f-title"), page.input_value("#f-body")) == ("写到一半", NOTE)
    page.click(".note-form button.btn")
    page.wait_for_selector(".note-body")
    assert page.inner_text(".note-body strong") == "差序格局"
    assert f"{count_characters(NOTE)} 字" in page.inner_text(".byline")


def test_without_scripts_one_signs_in_logs_a_book_and_writes_a_note(garden: Garden) -> None:
    member = garden.person()
    book = garden.make.book("活着")
    desk = garden.visit(java_script_enabled=False)
    page = desk.open(f"/books/{book.id}")
    sign_in(page, member)
    page.wait_for_url(f"**/books/{book.id}")
    page.click(FINISHED)
    page.wait_for_selector(f"{FINISHED}[aria-pressed=true]")
    assert ReadingEntry.get(ReadingEntry.member == member).state == "finished"
    write_note(desk.open(f"/notes/new?book={book.id}"), "没有脚本", NOTE)
    page.wait_for_selector(".note-body")
    assert Note.get(Note.member == member).chars == count_characters(NOTE)
