"""The home page is kept while nothing of it has changed, and never shows what was: whoever changed it, wherever."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from apiflask import APIFlask

from lms import clock
from lms.catalogue.models import Book
from lms.courses.models import Course, CourseItem, ItemDone
from lms.db import database
from lms.lectures.models import Lecture, Recording, WatchProgress
from lms.materials.models import Material, MaterialReading, RequiredReading
from lms.members import tags
from lms.members.models import Member, Membership, MemberTag
from lms.notes.models import Note
from lms.progress import booking, current, exempting
from lms.progress.models import Requirement
from lms.reading import service as reading
from lms.reading.models import PlanItem, ReadingPlan
from lms.reading.rules import Progress, State
from tests.browser_like import Browser
from tests.progress.conftest import TODAY, Garden

Open = Callable[[Member | None], Browser]
Changes = dict[str, Callable[[], object]]
ONCE = re.compile(r'name="once" value="(\w+)-')
YESTERDAY, SOON = TODAY - timedelta(days=1), TODAY + timedelta(days=20)


def elsewhere(change: Callable[[], object]) -> None:
    """Change something over a connection of its own, as another process does."""

    def run() -> None:
        try:
            change()
        finally:
            database.close()

    with ThreadPoolExecutor(1) as other:
        other.submit(run).result()


def home(browser: Browser, address: str = "/") -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return ONCE.sub("", response.get_data(as_text=True))


def changes(garden: Garden) -> Changes:
    """Give a change of each thing that a home page is made of, in an order in which they can happen."""
    return {**of_reading(garden), **of_things(garden), **of_what_is_asked(garden)}


def of_reading(garden: Garden) -> Changes:
    me, book = garden.make.actor(garden.member), garden.make.book("平凡的世界", pages=480)

    def plan() -> None:
        made = ReadingPlan.create(member=me.id, title="冬天读完", since=TODAY, until=SOON)
        PlanItem.create(plan=made, kind="book", book=garden.make.book("城南旧事"), due_on=SOON)
        PlanItem.create(plan=made, kind="count", amount=2, due_on=SOON)

    return {
        "time is booked": lambda: garden.study_on(garden.member, TODAY, 40),
        "it is taken back": lambda: booking.reverse(f"session:{garden.facts}"),
        "a book is begun": lambda: reading.set_state(me, book.id, State.READING, TODAY),
        "a page is noted": lambda: reading.note_progress(me, book.id, Progress(30, 212, TODAY)),
        "its title is corrected": lambda: Book.update(title="平凡的世界（一）").where(Book.id == book.id).execute(),
        "a plan is made": plan,
        "the book is finished": lambda: reading.set_state(me, book.id, State.FINISHED, TODAY),
        "a book is added": lambda: garden.make.book("新书"),
    }


def of_things(garden: Garden) -> Changes:
    me, unit, care = garden.member, garden.unit, garden.liaison
    lecture = Lecture.create(title="乡村建筑", speaker="陈志远", unit=unit)
    file = {"file_key": "a" * 64, "file_name": "a", "file_size": 1, "state": "ready"}
    recording = Recording.create(lecture=lecture, media_type="video/mp4", duration_ms=10**6, **file)
    material = Material.create(title="宪法", unit=unit, media_type="text/plain", page_count=9, **file)
    course = Course.create(title="村史入门", lecturer_name="陈志远", unit=unit, published_at=clock.now())
    CourseItem.create(course=course, kind="material", ref=material.id, position=0)
    shown = {"member": care, "unit": unit, "title": "走访十二户", "body": "记。", "audience": "unit"}
    return {
        "a lecture is begun": lambda: WatchProgress.create(member=me, recording=recording, position_s=90, seconds=90),
        "a note of another is shown": lambda: Note.create(**shown),
        "it is hidden": lambda: Note.update(audience="self").execute(),
        "something is to be read": lambda: RequiredReading.create(
            material=material, unit=unit, since=TODAY, until=SOON
        ),
        "it is not asked any more": lambda: RequiredReading.delete().execute(),
        "it is begun": lambda: MaterialReading.create(member=me, material=material, last_page=3, read=3),
        "a course is begun": lambda: ItemDone.create(member=me, kind="material", ref=material.id, day=TODAY),
        "a notice has come": lambda: Member.update(unread_notices=1).where(Member.id == me.id).execute(),
    }


def of_what_is_asked(garden: Garden) -> Changes:
    me, head = garden.member.id, garden.make.actor(garden.make.member(garden.root, "administrator"))
    year = {"unit": garden.unit, "measure": "book_finished", "period": "year", "since": TODAY.replace(month=1, day=1)}
    spec = '{"who": {"tags": ["leader"]}}'
    return {
        "more is asked": lambda: Requirement.create(title="全年十二本", amount=12, **year),
        "twice as much is": lambda: Requirement.update(amount=24).where(Requirement.period == "year").execute(),
        "of leaders, too": lambda: (
            Requirement.create(title="带头读", amount=3, spec=spec, **year),
            MemberTag.create(member=me, tag="leader", since=TODAY.replace(month=1, day=1)),
        ),
        "not of this member": lambda: exempting.exempt(head, me, garden.study.id, TODAY, None, "病假"),
        "a leave": lambda: tags.add_leave(head, me, TODAY, SOON, "病假"),
        "no more of it": lambda: Requirement.update(until=YESTERDAY).where(Requirement.period == "month").execute(),
        "another unit": lambda: Membership.update(unit=garden.other).where(Membership.member == me).execute(),
    }


@pytest.mark.parametrize("address", ["/", "/progress"])
def test_whatever_a_page_of_ones_own_is_made_of_changes_it_at_the_next_request(
    garden: Garden, app: APIFlask, browser: Open, address: str
) -> None:
    mine = browser(garden.member)
    before = home(mine, address)
    unseen = set()
    for name, change in changes(garden).items():
        elsewhere(change)
        after = home(mine, address)
        if after == before:
            unseen.add(name)
        current.forget()
        app.extensions["kept_pages"].forget()
        assert home(mine, address) == after, f"{name}: made anew the page is another"
        before = after
    assert not unseen & set(of_what_is_asked(garden))
    assert address != "/" or not unseen


def test_a_home_page_follows_the_clock_the_language_and_the_reader(garden: Garden, browser: Open) -> None:
    mine, other = browser(garden.member), browser(garden.liaison)
    morning = home(mine)
    assert "王淑兰，上午好" in morning
    assert "刘敏，上午好" in home(other)
    with clock.at(datetime(2026, 11, 26, 12, 0)):
        assert "王淑兰，晚上好" in home(mine)
    with clock.at(datetime(2026, 11, 30, 2, 0)):
        assert "十一月三十日，星期一" in home(mine)
    mine.client.set_cookie("lms_locale", "en")
    assert "Good morning, 王淑兰" in home(mine)
    mine.client.set_cookie("lms_locale", "zh_CN")
    assert home(mine) == morning


def test_each_home_page_has_a_form_of_its_own(garden: Garden, browser: Open) -> None:
    me, book = garden.make.actor(garden.member), garden.make.book("平凡的世界", pages=480)
    reading.note_progress(me, book.id, Progress(30, 212, TODAY))
    mine = browser(garden.member)
    keys = [ONCE.search(mine.get("/").get_data(as_text=True)) for _ in range(2)]
    assert keys[0]
    assert keys[1]
    assert keys[0][1] != keys[1][1]


def test_a_message_is_shown_once_on_a_kept_page(garden: Garden, browser: Open) -> None:
    mine = browser(garden.member)
    before = home(mine)
    with mine.client.session_transaction() as session:
        session["_flashes"] = [("success", "Saved.")]
    assert "Saved." in home(mine)
    assert home(mine) == before
