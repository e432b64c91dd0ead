"""What makes the pages comfortable: settings that stay, keys, dialogs."""

from pathlib import Path

import pytest

from lms.uploads.models import Quota
from tests.browser.garden import Garden

pytestmark = pytest.mark.browser

HTML = "document.documentElement"


def test_language_colours_and_size_of_text_stay_as_they_were_chosen(garden: Garden) -> None:
    member = garden.person()
    desk = garden.visit(member)
    page = desk.open("/books")
    small = page.evaluate("getComputedStyle(document.body).fontSize")
    for choice in ("text_size][value=large", "theme][value=dark", "locale][value=en"):
        page.click(".account summary")
        page.click(f".account-panel button[name={choice}]")
        page.wait_for_selector(f".account-panel button[name={choice}][aria-pressed=true]", state="attached")
        page.wait_for_load_state()
    assert desk.at() == "/books"
    desk.new_tab()
    page = desk.open("/notes")
    assert page.inner_text("h1") == "Notes"
    assert page.evaluate(f"{HTML}.lang") == "en"
    assert page.evaluate("getComputedStyle(document.body).fontSize") > small
    assert page.evaluate(f"getComputedStyle({HTML}).colorScheme") == "dark"


def test_the_slash_goes_to_search_and_typing_a_slash_stays_typing(garden: Garden) -> None:
    desk = garden.visit(garden.person())
    page = desk.open("/books")
    page.keyboard.press("/")
    page.keyboard.type("乡土/中国")
    assert page.input_value("#find") == "乡土/中国"
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    assert page.inner_text(".empty-title") == "没有找到“乡土/中国”。"


def test_the_first_tab_offers_to_skip_to_the_content(garden: Garden) -> None:
    desk = garden.visit(garden.person())
    page = desk.open("/books")
    page.keyboard.press("Tab")
    skip = page.locator(".skip:focus")
    box = skip.bounding_box()
    assert box is not None and box["y"] >= 0
    page.keyboard.press("Enter")
    desk.until("document.activeElement.id === 'main'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_escape_closes_the_question_and_nothing_is_lost(garden: Garden) -> None:
    book = garden.make.book("边城")
    desk = garden.visit(garden.person())
    page = desk.open(f"/books/{book.id}")
    page.click("button[name=state][value=want]")
    desk.shown("button[name=state][value=want][aria-pressed=true]")
    page.click("button[data-confirm]")
    page.wait_for_selector("dialog[open]")
    assert page.inner_text("dialog [data-yes]") == page.inner_text("button[data-confirm]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")
    assert page.evaluate("document.activeElement.matches('button[data-confirm]')")
    page.reload()
    assert page.locator("button[name=state][value=want][aria-pressed=true]").count() == 1
    page.click("button[data-confirm]")
    page.click("dialog [data-yes]")
    page.wait_for_selector("button[name=state][value=want][aria-pressed=false]")


def test_escape_closes_the_account_menu_and_gives_the_focus_back(garden: Garden) -> None:
    desk = garden.visit(garden.person())
    page = desk.open("/")
    page.click(".account summary")
    page.focus(".account-panel a >> nth=0")
    page.keyboard.press("Escape")
    assert page.locator("details.account[open]").count() == 0
    assert page.evaluate("document.activeElement.matches('.account summary')")


def test_a_file_too_large_is_refused_beside_its_field_and_what_was_typed_stays(garden: Garden, tmp_path: Path) -> None:
    member = garden.person()
    Quota.create(member=member, mib=1)
    file = tmp_path / "记录.pdf"
    file.write_bytes(b"%PDF-1.4 " + bytes(2 * 1024 * 1024))
    page = garden.visit(member).open("/activities/new?kind=field_research")
    page.fill("[name=title]", "走访独居老人")
    page.set_input_files("[name=file]", file)
    assert "存储空间只剩 1.0 MB" in page.inner_text(".has-error")
    page.click("main form [type=submit], main form button.btn")
    assert page.input_value("[name=title]") == "走访独居老人"
    small = tmp_path / "短.pdf"
    small.write_bytes(b"%PDF-1.4 ")
    page.set_input_files("[name=file]", small)
    assert page.locator(".has-error").count() == 0


def test_what_a_browser_finds_wrong_is_said_below_the_field_in_the_language_of_the_page(garden: Garden) -> None:
    desk = garden.visit(garden.person(role="lecturer"))
    page = desk.open("/lectures/new")
    page.fill("#f-done_percent", "200")
    page.fill("#f-title", "问身边")
    page.fill("#f-speaker", "")
    page.click("main form .actions .btn")
    desk.until("document.activeElement.id === 'f-file'")
    assert page.inner_text("#f-file-error") == "请选择文件。"
    assert page.inner_text("#f-speaker-error") == "此项必填。"
    assert page.inner_text("#f-done_percent-error") == "请填写 10 至 100 之间的数。"
    assert page.locator("#f-title-error").count() == 0
    speaker = page.locator("#f-speaker")
    assert speaker.get_attribute("aria-invalid") == "true"
    assert "f-speaker-error" in (speaker.get_attribute("aria-describedby") or "")
    speaker.fill("陈志远")
    assert page.locator(".has-error #f-speaker").count() == 0
    assert (speaker.get_attribute("aria-invalid"), page.inner_text("#f-speaker-error")) == (None, "")
    page.evaluate("""() => {
        const told = new DataTransfer();
        told.setData("text", "长".repeat(500));
        const paste = new ClipboardEvent("paste", { clipboardData: told, bubbles: true });
        document.querySelector("#f-title").dispatchEvent(paste);
    }""")
    desk.shown("#f-title-error:has-text('没有放进来')")
