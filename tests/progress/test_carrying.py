"""What becomes of a surplus: nothing counts twice, nothing depends on the order of deeds, and it lapses in time."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms.periods import Period, Span
from lms.progress.asking import Asked, Lasting, spans_between
from lms.progress.carrying import Stock, Stocks, brought_into, chain_before, left_after, total
from lms.progress.models import Requirement
from tests.progress.conftest import Garden, standing_of

SINCE = date(2025, 11, 3)
MONTHLY = Asked("book_finished", 1, Period.MONTH, SINCE, None, carry=3)


@dataclass(frozen=True)
class One:
    """A version of a requirement."""

    asked: Asked


def walked(asked: Asked, done: list[int]) -> list[tuple[Span, int, int]]:
    """Give for each period from the first on what was done in it and what was brought into it."""
    found, stocks = [], Stocks()
    spans = spans_between(asked, SINCE, SINCE + timedelta(days=4000))
    for span, amount in zip(spans, done, strict=False):
        brought = brought_into(asked, span, stocks)
        found.append((span, amount, total(brought)))
        stocks = left_after(span, asked.amount, amount, brought)
    return found


rules = st.builds(
    Asked,
    st.just("book_finished"),
    st.integers(1, 6),
    st.sampled_from(Period),
    st.just(SINCE),
    st.none(),
    carry=st.integers(0, 12),
    lasting=st.sampled_from(Lasting),
    carry_periods=st.integers(1, 5),
)
deeds = st.lists(st.integers(-2, 15), min_size=1, max_size=30)


@given(rules, deeds)
def test_no_more_is_ever_counted_than_was_done(asked: Asked, done: list[int]) -> None:
    counted = so_far = 0
    for _, amount, brought in walked(asked, done):
        assert 0 <= brought <= asked.carry
        assert counted + brought <= so_far, "what is brought in was done before and has not counted yet"
        so_far += max(0, amount)
        counted += min(asked.amount, max(0, amount) + brought)
        assert counted <= so_far


@given(rules, deeds, st.integers(0, 29), st.integers(1, 5))
def test_doing_more_never_brings_less(asked: Asked, done: list[int], where: int, more: int) -> None:
    better = [amount + (more if number == where else 0) for number, amount in enumerate(done)]
    for (_, one, before), (_, other, after) in zip(walked(asked, done), walked(asked, better), strict=True):
        assert min(asked.amount, max(0, one) + before) <= min(asked.amount, max(0, other) + after)


@given(rules, deeds)
def test_a_chain_back_gives_what_walking_forward_gives(asked: Asked, done: list[int]) -> None:
    forward = walked(asked, done)
    amounts = {span: amount for span, amount, _ in forward}
    for span, _, brought in forward:
        stocks = Stocks()
        for version, before in chain_before([One(asked)], asked, span):
            stocks = left_after(before, asked.amount, amounts[before], brought_into(version.asked, before, stocks))
        assert total(brought_into(asked, span, stocks)) == brought


def test_a_surplus_lapses_after_so_many_periods_with_the_year_or_never() -> None:
    def brought(done: list[int], **changes: object) -> list[int]:
        return [amount for _, _, amount in walked(replace(MONTHLY, **changes), done)]  # type: ignore[arg-type]

    assert brought([4, 0, 0, 0]) == [0, 3, 0, 0], "the next month only"
    assert brought([4, 1, 0, 0], carry_periods=3) == [0, 3, 3, 2]
    assert brought([4, 1, 1, 1, 0], carry_periods=3) == [0, 3, 3, 3, 0]
    assert brought([2, 3, 0, 0, 0], carry_periods=2) == [0, 1, 3, 2, 0], "the oldest is used first"
    assert brought([4, 0, 0, 0], lasting=Lasting.YEAR) == [0, 3, 0, 0], "November's: nothing into January"
    assert brought([4, 0, 0, 0, 0], lasting=Lasting.ALWAYS) == [0, 3, 2, 1, 0]
    assert brought([9, 0, 0, 0, 0], lasting=Lasting.ALWAYS) == [0, 3, 2, 1, 0], "what goes beyond the most lapses"
    week = replace(MONTHLY, period=Period.WEEK, lasting=Lasting.YEAR)
    spans = spans_between(week, date(2025, 12, 22), date(2026, 1, 11))
    kept = (Stock(spans[0].since, 2),)
    assert [total(brought_into(week, span, kept)) for span in spans[1:]] == [2, 0], "the week belongs where it begins"


def test_a_new_version_takes_over_what_is_left_and_its_own_rule_decides() -> None:
    old = replace(MONTHLY, until=date(2026, 3, 31), lasting=Lasting.ALWAYS)
    new = replace(MONTHLY, amount=2, since=date(2026, 4, 1), carry_periods=2)
    may = Span(date(2026, 5, 1), date(2026, 5, 31))
    chain = chain_before([One(new), One(old)], new, may)
    assert [(one.asked.amount, span.since.month) for one, span in chain] == [
        *((1, month) for month in (11, 12, 1, 2, 3)),
        (2, 4),
    ]
    other = replace(old, measure="note_submitted")
    assert [span.since.month for _, span in chain_before([One(new), One(other)], new, may)] == [4]


def test_a_members_page_carries_over_several_periods_and_through_a_new_version(garden: Garden) -> None:
    spec = json.dumps({"carry": 5, "lasting": "year"})
    first = Requirement.create(
        title="每月一本",
        unit=garden.unit,
        measure="book_finished",
        amount=1,
        period="month",
        since=date(2026, 1, 1),
        until=date(2026, 10, 31),
        spec=spec,
    )
    Requirement.update(series=first.id).where(Requirement.id == first.id).execute()
    Requirement.create(
        title="每月两本",
        unit=garden.unit,
        measure="book_finished",
        amount=2,
        period="month",
        since=date(2026, 11, 1),
        series=first.id,
        version=2,
        spec=spec,
    )
    for day in range(1, 5):
        garden.finish_on(garden.member, date(2026, 9, day))
    standing = standing_of(garden, "每月两本")
    assert (standing.required, standing.done, standing.carried) == (2, 0, 2), "four in September, one taken by October"
