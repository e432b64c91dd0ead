"""From handing in to the showcase: decisions, the ledger, two reviewers, comments and thanks."""

from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.members.access import Actor
from lms.members.models import Member, Unit
from lms.notes import queries, reviewing, service, talking
from lms.notes.models import Note, NoteComment, NoteThanks
from lms.notes.service import NoteForm
from lms.progress.models import LedgerEntry
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


def page_of(browser: Browser, address: str) -> str:
    return unescape(browser.get(address).get_data(as_text=True))


def handed_in(actor: Actor, title: str = "读后", audience: str = "me", body: str = "田野里的一段话。") -> int:
    note = service.write_note(actor, NoteForm(title, body, audience, "reflection"))
    reviewing.submit(actor, note, 1)
    return note


def booked(measure: str = "note_accepted") -> list[tuple[str, int, str]]:
    rows = LedgerEntry.select(LedgerEntry.measure, LedgerEntry.amount, LedgerEntry.fact).order_by(LedgerEntry.id)
    rows = rows.where(LedgerEntry.measure == measure)
    return list(rows.tuples())


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit("桂花社区")


@pytest.fixture
def writer(make: Make, unit: Unit) -> Member:
    return make.member(unit, name="王淑兰")


@pytest.fixture
def liaison(make: Make, unit: Unit) -> Member:
    return make.member(unit, "liaison", name="刘敏")


def test_an_accepted_note_is_booked_once_whatever_is_clicked_twice(
    make: Make, browser: Open, writer: Member, liaison: Member
) -> None:
    with clock.at(datetime(2026, 11, 2, 20, 0)):  # the 3rd in Shanghai
        note = handed_in(make.actor(writer))
    reviewer = browser(liaison)
    decision = {"version": 1, "verdict": "accepted", "remark": "写得实在"}
    with clock.at(datetime(2026, 11, 9)):
        assert reviewer.post(f"/notes/{note}/review", decision).status_code == 303
        assert reviewer.post(f"/notes/{note}/review", decision).status_code == 409
    assert booked() == [("note_accepted", 1, f"note:{note}:1")]
    assert {str(day) for (day,) in LedgerEntry.select(LedgerEntry.day).tuples()} == {"2026-11-03"}
    page = page_of(browser(writer), f"/notes/{note}")
    assert "已通过" in page
    assert "写得实在" in page


def test_taking_an_acceptance_back_reverses_it_and_accepting_again_is_a_new_fact(
    make: Make, writer: Member, liaison: Member
) -> None:
    note = handed_in(make.actor(writer), audience="everyone")
    reviewer = make.actor(liaison)
    reviewing.decide(reviewer, note, 1, "accepted")
    talking.show(reviewer, note)
    reviewing.reopen(reviewer, note, "看错了")
    assert [amount for _, amount, _ in booked()] == [1, -1]
    assert (Note.get().state, Note.get().shown_at) == ("submitted", None)
    with pytest.raises(Conflict):
        reviewing.reopen(reviewer, note, "再撤一次")
    reviewing.decide(reviewer, note, 1, "accepted")
    assert [(amount, fact) for _, amount, fact in booked()][-1] == (1, f"note:{note}:2")
    assert sum(amount for _, amount, _ in booked()) == 1


def test_a_returned_note_shows_the_remark_and_can_be_handed_in_again(
    make: Make, browser: Open, writer: Member, liaison: Member
) -> None:
    note = handed_in(make.actor(writer))
    reviewer, author = browser(liaison), browser(writer)
    empty = reviewer.post(f"/notes/{note}/review", {"version": 1, "verdict": "returned", "remark": "  "})
    assert empty.status_code == 422
    assert "请写明原因" in unescape(empty.get_data(as_text=True))
    reviewer.post(f"/notes/{note}/review", {"version": 1, "verdict": "returned", "remark": "请补上例子"})
    assert "请补上例子" in page_of(author, f"/notes/{note}")
    assert "已退回，附有意见" in page_of(author, "/notices")
    change = {"title": "读后", "body": "补了例子。", "audience": "me", "version": 1, "then": "submit"}
    assert author.post(f"/notes/{note}/edit", change).status_code == 303
    assert (Note.get().state, Note.get().version) == ("submitted", 2)
    assert booked() == []
    assert [fact for _, _, fact in booked("note_submitted")] == [
        f"submit:{note}:1",
        f"reverse:submit:{note}:1",
        f"submit:{note}:2",
    ]


def test_the_second_of_two_reviewers_is_told_who_was_first_and_keeps_the_remark(
    make: Make, browser: Open, unit: Unit, writer: Member, liaison: Member
) -> None:
    note = handed_in(make.actor(writer))
    second = browser(make.member(unit, "liaison", name="彭敏"))
    assert "王淑兰" in page_of(second, f"/notes/{note}/review")
    reviewing.decide(make.actor(liaison), note, 1, "accepted")
    answer = second.post(f"/notes/{note}/review", {"version": 1, "verdict": "returned", "remark": "我写了很久的意见"})
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "刘敏刚刚通过了这篇笔记" in page
    assert "我写了很久的意见" in page
    assert Note.get().state == "accepted"


def test_a_text_that_was_taken_back_and_changed_is_not_decided_unseen(
    make: Make, writer: Member, liaison: Member
) -> None:
    author, reviewer = make.actor(writer), make.actor(liaison)
    note = handed_in(author)
    reviewing.withdraw(author, note)
    with pytest.raises(NotFound):
        reviewing.decide(reviewer, note, 1, "accepted")
    service.edit_note(author, note, 1, NoteForm("读后", "别的话。", "me", "reflection"))
    reviewing.submit(author, note, 2)
    with pytest.raises(Conflict, match="changed"):
        reviewing.decide(reviewer, note, 1, "accepted")


def test_a_note_that_is_handed_in_is_not_changed_under_the_reviewers_eyes(make: Make, writer: Member) -> None:
    author = make.actor(writer)
    note = handed_in(author)
    with pytest.raises(Conflict):
        service.edit_note(author, note, 1, NoteForm("读后", "偷偷改", "me", "reflection"))
    with pytest.raises(Conflict):
        reviewing.submit(author, note, 1)


def test_a_private_note_opens_to_its_liaison_only_from_handing_in_on(
    make: Make, browser: Open, unit: Unit, writer: Member, liaison: Member
) -> None:
    author = make.actor(writer)
    note = service.write_note(author, NoteForm("心里话", "只给自己", "me"))
    above = make.member(make.unit(), "liaison")
    neighbour = make.member(unit)
    assert browser(liaison).get(f"/notes/{note}").status_code == 404
    reviewing.submit(author, note, 1)
    assert browser(liaison).get(f"/notes/{note}/review").status_code == 200
    assert browser(neighbour).get(f"/notes/{note}").status_code == 404
    assert browser(above).get(f"/notes/{note}").status_code == 404
    assert "心里话" not in page_of(browser(liaison), "/notes?whose=others")
    reviewing.withdraw(author, note)
    assert browser(liaison).get(f"/notes/{note}").status_code == 404


def test_nobody_reviews_the_own_note(make: Make, liaison: Member) -> None:
    own = make.actor(liaison)
    note = handed_in(own)
    with pytest.raises(Forbidden):
        reviewing.decide(own, note, 1, "accepted")


def test_who_belongs_to_no_unit_is_told_that_nobody_could_review(make: Make) -> None:
    writer = make.actor(make.member())
    note = service.write_note(writer, NoteForm("题", "文", "me"))
    Note.update(unit=None).where(Note.id == note).execute()
    with pytest.raises(InvalidInput):
        reviewing.submit(writer, note, 1)


def test_the_queue_shows_who_waits_longest_first_and_leads_on_to_the_next(
    make: Make, browser: Open, unit: Unit, liaison: Member
) -> None:
    ids = []
    for number in range(25):
        author = make.actor(make.member(unit))
        with clock.at(datetime(2026, 11, 1, 8, number)):
            ids.append(handed_in(author, f"第{number:02d}篇"))
    handed_in(make.actor(make.member()), "别的单位的")
    reviewer = browser(liaison)
    reviewer.get("/notes/review")
    with count_queries() as counted:
        page = page_of(reviewer, "/notes/review")
    assert counted.count <= 6
    assert page.index("第00篇") < page.index("第01篇")
    assert page.count("data-queue-item") == 20
    assert "25 篇等您审阅" in page
    assert "别的单位的" not in page
    answer = reviewer.post(f"/notes/{ids[0]}/review", {"version": 1, "verdict": "accepted"})
    assert answer.headers["Location"].endswith(f"/notes/{ids[1]}/review")
    told = reviewer.api("GET", "/notes/queue?shelf=accepted").get_json()
    assert (told["waiting"], told["accepted"], told["items"][0]["id"]) == (24, 1, ids[0])


def test_the_review_page_asks_few_questions(make: Make, browser: Open, writer: Member, liaison: Member) -> None:
    note = handed_in(make.actor(writer))
    reviewer = browser(liaison)
    reviewer.get(f"/notes/{note}/review")
    with count_queries() as counted:
        page = page_of(reviewer, f"/notes/{note}/review")
    assert counted.count <= 12
    for key in ("a", "r"):
        assert f'data-key="{key}"' in page


def test_the_showcase_holds_accepted_notes_for_whom_their_audience_takes_in(
    make: Make, browser: Open, unit: Unit, writer: Member, liaison: Member
) -> None:
    author, reviewer = make.actor(writer), make.actor(liaison)
    private, shared = handed_in(author, "只给自己", "me"), handed_in(author, "给本单位", "unit")
    with pytest.raises(Conflict):
        talking.show(reviewer, shared)
    for note in (private, shared):
        reviewing.decide(reviewer, note, 1, "accepted")
    with pytest.raises(Conflict):
        talking.show(reviewer, private)
    assert browser(liaison).post(f"/notes/{shared}/show").status_code == 303
    assert "给本单位" in page_of(browser(make.member(unit)), "/notes/showcase")
    assert "给本单位" not in page_of(browser(make.member()), "/notes/showcase")
    with pytest.raises(Forbidden):
        talking.unshow(make.actor(make.member(unit)), shared)
    talking.unshow(reviewer, shared)
    assert queries.list_shown(author, 1).total == 0


def test_comments_are_written_changed_taken_away_and_told_to_the_writer(
    make: Make, browser: Open, unit: Unit, writer: Member, liaison: Member
) -> None:
    note = service.write_note(make.actor(writer), NoteForm("题", "文", "unit"))
    reader = make.member(unit, name="李明")
    reading = browser(reader)
    assert reading.post(f"/notes/{note}/comments", {"comment": "说得好"}).status_code == 303
    said = NoteComment.get()
    reading.post(f"/notes/{note}/comments/{said.id}", {"comment": "说得真好"})
    assert "说得真好" in page_of(reading, f"/notes/{note}")
    assert "李明评论了" in page_of(browser(writer), "/notices")
    other = make.actor(make.member(unit))
    with pytest.raises(NotFound):
        talking.delete_comment(other, note, said.id)
    with pytest.raises(NotFound):
        talking.edit_comment(make.actor(liaison), note, said.id, "替你说")
    talking.delete_comment(make.actor(liaison), note, said.id)
    assert "说得真好" not in page_of(reading, f"/notes/{note}")
    assert "发表了评论" not in page_of(browser(writer), "/notes")


def test_a_comment_that_is_too_long_comes_back_as_typed(make: Make, browser: Open) -> None:
    member = make.member()
    note = service.write_note(make.actor(member), NoteForm("题", "文", "me"))
    answer = browser(member).post(f"/notes/{note}/comments", {"comment": "长" * 1001})
    assert answer.status_code == 422
    assert "长" * 1001 in answer.get_data(as_text=True)
    assert NoteComment.select().count() == 0


def test_thanks_count_once_and_not_for_the_own_note(make: Make, browser: Open, unit: Unit, writer: Member) -> None:
    author = make.actor(writer)
    note = service.write_note(author, NoteForm("题", "文", "unit"))
    reading = browser(make.member(unit))
    for _ in range(2):
        assert reading.post(f"/notes/{note}/thanks").status_code == 303
    assert NoteThanks.select().count() == 1
    assert "1 人表示感谢" in page_of(reading, f"/notes/{note}")
    reading.post(f"/notes/{note}/unthank")
    assert NoteThanks.select().count() == 0
    with pytest.raises(Forbidden):
        talking.thank(author, note)


def test_who_may_not_see_a_note_cannot_speak_to_it(make: Make, writer: Member) -> None:
    note = service.write_note(make.actor(writer), NoteForm("题", "文", "me"))
    stranger = make.actor(make.member())
    for command in (
        lambda: talking.comment(stranger, note, "在吗"),
        lambda: talking.thank(stranger, note),
        lambda: talking.show(stranger, note),
    ):
        with pytest.raises(NotFound):
            command()
