"""The rule of completion as a pure decision, and what may be typed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.courses.rules import (
    Details,
    Item,
    Part,
    Rule,
    a_year_on,
    check_items,
    hours,
    moved,
    problems,
    standing,
    tenths,
    tidy,
)
from lms.errors import InvalidInput

PARTS = st.lists(st.builds(Part, required=st.booleans(), done=st.booleans(), open=st.booleans()), max_size=12)
RULES = st.one_of(
    st.builds(Rule, st.sampled_from(["all", "required"])),
    st.builds(Rule, st.just("count"), st.integers(1, 15)),
    st.builds(Rule, st.just("share"), st.integers(1, 100)),
)


@given(RULES, PARTS)
def test_what_is_done_and_what_is_left_make_up_what_is_needed(rule: Rule, parts: list[Part]) -> None:
    found = standing(rule, parts)
    assert found.done + found.left == found.needed
    assert found.done >= 0 and found.left >= 0
    assert found.met == (found.needed > 0 and found.left == 0)


@given(RULES, PARTS, st.data())
def test_doing_one_more_item_never_takes_one_further_from_the_end(
    rule: Rule, parts: list[Part], data: st.DataObject
) -> None:
    if not parts:
        return
    at = data.draw(st.integers(0, len(parts) - 1))
    more = [*parts[:at], Part(parts[at].required, True, True), *parts[at + 1 :]]
    before, after = standing(rule, parts), standing(rule, more)
    if parts[at].open or parts[at].done:
        assert after.left <= before.left
    assert after.met >= before.met


@given(RULES, PARTS, st.data())
def test_an_item_put_away_asks_no_more_of_anybody(rule: Rule, parts: list[Part], data: st.DataObject) -> None:
    if not parts:
        return
    at = data.draw(st.integers(0, len(parts) - 1))
    put_away = [*parts[:at], Part(parts[at].required, parts[at].done, False), *parts[at + 1 :]]
    assert standing(rule, put_away).left <= standing(rule, parts).left


@given(RULES, PARTS)
def test_whoever_has_done_everything_meets_every_rule(rule: Rule, parts: list[Part]) -> None:
    done = [Part(part.required, True, part.open) for part in parts]
    assert standing(rule, done).met == bool(parts)


@given(RULES, PARTS)
def test_no_rule_is_met_while_an_open_required_item_is_undone(rule: Rule, parts: list[Part]) -> None:
    found = standing(rule, [*parts, Part(required=True, done=False)])
    assert not found.met


@given(RULES, PARTS)
def test_as_many_steps_as_are_left_are_enough(rule: Rule, parts: list[Part]) -> None:
    left = standing(rule, parts).left
    undone = sorted(
        (n for n, part in enumerate(parts) if part.open and not part.done), key=lambda n: not parts[n].required
    )
    chosen = set(undone[:left])
    then = [Part(part.required, part.done or n in chosen, part.open) for n, part in enumerate(parts)]
    assert standing(rule, then).left == 0


@pytest.mark.parametrize(
    ("rule", "done", "needed", "left"),
    [
        (Rule("all"), 2, 5, 3),
        (Rule("required"), 1, 2, 1),
        (Rule("count", 3), 2, 3, 1),
        (Rule("share", 80), 2, 4, 2),
        (Rule("count", 1), 1, 2, 1),
    ],
)
def test_two_of_five_with_one_of_two_required(rule: Rule, done: int, needed: int, left: int) -> None:
    parts = [Part(True, True), Part(True, False), Part(False, True), Part(False, False), Part(False, False)]
    found = standing(rule, parts)
    assert (found.done, found.needed, found.left) == (done, needed, left)


@pytest.mark.parametrize(("typed", "stored"), [("2", 20), (" 1.5 ", 15), ("0", 0), ("", None), ("500", 5000)])
def test_class_hours_are_read_in_tenths(typed: str, stored: int | None) -> None:
    assert tenths(typed) == stored
    if stored:
        assert tenths(hours(stored)) == stored


@pytest.mark.parametrize("typed", ["1.25", "-1", "两个", "501", "1e9", "NaN", "Infinity"])
def test_class_hours_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        tenths(typed)


def test_everything_wrong_is_said_at_once() -> None:
    wrong = Details(
        "", "x" * 2001, None, "", "天文", 9999, None, "world", date(2026, 2, 1), date(2026, 1, 1), "count", 0
    )
    assert set(problems(tidy(wrong))) == {
        "title", "summary", "lecturer_name", "class_hours", "unit", "audience", "until", "amount",
    }  # fmt: skip


def test_an_item_stands_in_a_course_once_and_moves_by_one_place() -> None:
    items = check_items(
        [Item("lecture", 1), Item("material", 1), Item("lecture", 1, remark="再来"), Item("lecture", 2)]
    )
    assert [(one.kind, one.ref) for one in items] == [("lecture", 1), ("material", 1), ("lecture", 2)]
    assert [one.ref for one in moved(items, "lecture", 2, -1)] == [1, 2, 1]
    assert moved(items, "lecture", 1, -1) == items
    assert moved(items, "lecture", 9, 1) == items


def test_a_copy_runs_on_the_same_days_a_year_later() -> None:
    assert a_year_on(date(2026, 9, 1)) == date(2027, 9, 1)
    assert a_year_on(date(2028, 2, 29)) == date(2029, 2, 28)
    assert a_year_on(None) is None
