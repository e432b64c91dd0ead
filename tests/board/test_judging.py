"""A board judges many members at once and says of each what their own page says."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.board.belongings import Belongings
from lms.board.crowd import Crowd, Intervals, Place
from lms.board.judging import PACES, judge_all
from lms.periods import Period, Span
from lms.progress import rules
from lms.progress.asking import Asked, Each, Joining, Lasting, Leave, Who, spans_between
from lms.progress.carrying import Stocks, brought_into, left_after, total
from lms.progress.who import Person, Stay, belonging

ROOT, HERE, BELOW, BESIDE = "/1/", "/1/2/", "/1/2/3/", "/1/4/"
PLACES = (
    Place(1, ROOT, "agency"),
    Place(2, HERE, "community"),
    Place(3, BELOW, "branch"),
    Place(4, BESIDE, "village"),
)
FIRST = date(2026, 1, 1)

days = st.integers(0, 420).map(lambda number: date(2025, 12, 1) + timedelta(days=number))
spans = st.tuples(days, st.integers(0, 300)).map(lambda pair: Span(pair[0], pair[0] + timedelta(days=pair[1])))
stays = st.lists(st.tuples(st.sampled_from(PLACES), spans), min_size=1, max_size=3)
tagged = st.lists(st.tuples(st.sampled_from(("leader", "officer")), spans), max_size=2)


@st.composite
def persons(draw: st.DrawFn) -> tuple[Person, tuple[Span, ...]]:
    held = tuple(Stay(place.path, place.kind, span) for place, span in draw(stays))
    leaves = tuple(draw(st.lists(spans, max_size=2)))
    born = draw(st.sampled_from([0, 19500000, 19660000, 19660630, 19660701, 19910229]))
    return Person(held, tuple(draw(tagged)), leaves, born), tuple(draw(st.lists(spans, max_size=1)))


whos = st.builds(
    Who,
    tags=st.sampled_from([(), ("leader",), ("leader", "officer")]),
    without=st.sampled_from([(), ("officer",)]),
    kinds=st.sampled_from([(), ("community", "branch")]),
    age_from=st.sampled_from([None, 60]),
    age_on=st.sampled_from(["start", "end", "2026-06-30"]),
)


@st.composite
def asked_things(draw: st.DrawFn) -> Asked:
    measure = draw(st.sampled_from(["book_finished", "study_minutes", "class_hours", "field_research_days"]))
    period = draw(st.sampled_from([*Period, None]))
    since = draw(days)
    length = draw(st.integers(0, 400))
    until = since + timedelta(days=length) if period is None or draw(st.booleans()) else None
    return Asked(
        measure,
        draw(st.integers(1, 90)),
        period,
        since,
        until,
        who=draw(whos),
        joining=draw(st.sampled_from(Joining)),
        leave=draw(st.sampled_from(Leave)),
        each=draw(st.sampled_from([Each.PERIOD, Each.PERIOD, Each.SESSION])),
        carry=draw(st.sampled_from([0, 0, 30])),
        lasting=draw(st.sampled_from(Lasting)),
        carry_periods=draw(st.sampled_from([1, 1, 3])),
        most_per_day=draw(st.sampled_from([0, 5])),
    )


def crowd_of(people: list[tuple[Person, tuple[Span, ...]]]) -> Crowd:
    by_path = {place.path: number for number, place in enumerate(PLACES)}
    rows = [
        (who, stay.span.since.toordinal(), stay.span.until.toordinal(), by_path[stay.path])
        for who, (person, _) in enumerate(people)
        for stay in person.stays
    ]
    table = np.array(rows, np.int32).reshape(-1, 4)
    return Crowd(
        np.arange(len(people)),
        PLACES,
        Intervals(table[:, 0], table[:, 1], table[:, 2]),
        table[:, 3],
        np.array([person.born for person, _ in people], np.int32),
        {who: person.tags for who, (person, _) in enumerate(people) if person.tags},
        {who: person.leaves for who, (person, _) in enumerate(people) if person.leaves},
    )


def one_by_one(
    asked: Asked, path: str, person: Person, exempt: tuple[Span, ...], span: Span, today: date, sessions: int
) -> rules.Demand:
    held = belonging(asked.who, path, person, span, exempt)
    return rules.demand(asked, span, held, today, sessions=sessions)


@given(
    st.lists(persons(), max_size=6),
    asked_things(),
    st.sampled_from([ROOT, HERE]),
    days,
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_board_says_of_each_member_what_the_members_own_page_says(
    people: list[tuple[Person, tuple[Span, ...]]], asked: Asked, path: str, today: date
) -> None:
    periods = spans_between(asked, FIRST, date(2026, 12, 31))
    shape = (len(periods), len(people))
    seed = np.random.default_rng(today.toordinal())
    done, sessions = seed.integers(-3, 120, shape), seed.integers(0, 4, shape)
    exempt: Mapping[int, tuple[Span, ...]] = {who: held for who, (_, held) in enumerate(people) if held}
    judged = judge_all(asked, path, periods, Belongings(crowd_of(people)), done, today, exempt, sessions)
    for who, (person, held) in enumerate(people):
        stocks: Stocks = ()
        for row, found in enumerate(judged):
            expected = one_by_one(asked, path, person, held, found.span, today, int(sessions[row, who]))
            brought = brought_into(asked, found.span, stocks)
            carried = total(brought)
            standing = rules.judge(expected, int(done[row, who]), carried)
            assert found.demand_of(who).required == expected.required
            assert PACES[found.pace[who]] is standing.pace
            assert int(found.carried[who]) == carried
            if expected.required:
                assert found.demand_of(who) == expected
            stocks = left_after(found.span, standing.required, standing.done, brought)


def test_where_nobody_is_nobody_is_judged_though_meetings_ask_of_each_their_own() -> None:
    asked = Asked("class_hours", 2, Period.MONTH, FIRST, None, each=Each.SESSION)
    none = np.zeros((1, 0), np.int64)
    (judged,) = judge_all(
        asked, ROOT, [Span(FIRST, date(2026, 1, 31))], Belongings(crowd_of([])), none, FIRST, {}, none
    )
    assert judged.pace.tolist() == []
