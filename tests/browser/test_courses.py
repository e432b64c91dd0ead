"""Making a course, asking under a lecture and ticking a queue in a real browser: what their scripts add."""

from datetime import timedelta
from pathlib import Path

import pytest

from lms import clock
from lms.activities import service as activities
from lms.activities.models import Activity
from lms.activities.rules import Draft
from lms.courses import service
from lms.courses.models import CourseItem
from lms.courses.rules import Details, Item
from lms.demo.media import make_audio
from lms.lectures.models import Lecture, Recording
from lms.members.models import Unit
from lms.questions.models import Post
from lms.storage import MIB, files
from tests.browser.garden import Garden, wait_for

pytestmark = pytest.mark.browser

MEDIA = "document.querySelector('[data-player]')"


def lectures(unit: Unit, *titles: str) -> list[int]:
    """Make published lectures of a unit, without recordings."""
    return [Lecture.create(title=title, speaker="陈志远", unit=unit, published_at=clock.now()).id for title in titles]


def test_items_of_a_course_move_by_button_and_key_and_are_found_while_typing(garden: Garden) -> None:
    unit = garden.make.unit()
    keeper = garden.person(role="liaison", unit=unit)
    items = lectures(unit, "第一讲", "第二讲", "第三讲")
    lectures(unit, "垂髫之乐", "庭院种菜")
    actor = garden.make.actor(keeper)
    course = service.make_course(actor, Details("治理三讲", lecturer_name="陈志远", unit=unit.id))
    service.set_items(actor, course, [Item("lecture", ref) for ref in items])
    desk = garden.visit(keeper)
    page = desk.open(f"/courses/{course}/edit")

    def order() -> list[str]:
        shown = page.locator("[data-row] .item-title").all_inner_texts()
        return [text.split()[0] for text in shown]

    page.click("[data-row]:nth-child(3) [data-move='-1']")
    assert order() == ["第一讲", "第三讲", "第二讲"]
    assert "第 2" in page.inner_text("[data-order-said]")
    page.keyboard.press("Alt+ArrowUp")
    assert order() == ["第三讲", "第一讲", "第二讲"]
    first = page.locator("[data-row]:nth-child(1) [data-move='-1']")
    assert first.get_attribute("aria-disabled") == "true"
    assert first.evaluate("button => button === document.activeElement"), "the key that moved it moves it on"
    page.keyboard.press("Alt+ArrowUp")
    assert order()[0] == "第三讲", "there is nothing above the first"
    page.fill("[data-row]:nth-child(1) input[type=text]", "先听这一讲")
    page.click("form[data-order] button[type=submit]:not([name])")
    desk.shown(".flash.success")
    rows = CourseItem.select(CourseItem.ref, CourseItem.remark).where(CourseItem.course == course)
    stored = list(rows.order_by(CourseItem.position).tuples())
    assert stored == [(items[2], "先听这一讲"), (items[0], ""), (items[1], "")]

    page.fill("#f-q", "垂髫")
    desk.until("document.querySelectorAll('.candidates li').length === 1")
    page.click(".candidates button")
    page.wait_for_url("**#add")
    assert order()[-1] == "垂髫之乐"


def test_a_question_takes_the_place_of_the_player_and_leads_back_to_it(garden: Garden, tmp_path: Path) -> None:
    unit = garden.make.unit()
    (lecture,) = lectures(unit, "带着问题读书")
    make_audio(tmp_path / "a.mp3", 30)
    with (tmp_path / "a.mp3").open("rb") as file:
        stored = files().put(file, MIB)
    Recording.create(
        lecture=lecture, media_type="audio/mpeg", file_key=stored.key, file_name="a.mp3", file_size=stored.size,
        duration_ms=30_000, state="ready",
    )  # fmt: skip
    desk = garden.visit(garden.person(unit=unit))
    page = desk.open(f"/lectures/{lecture}")
    desk.until(f"{MEDIA}.readyState >= 1")
    page.click(".ask-it summary")
    assert page.input_value("[name=at]") == "", "at the very beginning nobody asks about a place"
    page.click(".ask-it summary")
    page.evaluate(f"{MEDIA}.currentTime = 12.7")
    desk.until(f"!{MEDIA}.seeking")
    page.click(".ask-it summary")
    desk.until("document.querySelector('[name=at]').value === '0:12'")
    page.evaluate(f"{MEDIA}.currentTime = 21")
    desk.until(f"!{MEDIA}.seeking")
    page.click("[data-ask-now]")
    assert page.input_value("[name=at]") == "0:21"
    page.fill("#f-text", "这句话出自哪里？见 0:05")
    page.click("[data-ask] .actions button")
    page.wait_for_url("**#post-*")
    assert Post.select(Post.at_s).where(Post.lecture == lecture).scalar() == 21
    page.click(".question-head .at")
    desk.until(f"{MEDIA} !== null && {MEDIA}.readyState >= 1 && Math.abs({MEDIA}.currentTime - 21) < 3")


def test_all_of_a_page_of_the_queue_are_ticked_at_once_and_none_again(garden: Garden) -> None:
    unit = garden.make.unit()
    member, keeper = garden.person(unit=unit), garden.person(role="liaison", unit=unit)
    for number in (1, 2):
        day = clock.today() - timedelta(days=number)
        activities.enter(
            garden.make.actor(member),
            Draft("field_research", f"走访{number}", day, amount=10, place="桂花社区", text="走访三户"),
        )
    page = garden.visit(keeper).open("/activities/queue")
    boxes = page.locator("[data-tick]")
    page.click("[data-tick-all]")
    assert [boxes.nth(n).is_checked() for n in (0, 1)] == [True, True]
    page.click("[data-tick-all]")
    assert [boxes.nth(n).is_checked() for n in (0, 1)] == [False, False]
    boxes.nth(0).check()
    page.click("[data-tick-all]")
    page.click("button[value=confirmed]")
    waiting = Activity.select().where(Activity.unit == unit, Activity.state == "waiting")
    wait_for(lambda: not waiting.exists(), "both records are confirmed")
