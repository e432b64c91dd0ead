"""What is asked, free of tables: of whom, what counts, how much, how often, and what happens around it. Pure.

A requirement's row keeps amount, measure, period and days as columns; all else stands in its ``spec``, a JSON object
that holds only what differs from the plain case. ``asked_from`` and ``spec_of`` turn one into the other.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from lms.periods import Period, Span, period_of

DATES = "dates"  # the period of a campaign, or of what is to be done once by a day
DAY = timedelta(days=1)
PERIODS = (*(period.value for period in Period), DATES)


class Subject(StrEnum):
    """Whose figure it is: each member's, a unit's own, a unit's index of weighted rates, a share of sub-units."""

    MEMBER = "member"
    UNIT = "unit"
    INDEX = "index"
    SHARE = "share"


class Each(StrEnum):
    """What the amount is asked for: the period; each event; each session that expected the member."""

    PERIOD = "period"
    EVENT = "event"
    SESSION = "session"


class Joining(StrEnum):
    """What is asked of who joins within a period: a share by days, nothing in that period, the whole."""

    PRORATED = "prorated"
    EXEMPT = "exempt"
    FULL = "full"


class Leave(StrEnum):
    """What a leave of absence changes: its days are not asked for, the whole period is not, nothing."""

    PRORATED = "prorated"
    EXEMPT = "exempt"
    NONE = "none"


class Lasting(StrEnum):
    """How long a surplus counts: in so many periods that follow, until the calendar year's end, without end."""

    PERIODS = "periods"
    YEAR = "year"
    ALWAYS = "always"


class Where(StrEnum):
    """Which facts count. Of a member: on any day, or on days of belonging. Of a unit: its own, or those below as well.

    ANYWHERE takes in the units below when a unit is the subject.
    """

    ANYWHERE = "anywhere"
    INSIDE = "inside"


@dataclass(frozen=True)
class Who:
    """Of whom a unit asks it: members with any of ``tags`` and none of ``without``, in ``kinds`` of unit, of an age.

    Ages are whole years on the stated day; of whom only the year of birth is known, those reached in its calendar year.
    ``age_on`` is
    "start" or "end" of the period, or an ISO date. For a unit as subject, ``kinds`` are the kinds of units below that
    are asked; empty means the unit itself.
    """

    tags: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    age_on: str = "end"


@dataclass(frozen=True)
class Counted:
    """What counts: the measure and further ones of the same amount, narrowed down by what the ledger's row holds.

    ``categories``: any of these, all when empty. ``least``: 字数, or minutes of one session, at least. ``subjects``:
    any of these named texts ("book:12"). ``most_per_day``: what goes beyond it on one day does not count; 0 for no cap.
    """

    measures: tuple[str, ...]
    categories: tuple[str, ...] = ()
    least: int = 0
    subjects: tuple[str, ...] = ()
    most_per_day: int = 0

    @property
    def plain(self) -> bool:
        """Say whether every row of one measure counts as it is."""
        return len(self.measures) == 1 and self == Counted(self.measures)


@dataclass(frozen=True)
class Part:
    """A part of an index: another requirement's series and its weight."""

    series: int
    weight: int = 1


@dataclass(frozen=True)
class Asked:
    """A requirement, free of its table. ``period`` None: the days ``since``-``until`` are the one period.

    ``amount`` is in the measure's unit; percent for an index or a share; for each resident if ``per_head``. ``after``
    is the measure whose events or sessions are waited for, ``within`` the days after an event. ``carry`` is the most
    that surpluses bring into a period, 0 for nothing; ``lasting`` says how long one counts, ``carry_periods`` in how
    many periods after its own. ``coverage``: the percentage of those asked that a unit shall bring to
    fulfil it, 0 for no target.
    """

    measure: str
    amount: int
    period: Period | None
    since: date
    until: date | None
    who: Who = field(default_factory=Who)
    also: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    least: int = 0
    subjects: tuple[str, ...] = ()
    most_per_day: int = 0
    subject: Subject = Subject.MEMBER
    each: Each = Each.PERIOD
    after: str = ""
    within: int = 0
    joining: Joining = Joining.PRORATED
    leave: Leave = Leave.PRORATED
    where: Where = Where.ANYWHERE
    carry: int = 0
    lasting: Lasting = Lasting.PERIODS
    carry_periods: int = 1
    coverage: int = 0
    per_head: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def counted(self) -> Counted:
        """Give what counts."""
        return Counted((self.measure, *self.also), self.categories, self.least, self.subjects, self.most_per_day)

    @property
    def is_plain(self) -> bool:
        """Say whether nothing but measure, amount, period and days was asked for."""
        return spec_of(self) == {}


_COLUMNS = frozenset({"measure", "amount", "period", "since", "until"})
_ENUMS: Mapping[str, type[StrEnum]] = {
    "subject": Subject,
    "each": Each,
    "joining": Joining,
    "leave": Leave,
    "where": Where,
    "lasting": Lasting,
}


def spec_of(asked: Asked) -> dict[str, Any]:
    """Give what differs from the plain case, as it is kept: lists and plain values only."""
    plain = asdict(Asked(asked.measure, asked.amount, asked.period, asked.since, asked.until))
    found = {name: value for name, value in asdict(asked).items() if name not in _COLUMNS and value != plain[name]}
    if "who" in found:
        found["who"] = {name: value for name, value in found["who"].items() if value != plain["who"][name]}
    as_lists: dict[str, Any] = json.loads(json.dumps(found))
    return as_lists


def asked_from(
    measure: str, amount: int, period: str, since: date, until: date | None, spec: Mapping[str, Any]
) -> Asked:
    """Make a requirement of its columns and its spec; what a newer service added to the spec is passed over.

    Raises TypeError, ValueError, KeyError or AttributeError for a spec that is none.
    """
    known = {one.name for one in fields(Asked)} - _COLUMNS
    values: dict[str, Any] = {name: _read(name, value) for name, value in spec.items() if name in known}
    return Asked(measure, amount, None if period == DATES else Period(period), since, until, **values)


_WORDS = frozenset({"tags", "without", "kinds", "also", "categories", "subjects"})
_TEXTS = frozenset({"after", "age_on"})


def _read(name: str, value: Any) -> Any:
    if name == "who":
        known = {one.name for one in fields(Who)}
        held: dict[str, Any] = {key: _read(key, one) for key, one in value.items() if key in known}
        return Who(**held)
    if name == "parts":
        return tuple(Part(_whole(part["series"]), _whole(part.get("weight", 1))) for part in value)
    if name in _ENUMS:
        return _ENUMS[name](value)
    if name in _WORDS:
        return tuple(_text(word) for word in _list(value))
    if name in _TEXTS:
        return _text(value)
    if name in ("age_from", "age_to") and value is None:
        return None
    return bool(value) if name == "per_head" else _whole(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise TypeError("not a list")
    return list(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value


def span_on(asked: Asked, day: date) -> Span:
    """Give the period that a day lies in; for dates the one there is, whatever the day."""
    if asked.period is None:
        return Span(asked.since, asked.until or asked.since)
    return period_of(day, asked.period)


def spans_before(asked: Asked, day: date, number: int) -> list[Span]:
    """Give the newest closed periods before the one that a day lies in, the latest first; dates have none."""
    if asked.period is None:
        return []
    spans: list[Span] = []
    first = period_of(day, asked.period).since
    for _ in range(number):
        spans.append(period_of(first - DAY, asked.period))
        first = spans[-1].since
    return spans


def spans_between(asked: Asked, first: date, last: date) -> list[Span]:
    """Give the periods that touch the days from first to last and in which it is in force, the earliest first."""
    first, last = max(first, asked.since), min(last, asked.until or last)
    if first > last:
        return []
    if asked.period is None:
        return [span_on(asked, first)]
    spans = [period_of(first, asked.period)]
    while spans[-1].until < last:
        spans.append(period_of(spans[-1].until + DAY, asked.period))
    return spans


def in_force(asked: Asked, span: Span) -> Span | None:
    """Give the days of a period on which it is in force, None when there are none."""
    since, until = max(span.since, asked.since), min(span.until, asked.until or span.until)
    return Span(since, until) if since <= until else None
