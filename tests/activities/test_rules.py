"""The rules of activity records: what counts, what a correction moves, leave, what may be typed."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.activities import rules
from lms.activities.rules import KINDS, ActivityRefused, Draft, Mark, Part
from lms.errors import InvalidInput

TODAY = date(2026, 11, 28)
MARKS = st.builds(
    Mark,
    member=st.integers(1, 6),
    state=st.sampled_from(rules.MARKS),
    spoke=st.booleans(),
    made_up_on=st.none() | st.just(date(2026, 11, 27)),
)
REGISTERS = st.lists(MARKS, max_size=6, unique_by=lambda mark: mark.member)
DRAFTS = st.builds(
    Draft,
    kind=st.sampled_from(sorted(KINDS)),
    title=st.just("学习"),
    day=st.dates(date(2026, 1, 1), TODAY),
    minutes=st.none() | st.integers(1, 480),
    amount=st.none() | st.integers(1, 50),
    category=st.sampled_from(["", "rotation"]),
)


def study(**changes: object) -> Draft:
    values = {"kind": "group_study", "title": "学习条例", "day": date(2026, 11, 20), "minutes": 120, "amount": 5}
    return Draft(**{**values, **changes})  # type: ignore[arg-type]


def test_one_group_study_feeds_every_report() -> None:
    register = [
        Mark(1, "present", spoke=True),
        Mark(2, "leave", made_up_on=date(2026, 11, 25)),
        Mark(3, "leave"),
        Mark(4, "absent", made_up_on=date(2026, 11, 25)),
    ]
    counted = {(part.measure, part.member): part.amount for part in rules.parts_of(study(), register)}
    assert counted == {
        ("group_study_held", None): 1,
        ("group_study_days", None): 5,
        **{("group_study_expected", member): 1 for member in (1, 2, 3, 4)},
        **{("group_study_attended", member): 1 for member in (1, 2)},
        ("group_study_spoke", 1): 1,
        **{("took_part", member): 1 for member in (1, 2)},
    }


@given(DRAFTS, REGISTERS)
def test_attended_is_never_more_than_expected_and_every_part_has_a_name_of_its_own(
    draft: Draft, register: list[Mark]
) -> None:
    parts = rules.parts_of(draft, register)
    assert len({part.name for part in parts}) == len(parts)
    assert all(part.amount > 0 for part in parts)
    attended = [part.member for part in parts if part.measure == "group_study_attended"]
    expected = [part.member for part in parts if part.measure == "group_study_expected"]
    assert set(attended) <= set(expected)
    if draft.kind == "group_study":
        assert (len(attended), len(expected)) == rules.rate(register)


@given(st.lists(st.tuples(DRAFTS, REGISTERS), min_size=1, max_size=5))
def test_after_any_corrections_exactly_what_stands_now_counts(steps: list[tuple[Draft, list[Mark]]]) -> None:
    live: dict[str, Part] = {}
    for draft, register in steps:
        wanted = rules.parts_of(draft, register)
        gone, come = rules.moved(live.values(), wanted)
        for part in gone:
            del live[part.name]
        for part in come:
            assert part.name not in live
            live[part.name] = part
        assert sorted(live) == sorted(part.name for part in wanted)
        assert rules.moved(live.values(), wanted) == ([], [])


@given(st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 30)), st.sampled_from(["", "00:00", "09:30", "19:00"]))
def test_leave_is_asked_beforehand_exactly_until_the_beginning(asked: datetime, starts: str) -> None:
    day = date(2026, 11, 20)
    begins = datetime.fromisoformat(f"2026-11-20T{starts or '00:00'}")
    assert rules.asked_beforehand(asked, day, starts) == (asked < begins)


def test_less_than_four_hours_are_half_a_day_unless_it_is_said() -> None:
    assert rules.check_draft(study(amount=None), TODAY).amount == 5
    assert rules.check_draft(study(amount=None, minutes=240), TODAY).amount == 10
    assert rules.check_draft(study(amount=20), TODAY).amount == 20


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"day": None}, "day"),
        ({"day": date(2026, 11, 29)}, "day"),
        ({"day": date(1999, 12, 31)}, "day"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": None}, "minutes"),
        ({"amount": 0}, "amount"),
        ({"starts": "25:00"}, "starts"),
        ({"starts": "9点"}, "starts"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"kind": "nonsense"}, "kind"),
        ({"kind": "training", "category": "elsewhere"}, "category"),
        ({"kind": "training"}, "category"),
        ({"kind": "field_research", "place": "大柏村", "until": date(2026, 11, 21), "amount": 25}, "amount"),
        ({"kind": "field_research", "place": "大柏村", "until": date(2026, 11, 19)}, "until"),
        ({"kind": "funds", "amount": None}, "amount"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(ActivityRefused) as refused:
        rules.check_draft(study(**changes), TODAY)
    assert field in {problem.field for problem in refused.value.problems}


def test_funds_are_taken_from_one_fen_up_to_the_most_that_is_kept() -> None:
    for amount, taken in ((0, False), (1, True), (rules.MOST_FEN, True), (rules.MOST_FEN + 1, False)):
        try:
            assert rules.check_draft(study(kind="funds", amount=amount), TODAY).amount == amount
            assert taken, amount
        except ActivityRefused as refused:
            assert not taken, amount
            assert [problem.field for problem in refused.problems] == ["amount"]


def test_the_29th_of_february_is_a_day_and_what_a_kind_does_not_ask_for_is_dropped() -> None:
    checked = rules.check_draft(study(kind="research_topic", day=date(2024, 2, 29), place="x"), TODAY)
    assert (checked.day, checked.minutes, checked.amount, checked.place) == (date(2024, 2, 29), None, None, "")


def test_amounts_are_read_without_rounding() -> None:
    assert [rules.tenths(text, "amount") for text in ("", "1", "0.5", "1.50", "60")] == [None, 10, 5, 15, 600]
    assert rules.fen("100,000.05", "amount") == 10_000_005
    for text in ("-1", "1.55", "1e3", "一", "1.2.3"):
        with pytest.raises(InvalidInput):
            rules.tenths(text, "amount")
