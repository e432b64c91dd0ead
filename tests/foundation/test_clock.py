"""The organisation's day is that of its zone, to the microsecond, whatever was asked before."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import chain, repeat

import pytest
from apiflask import APIFlask

from lms import clock
from lms.jobs import queue
from lms.members.models import Member
from tests.browser_like import Browser

BEFORE, AFTER = datetime(2026, 12, 31, 15, 59, 59, 999999), datetime(2026, 12, 31, 16)
LAST, NEXT = date(2026, 12, 31), date(2027, 1, 1)
asked: list[date] = []


@queue.task("test.ask_the_day_twice")
def ask_the_day_twice() -> None:
    asked.extend((clock.today(), clock.today()))


@pytest.fixture
def midnight(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have midnight of the year pass right after the next question for the time."""

    def comes() -> None:
        instants: Iterator[datetime] = chain([BEFORE], repeat(AFTER))
        monkeypatch.setattr(clock, "_source", lambda: next(instants))

    return comes


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 11, 28, 15, 59, 59, 999999),
        datetime(2026, 11, 28, 16),
        datetime(2026, 12, 31, 16, 0, 0, 1),
        datetime(1960, 5, 1, 3),
    ],
)
def test_the_day_of_an_instant_is_that_of_the_zone(instant: datetime) -> None:
    for moment in (instant, datetime(2020, 1, 1), instant):
        with clock.at(moment):
            assert clock.today() == clock.local(moment).date()
    assert clock.today() == clock.local(clock.now()).date()


def test_one_day_is_seen_until_its_end_also_by_what_lies_within(midnight: Callable[[], None]) -> None:
    midnight()
    with clock.one_day():
        assert clock.today() == LAST
        with clock.one_day():
            assert clock.today() == LAST
        assert clock.today() == LAST
        with clock.at(datetime(2020, 1, 1)):
            assert clock.today() == date(2020, 1, 1), "who sets the clock is followed"
    assert clock.today() == NEXT


def test_a_request_over_midnight_sees_the_day_it_began_in(
    app: APIFlask, browser: Callable[[Member | None], Browser], midnight: Callable[[], None]
) -> None:
    page = browser(None).get

    def two_days() -> str:
        midnight()
        return f"{clock.today()} {clock.today()}"

    app.view_functions["ops.healthz"] = two_days
    assert page("/healthz").text == f"{LAST} {LAST}"
    assert clock.today() == NEXT


@pytest.mark.usefixtures("service")
def test_a_job_over_midnight_sees_the_day_it_began_in(
    midnight: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue.ask("test.ask_the_day_twice")
    note = queue._tasks["test.ask_the_day_twice"]

    def begin() -> None:
        midnight()
        note()

    monkeypatch.setitem(queue._tasks, "test.ask_the_day_twice", begin)
    queue.run(job.id)
    assert asked == [LAST, LAST]
    assert clock.today() == NEXT
