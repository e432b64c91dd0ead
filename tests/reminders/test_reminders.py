"""Reminders: in time, never twice, never by a timer in a government body; the liaison's own."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms import clock
from lms.activities import registering
from lms.activities import service as activities
from lms.activities.rules import Draft
from lms.config import Settings
from lms.errors import Conflict, Forbidden, NotFound
from lms.members import accrediting
from lms.members.accrediting import Wanted
from lms.members.models import Member, RoleGrant, Unit
from lms.notices import queries, words
from lms.notices.models import Notice
from lms.periods import Period, period_of
from lms.progress import booking
from lms.progress.asking import Asked, asked_from
from lms.progress.models import Requirement
from lms.progress.rules import demand, judge
from lms.progress.who import Belonging
from lms.reading import plan_service
from lms.reading.plan_rules import planned_book
from lms.reminders import rules, service
from lms.reminders.rules import Call
from tests.browser_like import Browser
from tests.factories import Make

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


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit("桂花社区")


@pytest.fixture
def liaison(make: Make, unit: Unit) -> Member:
    return make.member(unit, "liaison", name="刘敏")


@pytest.fixture
def member(make: Make, unit: Unit) -> Member:
    return make.member(unit, name="王淑兰")


@pytest.fixture
def books(unit: Unit) -> Requirement:
    return Requirement.create(
        title="每月读一本好书", unit=unit, measure="book_finished", amount=1, period="month", since=SINCE
    )


def at(day: date, hour: int = 10) -> datetime:
    return clock.start_of(day) + timedelta(hours=hour)


def told(member: Member, make: Make) -> list[str]:
    return [one.kind for one in queries.list_notices(make.actor(member), 1, 50).items][::-1]


def test_a_month_brings_one_reminder_when_behind_and_one_in_its_last_days(
    make: Make, member: Member, books: Requirement
) -> None:
    for number in range(1, 31):
        with clock.at(at(date(2026, 11, number))):
            service.remind_daily("community")
            service.remind_daily("community")
    assert told(member, make) == ["behind", "last_call"]
    said = Notice.get(Notice.member == member.id, Notice.kind == "behind")
    assert '"done": "0", "required": "1", "day": "2026-11-30"' in said.said


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
        assert told(member, make) == ["last_call"], "the book, not the minutes"
        with pytest.raises(Conflict, match="study time"):
            service.nudge(make.actor(liaison), study.id, unit.id, "", "government")
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


def test_the_liaison_reminds_those_behind_once_a_day_in_own_words(
    make: Make, unit: Unit, member: Member, liaison: Member, books: Requirement, browser: Open
) -> None:
    done = make.member(unit, name="李建国")
    booking.book(done.id, "book_finished", 1, date(2026, 11, 3), "finish:1:1", ("reading_entry", 1))
    hers = browser(liaison)
    address = f"/reminders/{books.id}/{unit.id}"
    with clock.at(at(date(2026, 11, 28))):
        page = hers.get(address).get_data(as_text=True)
        assert "王淑兰" in page
        assert "李建国" not in page
        assert hers.post(address, {"words": "长" * 300}).status_code == 422
        assert hers.post(address, {"words": "还来得及"}).status_code == 303
        hers.post(address, {"words": "又一次"})
        assert told(member, make) == ["nudge"]
        assert told(liaison, make) == []
        (notice,) = queries.list_notices(make.actor(member), 1, 10).items
        with hers.client.application.test_request_context():
            assert words.sentence(notice) == "刘敏提醒您“每月读一本好书”：还来得及"
        assert hers.api("POST", address, {"words": ""}).get_json() == {"told": 0}
    with clock.at(at(date(2026, 11, 29))):
        assert hers.api("POST", address, {"words": ""}).get_json() == {"told": 1}
        with pytest.raises(Forbidden):
            service.nudge(make.actor(member), books.id, unit.id, "", "community")
        stranger = make.member(make.unit(), "liaison")
        with pytest.raises(Forbidden):
            service.nudge(make.actor(stranger), books.id, unit.id, "", "community")
        elsewhere = make.actor(stranger)
        with pytest.raises(NotFound):
            service.nudge(elsewhere, books.id, next(iter(elsewhere.units)), "", "community")


def test_the_end_of_an_accreditation_is_said_to_the_lecturer_and_to_who_gave_it_once_for_each_last_day(
    make: Make, unit: Unit, liaison: Member, browser: Open
) -> None:
    lecturer = make.member(unit, name="陈志远")
    keeper = make.actor(liaison)
    today = date(2026, 11, 28)

    def accredit(until: date | None, **who: object) -> int:
        return accrediting.accredit(keeper, Wanted(unit.id, since=SINCE, until=until, **who))  # type: ignore[arg-type]

    ends = accredit(today + timedelta(days=20), member=lecturer.id)
    accredit(today + timedelta(days=30), name="外聘老师", inside=False)
    accredit(today + timedelta(days=31), member=make.member(unit).id)
    accredit(None, member=make.member(unit).id)
    for number in range(3):
        with clock.at(at(today + timedelta(days=number))):
            service.remind_of_accreditations(clock.today())
            if number == 1:
                accrediting.change(keeper, ends, SINCE, today + timedelta(days=25), "", inside=True)
                accrediting.revoke(keeper, ends)
    assert told(lecturer, make) == ["accreditation"]
    assert told(liaison, make) == ["accreditation"] * 3, "two on the first day, the third on its thirtieth"
    window = browser(liaison)
    with clock.at(at(today)):
        assert "外聘老师在桂花社区的讲师聘期到" in window.get("/notices").text
    assert browser(lecturer).get("/notices").text.count("讲师聘期到") == 1


def test_who_is_accredited_on_without_a_gap_or_whose_giver_left_is_looked_after(make: Make, unit: Unit) -> None:
    giver, left = make.member(unit, "liaison"), make.member(unit, "liaison")
    lecturer, other = make.member(unit), make.member(unit)
    today = date(2026, 11, 28)
    last = today + timedelta(days=9)
    for who, by, since, until in (
        (lecturer, giver, SINCE, last),
        (lecturer, giver, last + timedelta(days=1), None),
        (other, left, SINCE, last),
    ):
        accrediting.accredit(make.actor(by), Wanted(unit.id, who.id, since=since, until=until))
    RoleGrant.delete().where(RoleGrant.member == left.id).execute()
    with clock.at(at(today)):
        assert service.remind_of_accreditations(today) == 2
    assert (told(lecturer, make), told(other, make), told(giver, make)) == ([], ["accreditation"], ["accreditation"])


def test_the_job_runs_once_a_day(make: Make, member: Member, books: Requirement, service: Settings) -> None:
    with clock.at(at(date(2026, 11, 28))):
        assert remind() > 0
        assert remind() == 0


def remind() -> int:
    return service.remind_daily("community")
