"""What counts for a requirement, once, and what stands beside it: units, days, the most, carry-over, indexes."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from lms import clock
from lms.errors import InvalidInput
from lms.members.models import Member, Membership
from lms.progress import booking, queries, service
from lms.progress.models import LedgerEntry, Requirement
from lms.progress.rules import Pace
from lms.progress.service import RequirementForm
from tests.browser_like import Browser
from tests.progress.conftest import TODAY, Garden, page, standing_of

Open = Callable[[Member | None], Browser]


def test_a_member_in_two_units_at_once_is_asked_once_and_counted_once(garden: Garden) -> None:
    Membership.create(member=garden.member, unit=garden.other, since=date(2026, 1, 1))
    garden.study_on(garden.member, TODAY, 60)
    study = standing_of(garden, "每周自学")
    assert (study.done, study.required) == (60, 180)
    assert LedgerEntry.select().count() == 1


def test_what_is_done_elsewhere_counts_only_where_the_rule_says_so(garden: Garden) -> None:
    Membership.update(since=date(2026, 11, 25)).where(Membership.member == garden.member).execute()
    garden.study_on(garden.member, date(2026, 11, 24), 30)
    garden.study_on(garden.member, date(2026, 11, 25), 20)
    own = Requirement.create(
        title="在本社区",
        unit=garden.unit,
        measure="study_minutes",
        amount=70,
        period="week",
        since=date(2026, 1, 1),
        spec='{"where": "inside"}',
    )
    figures = {f.requirement.id: f.standing for f in queries.list_my_figures(garden.make.actor(garden.member))}
    assert figures[own.id].done == 20
    assert figures[garden.study.id].done == 50
    found = queries.get_evidence(garden.make.actor(garden.member), own.id, None, None, 1, "community")
    assert [row.amount for row in found.rows.items] == [20]


def test_the_machines_clock_set_back_books_nothing_twice_and_hides_nothing(garden: Garden) -> None:
    garden.study_on(garden.member, TODAY, 60)
    with clock.at(datetime(2026, 11, 23, 2, 0)):
        study = standing_of(garden, "每周自学")
    assert (study.done, study.pace) == (60, Pace.AHEAD)


def test_the_evidence_of_what_follows_events_names_each_and_when_it_was_done(garden: Garden, browser: Open) -> None:
    summary = Requirement.create(
        title="培训小结",
        unit=garden.unit,
        measure="note_submitted",
        amount=1,
        period="year",
        since=date(2026, 1, 1),
        spec='{"each": "event", "after": "training_attended", "within": 7, "categories": ["training"]}',
    )
    for number, day in enumerate((date(2026, 3, 2), date(2026, 11, 24)), 1):
        booking.book(garden.member.id, "training_attended", 1, day, f"t:{number}", ("activity", number))
    handed_in = booking.Detail("training")
    booking.book(garden.member.id, "note_submitted", 1, date(2026, 3, 8), "n:1", ("note", 1), handed_in)
    shown = page(browser(garden.member), f"/progress/requirements/{summary.id}/evidence")
    assert "3 月 9 日" in shown
    assert "3 月 8 日" in shown
    assert "12 月 1 日" in shown
    assert "原记录已删除" in shown
    answer = browser(garden.member).api("GET", f"/progress/{summary.id}/evidence").get_json()
    assert [one["met"] for one in answer["occasions"]] == ["2026-03-08", None]
    assert (answer["figure"]["standing"]["done"], answer["figure"]["standing"]["pace"]) == (1, "on_track")


def test_what_goes_beyond_the_most_for_a_day_is_said_beside_the_sum(garden: Garden, browser: Open) -> None:
    capped = Requirement.create(
        title="每天最多算一小时",
        unit=garden.unit,
        measure="study_minutes",
        amount=180,
        period="week",
        since=date(2026, 1, 1),
        spec='{"most_per_day": 60}',
    )
    garden.study_on(garden.member, TODAY, 90)
    assert standing_of(garden, "每天最多算一小时").done == 60
    shown = page(browser(garden.member), f"/progress/requirements/{capped.id}/evidence")
    assert "其中 30 分钟超出每日上限" in shown


def test_a_surplus_is_carried_over_up_to_the_most_and_only_once(garden: Garden, browser: Open) -> None:
    Requirement.create(
        title="可结转",
        unit=garden.unit,
        measure="study_minutes",
        amount=100,
        period="week",
        since=date(2026, 1, 1),
        spec='{"carry": 30}',
    )
    garden.study_on(garden.member, date(2026, 11, 12), 500)
    assert standing_of(garden, "可结转").carried == 0
    garden.study_on(garden.member, date(2026, 11, 18), 150)
    found = standing_of(garden, "可结转")
    assert (found.done, found.carried, found.total, found.remaining) == (0, 30, 30, 70)
    assert "含此前结转 30 分钟" in page(browser(garden.member), "/progress")


def test_an_index_is_made_of_requirements_of_the_unit_and_never_of_an_index(garden: Garden) -> None:
    Requirement.update(series=Requirement.id).execute()
    elsewhere = Requirement.create(
        title="外", unit=garden.other, measure="book_finished", amount=1, period="year", since=TODAY, series=77
    )
    actor = garden.make.actor(garden.liaison)

    def index(*series: int) -> RequirementForm:
        spec = {"subject": "index", "parts": [{"series": one, "weight": 1} for one in series]}
        return RequirementForm("综合指数", "rate_index", 80, "year", date(2026, 1, 1), None, spec)

    made = service.add_requirement(actor, garden.unit.id, index(garden.books.id, garden.study.id))
    for wrong in (made, elsewhere.series, 10**6):
        with pytest.raises(InvalidInput, match="index or share"):
            service.add_requirement(actor, garden.unit.id, index(garden.books.id, wrong))
    with pytest.raises(InvalidInput):
        service.change_requirement(actor, made, index(made))
    spec = {"subject": "share", "parts": [{"series": made}]}
    share = RequirementForm("示范单位", "units_reached", 50, "dates", TODAY, date(2027, 12, 31), spec)
    assert service.add_requirement(actor, garden.unit.id, share)
