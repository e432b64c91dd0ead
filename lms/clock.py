"""Time: instants are naive UTC, days belong to the organisation's zone.

Naive UTC because SQLite keeps text and PostgreSQL ``timestamp``: one convention in both, no driver surprises.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


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


def _system_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


_source: Callable[[], datetime] = _system_now
_zone: ZoneInfo = ZoneInfo("Asia/Shanghai")


def use_zone(zone: ZoneInfo) -> None:
    """Set the organisation's zone; called once when the service starts."""
    global _zone
    _zone = zone


def zone() -> ZoneInfo:
    """Give the organisation's zone."""
    return _zone


def now() -> datetime:
    """Give this instant as naive UTC."""
    return _source()


def today() -> date:
    """Give the current day in the organisation's zone."""
    return local(now()).date()


def local(instant: datetime) -> datetime:
    """Turn a stored naive UTC instant into the organisation's zone."""
    return instant.replace(tzinfo=UTC).astimezone(_zone)


def start_of(day: date) -> datetime:
    """Give the naive UTC instant at which a day of the organisation begins."""
    return datetime(day.year, day.month, day.day, tzinfo=_zone).astimezone(UTC).replace(tzinfo=None)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Hold the clock at a naive UTC instant: for tests, and for the demo's past activity."""
    global _source
    before, _source = _source, lambda: instant
    try:
        yield
    finally:
        _source = before


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
