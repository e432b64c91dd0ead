"""What holds for the reading log and for plans: pure decisions over days, states and pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lms.errors import N_, InvalidInput

FIRST_DAY = date(1900, 1, 1)
DAY_MINUTES = 24 * 60
MOST_PAGES = 20_000
PLAN_BOOKS = 60
PLAN_DAYS = 3 * 366
PLAN_FIRST_DAY = date(2000, 1, 1)
PLAN_LAST_DAY = date(2100, 12, 31)
TITLE_CHARS = 80


class State(StrEnum):
    """Where a reader stands with a book."""

    WANT = "want"
    READING = "reading"
    FINISHED = "finished"
    ABANDONED = "abandoned"


class Change(StrEnum):
    """What a step means for the finish of a book."""

    NONE = "none"
    FINISHED = "finished"
    UNFINISHED = "unfinished"
    MOVED = "moved"


@dataclass(frozen=True)
class Standing:
    """Where a reader stands with a book; ``state`` is None while it is not on the reader's shelf."""

    state: State | None = None
    started_on: date | None = None
    finished_on: date | None = None
    times: int = 0


@dataclass(frozen=True)
class Step:
    """The standing that follows, and what it means for the finish."""

    standing: Standing
    change: Change


def step(before: Standing, state: State, day: date | None, today: date) -> Step:
    """Decide what follows when a reader puts a book into a state.

    ``day`` is the day the book was finished, or begun; today when not said. Finishing a finished book again without
    a day, or on the same day, changes nothing: a double tap is one fact. Each finish, and each correction of its
    day, has its own number in ``times``. Raises InvalidInput for a day that cannot be.
    """
    if day is not None:
        check_day(day, today)
    was_finished = before.state is State.FINISHED
    if state is State.FINISHED:
        return _finish(before, day, today)
    started = before.started_on
    if state is State.READING:
        started = day or (None if was_finished else started) or today
    elif state is State.WANT:
        started = None
    after = Standing(state, started, None, before.times)
    return Step(after, Change.UNFINISHED if was_finished else Change.NONE)


def _finish(before: Standing, day: date | None, today: date) -> Step:
    finished_before = before.finished_on if before.state is State.FINISHED else None
    finished = day or finished_before or today
    if finished == finished_before:
        return Step(before, Change.NONE)
    started = min(before.started_on, finished) if before.started_on else None
    after = Standing(State.FINISHED, started, finished, before.times + 1)
    return Step(after, Change.MOVED if finished_before else Change.FINISHED)


def take_off(before: Standing) -> Step:
    """Decide what follows when a reader takes a book off the own shelf; its finish is taken back."""
    was_finished = before.state is State.FINISHED
    return Step(Standing(None, None, None, before.times), Change.UNFINISHED if was_finished else Change.NONE)


def parse_state(text: str | None) -> State:
    """Read a state's name. Raises InvalidInput."""
    try:
        return State(text or "")
    except ValueError as error:
        raise InvalidInput(N_("Please choose: want to read, reading, finished or given up."), field="state") from error


def check_day(day: date, today: date) -> None:
    """Raise InvalidInput for a day in the future or before 1900."""
    if day > today:
        raise InvalidInput(N_("This day lies in the future."), field="day")
    if day < FIRST_DAY:
        raise InvalidInput(N_("This day lies too far in the past."), field="day")


def check_session(minutes: int, page: int | None, book_pages: int | None, already: int) -> None:
    """Raise InvalidInput unless a stretch of reading can be: ``already`` are the minutes noted for the same day."""
    if not 1 <= minutes <= DAY_MINUTES:
        raise InvalidInput(
            N_("Please enter a whole number from %(low)s to %(high)s."), field="minutes", low=1, high=DAY_MINUTES
        )
    if already + minutes > DAY_MINUTES:
        raise InvalidInput(
            N_("A day has 1440 minutes, and %(already)s of this one are noted already."),
            field="minutes",
            already=already,
        )
    last = book_pages or MOST_PAGES
    if page is not None and not 1 <= page <= last:
        raise InvalidInput(N_("Please enter a whole number from %(low)s to %(high)s."), field="page", low=1, high=last)


class Tick(StrEnum):
    """How a book of a plan stands on a day."""

    DONE = "done"
    DONE_LATE = "done_late"
    READ_BEFORE = "read_before"
    OVERDUE = "overdue"
    TODAY = "today"
    AHEAD = "ahead"


DONE = frozenset({Tick.DONE, Tick.DONE_LATE, Tick.READ_BEFORE})


def tick(finished_on: date | None, since: date, due_on: date, today: date) -> Tick:
    """Read from the log how a book of a plan stands.

    A book counts as done as soon as the reader's log says finished. Finished from the plan's first day on it is done,
    in time up to its due day and late after that; finished before the plan began it is "read before": nobody has to
    read it a second time for the plan, and the plan does not claim it. Taking the finish back unticks it.
    """
    if finished_on is not None:
        if finished_on < since:
            return Tick.READ_BEFORE
        return Tick.DONE if finished_on <= due_on else Tick.DONE_LATE
    if due_on < today:
        return Tick.OVERDUE
    return Tick.TODAY if due_on == today else Tick.AHEAD


@dataclass(frozen=True)
class PlannedBook:
    """A book of a plan and its due day, None to have it spread."""

    book: int
    due_on: date | None = None


def spread(since: date, until: date, count: int) -> list[date]:
    """Give ``count`` due days spread evenly over a span; the last is its last day."""
    days = (until - since).days + 1
    return [since + timedelta(days=max(0, days * (place + 1) // count - 1)) for place in range(count)]


def with_due_days(since: date, until: date, books: Sequence[PlannedBook]) -> list[PlannedBook]:
    """Give the books in the order of their due days, the missing days filled by an even spread."""
    filled = [
        PlannedBook(planned.book, planned.due_on or day)
        for planned, day in zip(books, spread(since, until, len(books)), strict=True)
    ]
    return sorted(filled, key=lambda planned: planned.due_on or until)


def check_plan(since: date, until: date, books: Sequence[PlannedBook]) -> None:
    """Raise InvalidInput unless a plan's span and books can be."""
    if not PLAN_FIRST_DAY <= since <= PLAN_LAST_DAY:
        raise InvalidInput(N_("Please choose a day of this century."), field="since")
    if until < since:
        raise InvalidInput(N_("The last day lies before the first."), field="until")
    if (until - since).days >= PLAN_DAYS:
        raise InvalidInput(N_("A plan can be three years long at most."), field="until")
    if not books:
        raise InvalidInput(N_("Please choose at least one book."), field="books")
    if len(books) > PLAN_BOOKS:
        raise InvalidInput(N_("A plan can hold %(limit)s books at most."), field="books", limit=PLAN_BOOKS)
    if len({planned.book for planned in books}) < len(books):
        raise InvalidInput(N_("The same book stands in the plan twice."), field="books")
    for planned in books:
        if planned.due_on and not since <= planned.due_on <= until:
            raise InvalidInput(
                N_("This day lies outside the plan's span."), field=f"due-{planned.book}", book=planned.book
            )
