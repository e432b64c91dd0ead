"""What a board expects by the end of a period: who goes on as until now and has met it then."""

import json
from collections.abc import Callable
from datetime import date

from lms.members.models import Member
from lms.progress.booking import Detail
from tests.board.conftest import Town
from tests.browser_like import Browser

Open = Callable[[Member | None], Browser]
EVERY_SESSION = {"each": "session", "after": "group_study_expected"}
AFTER_TRAINING = {"each": "event", "after": "training_attended", "within": 7, "categories": ["training"]}


def expected(town: Town, browser: Open, period: str) -> dict[str, tuple[int, int]]:
    """Give of each requirement how many have met it, and how many will have."""
    found = browser(town.liaison).api("GET", f"/board/{town.first.id}?period={period}&day=2026-11-26").json
    return {line["title"]: (line["total"]["met"], line["total"]["expected"]) for line in found["requirements"]}


def test_going_on_as_until_now_is_reckoned_by_the_share_of_the_days_that_have_gone(town: Town, browser: Open) -> None:
    town.ask("一年十二本", amount=12, period="year")  # 329 of 365 days have gone: 10.8 books
    town.ask("每周自学三小时", "study_minutes", 180, "week")  # 3 of 7 days: 77.1 minutes
    for books, minutes in ((12, 180), (11, 78), (10, 77), (0, 0)):
        member = town.make.member(town.first)
        for day in range(1, books + 1):
            town.book(member, date(2026, 3, day))
        if minutes:
            town.book(member, date(2026, 11, 24), "study_minutes", minutes)
    assert expected(town, browser, "year")["一年十二本"] == (1, 2)
    assert expected(town, browser, "week")["每周自学三小时"] == (1, 2)


def test_a_session_that_was_missed_is_not_made_good_by_the_days_that_are_left(town: Town, browser: Open) -> None:
    town.ask("每次集体学习", "group_study_attended", 1, "quarter", spec=json.dumps(EVERY_SESSION))
    held = [date(2026, 10, 9), date(2026, 10, 23), date(2026, 11, 6), date(2026, 11, 20)]
    for attended in (4, 3, 2):
        member = town.make.member(town.first)
        for number, day in enumerate(held):
            town.book(member, day, "group_study_expected")
            if number < attended:
                town.book(member, day, "group_study_attended")
    assert expected(town, browser, "quarter")["每次集体学习"] == (1, 1)


def test_what_an_event_asked_for_in_time_is_missed_for_good(town: Town, browser: Open) -> None:
    town.ask("培训小结", "note_submitted", 1, "year", spec=json.dumps(AFTER_TRAINING))
    late, waiting = town.make.member(town.first), town.make.member(town.first)
    for member in (late, waiting):
        town.book(member, date(2026, 3, 2), "training_attended")
    town.book(late, date(2026, 11, 2), "training_attended")
    town.book(waiting, date(2026, 11, 24), "training_attended")
    for member in (late, waiting):
        town.book(member, date(2026, 3, 5), "note_submitted", detail=Detail("training"))
    assert expected(town, browser, "year")["培训小结"] == (0, 1)
