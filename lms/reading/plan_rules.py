"""What holds for reading plans: pure decisions over days and items."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from lms.catalogue.rules import line
from lms.errors import N_, Conflict, InvalidInput, Refused

PLAN_ITEMS = 60
PLAN_DAYS = 3 * 366
PLAN_FIRST_DAY = date(2000, 1, 1)
PLAN_LAST_DAY = date(2100, 12, 31)
TITLE_CHARS = 80
REMARK_CHARS = 500
MOST_COUNT = 1000
NO_ITEMS = N_("Please choose at least one book, or say how many.")
BOOK, MATERIAL, LECTURE, COUNT = "book", "material", "lecture", "count"
KINDS = (BOOK, MATERIAL, LECTURE, COUNT)
SHIFT_DAYS = 366


class Tick(StrEnum):
    """How an item of a plan stands on a day."""

    DONE = "done"
    DONE_LATE = "done_late"
    READ_BEFORE = "read_before"
    OVERDUE = "overdue"
    TODAY = "today"
    AHEAD = "ahead"


DONE = frozenset({Tick.DONE, Tick.DONE_LATE, Tick.READ_BEFORE})


class PlanState(StrEnum):
    """How far a plan has come between its owner and the liaison."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


def tick(finished_on: date | None, since: date, due_on: date, today: date) -> Tick:
    """Read from the log how an item of a plan stands.

    It counts as done as soon as the log says finished. Finished from the plan's first day on it is done, in time up to
    its due day and late after that; finished before the plan began it is "read before": nobody has to read it a second
    time for the plan, and the plan does not claim it. Taking the finish back unticks it.
    """
    if finished_on is not None:
        if finished_on < since:
            return Tick.READ_BEFORE
        return Tick.DONE if finished_on <= due_on else Tick.DONE_LATE
    if due_on < today:
        return Tick.OVERDUE
    return Tick.TODAY if due_on == today else Tick.AHEAD


def counting_finish(finishes: Iterable[date], since: date) -> date | None:
    """Give the finish of several readings that counts for a plan: the first within it, else the last before it."""
    days = sorted(finishes)
    return next((day for day in days if day >= since), days[-1] if days else None)


@dataclass(frozen=True)
class PlannedItem:
    """An item of a plan and its due day, None to have it spread. ``ref`` is 0 for a number of books."""

    kind: str
    ref: int
    due_on: date | None = None
    amount: int = 1

    @property
    def key(self) -> str:
        """Name the item within its plan: "book-12", "count-0"."""
        return f"{self.kind}-{self.ref}"


def planned_book(book: int, due_on: date | None = None) -> PlannedItem:
    """Plan a book."""
    return PlannedItem(BOOK, book, due_on)


def spread(since: date, until: date, count: int) -> list[date]:
    """Give ``count`` due days spread evenly over a span; the last is its last day."""
    days = (until - since).days + 1
    return [since + timedelta(days=max(0, days * (place + 1) // count - 1)) for place in range(count)]


def with_due_days(since: date, until: date, items: Sequence[PlannedItem]) -> list[PlannedItem]:
    """Give the items in the order of their due days, the missing days filled by an even spread.

    A number of books is due on the last day: its share of each week comes from the pace.
    """
    named = [item for item in items if item.kind != COUNT]
    days = iter(spread(since, until, len(named)))
    filled = []
    for item in items:
        day = until if item.kind == COUNT else next(days)
        filled.append(replace(item, due_on=item.due_on or day))
    return sorted(filled, key=lambda item: item.due_on or until)


def check_title(text: str) -> str:
    """Give the name of a plan, tidied. Raises InvalidInput."""
    title = line(text, "title", TITLE_CHARS)
    if not title:
        raise InvalidInput(N_("Please give the plan a name."), field="title")
    return title


def check_plan(since: date, until: date, items: Sequence[PlannedItem]) -> None:
    """Raise InvalidInput, with all that is wrong, unless a plan's span and items can be."""
    problems = [*_wrong_span(since, until), *_wrong_items(since, until, items)]
    if problems:
        raise Refused(problems)


def _wrong_span(since: date, until: date) -> Iterator[InvalidInput]:
    if not PLAN_FIRST_DAY <= since <= PLAN_LAST_DAY:
        yield InvalidInput(N_("Please choose a day of this century."), field="since")
    if until < since:
        yield InvalidInput(N_("The last day lies before the first."), field="until")
    elif (until - since).days >= PLAN_DAYS:
        yield InvalidInput(N_("A plan can be three years long at most."), field="until")


def _wrong_items(since: date, until: date, items: Sequence[PlannedItem]) -> Iterator[InvalidInput]:
    if not items:
        yield InvalidInput(NO_ITEMS, field="items")
    elif len(items) > PLAN_ITEMS:
        yield InvalidInput(N_("A plan can hold %(limit)s items at most."), field="items", limit=PLAN_ITEMS)
    elif len({item.key for item in items}) < len(items):
        yield InvalidInput(N_("The same thing stands in the plan twice."), field="items")
    for item in items:
        if item.kind == COUNT and not 1 <= item.amount <= MOST_COUNT:
            yield InvalidInput(
                N_("Please enter a whole number from %(low)s to %(high)s."), field="count", low=1, high=MOST_COUNT
            )
        if item.due_on and since <= until and not since <= item.due_on <= until:
            yield InvalidInput(N_("This day lies outside the plan's span."), field=f"due-{item.key}", item=item.key)


# ---- pace ----------------------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """How a plan stands against the calendar."""

    NOT_BEGUN = "not_begun"
    AHEAD = "ahead"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    DONE = "done"


@dataclass(frozen=True)
class Load:
    """What the pace of a plan is reckoned from: an item's due day and amount, and how much of that is done."""

    due_on: date
    amount: int = 1
    done: int = 0
    spread: bool = False


@dataclass(frozen=True)
class Pace:
    """How a plan stands: pieces done of ``total``, and by how many it is ahead or behind."""

    verdict: Verdict
    done: int
    total: int
    difference: int = 0


def pace(since: date, until: date, loads: Sequence[Load], today: date) -> Pace:
    """Say how a plan stands on a day.

    Due is what was due before today; what is due today may be done or not. A number of books falls due evenly over the
    span. Each book of that number is a piece, as is every other item.
    """
    total = sum(load.amount for load in loads)
    done = sum(min(load.done, load.amount) for load in loads)
    must = sum(due_by(load, since, until, today - timedelta(days=1)) for load in loads)
    may = sum(due_by(load, since, until, today) for load in loads)
    return verdict(done, total, must, may, begun=today >= since)


def verdict(done: int, total: int, must: int, may: int, *, begun: bool) -> Pace:
    """Say how a plan stands from its sums: ``must`` pieces are due already, ``may`` with those due today."""
    if done >= total:
        return Pace(Verdict.DONE, done, total)
    if not begun:
        return Pace(Verdict.AHEAD if done else Verdict.NOT_BEGUN, done, total, done)
    if done < must:
        return Pace(Verdict.BEHIND, done, total, must - done)
    if done > may:
        return Pace(Verdict.AHEAD, done, total, done - may)
    return Pace(Verdict.ON_TRACK, done, total)


def due_by(load: Load, since: date, until: date, day: date) -> int:
    """Say how many pieces of an item are due by the end of a day."""
    if not load.spread:
        return load.amount if load.due_on <= day else 0
    gone = min(max((day - since).days + 1, 0), (until - since).days + 1)
    return load.amount * gone // ((until - since).days + 1)


def wanted_by(load: Load, since: date, until: date, day: date) -> int:
    """Say how many more pieces of an item a reader should have done by the end of a day to be on track."""
    if not load.spread:
        return max(0, load.amount - load.done) if load.due_on <= day else 0
    days = (until - since).days + 1
    gone = min(max((day - since).days + 1, 0), days)
    return max(0, ceil(load.amount * gone / days) - load.done)


# ---- moving --------------------------------------------------------------------------------------------------------


def shifted(items: Sequence[PlannedItem], open_keys: frozenset[str], days: int, since: date, until: date) -> list[date]:
    """Give the due days after moving what is still open by some days, held within the plan's span.

    Raises InvalidInput for no days, or more than a year of them.
    """
    if not days or abs(days) > SHIFT_DAYS:
        raise InvalidInput(
            N_("Please enter a whole number from %(low)s to %(high)s."), field="days", low=1, high=SHIFT_DAYS
        )
    moved = []
    for item in items:
        due = item.due_on or until
        moves = item.key in open_keys and item.kind != COUNT
        moved.append(min(max(due + timedelta(days=days), since), until) if moves else due)
    return moved


def years_later(day: date, years: int) -> date:
    """Give the same day some years later; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def years_to_copy(since: date, today: date) -> int:
    """Say by how many years a plan moves when it is copied: into this year, or into the next if it is of this one."""
    return max(1, today.year - since.year)


# ---- states --------------------------------------------------------------------------------------------------------

_STEPS = {
    "submit": (frozenset({PlanState.DRAFT, PlanState.RETURNED}), PlanState.SUBMITTED),
    "recall": (frozenset({PlanState.SUBMITTED}), PlanState.DRAFT),
    "return": (frozenset({PlanState.SUBMITTED}), PlanState.RETURNED),
    "approve": (frozenset({PlanState.SUBMITTED}), PlanState.APPROVED),
}
DECISIONS = ("approve", "return")


def next_state(state: str, step: str) -> PlanState:
    """Give the state a plan comes into by a step: submit, recall, return, approve.

    Raises Conflict when the plan is not where the step begins: somebody else was there first.
    """
    begins, ends = _STEPS[step]
    if state not in begins:
        raise Conflict(N_("This plan has moved on meanwhile. Please look at it again."))
    return ends


def check_open(state: str) -> None:
    """Raise Conflict for a plan that lies with the liaison."""
    if state == PlanState.SUBMITTED:
        raise Conflict(N_("This plan lies with your liaison. Take it back before you change it."))
