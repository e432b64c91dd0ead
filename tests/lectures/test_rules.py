"""What counts as played, and where to go on: properties that no report can break."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.lectures import rules

seconds = st.floats(min_value=-50, max_value=500, allow_nan=False)
intervals = st.lists(st.tuples(seconds, seconds), max_size=12)
NOON = datetime(2026, 11, 23, 4, 0)


@given(intervals)
def test_united_intervals_are_in_order_and_apart(given_intervals: list[rules.Interval]) -> None:
    united = rules.unite(given_intervals)
    assert all(start < end for start, end in united)
    assert all(before[1] < after[0] for before, after in pairwise(united))
    assert rules.unite(united) == united


@given(intervals, seconds)
def test_uniting_keeps_exactly_the_seconds_that_were_in_some_interval(
    given_intervals: list[rules.Interval], moment: float
) -> None:
    inside = any(start < moment < end for start, end in given_intervals)
    covered = any(start <= moment <= end for start, end in rules.unite(given_intervals))
    assert covered or not inside


@given(intervals, intervals)
def test_what_is_subtracted_and_what_is_left_make_up_the_whole(
    first: list[rules.Interval], second: list[rules.Interval]
) -> None:
    whole, known = rules.unite(first), rules.unite(second)
    new = rules.subtract(whole, known)
    both = rules.total(rules.unite([*known, *new]))
    assert both == pytest.approx(rules.total(known) + rules.total(new), abs=1e-6)
    assert both == pytest.approx(rules.total(rules.unite([*whole, *known])), abs=1e-6)


@given(intervals, intervals, st.floats(1, 400), st.integers(0, 600))
def test_no_report_adds_more_than_the_time_that_passed_allows(
    before: list[rules.Interval], reported: list[rules.Interval], duration: float, elapsed: int
) -> None:
    known = rules.unite(rules.clip(before, duration))
    after = rules.credit(known, reported, duration, timedelta(seconds=elapsed))
    gained = rules.total(after) - rules.total(known)
    assert -1e-6 <= gained <= elapsed * rules.MAX_SPEED + rules.TOLERANCE_S + 1e-6
    assert rules.total(after) <= duration + 1e-6


@given(intervals, st.floats(1, 400))
def test_reporting_the_same_stretch_again_adds_nothing(reported: list[rules.Interval], duration: float) -> None:
    once = rules.credit([], reported, duration, timedelta(hours=1))
    assert rules.credit(once, reported, duration, timedelta(hours=1)) == once


def test_time_that_runs_backwards_allows_only_the_tolerance() -> None:
    assert rules.allowance(timedelta(hours=-3)) == rules.TOLERANCE_S


def test_a_device_clock_in_the_future_is_held_at_now() -> None:
    assert rules.moved_at(NOON, NOON + timedelta(days=400)) == NOON


def test_a_device_whose_clock_is_hours_slow_is_believed_about_how_long_ago() -> None:
    wrong = NOON - timedelta(hours=9)
    assert rules.moved_at(NOON, wrong - timedelta(seconds=40), sent_at=wrong) == NOON - timedelta(seconds=40)


def test_a_position_sent_before_it_was_reached_counts_as_reached_now() -> None:
    assert rules.moved_at(NOON, NOON + timedelta(hours=1), sent_at=NOON) == NOON


@pytest.mark.parametrize(
    ("position", "duration", "expected"), [(100, 600, 100), (590, 600, 0), (0, 600, 0), (9.5, 10, 0), (8, 10, 8)]
)
def test_a_recording_heard_to_its_end_begins_again(position: float, duration: float, expected: float) -> None:
    assert rules.resume_at(position, duration) == expected


def test_every_fault_of_the_details_is_named_at_once() -> None:
    faults = rules.problems(
        rules.Details(title="", speaker="x" * 81, unit=None, summary="a\0b", held_on=date(2030, 1, 1)),
        date(2026, 11, 23),
    )
    assert set(faults) == {"title", "speaker", "unit", "summary", "held_on"}


def test_titles_are_tidied_and_a_full_length_one_passes() -> None:
    details = rules.tidy(rules.Details(title="  带着 \n问题 ", speaker="陈" * 80, unit=1, summary="一\r\n二\r三"))
    assert (details.title, details.summary) == ("带着 问题", "一\n二\n三")
    assert rules.problems(details, date(2026, 11, 23)) == {}
