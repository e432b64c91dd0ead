"""Frozen periods: what counts for a day of a unit can no longer be changed once its period is closed.

The room that freezes periods lies above those that enter learning, so it hands its question down here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from lms.errors import N_, Conflict


@dataclass(frozen=True)
class Frozen:
    """A period that is closed for a unit: its name and its days, both ends included."""

    title: str
    since: date
    until: date


Check = Callable[[int | None, date], Frozen | None]
_checks: list[Check] = []


def bind(check: Check) -> None:
    """Ask this function from now on whether a day of a unit lies in a frozen period."""
    _checks[:] = [check]


def find_frozen(unit: int | None, day: date) -> Frozen | None:
    """Give the frozen period that a day of a unit lies in; None when it is open, or when nothing freezes periods."""
    return next((found for check in _checks if (found := check(unit, day)) is not None), None)


def require_open(unit: int | None, day: date) -> None:
    """Raise Conflict when a day of a unit lies in a frozen period: its figures have been reported and stay."""
    found = find_frozen(unit, day)
    if found is not None:
        raise Conflict(
            N_("%(day)s lies in “%(title)s”, which is frozen: its figures have been reported and do not change."),
            field="day",
            day=day,
            title=found.title,
        )
