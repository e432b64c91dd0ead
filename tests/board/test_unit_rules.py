"""What is asked of units themselves: amounts, shares of members, indexes of rates, shares of units."""

import json
from collections.abc import Callable
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from lms.board.rules import choose
from lms.board.unit_rules import Index, Rate, Verdict, index_verdict, missing, reaches, verdict
from lms.members.models import Member
from lms.progress import booking
from tests.board.conftest import Town
from tests.browser_like import Browser

Open = Callable[[Member | None], Browser]
YEAR = choose("year", date(2026, 11, 1))
rates = st.tuples(st.integers(1, 9), st.integers(0, 40), st.integers(0, 40)).map(
    lambda r: Rate(1, r[0], min(r[1], r[2]), r[2])
)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 100))
def test_a_target_is_reached_when_nobody_is_missing(met: int, asked: int, percent: int) -> None:
    met = min(met, asked)
    if asked:
        assert reaches(met, asked, percent) == (missing(met, asked, percent) == 0)
        more = met + missing(met, asked, percent)
        assert reaches(more, asked, percent) and (more == met or not reaches(more - 1, asked, percent))
    else:
        assert verdict(met, asked, percent, over=True) is Verdict.UNDECIDED


@given(st.lists(rates, min_size=1, max_size=5), st.integers(1, 100))
def test_an_index_lies_among_its_rates_and_reaches_what_it_is_not_below(parts: list[Rate], threshold: int) -> None:
    index = Index(tuple(parts))
    shares = [part.share for part in parts if part.share is not None]
    if not shares:
        assert index.value is None and index_verdict(index, threshold, over=True) is Verdict.UNDECIDED
        return
    assert index.value is not None
    assert min(shares) * 100 - 0.06 <= index.value <= max(shares) * 100 + 0.06
    reached = index_verdict(index, threshold, over=True) is Verdict.REACHED
    assert reached == (index.value >= threshold) or abs(index.value - threshold) <= 0.05


def group_study(town: Town, unit: int, day: date, minutes: int = 120) -> None:
    town.facts += 1
    key = f"held:{town.facts}"
    detail = booking.Detail(size=minutes)
    booking.book_for_unit(unit, "group_study_held", 1, day, key, ("made", town.facts), detail)


def figures(town: Town, browser: Open, period: str = "month") -> dict[str, list[dict[str, object]]]:
    found = browser(town.chief).api("GET", f"/board/{town.root.id}?period={period}&day=2026-11-20").json
    return {line["title"]: line["figures"] for line in found["of_units"]}


def test_each_community_is_asked_for_group_study_of_two_hours(town: Town, browser: Open) -> None:
    spec = {"subject": "unit", "where": "inside", "least": 120, "who": {"kinds": ["community"]}}
    town.ask("社区每月集中学习两次", "group_study_held", 2, "month", spec=json.dumps(spec), subject="unit")
    for day in (3, 17):
        group_study(town, town.first.id, date(2026, 11, day))
    group_study(town, town.second.id, date(2026, 11, 4), minutes=90)
    (line,) = figures(town, browser).values()
    assert {one["unit"]: (one["done"], one["required"], one["verdict"]) for one in line} == {
        town.first.id: (2, 2, "reached"),
        town.second.id: (0, 2, "not_yet"),
    }
    page = browser(town.chief).get(f"/board/{town.root.id}?period=month&day=2026-11-20").get_data(as_text=True)
    assert "社区每月集中学习两次" in page and "2 / 2" in page


def test_an_index_weighs_rates_and_the_share_of_units_counts_those_at_its_threshold(town: Town, browser: Open) -> None:
    books = town.ask("全年读书", "book_finished", 1, "year")
    parts = town.ask("参加活动", "took_part", 1, "year")
    spec = {
        "subject": "index",
        "who": {"kinds": ["community"]},
        "parts": [{"series": books, "weight": 3}, {"series": parts, "weight": 1}],
    }
    index = town.ask("学习型社区指数", "rate_index", 60, "year", spec=json.dumps(spec), subject="index")
    share = {"subject": "share", "parts": [{"series": index, "weight": 1}]}
    town.ask("半数社区达到", "units_reached", 50, "year", spec=json.dumps(share), subject="share")
    other = town.make.member(town.second)
    town.book(town.liaison, date(2026, 5, 1))
    town.book(other, date(2026, 6, 1), "took_part")
    found = figures(town, browser, "year")
    by_unit = {one["unit"]: one for one in found["学习型社区指数"]}
    assert by_unit[town.first.id]["index"] == 75.0 and by_unit[town.first.id]["verdict"] == "reached"
    assert by_unit[town.second.id]["index"] == 25.0 and by_unit[town.second.id]["verdict"] == "not_yet"
    (whole,) = found["半数社区达到"]
    assert (whole["reached"], whole["verdict"]) == ([town.first.id], "reached")
    past = browser(town.chief).api("GET", f"/board/{town.root.id}?period=month&day=2026-10-20")
    assert (past.status_code, past.json["of_units"]) == (200, [])
    assert sorted(whole["among"]) == sorted([town.first.id, town.second.id])  # type: ignore[call-overload]


def test_funds_are_asked_for_each_resident(town: Town, browser: Open) -> None:
    spec = {"subject": "unit", "per_head": True}
    town.ask("每人两元", "funds_set_aside", 200, "year", spec=json.dumps(spec), subject="unit")
    booking.book_for_unit(town.root.id, "funds_set_aside", 500, date(2026, 3, 1), "funds:1", ("made", 1))
    ((one,),) = figures(town, browser, "year").values()
    assert (one["done"], one["required"]) == (500, 400)


def test_a_target_for_the_share_of_members_says_how_many_are_missing(town: Town, browser: Open) -> None:
    town.ask("轮训", "training_attended", 1, "year", spec=json.dumps({"coverage": 100}))
    town.book(town.liaison, date(2026, 4, 1), "training_attended")
    page = browser(town.chief).get(f"/board/{town.root.id}?period=year&day=2026-11-20").get_data(as_text=True)
    assert "目标 100%：还差 1 人" in page
