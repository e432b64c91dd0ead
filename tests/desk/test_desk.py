"""The desk: whoever looks after others sees on home what waits for them, and only for them."""

import re
from collections.abc import Callable
from datetime import timedelta

from playhouse.test_utils import count_queries

from lms import clock
from lms.activities.models import Activity
from lms.lectures.models import Lecture, Recording
from lms.members.models import Member, Unit
from lms.notes.models import Note
from lms.progress.models import Requirement
from lms.questions import service as questions
from lms.reading.models import ReadingPlan
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


def fill(make: Make, unit: Unit, who: Member) -> None:
    """Hand in two notes, a plan and a record; a session of yesterday has no register yet."""
    now, today = clock.now(), clock.today()
    for title in ("一", "二"):
        Note.create(
            member=who,
            unit=unit,
            title=title,
            body="字",
            chars=1,
            kind="reading_note",
            state="submitted",
            submitted_at=now,
        )
    ReadingPlan.create(
        member=who, unit=unit, title="冬季", since=today, until=today, state="submitted", submitted_at=now
    )
    record = {"unit": unit, "entered_by": who, "title": "走访", "day": today - timedelta(days=1)}
    Activity.create(kind="field_research", member=who, state="waiting", submitted_at=now, **record)
    Activity.create(kind="group_study", state="planned", minutes=90, **record)


def counts(browser: Browser) -> dict[str, int]:
    """Ask the API what waits."""
    return {row["queue"]: row["count"] for row in browser.get("/api/v1/desk").get_json()["items"]}


def desk(browser: Browser) -> str:
    """Give the words of the desk on home, "" where there is none."""
    found = re.search(r'<nav class="desk".*?</nav>', browser.get("/").get_data(as_text=True), re.S)
    return re.sub(r"<[^>]+>|\s+", " ", found[0]).strip() if found else ""


def statements(browser: Browser) -> int:
    """Count the statements of home, opened for the second time."""
    browser.get("/")
    with count_queries() as asked:
        browser.get("/")
    return int(asked.count)


def test_a_liaison_sees_on_home_what_waits_in_her_units_and_nowhere_else(make: Make, browser: Open) -> None:
    unit, elsewhere = make.unit(), make.unit()
    liaison, member = make.member(unit, "liaison"), make.member(unit)
    fill(make, unit, member)
    fill(make, elsewhere, make.member(elsewhere))
    fill(make, unit, liaison)
    waiting = {"notes": 2, "plans": 1, "activities": 1, "registers": 2, "questions": 0}
    hers = browser(liaison)
    assert counts(hers) == waiting
    assert re.findall(r"\d+", desk(hers)) == ["2", "1", "1", "2"]
    assert counts(browser(member)) == {} and desk(browser(member)) == ""
    assert statements(hers) == statements(browser(member)) + 1
    Note.update(state="accepted").execute()
    assert counts(hers) == {**waiting, "notes": 0}
    assert "笔记" not in desk(hers)


def test_a_lecturer_sees_how_many_questions_wait_under_the_own_lectures(make: Make, browser: Open) -> None:
    unit = make.unit()
    lecturer, member = make.member(unit, "lecturer"), make.member(unit)
    mine = Lecture.create(title="乡土中国", speaker="陈志远", unit=unit, uploader=lecturer)
    Recording.create(
        lecture=mine, media_type="audio/mpeg", file_key="k", file_name="课.mp3", file_size=1, state="ready"
    )
    Lecture.create(title="别人的", speaker="丁海涛", unit=unit, uploader=make.member(unit, "lecturer"))
    asked = questions.ask(make.actor(member), mine.id, "差序格局是什么？", None)
    assert counts(browser(lecturer))["questions"] == 1
    assert "1" in desk(browser(lecturer))
    questions.answer(make.actor(lecturer), asked, "像水波一样。")
    assert counts(browser(lecturer))["questions"] == 0


def first_steps(browser: Browser) -> dict[str, bool]:
    """Ask the API for the first steps of a new organisation."""
    return {row["step"]: row["done"] for row in browser.get("/api/v1/desk").get_json()["first_steps"]}


def test_a_new_organisation_is_led_through_its_first_steps_until_each_is_made(make: Make, browser: Open) -> None:
    root = make.unit()
    administrator = make.member(root, "administrator")
    hers = browser(administrator)
    assert first_steps(hers) == {"units": False, "people": False, "requirements": False, "books": False}
    page = hers.get("/").get_data(as_text=True)
    assert "再做 4 步" in page and 'href="/units"' in page and "看看书目" not in page
    village = make.unit(parent=root)
    assert first_steps(hers)["units"]
    member = make.member(village)
    page = hers.get("/").get_data(as_text=True)
    assert "再做 2 步" in page and '<a class="btn" href="/progress/requirements/presets">' in page
    assert first_steps(browser(member)) == {} and "先写一篇笔记" in browser(member).get("/").get_data(as_text=True)
    below = browser(make.member(village, "administrator"))
    assert first_steps(below) == {} and "去书目" in below.get("/").get_data(as_text=True)
    Requirement.create(
        title="每月一本", unit=root, measure="book_finished", amount=1, period="month", since=clock.today()
    )
    make.book()
    assert first_steps(hers) == {}
    assert "开园准备" not in hers.get("/").get_data(as_text=True)
    assert statements(hers) == statements(browser(member)) + 1


def test_people_in_a_single_unit_need_no_units_below_it(make: Make, browser: Open) -> None:
    root = make.unit()
    administrator = make.member(root, "administrator")
    make.member(root)
    assert first_steps(browser(administrator))["units"]
