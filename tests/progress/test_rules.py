"""How a member stands with a requirement."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.periods import Period, Span, period_of
from lms.progress.asking import Asked, Who, spans_before
from lms.progress.checking import check_requirement
from lms.progress.days import clip
from lms.progress.rules import Pace, Standing, Why, demand, new_version_from, shown_to_others, standing
from lms.progress.who import Belonging, born_on, of_age, years_old

ALWAYS = [Span(date(2020, 1, 1), date.max)]
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))
WEEK = Span(date(2026, 11, 23), date(2026, 11, 29))
BOOK = Asked("book_finished", 1, Period.MONTH, date(2026, 1, 1), None)
STUDY = Asked("study_minutes", 180, Period.WEEK, date(2026, 1, 1), None)

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
SPANS = st.builds(lambda since, length: Span(since, since + timedelta(days=length)), DAYS, st.integers(0, 400))
ASKED = st.builds(
    Asked,
    st.sampled_from(["book_finished", "study_minutes"]),
    st.integers(1, 500),
    st.sampled_from(Period),
    DAYS,
    st.none() | DAYS,
)


def book_on(day: date, done: int = 0) -> Standing:
    return standing(BOOK, NOVEMBER, done, ALWAYS, day)


def study_on(day: int, done: int) -> Standing:
    return standing(STUDY, WEEK, done, ALWAYS, date(2026, 11, day))


def test_a_book_a_month_is_not_late_before_three_quarters_of_the_month_have_gone() -> None:
    assert book_on(date(2026, 11, 23)).pace is Pace.ON_TRACK
    assert book_on(date(2026, 11, 24)).pace is Pace.BEHIND
    assert book_on(date(2026, 11, 24)).difference == -1


def test_an_unread_book_is_missed_only_after_the_last_day() -> None:
    assert book_on(date(2026, 11, 30)).pace is Pace.BEHIND
    assert book_on(date(2026, 12, 1)).pace is Pace.MISSED
    assert book_on(date(2026, 12, 1), done=1).pace is Pace.DONE


def test_nobody_is_behind_on_monday_morning() -> None:
    assert study_on(23, 0).pace is Pace.ON_TRACK
    assert study_on(23, 0).expected_by_today == 0


def test_minutes_may_lag_by_one_days_share_and_are_behind_after_that() -> None:
    assert study_on(26, 77 - 26).pace is Pace.ON_TRACK
    assert study_on(26, 77 - 27).pace is Pace.BEHIND
    assert study_on(26, 77 + 27).pace is Pace.AHEAD
    assert study_on(26, 50).difference == 50 - 77
    assert study_on(26, 50).remaining == 130


def test_who_joins_in_the_middle_is_asked_for_the_days_that_are_left() -> None:
    joined = [Span(date(2026, 11, 27), date.max)]
    found = standing(STUDY, WEEK, 0, joined, date(2026, 11, 27))
    assert (found.required, found.started, found.deadline) == (77, date(2026, 11, 27), WEEK.until)


def test_who_joins_late_in_the_month_is_asked_for_no_book() -> None:
    late = standing(BOOK, NOVEMBER, 0, [Span(date(2026, 11, 17), date.max)], date(2026, 11, 30))
    early = standing(BOOK, NOVEMBER, 0, [Span(date(2026, 11, 16), date.max)], date(2026, 11, 30))
    assert (late.required, late.pace) == (0, Pace.NOT_ASKED)
    assert early.required == 1


def test_time_away_from_the_unit_is_not_asked_for() -> None:
    away = [Span(date(2026, 1, 1), date(2026, 11, 24)), Span(date(2026, 11, 28), date.max)]
    assert standing(STUDY, WEEK, 0, away, date(2026, 11, 25)).required == round(180 * 4 / 7)


@pytest.mark.parametrize(
    ("since", "until", "days", "why"),
    [
        (29, 30, 6, (Why.ON_LEAVE,)),
        (20, 23, 6, (Why.ON_LEAVE,)),
        (23, 29, 0, (Why.ON_LEAVE,)),
        (30, 30, 7, ()),
        (20, 22, 7, ()),
    ],
)
def test_a_leave_takes_its_days_and_is_named_when_it_touches_the_period_by_one_day(
    since: int, until: int, days: int, why: tuple[Why, ...]
) -> None:
    leave = Span(date(2026, 11, since), date(2026, 11, until))
    found = demand(STUDY, WEEK, Belonging(tuple(ALWAYS), (leave,)), date(2026, 11, 25))
    assert (found.required, found.why) == (round(180 * days / 7), why)


def test_two_memberships_at_once_count_their_days_once() -> None:
    assert standing(STUDY, WEEK, 0, ALWAYS * 3, date(2026, 11, 25)).required == 180


def test_a_requirement_that_ends_within_the_period_is_due_on_its_last_day() -> None:
    ended = Asked("study_minutes", 180, Period.WEEK, date(2026, 1, 1), date(2026, 11, 25))
    found = standing(ended, WEEK, 77, ALWAYS, date(2026, 11, 26))
    assert (found.required, found.deadline, found.pace) == (77, date(2026, 11, 25), Pace.DONE)


@given(ASKED, DAYS, st.lists(SPANS, max_size=4), st.integers(-10, 600), DAYS)
def test_no_standing_contradicts_itself(
    asked: Asked, day: date, membership: list[Span], done: int, today: date
) -> None:
    span = period_of(day, asked.period)
    found = standing(asked, span, done, membership, today)
    assert 0 <= found.expected_by_today <= found.required <= asked.amount
    assert found.remaining == max(0, found.required - found.done)
    assert 0.0 <= found.elapsed <= 1.0
    if not found.required:
        assert found.pace is Pace.NOT_ASKED
        return
    assert found.started is not None
    assert found.deadline is not None
    assert span.since <= found.started <= found.deadline <= span.until
    assert (found.pace is Pace.DONE) == (found.done >= found.required)
    assert (found.pace is Pace.MISSED) == (found.done < found.required and today > found.deadline)


@given(ASKED, DAYS, st.lists(SPANS, max_size=3), st.integers(0, 600), DAYS)
def test_more_done_is_never_a_worse_standing(
    asked: Asked, day: date, membership: list[Span], done: int, today: date
) -> None:
    order = [Pace.MISSED, Pace.UNREACHABLE, Pace.BEHIND, Pace.ON_TRACK, Pace.AHEAD, Pace.DONE]
    span = period_of(day, asked.period)
    less = standing(asked, span, done, membership, today)
    more = standing(asked, span, done + 1, membership, today)
    assert more.remaining <= less.remaining
    if less.required:
        assert order.index(more.pace) >= order.index(less.pace)


@given(st.lists(SPANS, max_size=6), SPANS)
def test_cutting_spans_keeps_each_day_exactly_once(spans: list[Span], within: Span) -> None:
    wanted = {
        within.since + timedelta(days=n)
        for n in range(within.days)
        if any(s.since <= within.since + timedelta(days=n) <= s.until for s in spans)
    }
    parts = clip(spans, within)
    days = [part.since + timedelta(days=n) for part in parts for n in range(part.days)]
    assert sorted(wanted) == days


def test_the_last_periods_come_the_latest_first_and_without_gaps() -> None:
    months = spans_before(BOOK, date(2026, 3, 31), 6)
    assert [month.since for month in months[:4]] == [
        date(2026, 2, 1),
        date(2026, 1, 1),
        date(2025, 12, 1),
        date(2025, 11, 1),
    ]
    assert all(earlier.until + timedelta(days=1) == later.since for later, earlier in pairwise(months))


def test_a_requirement_that_saw_a_closed_period_is_changed_by_a_new_one() -> None:
    today = date(2026, 11, 23)
    assert new_version_from(date(2026, 10, 31), Period.MONTH, today) == date(2026, 11, 1)
    assert new_version_from(date(2026, 11, 1), Period.MONTH, today) is None


@pytest.mark.parametrize(("profile", "shown"), [("community", True), ("enterprise", True), ("government", False)])
def test_study_time_is_shown_to_others_except_in_government(profile: str, shown: bool) -> None:
    assert shown_to_others("study_minutes", profile) is shown
    assert shown_to_others("book_finished", profile) is True


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"measure": "karma"}, "measure"),
        ({"amount": None}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": 1001}, "amount"),
        ({"period": "fortnight"}, "period"),
        ({"since": None}, "since"),
        ({"until": date(2025, 12, 31)}, "until"),
        ({"since": date(1, 1, 1)}, "since"),
        ({"until": date(9999, 12, 31)}, "until"),
    ],
)
def test_each_mistake_is_said_at_its_field(changes: dict[str, object], field: str) -> None:
    good = {
        "title": "每月读一本书",
        "measure": "book_finished",
        "amount": 1,
        "period": "month",
        "since": date(2026, 1, 1),
        "until": None,
    }
    assert check_requirement(**good) == {}
    assert list(check_requirement(**{**good, **changes})) == [field]


def test_an_age_is_exact_to_the_day_where_the_date_is_known_and_by_the_year_otherwise() -> None:
    sixty, at_most = Who(age_from=60, age_on="end"), Who(age_to=35, age_on="start")
    november = Span(date(2026, 11, 1), date(2026, 11, 30))
    for born, reached in (
        (born_on(1966, date(1966, 11, 30)), True),
        (born_on(1966, date(1966, 12, 1)), False),
        (born_on(1966, None), True),
        (born_on(1967, None), False),
        (born_on(None, None), False),
    ):
        assert of_age(sixty, born, november) is reached, born
    assert of_age(at_most, born_on(1990, date(1990, 11, 2)), november), "35 until the day before the birthday"
    assert not of_age(at_most, born_on(1990, date(1990, 11, 1)), november)
    leap = born_on(1964, date(1964, 2, 29))
    assert [years_old(leap, day) for day in (date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 29))] == [61, 62, 64]
