"""What was really played: time of the recording against time of the clock. No database, no clock.

A player reports stretches: so many seconds of the recording, played from one instant to another. An instant counts once
for each member, whatever plays in it: the stretches of ten tabs, of two devices, of a report that is sent twice all
want the same seconds of the clock, and only the first gets them. What is counted is therefore never more than
``MAX_SPEED`` times the time that has passed, over all of a member's recordings and devices together; and sending a
stretch again, late or twice, changes nothing, without a register of what was sent.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Interval = tuple[float, float]

MAX_SPEED = 2.0
SLACK_S = 2.0
FIRST_REPORT_S = 15.0
LATE_S = 14 * 24 * 3600.0
MOST_INTERVALS = 500
MOST_SPENT = 300
DONE_PERCENT = 90


@dataclass(frozen=True)
class Stretch:
    """Seconds of a recording from ``start`` to ``end``, played from ``began`` to ``ended`` in seconds of the clock."""

    start: float
    end: float
    began: float
    ended: float

    def sound(self) -> bool:
        """Say whether these are numbers, in their order."""
        values = (self.start, self.end, self.began, self.ended)
        return all(math.isfinite(value) for value in values) and self.start < self.end and self.began < self.ended


def unite(intervals: Iterable[Interval]) -> list[Interval]:
    """Give the stretches covered by the intervals, in order and apart from one another, in seconds."""
    united: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united


def clip(intervals: Iterable[Interval], low: float, high: float) -> list[Interval]:
    """Cut intervals to what lies between two seconds; what lies outside vanishes."""
    cut = [(max(low, start), min(end, high)) for start, end in intervals]
    return [(start, end) for start, end in cut if start < end]


def total(intervals: Iterable[Interval]) -> float:
    """Add up the seconds of intervals that lie apart."""
    return sum(end - start for start, end in intervals)


def subtract(intervals: Iterable[Interval], known: Sequence[Interval]) -> list[Interval]:
    """Give the parts of the intervals that are not in ``known``; both as ``unite`` gives them."""
    new: list[Interval] = []
    for first, last in intervals:
        start = first
        for known_start, known_end in known:
            if known_end <= start or known_start >= last:
                continue
            if known_start > start:
                new.append((start, known_start))
            start = max(start, known_end)
        if start < last:
            new.append((start, last))
    return new


def laid_out(pairs: Sequence[Interval], until: float) -> list[Stretch]:
    """Give stretches that came without instants some: at normal speed, one after another, the last to ``until``."""
    stretches: list[Stretch] = []
    ended = until
    for start, end in reversed(pairs):
        began = ended - max(0.0, end - start)
        stretches.append(Stretch(start, end, began, ended))
        ended = began
    return stretches[::-1]


def credit(
    stretches: Iterable[Stretch], spent: Sequence[Interval], since: float, now: float
) -> tuple[list[Interval], list[Interval]]:
    """Give what counts as played of the stretches, and the time of the clock that is spent with them.

    ``spent`` is the member's time that counted before, on any recording. A stretch counts as far as its instants lie
    between ``since``, when the member was first heard of in this recording, and now, and are not spent yet; played
    faster than ``MAX_SPEED`` it counts as far as that speed goes. Stretches that make no sense are passed over.
    """
    taken = unite(spent)
    counted: list[Interval] = []
    for stretch in sorted(filter(Stretch.sound, stretches), key=lambda one: (one.began, one.ended)):
        wall = clip([(stretch.began, stretch.ended)], max(since - FIRST_REPORT_S, now - LATE_S), now + SLACK_S)
        speed = min((stretch.end - stretch.start) / (stretch.ended - stretch.began), MAX_SPEED)
        for began, ended in subtract(wall, taken):
            start = stretch.start + (began - stretch.began) * speed
            counted.append((start, min(stretch.end, start + (ended - began) * speed)))
        taken = unite([*taken, *wall])
    return unite(counted), taken


def kept(spent: Sequence[Interval], now: float) -> list[Interval]:
    """Give the spent time that still matters: older than ``LATE_S`` nothing is taken any more.

    When it is in more pieces than are kept, the gaps between the oldest count as spent too.
    """
    fresh = [(round(start, 3), round(end, 3)) for start, end in spent if end > now - LATE_S - SLACK_S]
    surplus = len(fresh) - MOST_SPENT
    return fresh if surplus <= 0 else [(fresh[0][0], fresh[surplus][1]), *fresh[surplus + 1 :]]


def moved_at(now: datetime, at: datetime, sent_at: datetime | None = None) -> datetime:
    """Give the server's instant at which a player reached its position.

    ``at`` and ``sent_at`` are the device's: their difference is right however wrong its clock is. Without ``sent_at``
    the device's clock is believed, but never into the future.
    """
    if sent_at is not None:
        return now - max(timedelta(), min(sent_at - at, timedelta(days=365)))
    return min(at, now)


def is_newer(moved: datetime, known: datetime | None) -> bool:
    """Say whether a reported position is the one to keep: a late report of an older one must not win."""
    return known is None or moved >= known


def is_done(seconds: float, duration: float, percent: int = DONE_PERCENT) -> bool:
    """Say whether so many seconds of a length are the share that is asked for."""
    return duration > 0 and seconds * 100 >= duration * percent
