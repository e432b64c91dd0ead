"""Uploads and recordings in a real browser, with the worker doing its part."""

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Route

from lms.demo.media import make_audio
from lms.lectures import rules, service
from lms.lectures.models import Lecture, Recording, WatchProgress
from lms.lectures.service import Upload
from lms.materials.models import Material
from lms.members.models import Member
from lms.storage import files
from tests.browser.garden import Desk, Garden, Service, wait_for

pytestmark = pytest.mark.browser

GUIDE = "# 邻里议事\n\n先听再说。\n\n## 定个规矩\n\n谁家晾衣谁收拾，垂髫老人都照应。\n"
TRANSCRIPT = """WEBVTT

00:00:00.000 --> 00:00:08.000
各位街坊，今天讲怎样带着问题读书。

00:00:08.000 --> 00:00:20.000
翻开书之前，先写下三个问题。

00:00:30.000 --> 00:00:50.000
涟漪效应，就像石子投进水里的波纹。
"""
MEDIA = "document.querySelector('[data-player]')"
KEEP_WHAT_WAS_LOST = """() => {
  window.lost = [];
  const lost = () => [...document.querySelectorAll("[data-piece-state=lost]")].map((one) => one.textContent);
  new MutationObserver(() => window.lost.push(...lost())).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
}"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of one minute."""
    path = tmp_path_factory.mktemp("media") / "lecture.mp3"
    make_audio(path, 60)
    return path


def send_lecture(garden: Garden, lecturer: Member, sound: Path) -> int:
    """Give a lecture to the service; its worker prepares it."""
    actor = garden.make.actor(lecturer)
    details = rules.Details(title="带着问题读书", speaker="陈志远", unit=actor.home)
    with sound.open("rb") as file, Path(sound.with_suffix(".vtt")).open("w+b") as words:
        words.write(TRANSCRIPT.encode())
        words.seek(0)
        return service.upload(actor, details, Upload(sound.name, file), Upload("words.vtt", words), 64 * 1024 * 1024)


def open_player(desk: Desk, path: str) -> float:
    """Open a lecture, wait until its recording can be played, and give the second it stands at."""
    desk.open(path)
    if not desk.page.locator("[data-player]").count():
        desk.reload_until("[data-player]")
    desk.until(f"{MEDIA}.readyState >= 1 && !{MEDIA}.seeking")
    return float(desk.page.evaluate(f"{MEDIA}.currentTime"))


def test_an_uploaded_text_is_found_by_search_and_opens_at_its_page(garden: Garden, tmp_path: Path) -> None:
    file = tmp_path / "邻里议事.md"
    file.write_text(GUIDE, encoding="utf-8")
    desk = garden.visit(garden.person("陈志远", "lecturer"))
    page = desk.open("/materials/new")
    page.set_input_files("input[type=file]", file)
    page.select_option("[name=category]", index=1)
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile(r"/materials/\d+$"))
    desk.reload_until(".contents")
    desk.open("/search?q=垂髫老人")
    desk.reload_until(".hit-place")
    page.click(".hit-place")
    page.wait_for_url("**/pages/2")
    assert "垂髫老人" in page.inner_text("article")


def test_a_recording_plays_from_a_line_and_goes_on_there_on_another_device(garden: Garden, sound: Path) -> None:
    lecturer = garden.person("陈志远", "lecturer")
    lecture = send_lecture(garden, lecturer, sound)
    member = garden.person(unit=Lecture.get_by_id(lecture).unit)
    here = f"/lectures/{lecture}"
    first = garden.visit(member)
    assert open_player(first, here) == 0
    page = first.page
    page.click(".said a:has-text('涟漪')")
    first.until(f"!{MEDIA}.paused && {MEDIA}.currentTime > 31")
    page.evaluate(f"{MEDIA}.pause()")
    stopped = float(page.evaluate(f"{MEDIA}.currentTime"))
    place = WatchProgress.select(WatchProgress.position_s).where(WatchProgress.member == member)
    wait_for(lambda: place.scalar() == pytest.approx(stopped, abs=0.5), "the place to be told behind an earlier one")
    page.wait_for_selector(".said [aria-current]:has-text('涟漪')")
    page.keyboard.press(">")
    first.until(f"{MEDIA}.playbackRate === 1.25")
    page.wait_for_selector("[data-speed='1.25'][aria-pressed=true]")
    second = garden.visit(member)
    assert open_player(second, here) == pytest.approx(stopped, abs=1)
    told = re.search(r"上次停在 00:(\d\d)", second.page.inner_text(".player-note:visible"))
    assert told and int(told[1]) == pytest.approx(stopped, abs=1)


def test_a_hit_in_a_transcript_opens_the_player_at_that_second(garden: Garden, sound: Path) -> None:
    lecturer = garden.person("陈志远", "lecturer")
    lecture = send_lecture(garden, lecturer, sound)
    desk = garden.visit(garden.person(unit=Lecture.get_by_id(lecture).unit))
    open_player(desk, f"/lectures/{lecture}")
    desk.open("/search?q=涟漪效应")
    desk.reload_until(f".hit-place[href^='/lectures/{lecture}?']")
    desk.page.click(f".hit-place[href^='/lectures/{lecture}?']")
    desk.page.wait_for_url(f"**/lectures/{lecture}?t=30*")
    desk.until(f"Math.abs({MEDIA}.currentTime - 30) < 1")


def test_a_recording_in_pieces_survives_a_lost_line_and_a_closed_browser(garden: Garden, tmp_path: Path) -> None:
    file = tmp_path / "第一讲.mp3"
    file.write_bytes((b"\xff\xfb\x90\x64" + bytes(413)) * 8000 + str(time.time_ns()).encode())
    desk = garden.visit(garden.person("陈志远", "lecturer"))
    page = desk.open("/lectures/new")
    pieces = []

    def lose_some(route: Route) -> None:
        """Let the first piece through, lose the line, and hold everything once another one was sent."""
        pieces.append(route.request.method)
        if route.request.method != "PATCH" or pieces.count("PATCH") in (1, 3):
            route.continue_()
        else:
            route.abort()

    page.route("**/api/v1/uploads/*", lose_some)
    page.set_input_files("#f-file", file)
    page.fill("[name=title]", "分片上传")
    page.check("[name=audience][value=unit]")
    page.wait_for_selector("[data-status]:has-text('网络中断')")
    wait_for(lambda: page.title() and pieces.count("PATCH") > 3, "the third piece to be lost as well")
    page = desk.new_tab()
    desk.open("/lectures/new")
    assert "第一讲.mp3" in page.inner_text("[data-pieces-earlier]:visible")
    assert "已填回您上次填写的内容" in page.inner_text("[data-pieces-typed]:visible")
    assert page.input_value("[name=title]") == "分片上传"
    assert page.is_checked("[name=audience][value=unit]")
    page.fill("[name=speaker]", "陈志远")
    page.set_input_files("#f-file", file)
    page.click("main form.upload button[type=submit]")
    page.wait_for_url(re.compile(r"/lectures/\d+$"))
    desk.open("/lectures/new")
    assert page.input_value("[name=title]") == "", "what was sent is not kept"
    recording = Recording.get(Recording.file_name == "第一讲.mp3")
    assert files().path(recording.original_key or recording.file_key).read_bytes() == file.read_bytes()
    desk.complaints[:] = [text for text in desk.complaints if "ERR_FAILED" not in text]  # the lost pieces


def test_a_recording_in_pieces_goes_on_by_itself_when_the_server_is_there_again(
    garden: Garden, running: Service, tmp_path: Path
) -> None:
    file = tmp_path / "第二讲.mp3"
    file.write_bytes((b"\xff\xfb\x90\x64" + bytes(413)) * 8000 + str(time.time_ns()).encode())
    desk = garden.visit(garden.person("陈志远", "lecturer"))
    page = desk.open("/lectures/new")
    pieces: list[Route] = []
    page.route(
        "**/api/v1/uploads/*", lambda route: hold(route) if route.request.method == "PATCH" else route.continue_()
    )

    def hold(route: Route) -> None:
        """Let the first piece through at once, the second when the server is gone, and all others again."""
        pieces.append(route)
        if len(pieces) != 2:
            route.continue_()

    assert page.input_value("[name=speaker]") == "陈志远"
    page.set_input_files("#f-file", file)
    assert page.input_value("[name=title]") == "第二讲"
    wait_for(lambda: page.title() and len(pieces) == 2, "the second piece")
    running.stop()
    pieces[1].continue_()
    page.wait_for_selector("[data-status]:has-text('网络中断')")
    running.start()
    page.wait_for_selector("[data-piece-state=ready]")
    desk.context.set_offline(True)
    page.click("main form.upload button[type=submit]")
    page.wait_for_selector("[data-pieces-later]:has-text('网络断了')")
    desk.context.set_offline(False)
    page.wait_for_url(re.compile(r"/lectures/\d+$"))
    recording = Recording.get(Recording.file_name == "第二讲.mp3")
    assert files().path(recording.original_key or recording.file_key).read_bytes() == file.read_bytes()
    sent = [int(route.request.headers["upload-offset"]) for route in pieces]
    assert sent[0] == 0 and sent.count(0) == 1, "what had arrived was not sent again"
    desk.complaints[:] = [text for text in desk.complaints if "ERR_" not in text]  # while the server was away


def test_what_is_played_without_a_line_is_kept_and_counted_later(garden: Garden, sound: Path) -> None:
    lecture = send_lecture(garden, garden.person("陈志远", "lecturer"), sound)
    member = garden.person(unit=Lecture.get_by_id(lecture).unit)
    desk = garden.visit(member)
    open_player(desk, f"/lectures/{lecture}")
    page = desk.page
    with page.expect_response(lambda answer: answer.url.endswith("/progress")):
        page.click("[data-play]")
    desk.until(f"{MEDIA}.buffered.length > 0 && {MEDIA}.buffered.end(0) > 20")
    desk.context.set_offline(True)
    alone = float(page.evaluate(f"{MEDIA}.currentTime"))
    desk.until(f"{MEDIA}.currentTime > {alone} + 3")
    page.evaluate(f"{MEDIA}.pause()")
    page.wait_for_selector("[data-player-note]:has-text('网络已断开')")
    counted = WatchProgress.select(WatchProgress.seconds).where(WatchProgress.member == member)
    before = counted.scalar()
    with page.expect_response(lambda answer: answer.url.endswith("/progress") and answer.status == 200):
        desk.context.set_offline(False)
    desk.until("!Object.keys(localStorage).some((name) => name.startsWith('lms-played:'))")
    # Both the player and the script of every page have sent it: it counts once.
    place = page.evaluate(f"{MEDIA}.currentTime")
    assert before + 2.5 < counted.scalar() <= place + 0.1
    desk.complaints.clear()  # the browser complains about the lost line itself


def test_a_line_of_the_transcript_is_heard_typed_split_and_taken_back(garden: Garden, sound: Path) -> None:
    lecturer = garden.person("陈志远", "lecturer")
    lecture = send_lecture(garden, lecturer, sound)
    recording = Recording.get(Recording.lecture == lecture).id
    desk = garden.visit(lecturer)
    page = desk.open(f"/recordings/{recording}/transcript")
    lines = page.locator("[data-lines] textarea")
    lines.nth(1).click()
    lines.nth(1).fill("翻开书之前先想好问题。")
    page.wait_for_selector("[data-state]:has-text('已全部保存')")
    lines.nth(1).press("Alt+Enter")
    page.wait_for_selector("[data-state]:has-text('前后都要有文字')")
    lines.nth(1).evaluate("area => area.setSelectionRange(5, 5)")
    lines.nth(1).press("Alt+Enter")
    desk.until("document.querySelectorAll('[data-lines] textarea').length === 4")
    assert [lines.nth(number).input_value() for number in (1, 2)] == ["翻开书之前", "先想好问题。"]
    desk.reload_until("[data-media]")
    for left in (3, 3):
        page.click("[data-undo]")
        page.wait_for_selector("[data-state]:has-text('已撤销')")
        desk.until(f"document.querySelectorAll('[data-lines] textarea').length === {left}")
    assert lines.nth(1).input_value() == "翻开书之前，先写下三个问题。"
    page.click("[data-lines] li:nth-child(3) [data-hear]")
    desk.until("document.querySelector('[data-media]').currentTime >= 30")
    page.evaluate("document.querySelector('[data-media]').pause()")
    desk.context.set_offline(True)
    page.fill("[name=chapters]", "00:00 带着问题\n写错的一行")
    page.click("form:has([name=chapters]) button[type=submit]")
    page.wait_for_selector("[data-send-say]:has-text('网络已断开')")
    desk.context.set_offline(False)
    desk.shown("#f-chapters-error:has-text('2')")
    assert page.input_value("[name=chapters]").endswith("写错的一行")
    page.fill("[name=chapters]", "00:00 带着问题\n00:30 涟漪")
    page.click("form:has([name=chapters]) button[type=submit]")
    desk.shown(".flashes")
    assert page.input_value("[name=chapters]") == "00:00 带着问题\n00:30 涟漪"
    desk.complaints[:] = [text for text in desk.complaints if "ERR_INTERNET_DISCONNECTED" not in text]


def test_several_dropped_materials_pass_a_proxy_that_takes_small_pieces_and_one_is_paused(garden: Garden) -> None:
    texts = [(f"学习材料{number}.txt", f"{number}。{time.time_ns()}。" + "先听再说。" * 20_000) for number in (1, 2)]
    lecturer = garden.person("陈志远", "lecturer")
    desk = garden.visit(lecturer)
    page = desk.open("/materials/new")

    def proxy(route: Route) -> None:
        """Answer as nginx does for a body beyond its limit."""
        if len(route.request.post_data_buffer or b"") > 100_000:
            route.fulfill(status=413, content_type="text/html", body="<h1>413 Request Entity Too Large</h1>")
        else:
            route.continue_()

    said: list[str] = []
    held: list[Route] = []
    paused: list[bool] = []

    def full_once(route: Route) -> None:
        """Answer as the service does while its disk is full; what is sent then waits until one file is paused."""
        if said:
            if paused:
                route.continue_()
            else:
                held.append(route)
            return
        said.append("磁盘已满，请告诉管理员。")
        body = json.dumps({"status": 503, "detail": said[0]})
        route.fulfill(status=503, content_type="application/problem+json", body=body)

    page.route("**/api/v1/uploads", full_once)
    page.route("**/api/v1/uploads/*", proxy)
    dropped = page.evaluate_handle(
        """(texts) => {
          const files = new DataTransfer();
          for (const [name, text] of texts) files.items.add(new File([text], name));
          return files;
        }""",
        texts,
    )
    page.evaluate(KEEP_WHAT_WAS_LOST)  # a second later it is said no more, and on a busy machine nobody saw it
    page.dispatch_event("[data-pieces]", "dragenter", {"dataTransfer": dropped})
    assert page.locator("[data-pieces].over").count() == 1
    page.dispatch_event("[data-pieces]", "drop", {"dataTransfer": dropped})
    desk.until("window.lost.some((text) => text.includes('磁盘已满，请告诉管理员。1 秒后重试。'))")
    page.locator("[data-pause]").nth(1).click()
    paused.append(True)
    for route in held:
        route.continue_()
    page.select_option("[name=category]", index=1)
    page.click("main form.upload button[type=submit]")
    page.wait_for_selector("[data-piece-state=ready]:has-text('学习材料1')")
    page.wait_for_selector("[data-piece-state=paused]:has-text('学习材料2')")
    assert desk.at() == "/materials/new"
    page.locator("[data-go]").nth(1).click()
    wait_for(lambda: page.title() and desk.at() != "/materials/new", "the form to be sent by itself")
    made = Material.select().where(Material.uploader == lecturer.id).order_by(Material.title)
    assert [material.title for material in made] == ["学习材料1", "学习材料2"]
    desk.complaints.clear()  # the browser complains about the refused pieces itself
