"""From the form to the figure: what is entered stands in the ledger, a correction moves it, a frozen period holds."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import pytest
from peewee import fn

from lms import clock
from lms.activities import registering, service
from lms.activities.models import Activity
from lms.activities.rules import Draft, Mark
from lms.board import service as boards
from lms.board.rules import choose
from lms.members.models import Member
from lms.progress.evidence import list_evidence
from lms.progress.models import LedgerEntry
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 28, 2)):
        yield


def total(measure: str, member: int | None = None) -> int:
    e = LedgerEntry
    rows = e.select(fn.COALESCE(fn.SUM(e.amount), 0)).where(e.measure == measure)
    return int(rows.where(e.member == member if member else e.member.is_null()).scalar())


def test_one_entry_serves_every_report_and_every_figure_opens_its_evidence(make: Make) -> None:
    unit = make.unit("石桥村党支部", kind="branch")
    liaison, member = make.member(unit, "liaison"), make.member(unit, name="叶满仓")
    hers = make.actor(liaison)
    draft = Draft("group_study", "学习农村土地政策", date(2026, 10, 14), starts="19:00", minutes=150)
    made = service.hold(hers, unit.id, draft, [Mark(member.id, spoke=True), Mark(liaison.id, "absent")])
    assert (total("group_study_held"), total("group_study_days")) == (1, 5)
    assert (total("group_study_expected", member.id), total("group_study_attended", member.id)) == (1, 1)
    assert total("took_part", liaison.id) == 0
    held = LedgerEntry.get(LedgerEntry.measure == "group_study_held")
    assert (held.unit, held.day, held.size) == (unit.id, date(2026, 10, 14), 150)
    (shown,) = list_evidence(LedgerEntry.id == held.id, 1).items
    assert (shown.title, shown.href) == ("学习农村土地政策", f"/activities/{made}")
    before = LedgerEntry.select().count()
    registering.set_register(hers, made, 1, [Mark(member.id, spoke=True), Mark(liaison.id)])
    assert total("group_study_attended", liaison.id) == 1
    assert LedgerEntry.select().count() == before + 2, "only what changed is booked"
    service.change(hers, made, 2, Draft("group_study", "学习农村土地政策", date(2026, 10, 15), minutes=150, amount=10))
    assert (total("group_study_held"), total("group_study_days")) == (1, 10)
    service.withdraw(hers, made)
    sums = LedgerEntry.select(fn.SUM(LedgerEntry.amount)).group_by(LedgerEntry.measure, LedgerEntry.member).tuples()
    assert {amount for (amount,) in sums} == {0}


def test_a_frozen_period_refuses_beside_the_day_and_keeps_what_was_typed(make: Make, browser: Open) -> None:
    unit = make.unit()
    liaison, member = make.member(unit, "liaison"), make.member(unit)
    held = {**SESSION, "unit": str(unit.id), "day": "2026-10-30", "minutes": "60"}
    place = browser(liaison).post("/activities/sessions/new", held).headers["Location"]
    boards.freeze_period(make.actor(liaison), unit.id, choose("month", date(2026, 10, 1)), "", "community")
    typed = {"kind": "activity", "title": "读书会", "day": "2026-10-31", "place": "图书角"}
    answer = browser(member).post("/activities/new", typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="f-day-error"' in page
    assert "已封存" in page
    assert "读书会" in page
    assert Activity.select().count() == 1, "the session before"
    assert browser(member).post("/activities/new", {**typed, "day": "2026-11-01"}).status_code == 303
    refused = browser(liaison).api("POST", "/activities/sessions", {**SESSION, "unit": unit.id})
    assert refused.status_code == 409
    marks = {"version": "1", "minutes": "60", "member": str(member.id), f"state-{member.id}": "absent"}
    kept = browser(liaison).post(place, marks)
    assert kept.status_code == 409
    for said in ("已封存", f'name="state-{member.id}" value="absent" checked'):
        assert said in kept.get_data(as_text=True), said


SESSION = {"kind": "group_study", "title": "学习", "day": "2026-10-31", "minutes": 60}
