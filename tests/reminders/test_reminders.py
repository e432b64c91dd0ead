"""Reminders: in time, never twice, never by a timer in a government body."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms import clock
from lms.activities import registering
from lms.activities import service as activities
from lms.activities.rules import Draft
from lms.config import Settings
from lms.errors import Conflict
from lms.members import accrediting
from lms.members.accrediting import Wanted
from lms.members.models import Member, Unit
from lms.notices import queries, words
from lms.notices.models import Notice
from lms.notices.rules import KINDS
from lms.notices.service import Telling, choose_kinds
from lms.periods import Period, period_of
from lms.progress import booking
from lms.progress.asking import Asked, asked_from
from lms.progress.models import Requirement
from lms.progress.rules import demand, judge
from lms.progress.who import Belonging
from lms.reading import plan_service
from lms.reading.plan_rules import planned_book
from lms.reminders import nudging, rules, service, telling
from lms.reminders.rules import Call
from tests.browser_like import Browser
from tests.factories import Make
from tests.reminders.seen import at, listed, told

Open = Callable[[Member | None], Browser]
SINCE = date(2026, 1, 1)


def asked(measure: str, amount: int, period: Period) -> Asked:
    return asked_from(measure, amount, period, SINCE, None, {})


@given(
    st.sampled_from(["book_finished", "study_minutes", "field_research_days"]),
    st.integers(1, 60),
    st.sampled_from(list(Period)),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.lists(st.tuples(st.integers(0, 380), st.integers(0, 40)), max_size=6),
)
def test_of_each_reminder_there_is_one_at_most_and_only_while_it_helps(
    measure: str, amount: int, period: Period, day: date, facts: list[tuple[int, int]]
) -> None:
    rule = asked(measure, amount, period)
    span = period_of(day, period)
    sent: list[str] = []
    for number in range(-3, span.days + 4):
        today = span.since + timedelta(days=number)
        done = sum(size for when, size in facts if when <= number)
        standing = judge(demand(rule, span, Belonging((span,)), today), done)
        call = rules.call_for(standing, span, today)
        if call is None or standing.deadline is None:
            continue
        assert standing.remaining > 0
        assert span.since <= today <= standing.deadline
        key = rules.key_of(call, 1, rule, span, standing.deadline)
        if key not in sent:
            sent.append(key)
        if call is Call.LAST_CALL:
            assert (standing.deadline - today).days < rules.last_days(span.days)
    assert len(sent) <= 2


def test_a_month_brings_one_reminder_when_behind_and_one_in_its_last_days(
    make: Make, member: Member, books: Requirement
) -> None:
    for number in range(1, 31):
        with clock.at(at(date(2026, 11, number))):
            service.remind_daily("community")
            service.remind_daily("community")
    assert told(member, make) == ["behind", "last_call"]
    said = Notice.get(Notice.member == member.id, Notice.kind == "behind")
    (item,) = queries.named_in(json.loads(said.said))
    assert item[:4] == ("每月读一本好书", "/reading", date(2026, 11, 30), ("book_finished", 1))


def test_all_that_somebody_is_behind_in_is_one_notice_with_a_way_to_each(
    make: Make, unit: Unit, member: Member, books: Requirement, browser: Open
) -> None:
    Requirement.create(
        title="每周自学三小时", unit=unit, measure="study_minutes", amount=180, period="week", since=SINCE
    )
    spec = '{"categories": ["reflection"]}'
    Requirement.create(
        title="全年心得十二篇", unit=unit, measure="note_submitted", amount=12, period="year", since=SINCE, spec=spec
    )
    Requirement.update(series=Requirement.id).execute()
    booking.book(member.id, "study_minutes", 40, date(2026, 11, 24), "log:1", ("reading_entry", 1))
    quiet = make.member(unit, name="不看期限的人")
    choose_kinds(make.actor(quiet), [kind for kind in KINDS if kind != "last_call"])
    with clock.at(at(date(2026, 11, 26))):
        assert remind() == 2
        assert remind() == 0
    with clock.at(at(date(2026, 11, 27))):
        assert remind() == 0, "nothing new, although all of it goes on"
    hers = browser(member)
    with clock.at(at(date(2026, 11, 27), 12)):
        page = unescape(hers.get("/notices").get_data(as_text=True))
        assert page.index("每周自学三小时") < page.index("每月读一本好书") < page.index("全年心得十二篇"), (
            "soonest first"
        )
        assert "还差 2 小时 20 分，截止十一月二十九日" in page
        (told_,) = hers.get("/api/v1/notices").get_json()["items"]
        assert told_["kind"] == "last_call"
        assert told_["text"].startswith("以下学习要求尚未完成，有的即将截止： “每周自学三小时”（还差 2 小时 20 分")
        assert [one["url"] for one in told_["items"]] == ["/reading", "/reading", "/notes/new?kind=reflection"]
        for item, place in (("2", "/notes/new?kind=reflection"), ("", "/progress")):
            answer = hers.post(f"/notices/{told_['id']}", {"item": item})
            assert (answer.status_code, answer.headers["Location"]) == (303, place)
        assert hers.post(f"/notices/{told_['id']}", {"item": "3"}).status_code == 404
        assert Member.get_by_id(member.id).unread_notices == 0
    assert told(quiet, make) == ["behind"]
    with clock.at(at(date(2026, 11, 28))):
        assert remind() == 1, "the last days of the week for whom the kind is not turned off"


def test_a_share_of_the_members_is_owed_by_nobody_in_particular() -> None:
    for coverage, reminded in ((0, True), (40, False), (100, True)):
        rule = asked_from("took_part", 1, Period.YEAR, SINCE, None, {"coverage": coverage})
        assert rules.reminds(rule, "community") is reminded
        assert rules.may_be_reminded(rule, "community")


def test_nobody_is_reminded_at_night_or_of_what_is_done(make: Make, member: Member, books: Requirement) -> None:
    with clock.at(at(date(2026, 11, 28), 6)):
        assert service.remind_daily("community") == 0
    booking.book(member.id, "book_finished", 1, date(2026, 11, 3), "finish:1:1", ("reading_entry", 1))
    with clock.at(at(date(2026, 11, 28))):
        service.remind_daily("community")
    assert told(member, make) == []


def test_in_a_government_body_no_timer_reminds_anybody(
    make: Make, unit: Unit, member: Member, liaison: Member, books: Requirement
) -> None:
    study = Requirement.create(
        title="每周自学三小时", unit=unit, measure="study_minutes", amount=180, period="week", since=SINCE
    )
    with clock.at(at(date(2026, 11, 28))):
        service.remind_of_requirements(date(2026, 11, 28), "government")
        assert told(member, make) == ["last_call"]
        assert [one.title for one in listed(member, make)[0].items] == ["每月读一本好书"], "and not the minutes"
        with pytest.raises(Conflict, match="study time"):
            nudging.nudge(make.actor(liaison), unit.id, "", "government", study.id)
        service.remind_of_requirements(date(2026, 11, 28), "community")
    assert told(member, make) == ["last_call", "last_call"]


def test_what_is_due_on_a_plan_is_said_three_days_before_and_once(make: Make, member: Member) -> None:
    book = make.book("乡土中国")
    with clock.at(at(date(2026, 11, 1))):
        items = [planned_book(book.id, date(2026, 11, 28))]
        plan_service.make_plan(make.actor(member), "冬读", date(2026, 11, 1), date(2026, 12, 31), items)
    for number in (20, 25, 26, 28):
        with clock.at(at(date(2026, 11, number))):
            service.remind_of_plans(clock.today())
    assert told(member, make) == ["plan_due"]


def test_a_session_is_said_the_day_before_but_not_to_who_has_asked_for_leave(
    make: Make, unit: Unit, member: Member, liaison: Member
) -> None:
    away = make.member(unit)
    with clock.at(at(date(2026, 11, 20))):
        draft = Draft("group_study", "学习条例", date(2026, 11, 28), starts="09:00")
        session = activities.plan(make.actor(liaison), unit.id, draft)
        registering.ask_leave(make.actor(away), session, "住院")
    for number in (26, 27, 28):
        with clock.at(at(date(2026, 11, number))):
            service.remind_of_sessions(clock.today())
            service.remind_of_sessions(clock.today())
    assert told(member, make) == ["activity", "activity"], "when it was scheduled, and the day before"
    assert told(away, make) == ["activity"]


def test_sessions_of_a_day_and_ending_accreditations_are_named_in_one_notice_each(
    make: Make, unit: Unit, member: Member, liaison: Member, browser: Open
) -> None:
    today = date(2026, 11, 27)
    with clock.at(at(date(2026, 11, 20))):
        for title, begins in (("读书会", "14:30"), ("学习条例", "09:00")):
            draft = Draft("group_study", title, date(2026, 11, 28), starts=begins)
            activities.plan(make.actor(liaison), unit.id, draft)
        for one in (member, make.member(unit, name="李建国")):
            wanted = Wanted(unit.id, one.id, since=date(2026, 11, 1), until=date(2026, 12, 10))
            accrediting.accredit(make.actor(liaison), wanted)
    with clock.at(at(today)):
        for _ in range(2):
            service.remind_of_sessions(today)
            service.remind_of_accreditations(today)
        assert told(member, make).count("activity") == 3, "two were scheduled, one notice names both"
        ending, tomorrow = queries.list_notices(make.actor(member), 1, 10).items[:2]
        mine = queries.list_notices(make.actor(liaison), 1, 10).items
        (keeping,) = [one for one in mine if one.kind == "accreditation"]
        reader = browser(member)
        with reader.client.application.test_request_context():
            both = "“学习条例”（十一月二十八日 09:00），“读书会”（十一月二十八日 14:30）"
            assert words.sentence(tomorrow) == f"明天请您参加： {both}"
            assert words.sentence(ending) == f"您的讲师聘期即将结束，可请联络员续聘： “{unit.name}”（十二月十日到期）"
            assert [words.named_words(one) for one in keeping.items] == ["十二月十日到期"] * 2
        assert "十一月二十八日 14:30" in reader.get("/notices").text


def test_a_run_that_broke_off_goes_on_where_it_was_and_tells_nobody_twice(
    make: Make, unit: Unit, member: Member, books: Requirement, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [member, *(make.member(unit) for _ in range(6))]
    monkeypatch.setattr(service, "MEMBERS_AT_ONCE", 2)
    tell, told_so_far = telling.tell_each, 0

    def breaks_off(kind: str, message: str, tellings: Sequence[Telling]) -> int:
        nonlocal told_so_far
        if told_so_far >= 3:
            raise ConnectionError("the worker was stopped")
        told_so_far += tell(kind, message, tellings)
        return told_so_far

    with clock.at(at(date(2026, 11, 28))):
        monkeypatch.setattr(telling, "tell_each", breaks_off)
        with pytest.raises(ConnectionError):
            remind()
        monkeypatch.setattr(telling, "tell_each", tell)
        assert remind() == len(members) - told_so_far
    assert {tuple(told(one, make)) for one in members} == {("last_call",)}


def test_the_job_runs_once_a_day(make: Make, member: Member, books: Requirement, service: Settings) -> None:
    with clock.at(at(date(2026, 11, 28))):
        assert remind() > 0
        assert remind() == 0


def remind() -> int:
    return service.remind_daily("community")
