"""What must hold of every total: it does not depend on order, replay or splitting, and is the sum of its evidence."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.db import database
from lms.members.models import LeaveOfAbsence, Member, Membership, MemberTag, Unit
from lms.periods import Period, Span
from lms.progress import archive, booking
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import Asked, Each, Joining, Leave, Where, Who, span_on, spans_between
from lms.progress.booking import Detail
from lms.progress.bulk import standings_of_many
from lms.progress.evidence import list_evidence
from lms.progress.figures import belonging_to, figures_of, windows_of
from lms.progress.measures import MEASURES, measure_of
from lms.progress.models import LedgerEntry
from lms.progress.occasions import matched
from lms.progress.people import circumstances_of
from lms.progress.rules import Pace, demand, judge, pace_of
from lms.progress.sums import Window, counting, sum_of_unit, sums_of
from lms.progress.who import Belonging
from tests.factories import Make

Fact = tuple[str, int, date, str, int, str]
FIRST, LAST = date(2025, 12, 20), date(2026, 3, 5)
DAYS = st.dates(FIRST, LAST)
LONG_DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
SPANS = st.builds(lambda since, length: Span(since, since + timedelta(days=length)), LONG_DAYS, st.integers(0, 400))
FEW = st.lists(SPANS, max_size=2)
# Everything that is counted for a member, in pairs of two that lie beside each other in the registry.
MEMBERS = tuple(code for code in MEASURES if not measure_of(code).of_unit)
OF_UNITS = ("funds_set_aside", "group_study_held", "group_study_days", "public_lecture_held", "unit_plan_made")
PAIRS = tuple(zip(MEMBERS, (*MEMBERS[1:], MEMBERS[0]), strict=True))
NOTES = ("study_minutes", "note_submitted")


def facts_of(measures: Sequence[str]) -> st.SearchStrategy[list[Fact]]:
    return st.lists(
        st.tuples(
            st.sampled_from(measures),
            st.integers(1, 200),
            DAYS,
            st.sampled_from(["", "reflection", "free"]),
            st.integers(0, 4000),
            st.sampled_from(["book:1", "book:2", ""]),
        ),
        max_size=14,
    )


def asked_about(measures: Sequence[str]) -> st.SearchStrategy[Asked]:
    return ASKED.flatmap(lambda asked: st.sampled_from(measures).map(lambda code: replace(asked, measure=code)))


FACTS = facts_of(NOTES)
ASKED = st.builds(
    Asked,
    st.sampled_from(NOTES),
    st.integers(1, 300),
    st.sampled_from(Period),
    DAYS,
    st.none(),
    categories=st.sampled_from([(), ("reflection",), ("reflection", "free")]),
    least=st.sampled_from([0, 3000]),
    subjects=st.sampled_from([(), ("book:1",)]),
    most_per_day=st.sampled_from([0, 60]),
    joining=st.sampled_from(Joining),
    leave=st.sampled_from(Leave),
    where=st.sampled_from(Where),
    carry=st.sampled_from([0, 50]),
    who=st.sampled_from([Who(), Who(tags=("leader",)), Who(without=("leader",))]),
)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
number = count(1)


@pytest.fixture
def unit(make: Make, service: object) -> Unit:
    """A unit that asks."""
    return make.unit("桂花社区", make.unit("青禾街道", kind="agency"))


@pytest.fixture
def rolled_back() -> Iterator[None]:
    """Keep nothing of a test's examples."""
    with database.atomic() as transaction:
        yield
        transaction.rollback()


def booked(member: Member, facts: list[Fact]) -> list[str]:
    keys = []
    for measure, amount, day, category, size, subject in facts:
        ident = next(number)
        keys.append(f"fact:{ident}")
        detail = Detail(category, size, subject)
        assert booking.book(member.id, measure, amount, day, keys[-1], ("note", ident), detail)
    return keys


def someone(make: Make, unit: Unit, stays: list[Span], leaves: list[Span], tags: list[Span]) -> Member:
    member = make.member(unit)
    Membership.delete().where(Membership.member == member).execute()
    for stay in stays:
        Membership.create(member=member, unit=unit, since=stay.since, until=stay.until)
    for leave in leaves:
        LeaveOfAbsence.create(member=member, since=leave.since, until=leave.until)
    for tag in tags:
        MemberTag.create(member=member, tag="leader", since=tag.since, until=tag.until)
    return member


def row_of(unit: Unit, asked: Asked, number: int = 1) -> RequirementRow:
    return RequirementRow(number, "要求", unit.id, unit.name, unit.path, asked, number, 1, "")


def test_all_that_is_counted_stands_in_the_pairs() -> None:
    assert {code for pair in PAIRS for code in pair} | {*OF_UNITS, "rate_index", "units_reached"} == set(MEASURES)


@settings(QUICK, max_examples=40)
@given(st.sampled_from(PAIRS), st.randoms(use_true_random=False), st.data())
def test_totals_do_not_depend_on_order_replay_or_splitting(
    make: Make, unit: Unit, pair: tuple[str, str], random: object, data: st.DataObject
) -> None:
    facts = data.draw(facts_of(pair))
    asked = data.draw(st.lists(asked_about(pair), min_size=1, max_size=4))
    windows = [Window(one.counted, span_on(one, day)) for one in asked for day in (FIRST, LAST)]
    plain, other = make.member(unit), make.member(unit)
    keys = booked(plain, facts)
    taken_back = [key for key in keys if data.draw(st.booleans())]
    for key in taken_back + taken_back:
        booking.reverse(key)
    shuffled = [fact for fact, key in zip(facts, keys, strict=True) if key not in taken_back]
    random.shuffle(shuffled)
    split = [(m, part, *rest) for m, amount, *rest in shuffled for part in (amount // 2, amount - amount // 2) if part]
    again = booked(other, split)
    booking.book(other.id, "study_minutes", 999, FIRST, again[0], ("note", 1)) if again else None
    assert sums_of(plain.id, windows) == sums_of(other.id, windows)
    # One window at a time the database adds up, many at once are added up here: both give the same.
    assert [sums_of(plain.id, [window])[0] for window in windows] == sums_of(plain.id, windows * 9)[: len(windows)]
    # A year's archive says the same, and its entries add up to it.
    for year in (2025, 2026):
        found = archive.get_archive(make.actor(plain), year, None, "community")
        assert found.totals == archive.get_archive(make.actor(other), year, None, "community").totals
        shown = Counter[str]()
        for row in archive.walk_entries(found):
            shown[row.measure] += row.amount
        assert dict(found.totals) == shown


@QUICK
@given(facts_of(OF_UNITS), st.randoms(use_true_random=False), st.data())
def test_totals_of_a_unit_are_the_sums_of_their_evidence_in_any_order(
    make: Make, unit: Unit, facts: list[Fact], random: object, data: st.DataObject
) -> None:
    one, other = make.unit(f"甲{next(number)}", unit), make.unit(f"乙{next(number)}", unit)
    windows = [
        Window(replace(data.draw(ASKED), measure=code, most_per_day=0, subjects=()).counted, Span(FIRST, LAST))
        for code in OF_UNITS
    ]
    kept = []
    for measure, amount, day, category, size, _ in facts:
        key = f"unit:{next(number)}"
        for _again in range(2):
            booking.book_for_unit(one.id, measure, amount, day, key, ("made", 1), Detail(category, size))
        if data.draw(st.booleans()):
            booking.reverse(key)
            booking.reverse(key)
        else:
            kept.append((measure, amount, day, category, size))
    random.shuffle(kept)  # type: ignore[attr-defined]
    for measure, amount, day, category, size in kept:
        for part in (amount // 2, amount - amount // 2):
            key = f"unit:{next(number)}"
            if part:
                booking.book_for_unit(other.id, measure, part, day, key, ("made", 1), Detail(category, size))
    totals = sum_of_unit(one.id, one.path, windows, below=False)
    assert totals == sum_of_unit(other.id, other.path, windows, below=False)
    assert totals == sum_of_unit(one.id, one.path, windows, below=True)
    for window, total in zip(windows, totals, strict=True):
        condition = (LedgerEntry.unit == one.id) & LedgerEntry.member.is_null() & counting(*window)
        assert sum(row.amount for row in list_evidence(condition, 1).items) == total


@settings(QUICK, max_examples=50)
@given(
    st.sampled_from(PAIRS),
    st.data(),
    st.lists(SPANS, min_size=1, max_size=3),
    st.lists(SPANS, max_size=2),
    st.lists(SPANS, max_size=2),
    DAYS,
)
def test_a_list_of_many_says_of_each_what_their_own_page_says_and_the_evidence_adds_up(
    make: Make,
    unit: Unit,
    pair: tuple[str, str],
    data: st.DataObject,
    stays: list[Span],
    leaves: list[Span],
    tags: list[Span],
    today: date,
) -> None:
    facts = data.draw(facts_of(pair))
    asked = data.draw(st.lists(asked_about(pair), min_size=1, max_size=3))
    member, bystander = someone(make, unit, stays, leaves, tags), make.member(unit)
    booked(member, facts)
    booked(bystander, facts[:2])
    wanted = [
        (row_of(unit, one, number), span)
        for number, one in enumerate(asked, start=1)
        for span in spans_between(one, FIRST, LAST)[-2:]
    ]
    circumstances = circumstances_of(member.id)
    own = figures_of(member.id, circumstances, wanted, today)
    for figure, together in zip(
        own, standings_of_many([member.id, bystander.id], wanted, today)[member.id], strict=True
    ):
        assert together == figure.standing or (together is None and not figure.standing.required)
        one = figure.requirement.asked
        windows = windows_of(one, figure.span, belonging_to(figure.requirement, circumstances, figure.span))
        rows = [
            row
            for window in windows
            for row in list_evidence((LedgerEntry.member == member.id) & counting(*window), 1).items
        ]
        shown = sum(row.amount for row in rows)
        assert figure.standing.done == shown or (one.most_per_day and figure.standing.done <= shown)


@given(
    ASKED, LONG_DAYS, st.lists(SPANS, max_size=3), st.lists(SPANS, max_size=2), st.lists(SPANS, max_size=2), LONG_DAYS
)
def test_a_demand_never_contradicts_itself(
    asked: Asked, day: date, days: list[Span], leaves: list[Span], exempt: list[Span], today: date
) -> None:
    span = span_on(asked, day)
    found = demand(asked, span, Belonging(tuple(days), tuple(leaves), tuple(exempt)), today)
    assert 0 <= found.expected <= found.required <= asked.amount
    assert found.lost_below <= found.required
    if found.required:
        assert found.started is not None
        assert found.deadline is not None
        assert span.since <= found.started <= found.deadline <= span.until
    paces = [pace_of(found, total) for total in range(found.required + 2)]
    order = [Pace.MISSED, Pace.UNREACHABLE, Pace.BEHIND, Pace.ON_TRACK, Pace.AHEAD, Pace.DONE]
    if found.required:
        assert [order.index(pace) for pace in paces] == sorted(order.index(pace) for pace in paces)
        assert judge(found, found.required).pace is Pace.DONE
    else:
        assert set(paces) <= {Pace.EXEMPT, Pace.NOT_ASKED}


@given(ASKED, LONG_DAYS, st.lists(SPANS, max_size=3), SPANS, LONG_DAYS)
def test_a_leave_never_asks_for_more_and_belonging_longer_never_for_less(
    asked: Asked, day: date, days: list[Span], leave: Span, today: date
) -> None:
    span = span_on(asked, day)
    whole = demand(asked, span, Belonging(tuple(days)), today).required
    assert demand(asked, span, Belonging(tuple(days), (leave,)), today).required <= whole
    if asked.joining is not Joining.FULL:
        assert (
            demand(asked, span, Belonging((*days, Span(date(2020, 1, 1), date(2030, 1, 1)))), today).required >= whole
        )


@given(st.lists(DAYS, max_size=6), st.lists(DAYS, max_size=6), st.integers(1, 30))
def test_each_event_is_met_by_a_fact_of_its_own_in_time(events: list[date], facts: list[date], within: int) -> None:
    found = matched(events, facts, within)
    assert sorted(events) == [occasion.day for occasion in found]
    met = [occasion.met for occasion in found if occasion.met]
    assert all(met.count(day) <= facts.count(day) for day in met)
    assert all(o.met is None or o.day <= o.met <= o.day + timedelta(days=within) for o in found)


def test_the_29th_of_february_and_a_week_across_the_years_end() -> None:
    year = Asked("study_minutes", 366, Period.YEAR, date(2020, 1, 1), None)
    leap = demand(
        year, span_on(year, date(2028, 2, 29)), Belonging((Span(date(2028, 2, 29), date.max),)), date(2028, 3, 1)
    )
    assert (leap.required, leap.started, leap.days) == (307, date(2028, 2, 29), 307)
    week = Asked("study_minutes", 70, Period.WEEK, date(2027, 1, 1), None)
    span = span_on(week, date(2027, 1, 1))
    assert (span.since, span.until) == (date(2026, 12, 28), date(2027, 1, 3))
    # In force from New Year on: three of seven days.
    assert demand(week, span, Belonging((Span(date(2020, 1, 1), date.max),)), date(2027, 1, 1)).required == 30
    event = Asked("note_submitted", 1, Period.YEAR, date(2020, 1, 1), None, each=Each.EVENT, within=7)
    assert matched([date(2028, 2, 28)], [date(2028, 3, 6)], event.within)[0].met == date(2028, 3, 6)


def test_what_the_days_left_cannot_bring_any_more_is_said_at_once() -> None:
    research = Asked("field_research_days", 600, Period.YEAR, date(2020, 1, 1), None)
    span, ever = span_on(research, date(2026, 1, 1)), Belonging((Span(date(2020, 1, 1), date.max),))
    # On 2 December 30 days are left: with 30 days done it can still be reached, with 29.5 not any more.
    assert judge(demand(research, span, ever, date(2026, 12, 2)), 300).pace is Pace.BEHIND
    assert judge(demand(research, span, ever, date(2026, 12, 2)), 295).pace is Pace.UNREACHABLE
    assert judge(demand(research, span, ever, date(2027, 1, 1)), 295).pace is Pace.MISSED
