"""No page asks the database more than twelve times, whatever stands on it: each is furnished with all it can show."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.activities.models import Activity
from lms.catalogue.models import BookFile, BookName
from lms.config import Settings
from lms.courses.models import Course, CourseItem, ItemDone
from lms.lectures import recognising
from lms.lectures.models import Chapter, Cue, Lecture, Recognition, Recording, Transcript, WatchProgress
from lms.lists.models import BookList, ListedBook
from lms.materials.models import Material, MaterialPage, MaterialReading, MaterialVersion, RequiredReading
from lms.members.models import Accreditation, Member, RoleGrant
from lms.notes.models import Note
from lms.progress import booking
from lms.progress.models import Requirement
from lms.questions.models import Post
from lms.reading.models import PastReading, PlanItem, ReadingEntry, ReadingPlan, ReadingSession
from lms.search import drain
from lms.uploads.models import Quota, Upload
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]

MOST = 12
WORDS = "差序格局与水波纹的乡土夜话"
TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 4)
BEGUN = date(2026, 1, 1)


class House:
    """One person who may do everything, and things of every kind about the same words, each with all its parts."""

    def __init__(self, make: Make) -> None:
        self.make, self.facts = make, 0
        self.root = make.unit("青禾街道", kind="agency")
        self.units = [make.unit(f"第{number}社区", self.root) for number in range(1, 5)]
        self.all = make.member(self.root, "lecturer", name="陈志远")
        for role in ("liaison", "administrator"):
            RoleGrant.create(member=self.all, unit=self.root, role=role)
        self.other = make.member(self.units[0], name="王淑兰")
        self.book = make.book(WORDS, summary=WORDS, pages=300)
        self.material, self.lecture = self.make_material(), self.make_lecture()
        self.note = self.make_note(self.other)
        self.course = self.make_course()
        self.put_on_lists()
        Activity.create(
            kind="activity", unit=self.root, title=WORDS, text=WORDS, day=TODAY, state="confirmed", entered_by=self.all
        )
        self.read()
        self.ask()

    def make_material(self) -> Material:
        given = {"media_type": "text/plain", "file_key": "0" * 64, "file_name": "x.txt", "file_size": 1}
        made = Material.create(
            title=WORDS, summary=WORDS, unit=self.root, uploader=self.all, state="ready", page_count=3, **given
        )
        for number in (1, 2, 3):
            MaterialPage.create(material=made, number=number, text=WORDS)
        MaterialVersion.create(material=made, number=1, state="ready", uploader=self.all, **given)
        MaterialVersion.create(material=made, number=2, uploader=self.all, **given)
        MaterialReading.create(member=self.all, material=made, pages="1", read=1)
        for unit in (self.root, *self.units):
            RequiredReading.create(material=made, unit=unit, since=BEGUN, until=TODAY, made_by=self.all)
        return made

    def make_lecture(self) -> Lecture:
        made = Lecture.create(
            title=WORDS, summary=WORDS, speaker="陈志远", unit=self.root, uploader=self.all, published_at=None
        )
        for part in (1, 2):
            recording = Recording.create(
                lecture=made, media_type="audio/mpeg", file_key="1" * 64, file_name="x.mp3", file_size=1,
                duration_ms=60_000, state="ready", position=part, sound_key="2" * 64,
            )  # fmt: skip
            for language in ("zh", "en"):
                words = Transcript.create(recording=recording, language=language)
                Cue.create(transcript=words, start_ms=0, end_ms=900, text=WORDS)
            Chapter.create(recording=recording, start_ms=0, title="开场")
            WatchProgress.create(member=self.all, recording=recording, position_s=7)
        for number in range(4):
            asked = Post.create(lecture=made, recording=recording, member=self.other, text=f"问{number}")
            Post.create(lecture=made, question=asked, member=self.all, text="答")
        return made

    def make_note(self, member: Member) -> Note:
        return Note.create(member=member, unit=self.root, title=WORDS, body=WORDS, chars=9, audience="everyone")

    def make_course(self) -> int:
        for number in range(3):
            course = Course.create(
                title=WORDS, summary=WORDS, lecturer_name="陈志远", unit=self.root, made_by=self.all, published_at=NOW,
                until=TODAY + timedelta(days=number),
            )  # fmt: skip
            for at, (kind, ref) in enumerate((("lecture", self.lecture.id), ("material", self.material.id))):
                CourseItem.create(course=course, kind=kind, ref=ref, position=at)
        ItemDone.create(member=self.all, kind="lecture", ref=self.lecture.id, day=TODAY)
        return int(course.id)

    def put_on_lists(self) -> None:
        made = BookList.create(
            title=WORDS, intro=WORDS, unit=self.root, since=BEGUN, until=TODAY, made_by=self.all, issued_at=NOW
        )
        ListedBook.create(list=made, book=self.book, position=1)
        BookName.create(book=self.book, name="费孝通", role="author", position=1, key="费孝通")
        BookFile.create(book=self.book, kind="epub", file_key="3" * 64, file_name="x.epub", file_size=1)
        for kind, ref in (("book", self.book.id), ("material", self.material.id), ("lecture", self.lecture.id)):
            about = {"book": ref} if kind == "book" else {"about_kind": kind, "about_ref": ref}
            Note.create(member=self.other, unit=self.root, title="记", body="记", audience="everyone", **about)

    def read(self) -> None:
        entry = ReadingEntry.create(
            member=self.all, book=self.book, state="reading", page=20, started_on=BEGUN, number=2
        )
        PastReading.create(entry=entry, number=1, state="finished", finished_on=BEGUN, fact=1)
        for _ in range(3):
            ReadingSession.create(member=self.all, book=self.book, day=TODAY, minutes=9, number=2)
        for number in range(2):
            plan = ReadingPlan.create(member=self.all, title=f"计划{number}", since=BEGUN, until=TODAY)
            PlanItem.create(plan=plan, book=self.make.book(), due_on=TODAY)
            PlanItem.create(plan=plan, kind="lecture", ref=self.lecture.id, title=WORDS, due_on=TODAY)

    def ask(self) -> None:
        """Ask for what needs each way of reckoning: sums, days of events, what is carried over from before."""
        event = {"each": "event", "after": "training_attended", "within": 7}
        first = Requirement.create(
            title="每月自学", unit=self.root, measure="study_minutes", amount=60, period="month", since=BEGUN,
            until=date(2026, 10, 31),
        )  # fmt: skip
        Requirement.update(series=first.id).where(Requirement.id == first.id).execute()
        Requirement.create(
            title="每月自学", unit=self.root, measure="study_minutes", amount=60, period="month", version=2,
            since=date(2026, 11, 1), series=first.id, spec=json.dumps({"carry": 60}),
        )  # fmt: skip
        for number in range(6):
            Requirement.create(
                title=f"读书{number}", unit=self.root, measure="book_finished", amount=2, period="year", since=BEGUN
            )
        Requirement.create(
            title="培训之后写一篇", unit=self.root, measure="note_accepted", amount=1, period="year", since=BEGUN,
            spec=json.dumps(event),
        )  # fmt: skip
        self.study()

    def count(self, one: Browser, page: str) -> tuple[int, str]:
        """Give how often a page asks that was opened before, just after something was booked, and its text."""
        self.study()
        with count_queries() as counted:
            text = one.get(page).get_data(as_text=True)
        return int(counted.count), text

    def send(self) -> str:
        """Leave files lying that wait to be used, and give the token of one."""
        for number in range(3):
            one = Upload.create(
                token=f"{number:016x}", member=self.all, unit=self.root, purpose="recording", name="课.mp4", length=9,
                received=9, state="ready", file_key="4" * 64, expires_at=NOW + timedelta(days=3),
            )  # fmt: skip
        Quota.create(member=self.all, mib=1024)
        return str(one.token)

    def study(self) -> None:
        """Book something, so that what was reckoned is reckoned anew."""
        self.facts += 1
        booking.book(self.all.id, "study_minutes", 30, TODAY, f"session:{self.facts}", ("reading_session", 1))


@pytest.fixture
def house(make: Make, service: Settings) -> House:
    with clock.at(NOW):
        made = House(make)
        drain.ensure_index(service.index_path)
    return made


def test_no_page_asks_more_than_twelve_times(house: House, browser: Open) -> None:
    one, upload = browser(house.all), house.send()
    lecture, material = f"/lectures/{house.lecture.id}", f"/materials/{house.material.id}"
    pages = [
        "/", "/progress", "/materials", material, f"{material}/pages/1", f"{material}/versions", "/materials/required",
        "/lectures", lecture, f"{lecture}/questions", f"{lecture}/recordings?upload={upload}", f"{lecture}/edit",
        "/courses", f"/courses/{house.course}", "/books", f"/books/{house.book.id}", f"/books/{house.book.id}/reading",
        "/studio", f"/studio/lectures/{house.lecture.id}", "/units", "/people", f"/people/{house.all.id}", "/lists",
        "/notes", f"/notes/{house.note.id}", "/plans", "/reading", "/activities", "/notices", "/uploads", "/account",
        f"/search?q={WORDS}", "/operation", "/notes/review", "/plans/review", "/activities/queue", "/lecturers",
    ]  # fmt: skip
    counts = {}
    with clock.at(NOW):
        for page in pages:
            assert one.get(page).status_code == 200, page
            counts[page], text = house.count(one, page)
            if page in (lecture, material):
                assert 'class="panel alike"' in text, page
    assert {page: count for page, count in counts.items() if count > MOST} == {}


def test_a_lecture_that_may_not_be_published_and_waits_for_its_words_asks_no_more(
    house: House, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands beside a recording differs by its state: a machine at its words, another file for it."""
    for (recording,) in Recording.select(Recording.id).tuples():
        Recognition.create(recording=recording, state="running")
    Accreditation.update(until=BEGUN).execute()
    RoleGrant.delete().where(RoleGrant.role != "lecturer").execute()
    monkeypatch.setattr(recognising, "is_there", lambda: True)
    one, upload = browser(house.all), house.send()
    page = f"/lectures/{house.lecture.id}?upload={upload}"
    for state in ("ready", "failed", "preparing"):
        Recording.update(state=state, failure="Broken.").execute()
        with clock.at(NOW):
            assert one.get(page).status_code == 200
            count, text = house.count(one, page)
        assert count <= MOST, state
        assert "请联系该单位联络员续聘" in text
