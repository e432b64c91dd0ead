"""Where people stop in a recording, from the stretches that each really played. No database, no clock."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

Interval = tuple[float, float]
HEARD_OUT = 0.9


class Slice(NamedTuple):
    """A stretch of a recording in seconds, how many played its middle, and how many heard nothing after it."""

    start_s: float
    end_s: float
    viewers: int
    stopped: int = 0


def slices(played: Iterable[Sequence[Interval]], duration: float, parts: int) -> list[Slice]:
    """Cut a recording into equal stretches and count for each who played its middle, and who stopped in it.

    ``played`` has the united intervals of each member, in seconds. Who skips a stretch and goes on behind it has not
    stopped there, and who comes to the last tenth has not stopped at all. Nothing for a recording without length.
    """
    if duration <= 0 or parts <= 0:
        return []
    length = duration / parts
    viewers, stopped = [0] * parts, [0] * parts
    for intervals in played:
        for number in range(parts):
            middle = (number + 0.5) * length
            if any(start <= middle < end for start, end in intervals):
                viewers[number] += 1
        furthest = max((end for _, end in intervals), default=duration)
        if furthest < HEARD_OUT * duration:
            stopped[min(parts - 1, int(furthest / length))] += 1
    return [Slice(number * length, (number + 1) * length, viewers[number], stopped[number]) for number in range(parts)]


def greatest_loss(found: Sequence[Slice]) -> Slice | None:
    """Give the stretch in which the most stopped: where to look first. None when nobody stops anywhere."""
    most = max(found, key=lambda part: part.stopped, default=None)
    return most if most is not None and most.stopped else None
