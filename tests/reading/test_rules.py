"""States, days, minutes and the ticks of a plan."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import InvalidInput
from lms.reading import plan_rules, rules
from lms.reading.plan_rules import PlannedItem, Tick, planned_book
from lms.reading.rules import Change, Progress, Standing, State

TODAY = date(2026, 11, 24)
DAYS = st.dates(rules.FIRST_DAY, TODAY)
TAPS = st.lists(st.tuples(st.sampled_from(list(State)), st.none() | DAYS), max_size=12)


def finished(day: date, times: int = 1) -> Standing:
    return Standing(State.FINISHED, None, day, times, times)


def test_finishing_counts_once_however_often_it_is_tapped() -> None:
    first = rules.step(Standing(), State.FINISHED, None, TODAY)
    second = rules.step(first.standing, State.FINISHED, None, TODAY + timedelta(days=3))
    assert (first.change, first.standing) == (Change.FINISHED, finished(TODAY))
    assert (second.change, second.standing) == (Change.NONE, first.standing)


def test_correcting_the_day_is_a_new_fact_and_the_same_day_is_none() -> None:
    day = date(2026, 5, 1)
    moved = rules.step(finished(TODAY), State.FINISHED, day, TODAY)
    assert (moved.change, moved.standing) == (Change.MOVED, finished(day, 2))
    assert rules.step(moved.standing, State.FINISHED, day, TODAY).change is Change.NONE


def test_leaving_finished_takes_the_finish_back_and_finishing_again_is_a_new_one() -> None:
    left = rules.step(finished(date(2026, 5, 1)), State.READING, None, TODAY)
    assert left.change is Change.UNFINISHED
    assert left.standing == Standing(State.READING, TODAY, None, 1)
    assert rules.step(left.standing, State.FINISHED, None, TODAY).standing.times == 2


def test_a_book_is_never_begun_after_it_was_finished() -> None:
    begun = Standing(State.READING, TODAY, None, 0)
    done = rules.step(begun, State.FINISHED, date(2026, 5, 1), TODAY).standing
    assert (done.started_on, done.finished_on) == (date(2026, 5, 1), date(2026, 5, 1))


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), date(1899, 12, 31)])
def test_a_day_in_the_future_or_before_1900_is_refused(day: date) -> None:
    with pytest.raises(InvalidInput) as caught:
        rules.step(Standing(), State.FINISHED, day, TODAY)
    assert caught.value.field == "day"


@given(TAPS)
def test_what_is_booked_always_agrees_with_where_the_reader_stands(taps: list[tuple[State, date | None]]) -> None:
    standing, booked, numbers = Standing(), 0, []
    for state, day in taps:
        done = rules.step(standing, state, day, TODAY)
        booked += {Change.FINISHED: 1, Change.UNFINISHED: -1}.get(done.change, 0)
        if done.change in (Change.FINISHED, Change.MOVED):
            numbers.append(done.standing.times)
        standing = done.standing
        assert booked == (standing.state is State.FINISHED)
        assert (standing.finished_on is not None) == (standing.state is State.FINISHED)
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("minutes", "page", "pages", "already", "field"),
    [
        (0, None, None, 0, "page"),
        (1441, None, None, 0, "minutes"),
        (60, None, None, 1381, "minutes"),
        (60, 301, 300, 0, "page"),
        (60, 0, None, 0, "page"),
        (60, 20_001, None, 0, "page"),
    ],
)
def test_minutes_and_pages_that_cannot_be_are_refused(
    minutes: int, page: int | None, pages: int | None, already: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        rules.check_progress(Progress(minutes, page), pages, already)
    assert caught.value.field == field


def test_a_whole_day_of_reading_is_the_most() -> None:
    rules.check_progress(Progress(1440, 300), 300, 0)
    rules.check_progress(Progress(60), None, 1380)


SINCE, DUE = date(2026, 10, 1), date(2026, 11, 24)


@pytest.mark.parametrize(
    ("finished_on", "due", "tick"),
    [
        (date(2026, 9, 30), DUE, Tick.READ_BEFORE),
        (SINCE, DUE, Tick.DONE),
        (DUE, DUE, Tick.DONE),
        (DUE, date(2026, 11, 23), Tick.DONE_LATE),
        (None, TODAY, Tick.TODAY),
        (None, TODAY - timedelta(days=1), Tick.OVERDUE),
        (None, TODAY + timedelta(days=1), Tick.AHEAD),
    ],
)
def test_the_log_ticks_a_book_of_a_plan(finished_on: date | None, due: date, tick: Tick) -> None:
    assert plan_rules.tick(finished_on, SINCE, due, TODAY) is tick


def test_three_books_over_a_month_are_due_every_ten_days() -> None:
    assert plan_rules.spread(date(2026, 11, 1), date(2026, 11, 30), 3) == [
        date(2026, 11, 10),
        date(2026, 11, 20),
        date(2026, 11, 30),
    ]


@given(DAYS, st.integers(0, 1000), st.integers(1, 60))
def test_spread_days_lie_in_the_span_in_order_and_end_with_it(since: date, length: int, count: int) -> None:
    until = since + timedelta(days=length)
    days = plan_rules.spread(since, until, count)
    assert len(days) == count
    assert days == sorted(days)
    assert since <= days[0]
    assert days[-1] == until
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_given_due_days_stay_and_only_missing_ones_are_spread() -> None:
    since, until = date(2026, 11, 1), date(2026, 11, 30)
    planned = plan_rules.with_due_days(
        since, until, [planned_book(7, date(2026, 11, 29)), planned_book(8), planned_book(9)]
    )
    assert planned == [
        planned_book(8, date(2026, 11, 20)),
        planned_book(7, date(2026, 11, 29)),
        planned_book(9, date(2026, 11, 30)),
    ]


@pytest.mark.parametrize(
    ("since", "until", "books", "field"),
    [
        (date(1999, 12, 31), TODAY, [planned_book(1)], "since"),
        (TODAY, TODAY - timedelta(days=1), [planned_book(1)], "until"),
        (TODAY, TODAY + timedelta(days=3 * 366), [planned_book(1)], "until"),
        (TODAY, TODAY, [], "items"),
        (TODAY, TODAY, [planned_book(1), planned_book(1)], "items"),
        (TODAY, TODAY, [planned_book(n) for n in range(61)], "items"),
        (TODAY, TODAY, [planned_book(1, TODAY + timedelta(days=1))], "due-book-1"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_its_field(
    since: date, until: date, books: list[PlannedItem], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan_rules.check_plan(since, until, books)
    assert caught.value.field == field
