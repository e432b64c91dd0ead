"""What the rooms tell: notes, plans, lists, activities, each where it leads to."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from lms import clock
from lms.activities import deciding
from lms.activities import service as activities
from lms.activities.rules import Draft
from lms.lists import service as lists
from lms.lists.rules import ListDraft, Recommended
from lms.notes import reviewing, talking
from lms.notes.service import NoteForm, write_note
from lms.notices.models import Notice
from lms.reading import plan_service
from lms.reading.plan_rules import planned_book
from tests.factories import Make


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 28, 2)):
        yield


def test_every_decision_and_word_reaches_whom_it_concerns_once(make: Make) -> None:
    unit = make.unit()
    member, liaison = make.member(unit, name="王淑兰"), make.member(unit, "liaison", name="刘敏")
    mine, hers = make.actor(member), make.actor(liaison)
    note = write_note(mine, NoteForm("读后", "很好", "everyone"))
    talking.comment(mine, note, "自己补充")
    comment = talking.comment(hers, note, "写得好")
    talking.thank(hers, note)
    talking.thank(hers, note)
    reviewing.submit(mine, note, 1)
    reviewing.decide(hers, note, 1, "returned", "请补充")
    plan = plan_service.make_plan(mine, "冬读", date(2026, 11, 1), date(2026, 12, 31), [planned_book(make.book().id)])
    plan_service.submit_plan(mine, plan)
    plan_service.decide_plan(hers, plan, "approve", "")
    listed = lists.make_list(hers, ListDraft("秋季书单", "", unit.id, date(2026, 11, 1), date(2026, 12, 31)))
    lists.set_books(hers, listed, [Recommended(make.book().id)])
    lists.issue_list(hers, listed)
    lists.withdraw_list(hers, listed)
    lists.issue_list(hers, listed)
    made = activities.enter(mine, Draft("activity", "读书会", date(2026, 11, 20)))
    deciding.decide(hers, made, 1, "confirmed")
    session = activities.plan(hers, unit.id, Draft("group_study", "学习", date(2026, 12, 1), starts="09:00"))
    found = [(row.kind, row.href) for row in Notice.select().where(Notice.member == member.id).order_by(Notice.id)]
    assert found == [
        ("note", f"/notes/{note}#comment-{comment}"),
        ("note", f"/notes/{note}"),
        ("note", f"/notes/{note}"),
        ("plan", f"/plans/{plan}"),
        ("list_new", f"/lists/{listed}"),
        ("activity", f"/activities/{made}"),
        ("activity", f"/activities/{session}"),
    ]
    assert Notice.select().where(Notice.member == liaison.id).count() == 0
