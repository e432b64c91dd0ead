"""Questions under a lecture: asked at a place, answered, changed, hidden, found."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playhouse.test_utils import count_queries

from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.lectures.models import Lecture, Recording
from lms.members.models import Member
from lms.notices.models import Notice
from lms.questions import documents, queries, rules, service
from lms.questions.models import Post
from lms.search.models import OutboxRow
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


class Hall:
    """A lecture of a unit with two listeners, its lecturer and a liaison."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.unit = make.unit()
        self.lecturer = make.member(self.unit, "lecturer", name="陈志远")
        self.asker, self.other = make.member(self.unit, name="王淑兰"), make.member(self.unit, name="李建国")
        self.lecture = Lecture.create(
            title="乡土中国", speaker="陈志远", unit=self.unit, audience="unit", uploader=self.lecturer
        )
        self.recording = Recording.create(
            lecture=self.lecture,
            media_type="audio/mpeg",
            file_key="k",
            file_name="课.mp3",
            file_size=1,
            duration_ms=3_600_000,
            state="ready",
        )

    def ask(self, text: str = "差序格局是什么意思？", at: int | None = 754) -> int:
        return service.ask(self.make.actor(self.asker), self.lecture.id, text, at)


@pytest.fixture
def hall(make: Make) -> Hall:
    return Hall(make)


@given(st.integers(0, 99 * 3600))
def test_a_place_that_was_written_is_read_as_the_same_second(second: int) -> None:
    written = f"{second // 3600}:{second // 60 % 60:02d}:{second % 60:02d}"
    assert rules.seconds(written) == second
    assert rules.marked(f"见 {written}。")[1] == (written, second)


@given(st.text())
def test_splitting_a_text_at_its_places_loses_nothing(text: str) -> None:
    assert "".join(part for part, _ in rules.marked(text)) == text


def test_places_are_told_from_other_figures() -> None:
    assert rules.marked("12:34 讲过，2026-10:99 不是") == [("12:34", 754), (" 讲过，2026-10:99 不是", None)]
    assert rules.seconds("1：02：03") == 3723
    assert rules.seconds(" ") is None
    for wrong in ("12", "12:3", "12:60", "后半段"):
        with pytest.raises(InvalidInput):
            rules.seconds(wrong)


def test_a_question_is_heard_of_by_the_lecturer_and_its_answer_by_who_asked(hall: Hall) -> None:
    question = hall.ask()
    service.answer(hall.make.actor(hall.other), question, "我也想知道。")
    assert Post.get_by_id(question).answered_at is None
    service.answer(hall.make.actor(hall.lecturer), question, "石子投进水里的波纹，见 12:40。")
    assert Post.get_by_id(question).answered_at is not None
    heard = [(row.member, row.href) for row in Notice.select().order_by(Notice.id)]
    asker = (hall.asker.id, f"/questions/{question}")
    assert heard == [(hall.lecturer.id, f"/questions/{question}"), asker, asker]
    service.answer(hall.make.actor(hall.asker), question, "明白了，那 13:00 呢？")
    assert Notice.select().where(Notice.member == hall.lecturer.id).count() == 2


def test_the_page_of_the_lecture_plays_from_the_place_asked_about(hall: Hall, browser: Open) -> None:
    reader = browser(hall.asker)
    sent = reader.post(f"/lectures/{hall.lecture.id}/questions", {"text": "什么意思？见 1:05", "at": "12:34"})
    assert sent.status_code == 303
    page = reader.get(f"/lectures/{hall.lecture.id}").text
    assert f'href="/lectures/{hall.lecture.id}?t=754" data-seek="754"' in page
    assert 'data-seek="65"' in page
    refused = reader.post(f"/lectures/{hall.lecture.id}/questions", {"text": "问题还在", "at": "2:00:00"})
    assert refused.status_code == 422
    assert "录像中没有这个位置" in refused.text and "问题还在" in refused.text
    assert "各位" not in browser(hall.make.member()).get(f"/lectures/{hall.lecture.id}").text


def test_the_own_words_can_be_changed_deleted_and_brought_back(hall: Hall) -> None:
    question = hall.ask()
    asker, other = hall.make.actor(hall.asker), hall.make.actor(hall.other)
    with pytest.raises(Forbidden):
        service.edit(other, question, "别人的话")
    service.edit(asker, question, "差序格局，怎么理解？")
    service.delete(asker, question)
    assert queries.get_questions(other, hall.lecture.id).page.total == 0
    assert queries.get_questions(asker, hall.lecture.id).page.items[0].post.deleted_at is not None
    with pytest.raises(NotFound):
        service.answer(other, question, "晚了")
    with pytest.raises(Conflict):
        service.answer(asker, question, "自己也不行")
    service.restore(asker, question)
    assert queries.get_questions(other, hall.lecture.id).page.items[0].post.text == "差序格局，怎么理解？"


def test_who_looks_after_the_lecture_hides_a_question_from_the_others(hall: Hall) -> None:
    question = hall.ask()
    lecturer, other = hall.make.actor(hall.lecturer), hall.make.actor(hall.other)
    with pytest.raises(Forbidden):
        service.hide(other, question, hidden=True)
    service.hide(lecturer, question, hidden=True)
    assert queries.get_questions(other, hall.lecture.id).page.total == 0
    assert [one.post.id for one in queries.get_questions(lecturer, hall.lecture.id).page.items] == [question]
    assert documents.SOURCE.visible(other, [question]) == set()
    assert list(documents.load(question)) == []
    service.hide(lecturer, question, hidden=False)
    assert documents.SOURCE.visible(other, [question]) == {question}


def test_a_question_is_found_with_its_answers_by_the_audience_of_the_lecture(hall: Hall) -> None:
    question = hall.ask()
    service.answer(hall.make.actor(hall.other), question, "像水里的波纹。")
    (place,) = documents.load(question)
    assert "差序格局" in place.title and "波纹" in place.body
    assert place.audience == (f"u{hall.unit.id}",)
    assert documents.SOURCE.visible(hall.make.actor(hall.make.member()), [question]) == set()
    OutboxRow.delete().execute()
    service.lecture_changed(type("Changed", (), {"kind": "lecture", "ref": hall.lecture.id})())
    assert [(row.kind, row.ref) for row in OutboxRow.select()] == [("question", question)]


def test_many_questions_need_no_more_statements_than_one(hall: Hall) -> None:
    reader = hall.make.actor(hall.other)
    for number in range(5):
        service.answer(reader, hall.ask(f"第{number}问"), "答")
    with count_queries() as counted:
        found = queries.get_questions(reader, hall.lecture.id, "place")
    assert counted.count <= 6
    assert (found.page.total, found.waiting, len(found.page.items[0].answers)) == (5, 5, 1)
