"""Figures and places written the same in every language."""

from collections.abc import Mapping

APART = 1000
TYPED = frozenset({"low", "high"})  # the bounds of what is to be typed are said as they would be typed


class Figure(int):
    """A number of things, for a sentence: %s writes its thousands apart, %d (a year, a day of a month) does not."""

    __slots__ = ()

    def __str__(self) -> str:
        """Write it as ``number`` does."""
        return number(int(self))


def number(value: int) -> str:
    """Write a number with narrow spaces between its thousands, at which no line ends: 1 840."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def figure(value: object) -> object:
    """Write a whole number as ``number`` does; what is in words already, or is nothing, stays as it is."""
    return number(value) if type(value) is int else value


def figures(values: Mapping[str, object]) -> Mapping[str, object]:
    """Give the values of a sentence with its large numbers as figures; bounds, ``low`` and ``high``, stay as typed."""
    large = {
        name: Figure(value)
        for name, value in values.items()
        if type(value) is int and not -APART < value < APART and name not in TYPED
    }
    return {**values, **large} if large else values


def timecode(seconds: float) -> str:
    """Write a place in a recording, given in seconds: 18:42, 1:02:03."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"
