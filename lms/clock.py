"""Time: instants are naive UTC, days belong to the organisation's zone.

Naive UTC because SQLite keeps text and PostgreSQL ``timestamp``: one convention in both, no driver surprises.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class _Day(NamedTuple):
    """A day of the organisation, and when it begins and ends, in seconds since 1970."""

    begins: float
    ends: float
    day: date
    zone: ZoneInfo


def _system_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


_source: Callable[[], datetime] = _system_now
_zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
_current = _Day(0.0, 0.0, date.min, _zone)


class _Held(threading.local):
    """The day that this thread's request or job sees: None until it asks; by which source of time it was found."""

    depth = 0
    day: date | None = None
    source: Callable[[], datetime] | None = None


_held = _Held()


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
    """Give the current day in the organisation's zone; within ``one_day`` always the one that was given first."""
    if not _held.depth:
        return _day_now()
    if _held.day is None or _held.source is not _source:
        _held.day, _held.source = _day_now(), _source
    return _held.day


@contextmanager
def one_day() -> Iterator[None]:
    """Let this thread see one day: a request or a job that goes on over midnight must not mix two.

    It is that of the first question, so that whoever waited long for a turn sees the day in which the work began.
    """
    _held.depth += 1
    try:
        yield
    finally:
        _held.depth -= 1
        if not _held.depth:
            _held.day = _held.source = None


def _day_now() -> date:
    """Find the day. A page asks ten times, so when it ends is remembered."""
    global _current
    instant, known = time.time() if _source is _system_now else _seconds(_source()), _current
    if known.begins <= instant < known.ends and known.zone is _zone:
        return known.day
    day = datetime.fromtimestamp(instant, _zone).date()
    _current = _Day(_seconds(start_of(day)), _seconds(start_of(day + timedelta(days=1))), day, _zone)
    return day


def _seconds(instant: datetime) -> float:
    return instant.replace(tzinfo=UTC).timestamp()


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
