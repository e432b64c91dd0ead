"""Where people stop in a recording, from the stretches that each really played. No database, no clock."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

Interval = tuple[float, float]


class Slice(NamedTuple):
    """A stretch of a recording in seconds, and how many played the middle of it."""

    start_s: float
    end_s: float
    viewers: int


def slices(played: Iterable[Sequence[Interval]], duration: float, parts: int) -> list[Slice]:
    """Cut a recording into equal stretches and count for each who played the middle of it.

    ``played`` has the united intervals of each member, in seconds. Nothing for a recording without length.
    """
    if duration <= 0 or parts <= 0:
        return []
    length = duration / parts
    counts = [0] * parts
    for intervals in played:
        for number in range(parts):
            middle = (number + 0.5) * length
            if any(start <= middle < end for start, end in intervals):
                counts[number] += 1
    return [Slice(number * length, (number + 1) * length, count) for number, count in enumerate(counts)]


def greatest_loss(found: Sequence[Slice]) -> Slice | None:
    """Give the stretch before which the most stopped: where to look first. None when nobody is lost anywhere."""
    drops = [
        (before.viewers - after.viewers, after) for before, after in pairwise(found) if before.viewers > after.viewers
    ]
    return max(drops, key=lambda drop: drop[0])[1] if drops else None
