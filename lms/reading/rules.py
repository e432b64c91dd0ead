"""What holds for the reading log: pure decisions over days, states and places in a book."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from lms.errors import N_, Conflict, InvalidInput

FIRST_DAY = date(1900, 1, 1)
DAY_MINUTES = 24 * 60
MOST_PAGES = 20_000
MOST_PERCENT = 100
BEST_RATING = 5
REASON_CHARS = 200
REMARK_CHARS = 500
ONCE_CHARS = 40
AT_ONCE = 200
# A device's clock may run a little ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)


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
    """Where a reader stands with a book; ``state`` is None while it is not on the reader's shelf.

    ``times`` counts the finishes booked so far, ``fact`` is the number of the one in force, 0 for none.
    """

    state: State | None = None
    started_on: date | None = None
    finished_on: date | None = None
    times: int = 0
    fact: int = 0


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
        started = day or started or today
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
    after = Standing(State.FINISHED, started, finished, before.times + 1, before.times + 1)
    return Step(after, Change.MOVED if finished_before else Change.FINISHED)


def take_off(before: Standing) -> Step:
    """Decide what follows when a reader takes a book off the own shelf; its finish is taken back."""
    was_finished = before.state is State.FINISHED
    return Step(Standing(None, None, None, before.times), Change.UNFINISHED if was_finished else Change.NONE)


def read_again(before: Standing, day: date | None, today: date) -> Standing:
    """Decide where a reader stands who begins a book again: a new reading; the finish of the former one stays booked.

    Raises Conflict unless the book was finished or given up, InvalidInput for a first day that lies in the future or
    before the day on which the former reading was finished.
    """
    if before.state not in (State.FINISHED, State.ABANDONED):
        raise Conflict(N_("Only a book that you finished or gave up can be begun again."))
    day = day or today
    check_day(day, today)
    if before.finished_on and day < before.finished_on:
        raise InvalidInput(N_("This day lies before the day you finished the reading before."), field="day")
    return Standing(State.READING, day, None, before.times)


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


def check_rating(rating: int | None) -> None:
    """Raise InvalidInput unless a rating is 1 to 5 or none."""
    if rating is not None and not 1 <= rating <= BEST_RATING:
        raise InvalidInput(
            N_("Please enter a whole number from %(low)s to %(high)s."), field="rating", low=1, high=BEST_RATING
        )


@dataclass(frozen=True)
class Progress:
    """What a reader notes of reading: any of minutes, page reached, percent reached, a remark.

    ``day`` is today when not given; ``at`` the instant on the reader's device, in naive UTC, now when not given.
    ``seen`` is the place that the reader was shown while noting: without one, nothing is compared.
    """

    minutes: int = 0
    page: int | None = None
    day: date | None = None
    percent: int | None = None
    remark: str = ""
    at: datetime | None = None
    once: str = ""
    seen: str = ""


def place_of(page: int | None, percent: int | None) -> str:
    """Write a place in a book as forms carry it: "p120", "45%", "-" for none."""
    if page is not None:
        return f"p{page}"
    return "-" if percent is None else f"{percent}%"


def check_progress(progress: Progress, book_pages: int | None, already: int) -> None:
    """Raise InvalidInput unless a note of reading can be: ``already`` are the minutes noted for the same day."""
    if not (progress.minutes or progress.page or progress.percent or progress.remark):
        raise InvalidInput(N_("Please note a page, a percentage, some minutes or a remark."), field="page")
    _check_range("minutes", progress.minutes, 0, DAY_MINUTES)
    if already + progress.minutes > DAY_MINUTES:
        raise InvalidInput(
            N_("A day has 1440 minutes, and %(already)s of this one are noted already."),
            field="minutes",
            already=already,
        )
    _check_range("page", progress.page, 1, book_pages or MOST_PAGES)
    _check_range("percent", progress.percent, 1, MOST_PERCENT)


def _check_range(field: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        # What is not asked for at all counts as nothing typed, so the least to enter is one.
        raise InvalidInput(
            N_("Please enter a whole number from %(low)s to %(high)s."), field=field, low=max(low, 1), high=high
        )


def check_turning_back(progress: Progress, page: int | None, percent: int | None) -> None:
    """Raise InvalidInput when a note would turn a place back that its writer has not seen.

    The place moved on elsewhere since the form was opened: the reader is told, and saves again if that is meant.
    """
    if not progress.seen or progress.seen == place_of(page, percent):
        return
    if progress.page and page and progress.page < page:
        raise InvalidInput(
            N_("Meanwhile you noted page %(page)s elsewhere. Save again if you mean to go back."),
            field="page",
            page=page,
        )
    if progress.percent and percent and progress.percent < percent:
        raise InvalidInput(
            N_("Meanwhile you noted %(percent)s%% elsewhere. Save again if you mean to go back."),
            field="percent",
            percent=percent,
        )


def noted_at(at: datetime | None, now: datetime) -> datetime:
    """Give the instant at which something was noted on a device. Raises InvalidInput for one in the future.

    A clock that runs up to five minutes ahead is taken as now.
    """
    if at is None:
        return now
    if at > now + CLOCK_SKEW:
        raise InvalidInput(N_("This day lies in the future."), field="at")
    return min(at, now)


def day_in_year(year: int, today: date) -> date:
    """Give the day that stands for "some time in that year": its last, today for the present year."""
    return min(date(year, 12, 31), today)
