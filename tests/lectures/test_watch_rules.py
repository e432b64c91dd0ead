"""What counts as played: properties that no report can break."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.lectures import watch_rules
from lms.lectures.watch_rules import Interval, Stretch

seconds = st.floats(min_value=-50, max_value=500, allow_nan=False)
intervals = st.lists(st.tuples(seconds, seconds), max_size=12)
NOON = datetime(2026, 11, 23, 4, 0)


@given(intervals)
def test_united_intervals_are_in_order_and_apart(given_intervals: list[Interval]) -> None:
    united = watch_rules.unite(given_intervals)
    assert all(start < end for start, end in united)
    assert all(before[1] < after[0] for before, after in pairwise(united))
    assert watch_rules.unite(united) == united


@given(intervals, seconds)
def test_uniting_keeps_exactly_the_seconds_that_were_in_some_interval(
    given_intervals: list[Interval], moment: float
) -> None:
    inside = any(start < moment < end for start, end in given_intervals)
    covered = any(start <= moment <= end for start, end in watch_rules.unite(given_intervals))
    assert covered or not inside


@given(intervals, intervals)
def test_what_is_subtracted_and_what_is_left_make_up_the_whole(first: list[Interval], second: list[Interval]) -> None:
    whole, known = watch_rules.unite(first), watch_rules.unite(second)
    new = watch_rules.subtract(whole, known)
    both = watch_rules.total(watch_rules.unite([*known, *new]))
    assert both == pytest.approx(watch_rules.total(known) + watch_rules.total(new), abs=1e-6)
    assert both == pytest.approx(watch_rules.total(watch_rules.unite([*whole, *known])), abs=1e-6)


# ---- what no player can get ----------------------------------------------------------------------------------------

SINCE, NOW = 1000.0, 2000.0
instants = st.floats(-500, 4000, allow_nan=False)
stretches = st.builds(Stretch, seconds, seconds, instants, instants)
reports = st.lists(st.lists(stretches, max_size=4), max_size=8)


@given(reports, st.floats(SINCE, NOW))
def test_ten_tabs_get_no_more_than_the_time_that_passed(tabs: list[list[Stretch]], now: float) -> None:
    """Each report is one of another recording, on another device: their seconds add up, the clock's do not."""
    spent: list[Interval] = []
    counted = 0.0
    for report in tabs:
        played, after = watch_rules.credit(report, spent, SINCE, now)
        counted += watch_rules.total(played)
        assert watch_rules.total(watch_rules.unite([*spent, *after])) == pytest.approx(watch_rules.total(after))
        spent = after
    passed = now - SINCE + watch_rules.FIRST_REPORT_S + watch_rules.SLACK_S
    assert counted <= watch_rules.MAX_SPEED * watch_rules.total(spent) + 1e-6
    assert watch_rules.total(spent) <= passed + 1e-6


@given(st.lists(stretches, max_size=6))
def test_a_report_that_is_sent_again_gets_nothing(report: list[Stretch]) -> None:
    _, spent = watch_rules.credit(report, [], SINCE, NOW)
    again, after = watch_rules.credit(report, spent, SINCE, NOW)
    assert watch_rules.total(again) < 1e-6
    assert watch_rules.total(after) == pytest.approx(watch_rules.total(spent))


@given(st.lists(stretches, max_size=6))
def test_only_what_was_named_counts(report: list[Stretch]) -> None:
    played, _ = watch_rules.credit(report, [], SINCE, NOW)
    named = watch_rules.unite((one.start, one.end) for one in report if one.sound())
    assert watch_rules.total(watch_rules.subtract(played, named)) < 1e-6


@given(st.lists(st.tuples(st.floats(0.5, 60), st.floats(0.25, 2), st.floats(0, 30)), min_size=1, max_size=12))
def test_an_honest_player_loses_nothing_however_late_its_reports_come(parts: list[tuple[float, float, float]]) -> None:
    """It plays one stretch after another, each at its own speed, with pauses; all is sent at the end, newest first."""
    told: list[Stretch] = []
    place, moment = 0.0, SINCE
    for length, speed, pause in parts:
        told.append(Stretch(place, place + length * speed, moment, moment + length))
        place, moment = place + length * speed, moment + length + pause
    spent: list[Interval] = []
    played: list[Interval] = []
    for stretch in reversed(told):
        counted, spent = watch_rules.credit([stretch], spent, SINCE, moment + 3600)
        played.extend(counted)
    assert watch_rules.total(watch_rules.unite(played)) == pytest.approx(place, abs=1e-3)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0.1, 100)), max_size=400))
def test_spent_time_is_kept_small_and_never_forgotten_within_two_weeks(pieces: list[tuple[float, float]]) -> None:
    spent = watch_rules.unite((start, start + length) for start, length in pieces)
    kept = watch_rules.kept(spent, 1e6)
    assert len(kept) <= watch_rules.MOST_SPENT
    assert watch_rules.total(watch_rules.subtract(spent, watch_rules.unite(kept))) < 1


def test_faster_than_any_player_counts_as_far_as_the_fastest_goes() -> None:
    assert watch_rules.credit([Stretch(0, 600, SINCE, SINCE + 10)], [], SINCE, NOW)[0] == [(0, 20)]


def test_what_was_played_before_the_recording_was_opened_or_in_the_future_does_not_count() -> None:
    early, late = Stretch(0, 60, SINCE - 100, SINCE - 40), Stretch(60, 120, NOW + 5, NOW + 65)
    assert watch_rules.credit([early, late], [], SINCE, NOW) == ([], [])


def test_numbers_that_are_none_are_passed_over() -> None:
    odd = [Stretch(0, float("inf"), SINCE, NOW), Stretch(float("nan"), 5, SINCE, NOW), Stretch(5, 1, SINCE, NOW)]
    assert watch_rules.credit(odd, [], SINCE, NOW) == ([], [])


def test_a_device_clock_in_the_future_is_held_at_now() -> None:
    assert watch_rules.moved_at(NOON, NOON + timedelta(days=400)) == NOON


def test_a_device_whose_clock_is_hours_slow_is_believed_about_how_long_ago() -> None:
    wrong = NOON - timedelta(hours=9)
    assert watch_rules.moved_at(NOON, wrong - timedelta(seconds=40), sent_at=wrong) == NOON - timedelta(seconds=40)


def test_a_position_sent_before_it_was_reached_counts_as_reached_now() -> None:
    assert watch_rules.moved_at(NOON, NOON + timedelta(hours=1), sent_at=NOON) == NOON
