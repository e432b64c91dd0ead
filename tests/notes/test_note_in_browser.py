"""Writing a note in a real browser: the 字数 while typing, and nothing typed is lost."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from apiflask import APIFlask
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from lms.db import database
from lms.members.models import Member, Membership
from lms.notes import reviewing, service
from lms.notes.models import Note, NoteDraft
from lms.notes.rules import count_characters
from lms.notes.service import NoteForm
from lms.progress.models import Requirement
from tests.browser.chromium import CHROMIUM, PATIENCE_MS, launch
from tests.browser.garden import kept_in_this_browser, wait_for
from tests.factories import Make
from tests.notes.counting_cases import CASES

ALPHABET = "中文，。“”’·…ab1 É\u3000\u00a0*#>-_`~|[]()!\t\n.😀①Ａ²\u0301"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@dataclass
class Desk:
    """A member at a browser of their own; ``page`` is the open tab."""

    page: Page
    address: str

    def open(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(self.address + path)
        return self.page

    def new_tab(self) -> "Desk":
        """Close the tab as a crash would, without asking, and open another."""
        context = self.page.context
        self.page.close(run_before_unload=False)
        self.page = context.new_page()
        return self

    def saved(self) -> None:
        """Wait until the saved note is shown and the script there, which forgets the copy in this browser, has run."""
        self.page.wait_for_selector(".note-body")
        self.page.wait_for_load_state()

    def typed(self, text: str) -> None:
        """Type into the note and wait until the browser has kept it."""
        self.page.fill("#f-body", text)
        wait_for(lambda: self.page.evaluate(kept_in_this_browser(text)), "the copy in this browser")


@pytest.fixture
def address(app: APIFlask) -> Iterator[str]:
    """Serve the application on a port of its own."""
    server = make_server("127.0.0.1", 0, app)

    def serve() -> None:
        server.serve_forever()
        database.close()

    thread = Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Chromium once for this module."""
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


def sign_in(page: Page, app: APIFlask, address: str, member: Member) -> None:
    """Give the browser the session cookie that the sign-in page would set."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    value = serializer.dumps({"_user_id": f"{member.id}:{member.session_version}", "_fresh": True})
    page.context.add_cookies([{"name": "lms_session", "value": value, "url": address}])


@pytest.fixture
def desk(chromium: Browser, app: APIFlask, make: Make, address: str) -> Iterator[Desk]:
    """A member signed in, with storage of the browser still empty."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)  # of the tabs that are opened later as well
    page = context.new_page()
    sign_in(page, app, address, make.member(name="王淑兰"))
    yield Desk(page, address)
    context.close()


def note_script(page: Page) -> str:
    """Give the versioned address of the page's script."""
    return str(page.eval_on_selector("script[src*='note.js']", "tag => tag.src"))


def test_the_browser_counts_every_text_as_the_server_does(desk: Desk) -> None:
    page = desk.open("/notes/new")
    chance = random.Random(20261123)
    texts = [text for text, _ in CASES]
    texts += ["".join(chance.choices(ALPHABET, k=chance.randrange(80))) for _ in range(1500)]
    counted = page.evaluate(
        "async ([src, texts]) => { const note = await import(src); return texts.map(note.countCharacters); }",
        [note_script(page), texts],
    )
    wrong = [
        (text, n, count_characters(text)) for text, n in zip(texts, counted, strict=True) if n != count_characters(text)
    ]
    assert wrong == []


def test_the_count_follows_the_typing_and_the_least_asked_for(desk: Desk) -> None:
    unit = Membership.get().unit
    for least, title in ((500, "每季一篇心得"), (3000, "年度心得")):
        spec = f'{{"least": {least}, "categories": ["reflection"]}}'
        asked = {"measure": "note_submitted", "amount": 1, "period": "year", "since": date(2020, 1, 1)}
        Requirement.create(title=title, unit=unit, spec=spec, **asked)
    page = desk.open("/notes/new?kind=reflection")
    assert page.inner_text("[data-note-count]") == "0 字，至少 500 字"
    page.fill("#f-body", "字" * 600)
    assert page.inner_text("[data-note-count]") == "600 字，至少 3\u202f000 字"
    page.fill("#f-body", "字" * 3000)
    assert "enough" in (page.get_attribute("[data-note-count]", "class") or "")
    page = desk.open("/notes/new")
    page.fill("#f-body", "乡土中国，第1章")
    assert page.inner_text("[data-note-count]") == "8 字"
    page.fill("#f-body", "字" * 1234)
    assert page.inner_text("[data-note-count]") == "1\u202f234 字"
    page.fill("#f-body", "字" * 100_002)
    assert page.inner_text("[data-note-count]") == "超出 2 个字符"


def test_a_closed_tab_loses_nothing_and_saving_clears_the_copy(desk: Desk) -> None:
    page = desk.open("/notes/new")
    page.fill("#f-title", "没写完的")
    desk.typed("写到一半")
    page = desk.new_tab().open("/notes/new")
    assert (page.input_value("#f-title"), page.input_value("#f-body")) == ("没写完的", "写到一半")
    assert page.is_visible("[data-note-restored]")
    page.click("form[data-note] button.btn")
    desk.saved()
    assert Note.get().body == "写到一半"
    page = desk.open("/notes/new")
    assert page.input_value("#f-body") == ""
    assert not page.is_visible("[data-note-restored]")


def test_what_was_restored_can_be_discarded(desk: Desk) -> None:
    desk.open("/notes/new")
    desk.typed("不要了")
    page = desk.new_tab().open("/notes/new")
    page.click("[data-note-discard]")
    assert page.input_value("#f-body") == ""
    assert desk.new_tab().open("/notes/new").input_value("#f-body") == ""


def test_an_expired_sign_in_costs_no_word(desk: Desk, app: APIFlask, make: Make) -> None:
    page = desk.open("/notes/new")
    page.fill("#f-title", "登录过期时写的")
    desk.typed("一个字也没丢")
    page.context.clear_cookies()
    page.click("form[data-note] button.btn")
    page.wait_for_load_state()
    assert Note.select().count() == 0
    sign_in(page, app, desk.address, Member.get(Member.name == "王淑兰"))
    page = desk.open("/notes/new")
    assert (page.input_value("#f-title"), page.input_value("#f-body")) == ("登录过期时写的", "一个字也没丢")


def test_the_copy_of_one_member_is_not_shown_to_the_next_at_the_same_browser(
    desk: Desk, app: APIFlask, make: Make
) -> None:
    desk.open("/notes/new")
    desk.typed("只有我知道")
    sign_in(desk.page, app, desk.address, make.member(name="李明"))
    assert desk.new_tab().open("/notes/new").input_value("#f-body") == ""


def test_a_copy_of_an_older_version_meets_the_newer_one_with_both_texts_shown(desk: Desk) -> None:
    page = desk.open("/notes/new")
    page.fill("#f-title", "题")
    page.fill("#f-body", "第一稿")
    page.click("form[data-note] button.btn")
    desk.saved()
    note = Note.get()
    desk.open(f"/notes/{note.id}/edit")
    desk.typed("第一稿，接着写")
    Note.update(body="在手机上改的", version=2).execute()
    page = desk.new_tab().open(f"/notes/{note.id}/edit")
    assert page.input_value("#f-body") == "第一稿，接着写"
    page.click("form[data-note] button.btn")
    page.wait_for_selector("#stored-note")
    assert "在手机上改的" in page.inner_text(".stored-text")
    assert page.input_value("#f-body") == "第一稿，接着写"
    page.click("form[data-note] button.btn")
    page.wait_for_selector(".note-body")
    assert Note.get().body == "第一稿，接着写"


def test_what_is_typed_reaches_the_server_by_itself(desk: Desk) -> None:
    page = desk.open("/notes/new")
    page.fill("#f-title", "自动保存")
    with page.expect_response(lambda answer: answer.url.endswith("/api/v1/notes/drafts")) as answered:
        page.fill("#f-body", "写到一半")
    assert answered.value.ok
    expect(page.locator("[data-note-kept]")).to_contain_text("服务器")
    draft = NoteDraft.get()
    assert (draft.key, draft.title, draft.body) == ("new:", "自动保存", "写到一半")
    page.click("form[data-note] .actions button.btn")
    page.wait_for_selector(".note-body")
    assert NoteDraft.select().count() == 0


def test_what_was_typed_before_the_script_arrived_is_kept(desk: Desk) -> None:
    desk.page.route("**/js/note.js*", lambda route: None)
    desk.page.goto(f"{desk.address}/notes/new", wait_until="commit")
    desk.page.fill("#f-body", "网慢的时候先写了几句")
    desk.page.unroute("**/js/note.js*")  # lets go of what was held
    expect(desk.page.locator("[data-note-kept]")).not_to_be_empty()
    page = desk.open("/notes/new")
    assert page.input_value("#f-body") == "网慢的时候先写了几句"


def test_a_lost_line_is_told_and_the_text_is_sent_when_the_next_page_opens(desk: Desk) -> None:
    page = desk.open("/notes/new")
    page.context.set_offline(True)
    page.fill("#f-body", "没有网络时写的")
    expect(page.locator("[data-note-kept]")).to_contain_text("网络断开")
    assert NoteDraft.select().count() == 0
    page = desk.new_tab().page
    page.context.set_offline(False)
    with page.expect_response(lambda answer: answer.url.endswith("/api/v1/notes/drafts")):
        desk.open("/notes")
    assert NoteDraft.get().body == "没有网络时写的"


def test_the_tools_set_marks_for_who_knows_no_markdown(desk: Desk) -> None:
    page = desk.open("/notes/new")
    page.fill("#f-body", "要点")
    page.press("#f-body", "Control+a")
    page.click("[data-tool=bold]")
    assert page.input_value("#f-body") == "**要点**"
    page.click("[data-tool=undo]")
    assert page.input_value("#f-body") == "要点"
    page.click("[data-tool=list]")
    assert page.input_value("#f-body") == "- 要点"
    page.click("[data-tool=list]")
    assert page.input_value("#f-body") == "要点"
    page.press("#f-body", "Control+a")
    page.click("[data-tool=quote]")
    page.fill("#quote-page", "12")
    page.click("[data-quote-ask] button[value=yes]")
    expect(page.locator("#f-body")).to_have_value(re.compile("> 要点\n>\n> —— 第 12 页"))


def test_a_picture_goes_into_the_text_by_a_tap(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    Image.new("RGB", (30, 20), (20, 120, 80)).save(file)
    page = desk.open("/notes/new")
    page.fill("#f-title", "有图")
    with page.expect_file_chooser() as chosen:
        page.click("[data-tool=image]")
    chosen.value.set_files(file)
    expect(page.locator("#f-body")).to_have_value(re.compile("/notes/images/"))
    expect(page.locator("[data-note-pictures] img")).to_have_js_property("complete", True)
    page.click("[data-picture]")
    expect(page.locator("#f-body")).to_have_value("")
    expect(page.locator("[data-note-pictures]")).to_be_hidden()
    page.click("[data-tool=undo]")
    expect(page.locator("[data-note-pictures] img")).to_have_count(1)
    page.click("form[data-note] .actions button.btn")
    page.wait_for_selector(".note-body img")
    width = page.eval_on_selector(".note-body img", "image => image.decode().then(() => image.naturalWidth)")
    assert width == 30


def test_the_queue_is_worked_through_by_keyboard(desk: Desk, app: APIFlask, make: Make) -> None:
    unit = make.unit()
    ids = []
    for title in ("第一篇", "第二篇"):
        writer = make.actor(make.member(unit))
        ids.append(service.write_note(writer, NoteForm(title, "文", "me")))
        reviewing.submit(writer, ids[-1], 1)
    sign_in(desk.page, app, desk.address, make.member(unit, "liaison"))
    page = desk.open("/notes/review")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/notes/{ids[0]}/review")
    page.keyboard.press("a")
    page.wait_for_url(f"**/notes/{ids[1]}/review")
    page.keyboard.press("r")
    page.keyboard.type("请补充")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.wait_for_selector(".empty")
    states = [note.state for note in Note.select().order_by(Note.id)]
    assert states == ["accepted", "returned"]
