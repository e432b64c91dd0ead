"""Periods of the calendar over which learning is counted. Pure: nothing here asks what day it is."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """A stretch of the calendar over which a requirement is counted."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


@dataclass(frozen=True)
class Span:
    """Days from ``since`` to ``until``, both included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """Count the days."""
        return (self.until - self.since).days + 1


def period_of(day: date, period: Period) -> Span:
    """Give the calendar period a day lies in. Weeks begin on Monday (ISO 8601, GB/T 7408)."""
    if period is Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Span(monday, monday + timedelta(days=6))
    months = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6, Period.YEAR: 12}[period]
    first_month = (day.month - 1) // months * months + 1
    since = date(day.year, first_month, 1)
    after = first_month + months
    following = date(day.year + (after - 1) // 12, (after - 1) % 12 + 1, 1)
    return Span(since, following - timedelta(days=1))
