"""How a member stands with a requirement: pure decisions, free of database and clock.

What is asked in a period is pro-rated: the amount times the share of the period's days on which the member belonged
to the unit and the requirement was in force, rounded to the nearest whole book or minute, a half upwards. Whoever
joins on the last days of a month is asked for no book that month. What is done anywhere in the period counts in full,
also on days before the member joined.

What should be done by today is the same share of the days that have gone by before today. Minutes flow, so within one
day's share of it a member is on track. Whole things come one at a time: one is expected once three quarters of its
share of the time have gone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lms.errors import N_, InvalidInput
from lms.periods import Period, Span, period_of

TITLE_LENGTH = 120
CHOOSE_UNIT = N_("Please choose the unit whose members it is asked of.")
FLOWING = frozenset({"study_minutes"})
MEASURES = ("book_finished", "study_minutes")
LARGEST: Mapping[str, int] = {"book_finished": 1000, "study_minutes": 60 * 24 * 366}
DAY = timedelta(days=1)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


class Pace(StrEnum):
    """Where a member is between nothing and done."""

    DONE = "done"
    AHEAD = "ahead"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    MISSED = "missed"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class Asked:
    """A requirement, free of its table: ``amount`` of ``measure`` in each ``period``, in force ``since``-``until``."""

    measure: str
    amount: int
    period: Period
    since: date
    until: date | None


@dataclass(frozen=True)
class Standing:
    """How things stand in one period.

    ``difference`` is done less what is expected by today. ``elapsed`` is the share of the time that has gone, 0 to 1.
    ``deadline`` and ``started`` are the last and first day that count for the member, None when nothing is asked.
    """

    done: int
    required: int
    pace: Pace
    expected_by_today: int
    difference: int
    elapsed: float
    deadline: date | None
    started: date | None

    @property
    def remaining(self) -> int:
        """Give what is still to be done, at least nothing."""
        return max(0, self.required - self.done)


def standing(asked: Asked, span: Span, done: int, membership: Iterable[Span], today: date) -> Standing:
    """Say how a member stands with a requirement in a period.

    ``done`` is the ledger's sum over the whole of ``span``; ``membership`` the days on which the member belonged to
    the requirement's unit. A negative sum (a correction of another period) counts as nothing.
    """
    done = max(0, done)
    covered = _covered(asked, span, membership)
    days = sum(part.days for part in covered)
    required = _share(asked.amount, days, span.days)
    if not required:
        return Standing(done, 0, Pace.NOT_ASKED, 0, 0, 0.0, None, None)
    started, deadline = covered[0].since, covered[-1].until
    gone = sum(part.days for part in clip(covered, Span(span.since, today - DAY)))
    expected = _expected(asked.measure, required, gone, days)
    pace = _pace(asked.measure, done, required, expected, days, over=today > deadline)
    return Standing(done, required, pace, expected, done - expected, gone / days, deadline, started)


def _covered(asked: Asked, span: Span, membership: Iterable[Span]) -> list[Span]:
    in_force = Span(max(span.since, asked.since), min(span.until, asked.until or span.until))
    return clip(membership, in_force)


def clip(spans: Iterable[Span], within: Span) -> list[Span]:
    """Cut spans to those days that lie within another, in order and without overlap."""
    parts: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.since, s.until)):
        since, until = max(span.since, within.since), min(span.until, within.until)
        if parts and since <= parts[-1].until + DAY:
            since = parts[-1].since
            until = max(until, parts[-1].until)
            if until >= since:
                parts[-1] = Span(since, until)
        elif since <= until:
            parts.append(Span(since, until))
    return parts


def _share(amount: int, part: int, whole: int) -> int:
    return (2 * amount * part + whole) // (2 * whole)


def _expected(measure: str, required: int, gone: int, days: int) -> int:
    if measure in FLOWING:
        return required * gone // days
    return (4 * required * gone + days) // (4 * days)


def _pace(measure: str, done: int, required: int, expected: int, days: int, *, over: bool) -> Pace:
    if done >= required:
        return Pace.DONE
    if over:
        return Pace.MISSED
    slack = -(-required // days) if measure in FLOWING else 0
    if done < expected - slack:
        return Pace.BEHIND
    return Pace.AHEAD if done > expected + slack else Pace.ON_TRACK


def past_periods(period: Period, today: date, number: int) -> list[Span]:
    """Give the newest closed periods before the one that today lies in, the latest first."""
    spans: list[Span] = []
    first = period_of(today, period).since
    for _ in range(number):
        spans.append(period_of(first - DAY, period))
        first = spans[-1].since
    return spans


def lag(standings: Iterable[Standing | None]) -> tuple[int, float]:
    """Give a sort key by which those furthest behind come first: how many are behind, then the share left to do."""
    counted = [s for s in standings if s is not None and s.required]
    behind = sum(s.pace in (Pace.BEHIND, Pace.MISSED) for s in counted)
    return -behind, -sum(s.remaining / s.required for s in counted)


def new_version_from(since: date, period: Period, today: date) -> date | None:
    """Give the day from which a changed requirement counts, or None when it can be changed in place.

    A closed period keeps what was asked in it, so a requirement that has seen one ends with it and a new one goes on
    from the first day of the current period.
    """
    first = period_of(today, period).since
    return first if since < first else None


def shown_to_others(measure: str, profile: str) -> bool:
    """Say whether a measure may stand in what others see of a member.

    Government bodies may not use study time as a basis of appraisal, so there it is for the member's own eyes only.
    """
    return not (profile == "government" and measure in FLOWING)


def check_requirement(
    title: str, measure: str, amount: int | None, period: str, since: date | None, until: date | None
) -> dict[str, InvalidInput]:
    """Give what is wrong with a requirement, by field; empty when it can stand."""
    errors: dict[str, InvalidInput] = {}
    title = title.strip()
    if not title:
        errors["title"] = InvalidInput(N_("Please give the requirement a short name."), field="title")
    elif len(title) > TITLE_LENGTH:
        errors["title"] = InvalidInput(N_("At most %(most)s characters, please."), field="title", most=TITLE_LENGTH)
    elif not title.isprintable():
        errors["title"] = InvalidInput(N_("There are characters in it that cannot be shown."), field="title")
    if measure not in MEASURES:
        errors["measure"] = InvalidInput(N_("Please choose what is counted."), field="measure")
    if period not in set(Period):
        errors["period"] = InvalidInput(N_("Please choose a period."), field="period")
    most = LARGEST.get(measure, 1000)
    if amount is None or not 1 <= amount <= most:
        errors["amount"] = InvalidInput(
            N_("Please enter a whole number from %(low)s to %(high)s."), field="amount", low=1, high=most
        )
    for name, day in (("since", since), ("until", until)):
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            errors[name] = InvalidInput(N_("Please choose a day between 2000 and 2100."), field=name)
    if since is None:
        errors["since"] = InvalidInput(N_("Please say from which day it counts."), field="since")
    elif not errors.keys() & {"since", "until"} and until is not None and until < since:
        errors["until"] = InvalidInput(N_("The last day lies before the first."), field="until")
    return errors
