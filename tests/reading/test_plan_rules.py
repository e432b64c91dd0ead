"""Pace, spreading, moving, states and calendars: what holds for every plan."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Conflict
from lms.reading import plan_rules as rules
from lms.reading.ical import LINE_OCTETS, Entry, calendar, escaped, folded
from lms.reading.plan_rules import Load, PlannedItem, PlanState, Verdict

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)
DAYS = st.dates(SINCE, UNTIL)
LOADS = st.lists(
    st.builds(Load, DAYS, st.just(1), st.integers(0, 1))
    | st.builds(Load, DAYS, st.integers(1, 50), st.integers(0, 60), st.just(True)),
    min_size=1,
    max_size=12,
)


@given(LOADS, DAYS)
def test_the_pace_never_counts_more_than_there_is(loads: list[Load], today: date) -> None:
    pace = rules.pace(SINCE, UNTIL, loads, today)
    assert 0 <= pace.done <= pace.total
    assert (pace.verdict is Verdict.DONE) == (pace.done == pace.total)
    assert 0 <= pace.difference <= pace.total
    assert (pace.difference > 0) == (pace.verdict in (Verdict.AHEAD, Verdict.BEHIND))


@given(LOADS, DAYS, st.integers(1, 200))
def test_who_does_nothing_is_never_better_off_later(loads: list[Load], today: date, days: int) -> None:
    rank = [Verdict.BEHIND, Verdict.ON_TRACK, Verdict.AHEAD]
    now, then = (rules.pace(SINCE, UNTIL, loads, day) for day in (today, min(today + timedelta(days=days), UNTIL)))
    if now.verdict in rank and then.verdict in rank:
        assert rank.index(then.verdict) <= rank.index(now.verdict)


@given(LOADS, DAYS)
def test_who_does_what_is_wanted_today_is_not_behind_tomorrow(loads: list[Load], today: date) -> None:
    caught_up = [
        Load(load.due_on, load.amount, min(load.done, load.amount) + wanted, load.spread)
        for load in loads
        for wanted in [rules.wanted_by(load, SINCE, UNTIL, today)]
    ]
    assert rules.pace(SINCE, UNTIL, caught_up, today + timedelta(days=1)).verdict is not Verdict.BEHIND


def test_twelve_books_a_year_are_one_a_month() -> None:
    load = Load(UNTIL, 12, 6, spread=True)
    assert rules.pace(SINCE, UNTIL, [load], date(2026, 7, 15)).verdict is Verdict.ON_TRACK
    assert rules.pace(SINCE, UNTIL, [load], date(2026, 9, 15)) == rules.Pace(Verdict.BEHIND, 6, 12, 2)
    assert rules.wanted_by(load, SINCE, UNTIL, date(2026, 9, 15)) == 3


@given(st.lists(DAYS, min_size=1, max_size=20), st.integers(-366, 366).filter(bool))
def test_moving_stays_within_the_span_and_keeps_the_order(dues: list[date], days: int) -> None:
    items = [PlannedItem("book", n, due) for n, due in enumerate(sorted(dues), 1)]
    moved = rules.shifted(items, frozenset(item.key for item in items), days, SINCE, UNTIL)
    assert moved == sorted(moved)
    assert all(SINCE <= day <= UNTIL for day in moved)


@pytest.mark.parametrize("state", list(PlanState))
@pytest.mark.parametrize("step", ["submit", "recall", "return", "approve"])
def test_only_a_submitted_plan_is_decided_and_only_once(state: PlanState, step: str) -> None:
    allowed = {
        "submit": ("draft", "returned"),
        "recall": ("submitted",),
        "return": ("submitted",),
        "approve": ("submitted",),
    }
    if state in allowed[step]:
        assert rules.next_state(state, step) is not state
    else:
        with pytest.raises(Conflict):
            rules.next_state(state, step)


def test_the_29th_of_february_has_its_day_in_other_years() -> None:
    assert rules.years_later(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert rules.years_later(date(2028, 2, 29), 4) == date(2032, 2, 29)


@given(st.text(max_size=400))
def test_folded_lines_are_short_and_unfold_to_what_they_were(text: str) -> None:
    line = f"SUMMARY:{escaped(text.encode('utf-8', 'ignore').decode())}"
    parts = list(folded(line))
    assert all(len(part.encode()) <= LINE_OCTETS for part in parts)
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == line
    assert all(part.startswith(" ") for part in parts[1:])
    assert "\n" not in line and "\r" not in line


def test_a_calendar_holds_whole_days_in_utc() -> None:
    entry = Entry("a@b", date(2026, 12, 31), "甲;乙", "一\n二", datetime(2026, 11, 1, 9, 30))
    lines = calendar("名", [entry]).split("\r\n")
    for expected in ("DTSTAMP:20261101T093000Z", "DTSTART;VALUE=DATE:20261231", "DTEND;VALUE=DATE:20270101"):
        assert expected in lines
    assert ("SUMMARY:甲\\;乙" in lines, "DESCRIPTION:一\\n二" in lines) == (True, True)
