"""A member's current figures, as a process remembers them: reckoned again only when what they come from has changed.

A figure comes from five things and from nothing else: the day, the database, the member's circumstances, the
requirements that ask something of their units, and their ledger. Circumstances and requirements are read at every
request, as rows. The ledger only grows (a correction is a further row), and with each row the version of its packed
year moves in the same transaction, so the versions of the member's years say whether it is what it was. While all five
are the same, so are the figures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from lms import clock
from lms.db import database
from lms.memory import Memory
from lms.periods import Period, Span
from lms.progress.asked_rows import RequirementRow, rows_asking_members, rows_of
from lms.progress.asking import span_on, spans_before
from lms.progress.figures import Figure, applying_on, figures_of
from lms.progress.people import Circumstances, circumstances_from, rows_about
from lms.progress.rules import FIRST_DAY, Pace

REMEMBERED = 1000
# How many closed periods are shown; of long ones fewer, so that the ledger is read back three years at most.
PAST = {Period.WEEK: 6, Period.MONTH: 6, Period.QUARTER: 4, Period.HALF_YEAR: 4, Period.YEAR: 2}

Reckon = Callable[[int, Circumstances, list[RequirementRow], date], tuple[Any, ...]]


class _Reckoned(NamedTuple):
    """What was reckoned, what of, and the circumstances that the rows about the member tell."""

    made_of: tuple[Any, ...]
    about: tuple[Any, ...]
    circumstances: Circumstances
    results: tuple[Any, ...]


_kept: Memory[tuple[int, Reckon], _Reckoned] = Memory(REMEMBERED)


@dataclass(frozen=True)
class History:
    """A requirement's current figure and those of the closed periods before, the latest first."""

    now: Figure
    past: tuple[Figure, ...]


def current_figures(member: int) -> Sequence[Figure]:
    """Give the figure of every requirement that applies to a member today: two statements, up to two more if changed.

    The same sequence comes again as long as nothing has changed.
    """
    today = clock.today()
    return _while_unchanged(member, today, today, _figures)


def current_histories(member: int) -> Sequence[History]:
    """Give the same with the closed periods before, as many as are shown."""
    return _while_unchanged(member, FIRST_DAY, clock.today(), _histories)


def forget() -> None:
    """Forget all figures, so that each is reckoned anew."""
    _kept.clear()


def _while_unchanged(member: int, first: date, today: date, reckon: Reckon) -> tuple[Any, ...]:
    about, ledger = rows_about(member)  # the ledger's state before its sums: what is booked between is seen next time
    kept = _kept.get((member, reckon))
    circumstances = kept.circumstances if kept is not None and kept.about == about else circumstances_from(about)
    asking = rows_asking_members(circumstances.units, first, today)
    made_of = (database.obj, today, about, asking, ledger)
    if kept is not None and kept.made_of == made_of:
        return kept.results
    reckoned = reckon(member, circumstances, rows_of(asking), today)
    _kept.put((member, reckon), _Reckoned(made_of, about, circumstances, reckoned))
    return reckoned


def _figures(
    member: int, circumstances: Circumstances, versions: list[RequirementRow], today: date
) -> tuple[Figure, ...]:
    applying = applying_on(versions, circumstances, today)
    return tuple(figures_of(member, circumstances, [(row, span_on(row.asked, today)) for row in applying], today))


def _histories(
    member: int, circumstances: Circumstances, versions: list[RequirementRow], today: date
) -> tuple[History, ...]:
    current = applying_on(versions, circumstances, today)
    wanted = []
    for row in current:
        wanted.append((row, span_on(row.asked, today)))
        wanted.extend(_closed([one for one in versions if one.series == row.series], today))
    figures = figures_of(member, circumstances, wanted, today)
    histories: list[History] = []
    for row in current:
        of_series = [figure for figure in figures if figure.requirement.series == row.series]
        past = tuple(f for f in of_series[1:] if f.standing.required or f.standing.pace is Pace.EXEMPT)
        histories.append(History(of_series[0], past))
    return tuple(histories)


def _closed(versions: Sequence[RequirementRow], today: date) -> list[tuple[RequirementRow, Span]]:
    """Give the closed periods of a requirement's versions, the latest first, each with the version in force then."""
    found: list[tuple[RequirementRow, Span]] = []
    for row in sorted(versions, key=lambda one: one.version, reverse=True):
        if row.asked.period is None:
            continue
        last = min(today, row.asked.until or today)
        for span in (span_on(row.asked, last), *spans_before(row.asked, last, PAST[row.asked.period])):
            if row.asked.since <= span.until < today and len(found) < PAST[row.asked.period]:
                found.append((row, span))
    return found
