"""When the members of the demo read: pure invention by seeded chance, relative to today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from lms import clock
from lms.periods import Period, period_of

# How much is read in each month: little around Spring Festival, more in autumn and winter evenings.
SEASONS = (0.9, 0.7, 1.0, 1.05, 1.0, 0.95, 0.85, 0.85, 1.0, 1.05, 1.1, 1.05)
WEEKDAY, WEEKEND = 0.56, 0.88
MINUTES = (25, 30, 30, 40, 40, 45, 45, 60, 60, 75, 90)
RETIRED_AT = 63
ABANDONED = 0.1
LENGTHS = (150, 420)
FEWEST = 4
SHORTEST = 15


@dataclass(frozen=True)
class Slot:
    """A stretch of reading, noted at a naive UTC instant."""

    at: datetime
    minutes: int


@dataclass(frozen=True)
class Run:
    """The stretches that one book takes: ``share`` is how much is read of the ``pages`` it is taken to have."""

    slots: Sequence[Slot]
    pages: int
    share: float
    outcome: str

    def marks(self, pages: int) -> Iterator[tuple[Slot, int]]:
        """Give each stretch with the page reached in a book of ``pages`` pages."""
        whole = sum(slot.minutes for slot in self.slots)
        gone = 0
        for slot in self.slots:
            gone += slot.minutes
            yield slot, max(1, round(pages * self.share * gone / whole))


def days_between(since: date, until: date) -> Iterator[date]:
    """Walk over the days of a span, both ends included."""
    for number in range((until - since).days + 1):
        yield since + timedelta(days=number)


def evening(day: date, random: Random) -> datetime:
    """Give an instant after supper."""
    return clock.start_of(day) + timedelta(minutes=random.randint(19 * 60 + 20, 22 * 60))


def slots_of(zeal: float, born: int, since: date, now: datetime, random: Random) -> list[Slot]:
    """Give the stretches that a person reads from a day until now: evenings and weekends, any hour for the retired.

    How often goes with the third power of zeal, so that a few read much and many a little.
    """
    today = clock.local(now).date()
    found = []
    for day in days_between(since, today):
        often = (WEEKEND if day.weekday() >= 5 else WEEKDAY) * SEASONS[day.month - 1] * zeal**3
        if random.random() < often:
            found.append(Slot(_hour(day, born, random), random.choice(MINUTES)))
    days = max(1, (today - since).days)
    for number in range(FEWEST - len(found)):
        day = since + timedelta(days=days * (number + 1) // (FEWEST + 1))
        found.append(Slot(evening(day, random), random.choice(MINUTES)))
    return sorted((slot for slot in found if slot.at < now), key=lambda slot: slot.at)


def _hour(day: date, born: int, random: Random) -> datetime:
    is_free = day.weekday() >= 5 or day.year - born >= RETIRED_AT
    if is_free and random.random() < 0.6:
        first = random.choice((9 * 60, 15 * 60))
        return clock.start_of(day) + timedelta(minutes=first + random.randint(30, 140))
    return evening(day, random)


def week_behind(asked: int, behind: int, today: date, random: Random) -> list[Slot]:
    """Give this week's stretches of somebody who is ``behind`` minutes short of what is asked by now.

    Early in the week that cannot be: then there is a first short stretch, and on Monday none.
    """
    monday = period_of(today, Period.WEEK).since
    gone = (today - monday).days
    left = max(SHORTEST, (asked * gone // 7 - behind + 4) // 5 * 5)
    count = min(gone, -(-left // 45))
    found = []
    for number in range(count):
        minutes = left // (count - number) // 5 * 5
        left -= minutes
        day = today - timedelta(days=1 + number * gone // count)
        found.append(Slot(evening(day, random), minutes))
    return sorted(found, key=lambda slot: slot.at)


def runs_of(slots: Sequence[Slot], random: Random) -> list[Run]:
    """Deal stretches out to books of invented length, one after the other; the last may still be open."""
    pace = random.uniform(0.6, 1.0)
    runs = []
    rest = list(slots)
    while rest:
        pages = random.randint(*LENGTHS)
        outcome = "abandoned" if random.random() < ABANDONED else "finished"
        share = random.uniform(0.15, 0.4) if outcome == "abandoned" else 1.0
        taken, rest = _take(rest, pages * share / pace)
        if not rest and sum(slot.minutes for slot in taken) * pace < pages * share:
            outcome, share = "open", sum(slot.minutes for slot in taken) * pace / pages
        runs.append(Run(tuple(taken), pages, share, outcome))
    return runs


def _take(slots: list[Slot], minutes: float) -> tuple[list[Slot], list[Slot]]:
    held = 0.0
    for place, slot in enumerate(slots, start=1):
        held += slot.minutes
        if held >= minutes:
            return slots[:place], slots[place:]
    return slots, []
