"""Adding up the ledger: so much of what counts, by windows of days, for one member or for many."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from peewee import Case, Expression, fn

from lms.members.models import Unit
from lms.periods import Span
from lms.prepared import prepared
from lms.progress.asking import Counted
from lms.progress.models import LedgerEntry

FEW_WINDOWS = 16  # a home page has about as many as requirements are in force


class Window(NamedTuple):
    """What counts, and the days on which it does."""

    counted: Counted
    span: Span


class Shape(NamedTuple):
    """How a window's condition is made: how many measures, kinds and subjects it names, whether a least size."""

    measures: int
    categories: int
    least: bool
    subjects: int


def sums_of(member: int, windows: Sequence[Window]) -> list[int]:
    """Add up one member's ledger for each window, in one statement.

    The database adds up a few windows itself. Of many, or where a day is capped, the rows come by day and are added
    up here: that statement stays short however many windows there are.
    """
    if not windows:
        return []
    if len(windows) <= FEW_WINDOWS and not any(window.counted.most_per_day for window in windows):
        return _added_by_database(member, windows)
    rows = daily_rows(member, windows)
    return [added_up(window, rows) for window in windows]


def _added_by_database(member: int, windows: Sequence[Window]) -> list[int]:
    counted = [window.counted for window in windows]
    shapes = tuple(Shape(len(c.measures), len(c.categories), bool(c.least), len(c.subjects)) for c in counted)
    row = _window_sums.first(
        member,
        *_reach(windows),
        [window.span.since for window in windows],
        [window.span.until for window in windows],
        _measures(windows),
        [code for c in counted for code in c.measures],
        [category for c in counted for category in c.categories],
        [c.least for c in counted if c.least],
        [subject for c in counted for subject in c.subjects],
        shapes=shapes,
    )
    return [int(amount or 0) for amount in row or ()]


def _reach(windows: Sequence[Window]) -> tuple[date, date]:
    return min(window.span.since for window in windows), max(window.span.until for window in windows)


def _measures(windows: Iterable[Window]) -> list[str]:
    return sorted({code for window in windows for code in window.counted.measures})


@prepared
def _window_sums(
    member: int,
    first: date,
    last: date,
    begins: Sequence[date],
    ends: Sequence[date],
    measures: Sequence[str],
    named: Sequence[str],
    categories: Sequence[str],
    leasts: Sequence[int],
    subjects: Sequence[str],
    *,
    shapes: Sequence[Shape],
) -> Any:
    e = LedgerEntry
    columns = []
    one, two, three, four = iter(named), iter(categories), iter(leasts), iter(subjects)
    for shape, begin, end in zip(shapes, begins, ends, strict=True):
        condition = e.day.between(begin, end) & e.measure.in_([next(one) for _ in range(shape.measures)])
        if shape.categories:
            condition &= e.category.in_([next(two) for _ in range(shape.categories)])
        if shape.least:
            condition &= e.size >= next(three)
        if shape.subjects:
            condition &= e.subject.in_([next(four) for _ in range(shape.subjects)])
        columns.append(fn.SUM(Case(None, ((condition, e.amount),), 0)))
    return e.select(*columns).where(e.member == member, e.measure.in_(measures), e.day.between(first, last))


class DailyRow(NamedTuple):
    """A day's amount of a measure, with what requirements narrow it down by."""

    measure: str
    day: date
    category: str
    size: int
    subject: str
    amount: int


def daily_rows(member: int, windows: Sequence[Window]) -> list[DailyRow]:
    """Give a member's ledger by day over the days of all windows, in one statement."""
    narrowed = any(not window.counted.plain for window in windows)
    rows = _daily_rows(member, *_reach(windows), _measures(windows), narrowed=narrowed)
    return [DailyRow._make(row) for row in rows]


@prepared
def _daily_rows(member: int, first: date, last: date, measures: Sequence[str], *, narrowed: bool) -> Any:
    e = LedgerEntry
    finer: tuple[Any, ...] = (e.category, e.size, e.subject) if narrowed else ()
    shown = finer or (fn.MIN(e.category), fn.MIN(e.size), fn.MIN(e.subject))
    return (
        e.select(e.measure, e.day, *shown, fn.SUM(e.amount))
        .where(e.member == member, e.measure.in_(measures), e.day.between(first, last))
        .group_by(e.measure, e.day, *finer)
    )


def counts(counted: Counted, row: DailyRow) -> bool:
    """Say whether a row of the ledger counts."""
    return (
        row.measure in counted.measures
        and (not counted.categories or row.category in counted.categories)
        and (not counted.least or row.size >= counted.least)
        and (not counted.subjects or row.subject in counted.subjects)
    )


def added_up(window: Window, rows: Iterable[DailyRow]) -> int:
    """Add up the rows that count in a window; what goes beyond the most for one day does not."""
    counted, span = window
    by_day: dict[date, int] = {}
    for row in rows:
        if span.since <= row.day <= span.until and counts(counted, row):
            by_day[row.day] = by_day.get(row.day, 0) + row.amount
    if counted.most_per_day:
        return sum(min(amount, counted.most_per_day) for amount in by_day.values())
    return sum(by_day.values())


def days_of(window: Window, rows: Iterable[DailyRow]) -> list[date]:
    """Give the days of what counts in a window, a day as often as it happened on it."""
    by_day: dict[date, int] = {}
    for row in rows:
        if window.span.since <= row.day <= window.span.until and counts(window.counted, row):
            by_day[row.day] = by_day.get(row.day, 0) + row.amount
    return [day for day, times in sorted(by_day.items()) for _ in range(times)]


def counting(counted: Counted, span: Span) -> Expression:
    """Make the condition that a row of the ledger counts in a span of days; caps for a day are not in it."""
    e = LedgerEntry
    condition = e.measure.in_(counted.measures) & e.day.between(span.since, span.until)
    if counted.categories:
        condition &= e.category.in_(counted.categories)
    if counted.least:
        condition &= e.size >= counted.least
    if counted.subjects:
        condition &= e.subject.in_(counted.subjects)
    return condition


def sums_by_member(members: Any, windows: Sequence[Window]) -> dict[int, list[int]]:
    """Add up the ledger for each window, per member; one statement, and one more for each window capped by day.

    ``members`` is a list of ids or a subquery. A member without any row in the windows is left out.
    """
    if not windows:
        return {}
    e = LedgerEntry
    columns = [fn.SUM(Case(None, ((counting(*window), e.amount),), 0)) for window in windows]
    rows = (
        e.select(e.member, *columns)
        .where(e.member.in_(members), e.measure.in_(_measures(windows)), e.day.between(*_reach(windows)))
        .group_by(e.member)
        .tuples()
    )
    found = {member: [int(value or 0) for value in values] for member, *values in rows}
    for number, window in enumerate(windows):
        if window.counted.most_per_day:
            for member, amount in _capped_by_member(members, window).items():
                found[member][number] = amount
    return found


def _capped_by_member(members: Any, window: Window) -> dict[int, int]:
    e = LedgerEntry
    rows = (
        e.select(e.member, fn.SUM(e.amount))
        .where(e.member.in_(members), counting(*window))
        .group_by(e.member, e.day)
        .tuples()
    )
    found: dict[int, int] = {}
    for member, amount in rows:
        found[member] = found.get(member, 0) + min(int(amount), window.counted.most_per_day)
    return found


def sum_of_unit(unit: int, path: str, windows: Sequence[Window], *, below: bool) -> list[int]:
    """Add up what was booked for a unit itself, or also all that was booked in the units below it, per window.

    "Itself" takes the unit's own facts only; with those below everything counts whose unit was at or below it on its
    day, facts of members as well: a branch's research reports are those of its people.
    """
    if not windows:
        return []
    e = LedgerEntry
    columns = [fn.SUM(Case(None, ((counting(*window), e.amount),), 0)) for window in windows]
    within = e.unit.in_(_units_below(path)) if below else (e.unit == unit) & e.member.is_null()
    query = e.select(*columns).where(within, e.measure.in_(_measures(windows)), e.day.between(*_reach(windows)))
    row = query.tuples().first()
    return [int(value or 0) for value in row or [0] * len(windows)]


def _units_below(path: str) -> Any:
    return Unit.select(Unit.id).where(Unit.path.startswith(path))
