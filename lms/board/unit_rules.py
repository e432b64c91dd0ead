"""What is asked of units themselves: an amount, a share of members, an index of rates, a share of units. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether a unit has reached what is asked of it: UNDECIDED while there is nobody of whom anything is asked."""

    REACHED = "reached"
    NOT_YET = "not_yet"
    MISSED = "missed"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Rate:
    """A part of an index: how many of those asked have met it, and how much it weighs."""

    series: int
    weight: int
    met: int
    asked: int

    @property
    def share(self) -> float | None:
        """Give the rate, 0 to 1; None where nobody is asked."""
        return self.met / self.asked if self.asked else None


@dataclass(frozen=True)
class Index:
    """A weighted mean of rates, in percent to one decimal; parts of which nobody is asked have no say."""

    parts: tuple[Rate, ...]

    @property
    def value(self) -> float | None:
        """Give the index, None where no part has anything to say."""
        held = [(part.weight, part.share) for part in self.parts if part.share is not None]
        weights = sum(weight for weight, _ in held)
        return round(100 * sum(weight * share for weight, share in held) / weights, 1) if weights else None


def reaches(met: int, asked: int, percent: int) -> bool:
    """Say whether so many of those asked are so many percent; in whole numbers, so that 45 of 50 are 90 percent."""
    return asked > 0 and 100 * met >= percent * asked


def verdict(met: int, asked: int, percent: int, *, over: bool) -> Verdict:
    """Judge a share against a target."""
    if not asked:
        return Verdict.UNDECIDED
    if reaches(met, asked, percent):
        return Verdict.REACHED
    return Verdict.MISSED if over else Verdict.NOT_YET


def index_verdict(index: Index, threshold: int, *, over: bool) -> Verdict:
    """Judge an index against its threshold in percent; the exact mean decides, not the rounded one."""
    held = [part for part in index.parts if part.asked]
    if not held:
        return Verdict.UNDECIDED
    # Compared in whole numbers over a common denominator, so that no rounding decides.
    product = 1
    for part in held:
        product *= part.asked
    total = sum(part.weight * part.met * (product // part.asked) for part in held)
    weights = sum(part.weight for part in held)
    if 100 * total >= threshold * weights * product:
        return Verdict.REACHED
    return Verdict.MISSED if over else Verdict.NOT_YET


def missing(met: int, asked: int, percent: int) -> int:
    """Count how many more of those asked have to meet it for a target in percent."""
    return max(0, -(-percent * asked // 100) - met)
