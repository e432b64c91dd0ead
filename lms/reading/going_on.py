"""What a reader goes on with, as home and progress show it: books in hand, what is due next, plans that run.

One statement for all three: the pages that show them ask for much already.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import reduce
from typing import Any, NamedTuple

from peewee import SQL, Value, fn

from lms import clock
from lms.catalogue.models import Book
from lms.members.access import Actor
from lms.periods import Period, period_of
from lms.prepared import prepared
from lms.reading.log_queries import Current, in_hand
from lms.reading.models import PlanItem, ReadingEntry, ReadingPlan
from lms.reading.plan_queries import Due, NextStep, PlanRow, as_day, due_first, plan_row, running

# A plan that ended still shows what is left of it on the first page for this long.
LINGER = timedelta(days=30)
IN_HAND = 4
HAND, DUE, PLAN = range(3)
PLAN_COLUMNS = 13


class GoingOn(NamedTuple):
    """The next step, and the plans that run today with how far they have come."""

    step: NextStep
    plans: list[PlanRow]


def going_on(actor: Actor, plans: int) -> GoingOn:
    """Give what the actor can go on with, and so many of the plans that run: one statement."""
    today = clock.today()
    rows = _all_three(actor.id, today, today - LINGER, period_of(today, Period.WEEK).until, IN_HAND, plans)
    of: tuple[list[Sequence[Any]], ...] = ([], [], [])
    for *values, authors, clc, named, what in rows:
        of[what].append((*values, authors, clc, named))
    hand = [_current(row) for row in of[HAND]]
    due = [_due(row, today) for row in of[DUE]]
    step = NextStep(hand[0] if hand else None, due[0] if due else None, tuple(hand[1:]))
    return GoingOn(step, [_plan(row, today) for row in of[PLAN]])


def next_step(actor: Actor) -> NextStep:
    """Give what the actor can go on with: one statement."""
    return going_on(actor, 0).step


def plan_overview(actor: Actor, limit: int = 3) -> list[PlanRow]:
    """Give the actor's plans that run today, with how far they have come: one statement."""
    return going_on(actor, limit).plans


def _plan(row: Sequence[Any], today: date) -> PlanRow:
    plan, title, since, until, *values = row[:PLAN_COLUMNS]
    return plan_row((plan, title, as_day(since), as_day(until), *values), today)


def _current(row: Sequence[Any]) -> Current:
    book, title, _, _, _, page, percent, _, pages, *_, authors, clc, _ = row
    return Current(book, title, authors, clc, page, percent, pages)


def _due(row: Sequence[Any], today: date) -> Due:
    plan, title, due_on, _, kind, ref, *_, authors, clc, named = row
    day = as_day(due_on) or today
    return Due(plan, named, kind, ref, title, authors, clc, day, (day - today).days)


@prepared
def _all_three(member: int, today: date, since: date, week_end: date, most: int, plans: int) -> Any:
    """Select thirteen columns as a plan has them, then authors, class, the title of a plan, and which of the three.

    Each part is a table of its own, in an order of its own: what is united cannot be cut short otherwise.
    """
    number, day, text = Value(None).cast("INTEGER"), Value(None).cast("DATE"), Value("")
    rest = [number] * 4
    named = running(member, today, week_end, plans, text, text, text, SQL(str(PLAN)))
    hand = in_hand(
        member,
        most,
        *(Book.id, Book.title, day, day, text, ReadingEntry.page, ReadingEntry.percent, day, Book.pages, *rest),
        *(Book.authors, Book.clc, text, SQL(str(HAND))),
    )
    item = fn.COALESCE(Book.id, PlanItem.ref), fn.COALESCE(Book.title, PlanItem.title)
    by, clc = fn.COALESCE(Book.authors, ""), fn.COALESCE(Book.clc, "")
    due = due_first(
        member,
        since,
        *(ReadingPlan.id, item[1], PlanItem.due_on, day, PlanItem.kind, item[0], number, day, number, *rest),
        *(by, clc, ReadingPlan.title, SQL(str(DUE))),
    )
    parts = [ReadingPlan.select(SQL("*")).from_(part.alias("part")) for part in (named, hand, due)]
    return reduce(lambda before, part: before.union_all(part), parts)
