"""How a member stands with a requirement: pure decisions, free of database and clock.

Judging has two steps, so that a page for one and a board for 50,000 say the same. ``demand`` reckons what is asked
of somebody in a period, from the days of belonging; many share one. ``judge`` compares what is done with it.

What is asked in a period is pro-rated: the amount times the share of the period's days on which the member belonged
to the unit and the requirement was in force, rounded to the nearest whole book or minute, a half upwards. Whoever
joins on the last days of a month is asked for no book that month. The requirement says whether late joiners and
leaves of absence are treated otherwise. What is done anywhere in the period counts in full, also on days before the
member joined, unless the requirement counts days of belonging only.

What should be done by today is the same share of the days that have gone by before today. Minutes flow, so within one
day's share of it a member is on track. Whole things come one at a time: one is expected once three quarters of its
share of the time have gone. What the days that are left cannot bring any more is said as soon as it is so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from lms.periods import Period, Span, period_of
from lms.progress.asking import Asked, Each, Joining, Leave, in_force
from lms.progress.days import clip, count, without
from lms.progress.measures import counts_for_appraisal, measure_of
from lms.progress.who import Belonging

DAY = timedelta(days=1)
Number = Any  # a whole number, or an array of them
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


class Pace(StrEnum):
    """Where a member is between nothing and done.

    UNREACHABLE: the period goes on, but what is left of it cannot bring what is missing. EXEMPT: nothing is asked
    because of a leave or an exemption; NOT_ASKED: nothing is asked at all.
    """

    DONE = "done"
    AHEAD = "ahead"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    UNREACHABLE = "unreachable"
    MISSED = "missed"
    EXEMPT = "exempt"
    NOT_ASKED = "not_asked"


LATE = frozenset({Pace.BEHIND, Pace.UNREACHABLE, Pace.MISSED})


class Why(StrEnum):
    """Why less than the whole is asked of somebody, or nothing."""

    BEGAN = "began"
    ENDED = "ended"
    JOINED = "joined"
    MOVED_IN = "moved_in"
    LEFT = "left"
    MOVED_OUT = "moved_out"
    ON_LEAVE = "on_leave"
    EXEMPT = "exempt"


@dataclass(frozen=True)
class Demand:
    """What is asked of somebody in a period, and the thresholds that what is done is compared with.

    Done at ``required`` it is done. Otherwise, unless ``over``: below ``lost_below`` it cannot be reached any more,
    below ``behind_below`` it is behind, above ``ahead_above`` ahead. ``days`` are those asked for.
    """

    required: int
    expected: int
    behind_below: int
    ahead_above: int
    lost_below: int
    over: bool
    elapsed: float
    started: date | None
    deadline: date | None
    days: int
    why: tuple[Why, ...] = ()

    @property
    def excused(self) -> bool:
        """Say whether nothing is asked because of a leave or an exemption."""
        return not self.required and bool({Why.ON_LEAVE, Why.EXEMPT} & set(self.why))


@dataclass(frozen=True)
class Standing:
    """How things stand in one period.

    ``done`` is what the ledger holds, ``carried`` what surpluses of periods before add. ``difference`` is both
    less what is expected by today. ``elapsed`` is the share of the time that has gone, 0 to 1. ``deadline`` and
    ``started`` are the last and first day that count for the member, None when nothing is asked. ``why`` says why
    less than the whole is asked.
    """

    done: int
    required: int
    pace: Pace
    expected_by_today: int
    difference: int
    elapsed: float
    deadline: date | None
    started: date | None
    carried: int = 0
    why: tuple[Why, ...] = ()

    @property
    def total(self) -> int:
        """Give what counts: done here and carried over."""
        return self.done + self.carried

    @property
    def remaining(self) -> int:
        """Give what is still to be done, at least nothing."""
        return max(0, self.required - self.total)

    @property
    def late(self) -> bool:
        """Say whether it is behind, missed or out of reach."""
        return self.pace in LATE


class Terms(NamedTuple):
    """What of a requirement decides on which days of a period it asks something: those of its force, whom it spares."""

    force: Span | None
    joining: Joining
    leave: Leave


def terms_of(asked: Asked, span: Span) -> Terms:
    """Give the terms of a requirement in a period."""
    return Terms(in_force(asked, span), asked.joining, asked.leave)


@dataclass(frozen=True)
class Ground:
    """The days of a period for which something is asked of somebody, whatever the amount; none: nothing is asked.

    ``whole`` counts those by whose share of the period the amount is reckoned. ``why`` says why they are not all.
    """

    days: tuple[Span, ...]
    whole: int
    why: tuple[Why, ...]


NO_GROUND = Ground((), 0, ())


def ground_of(terms: Terms, span: Span, belonging: Belonging) -> Ground:
    """Reckon on which days of a period something is asked of somebody."""
    force, joining, leave = terms
    covered = clip(belonging.days, force) if force else []
    if force is None or not covered:
        return NO_GROUND
    days = _asked_days(leave, covered, belonging)
    why = _why(span, force, covered, belonging, leave)
    joined_late = covered[0].since > force.since
    spared = (joined_late and joining is Joining.EXEMPT) or (leave is Leave.EXEMPT and Why.ON_LEAVE in why)
    if spared or not days:
        return Ground((), 0, why)
    whole = days
    if joining is Joining.FULL and joined_late:
        before = _asked_days(leave, [Span(force.since, covered[0].since - DAY)], belonging)
        whole = clip([*before, *days], force)
    return Ground(tuple(days), count(whole), why)


def demand(asked: Asked, span: Span, belonging: Belonging, today: date, *, heads: int = 1, sessions: int = 0) -> Demand:
    """Reckon what is asked of somebody (a member, or a unit) in a period, as of today.

    ``heads`` are the residents where it is asked per head; ``sessions`` those that expected the member so far.
    """
    ground = ground_of(terms_of(asked, span), span, belonging)
    amount = asked.amount * (heads if asked.per_head else 1)
    required = sessions if asked.each is Each.SESSION else share(amount, ground.whole, span.days)
    if not ground.days or not required:
        return _nothing(ground.why)
    started, deadline = ground.days[0].since, ground.days[-1].until
    total, gone = count(ground.days), gone_by(ground.days, today)
    marks = thresholds(asked, required, gone, total)
    # Sessions ask for no more than has been held: of these all the time has gone.
    over, elapsed = today > deadline, 1.0 if asked.each is Each.SESSION else gone / total
    return Demand(required, *marks, over, elapsed, started, deadline, total, ground.why)


def _asked_days(leave: Leave, covered: Sequence[Span], belonging: Belonging) -> list[Span]:
    days = without(covered, belonging.exempt)
    return without(days, belonging.leaves) if leave is Leave.PRORATED else days


def _nothing(why: tuple[Why, ...]) -> Demand:
    return Demand(0, 0, 0, 0, 0, over=False, elapsed=0.0, started=None, deadline=None, days=0, why=why)


def _why(span: Span, force: Span, covered: Sequence[Span], belonging: Belonging, leave: Leave) -> tuple[Why, ...]:
    first, last = covered[0].since, covered[-1].until
    reasons = (
        (force.since > span.since, Why.BEGAN),
        (force.until < span.until, Why.ENDED),
        (first > force.since, Why.MOVED_IN if belonging.moved_in else Why.JOINED),
        (last < force.until, Why.MOVED_OUT if belonging.moved_out else Why.LEFT),
        (leave is not Leave.NONE and _meet(covered, belonging.leaves), Why.ON_LEAVE),
        (_meet(covered, belonging.exempt), Why.EXEMPT),
    )
    return tuple(reason for holds, reason in reasons if holds)


def _meet(spans: Iterable[Span], others: Sequence[Span]) -> bool:
    return any(one.since <= other.until and other.since <= one.until for one in spans for other in others)


def gone_by(days: Sequence[Span], today: date) -> int:
    """Count the days asked for that have gone by before today."""
    return count(clip(days, Span(date.min, today - DAY)))


def thresholds(asked: Asked, required: Number, gone: Number, total: Number) -> tuple[Number, Number, Number, Number]:
    """Give what is expected by now, and below and above which somebody is behind, ahead, or cannot make it any more.

    Numbers of one, or NumPy's of many at once: ``gone`` and ``total`` are days asked for, ``total`` at least one.
    """
    flows = measure_of(asked.measure).flows
    by_sessions = asked.each is Each.SESSION
    expected = required if by_sessions else _expected(flows, required, gone, total)
    slack = -(-required // total) if flows else 0
    lost = 0 * required if by_sessions else required - _reach(asked, total - gone)
    return expected, expected - slack, expected + slack, lost


def _reach(asked: Asked, days_left: Number) -> Number:
    bounds = [bound for bound in (measure_of(asked.measure).per_day, asked.most_per_day) if bound]
    return days_left * (min(bounds) if bounds else 0) + (0 if bounds else asked.amount * 10**9)


def judge(asked_for: Demand, done: int, carried: int = 0) -> Standing:
    """Say how somebody stands who has done so much of what is asked.

    A negative sum (a correction of another period) counts as nothing.
    """
    d, done = asked_for, max(0, done)
    total = done + carried
    difference = total - d.expected if d.required else 0
    return Standing(
        done,
        d.required,
        pace_of(d, total),
        d.expected,
        difference,
        d.elapsed,
        d.deadline,
        d.started,
        carried,
        d.why,
    )


def pace_of(asked_for: Demand, total: int) -> Pace:
    """Give the pace alone, for what is done and carried together."""
    d = asked_for
    if not d.required:
        return Pace.EXEMPT if d.excused else Pace.NOT_ASKED
    if total >= d.required:
        return Pace.DONE
    if d.over:
        return Pace.MISSED
    if total < d.lost_below:
        return Pace.UNREACHABLE
    if total < d.behind_below:
        return Pace.BEHIND
    return Pace.AHEAD if total > d.ahead_above else Pace.ON_TRACK


def standing(asked: Asked, span: Span, done: int, membership: Iterable[Span], today: date) -> Standing:
    """Say how a member stands with a requirement in a period, from the days of belonging alone.

    ``done`` is the ledger's sum over the whole of ``span``; ``membership`` the days on which the member belonged to
    the requirement's unit.
    """
    return judge(demand(asked, span, Belonging(tuple(membership)), today), done)


def share(amount: int, part: Number, whole: int) -> Number:
    """Give the share of an amount that falls on some of a period's days: to the nearest whole, a half upwards."""
    return (2 * amount * part + whole) // (2 * whole)


def _expected(flows: bool, required: Number, gone: Number, days: Number) -> Number:
    if flows:
        return required * gone // days
    return (4 * required * gone + days) // (4 * days)


def new_version_from(since: date, period: Period | None, today: date) -> date | None:
    """Give the day from which a changed requirement counts, or None when it can be changed in place.

    A closed period keeps what was asked in it, so a requirement that has seen one ends with it and a new one goes on
    from the first day of the current period. Dates are one period, so they change in place until it is over.
    """
    if period is None:
        return None
    first = period_of(today, period).since
    return first if since < first else None


def shown_to_others(measure: str, profile: str) -> bool:
    """Say whether a measure may stand in what others see of a member."""
    return counts_for_appraisal(measure, profile)
