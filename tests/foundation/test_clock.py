"""The organisation's day is that of its zone, to the microsecond, whatever was asked before."""

from datetime import datetime

import pytest

from lms import clock


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
