"""Half a year in the life of the demo organisation: who reads, watches and writes what, and when.

Everything is worked out first, as steps, and then lived through in the order of time by way of the rooms' services, so
that log, ledger and outbox are what they would be had it happened.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from lms import clock
from lms.demo import planning
from lms.demo.content_files import demo, rows
from lms.demo.content_files import reading as said
from lms.demo.library import BookInCatalogue, Watchable
from lms.demo.people import People, Person
from lms.demo.timetable import Run, Slot, evening, runs_of, slots_of, week_behind
from lms.lectures.watching import Report, record_progress
from lms.notes.service import NoteForm, write_note
from lms.periods import Period, period_of
from lms.reading import service as reading
from lms.reading.rules import Progress

WANTED = 3
UNTIMED = 3
WATCHERS = 0.75
SEEN_WHOLE = 0.55
REMARKED = 7
WORST, RATINGS = 3, 3
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Step:
    """Something that a member did at a naive UTC instant."""

    at: datetime
    do: Callable[[], object]


@dataclass(frozen=True)
class World:
    """Everything that activity refers to."""

    now: datetime
    since: date
    people: People
    books: Mapping[str, BookInCatalogue]
    lectures: Mapping[str, Watchable]

    @property
    def today(self) -> date:
        """Give the day that the demo is made on."""
        return clock.local(self.now).date()


@dataclass(frozen=True)
class Reading:
    """A book in one member's hands: the run of its stretches, under its title."""

    title: str
    run: Run

    @property
    def last(self) -> datetime:
        """Give the instant of the last stretch."""
        return self.run.slots[-1].at


def live(world: World, random: Random) -> int:
    """Let everybody do what they did until now, and give the number of steps."""
    steps = [step for person in world.people.by_name.values() for step in _life(world, person, Random(random.random()))]
    steps += [Step(at, do) for at, do in planning.given_plans(world.people, world.books, world.today)]
    steps += [Step(at, do) for at, do in planning.waiting_plans(world.people, world.books, world.now)]
    steps = sorted((step for step in steps if step.at < world.now), key=lambda step: step.at)
    for step in steps:
        with clock.at(step.at):
            step.do()
    return len(steps)


def _life(world: World, person: Person, random: Random) -> list[Step]:
    readings = _readings(world, person, random)
    steps = [step for reading_ in readings for step in _read(world, person, reading_)]
    steps += _plans(world, person)
    steps += _notes(world, person, readings, random)
    steps += _taps(world, person, {reading_.title for reading_ in readings} | _spoken_of(person), random)
    steps += _watching(world, person, random)
    return steps


# ---- reading -------------------------------------------------------------------------------------------------------


def _readings(world: World, person: Person, random: Random) -> list[Reading]:
    since = max(world.since, person.since)
    slots = slots_of(person.zeal, person.born, since, world.now, random)
    if person.name == demo()["host"]["member"]:
        slots = _slots_of_host(world, slots, random)
    planned, slots = _planned(world, person, slots, random)
    noted = [row["book"] for row in rows("notes") if row["member"] == person.name]
    taken = {reading_.title for reading_ in planned} | _spoken_of(person)
    runs = runs_of(slots, random)
    if planned and runs and runs[-1].outcome == "open":
        runs[-1] = replace(runs[-1], outcome="finished", share=1.0)
    return planned + _named(world, runs, [title for title in noted if title not in taken], taken, random)


def _named(world: World, runs: Sequence[Run], noted: list[str], taken: set[str], random: Random) -> list[Reading]:
    """Give runs their books: those that the member has written about are surely among them."""
    early = [title for title, book in world.books.items() if book.since.date() <= world.since]
    free = [title for title in early if title not in taken and title not in noted]
    random.shuffle(free)
    places = [place for place, run in enumerate(runs) if run.outcome != "abandoned"] or list(range(len(runs)))
    fixed = dict(zip(random.sample(places, min(len(noted), len(places))), noted, strict=False))
    return [Reading(fixed.get(place) or free.pop(), run) for place, run in enumerate(runs) if place in fixed or free]


def _slots_of_host(world: World, slots: list[Slot], random: Random) -> list[Slot]:
    host = demo()["host"]
    monday = clock.start_of(period_of(world.today, Period.WEEK).since)
    this_week = week_behind(host["minutes_a_week"], host["minutes_behind"], world.today, random)
    return [slot for slot in slots if slot.at < monday] + this_week


@dataclass(frozen=True)
class _Window:
    """Days in which a member reads one book only; ``page`` is where an open one stands, else it is finished."""

    title: str
    since: date
    until: date
    page: int | None = None


def _planned(world: World, person: Person, slots: list[Slot], random: Random) -> tuple[list[Reading], list[Slot]]:
    """Deal the stretches that fall into the days of a member's plans out to the planned books; gives the rest too."""
    readings = []
    for window in _windows(world, person, random):
        mine = [slot for slot in slots if window.since <= clock.local(slot.at).date() <= window.until]
        slots = [slot for slot in slots if slot not in mine]
        if not mine and window.until < world.today:
            mine = [Slot(evening(window.until, random), 45)]
        if mine:
            pages = window.page or world.books[window.title].pages or random.randint(160, 380)
            readings.append(Reading(window.title, Run(tuple(mine), pages, 1.0, "open" if window.page else "finished")))
    return readings, slots


def _windows(world: World, person: Person, random: Random) -> list[_Window]:
    host = demo()["host"]
    is_host = person.name == host["member"]
    windows = [_between(world, host["finished"])] if is_host else []
    for plan in planning.plans_of(person):
        first = world.today + timedelta(days=plan["starts"])
        for item in plan["books"]:
            if item["due"] > 0 or (item["title"] == host["reading"] and is_host):
                page = host["page"] if is_host else random.randint(60, 150)
                windows.append(_Window(item["title"], first, world.today, page))
                break
            until = world.today + timedelta(days=item["due"] - random.randint(1, 4))
            windows.append(_Window(item["title"], first, until))
            first = until + timedelta(days=1)
    return windows


def _between(world: World, title: str) -> _Window:
    """Give the days of a book that was finished this month, if it began early enough, and before this week."""
    sunday = period_of(world.today, Period.WEEK).since - timedelta(days=1)
    fortnight_ago = world.today - timedelta(days=14)
    first = period_of(world.today, Period.MONTH).since
    until = min(sunday, fortnight_ago if fortnight_ago >= first else sunday)
    return _Window(title, until - timedelta(days=9), until)


def _spoken_of(person: Person) -> set[str]:
    return {item["title"] for plan in planning.plans_of(person) for item in plan["books"]}


def _read(world: World, person: Person, reading_: Reading) -> Iterable[Step]:
    book = world.books[reading_.title]
    run = reading_.run
    marks = run.marks(book.pages if book.pages and run.outcome == "finished" else run.pages)
    for number, (slot, page) in enumerate(marks, book.id):
        noted = Progress(slot.minutes, min(page, book.pages or page), remark=_remark(number))
        yield Step(slot.at, _session(person, book.id, noted))
    if run.outcome != "open":
        yield Step(reading_.last + MINUTE, _state(person, book.id, run.outcome))


def _remark(number: int) -> str:
    """Give one note in seven a remark."""
    remarks = said()["remarks"]
    return "" if number % REMARKED else str(remarks[number // REMARKED % len(remarks)])


def _session(person: Person, book: int, noted: Progress) -> Callable[[], object]:
    return lambda: reading.note_progress(person.actor, book, noted)


def _state(person: Person, book: int, state: str) -> Callable[[], object]:
    """Put a book into a state; most finished ones are rated, for those given up it is said why."""
    reasons = said()["reasons"]
    rating = WORST + book % RATINGS if state == "finished" and book % REMARKED else None
    reason = str(reasons[book % len(reasons)]) if state == "abandoned" else None
    return lambda: reading.set_state(person.actor, book, state, None, rating, reason)


def _taps(world: World, person: Person, read: set[str], random: Random) -> Iterable[Step]:
    """Note some further books without any minutes: wanted, or simply finished."""
    is_host = person.name == demo()["host"]["member"]
    untimed = 0 if is_host else random.randint(0, UNTIMED)
    states = ["want"] * random.randint(0, WANTED) + ["finished"] * untimed
    others = random.sample([title for title in world.books if title not in read], len(states))
    for title, state in zip(others, states, strict=True):
        book = world.books[title]
        since = max(clock.local(book.since).date() + timedelta(days=1), world.since, person.since)
        if since < world.today:
            day = since + timedelta(days=random.randrange((world.today - since).days))
            yield Step(evening(day, random), _state(person, book.id, state))


# ---- plans and notes -----------------------------------------------------------------------------------------------


def _plans(world: World, person: Person) -> Iterable[Step]:
    for at, do in planning.own_plans(person, world.people, world.books, world.today):
        yield Step(at, do)


def _notes(world: World, person: Person, readings: Sequence[Reading], random: Random) -> Iterable[Step]:
    last = {reading_.title: reading_.last for reading_ in readings}
    for row in rows("notes"):
        if row["member"] == person.name:
            read = last.get(row["book"], world.now - timedelta(days=random.randint(2, 30)))
            later = evening(clock.local(read).date() + timedelta(days=random.randint(0, 2)), random)
            at = min(max(later, read + 20 * MINUTE), world.now - random.randint(5, 90) * MINUTE)
            form = NoteForm(row["title"], row["body"].strip(), row["audience"])
            yield Step(at, _note(person, form, world.books[row["book"]].id))


def _note(person: Person, form: NoteForm, book: int) -> Callable[[], object]:
    return lambda: write_note(person.actor, form, book)


# ---- lectures ------------------------------------------------------------------------------------------------------


def _watching(world: World, person: Person, random: Random) -> Iterable[Step]:
    host = demo()["host"]
    for key, lecture in world.lectures.items():
        if person.name == host["member"]:
            if key == host["lecture"]:
                saturday = period_of(world.today, Period.WEEK).since - timedelta(days=2)
                yield from _watch(person, lecture, evening(saturday, random), lecture.seconds / 2)
        elif random.random() < person.zeal * WATCHERS:
            since = clock.local(lecture.since).date() + timedelta(days=1)
            day = since + timedelta(days=random.randrange(max(1, (world.today - since).days)))
            share = 1.0 if random.random() < SEEN_WHOLE else random.uniform(0.2, 0.8)
            yield from _watch(person, lecture, evening(day, random), lecture.seconds * share)


def _watch(person: Person, lecture: Watchable, at: datetime, seconds: float) -> Iterable[Step]:
    """Begin and end: no more counts as played than time has passed between two reports of a player."""
    end = at + timedelta(seconds=seconds)
    yield Step(at, _report(person, lecture, Report(0.0, at)))
    yield Step(end, _report(person, lecture, Report(seconds, end, None, ((0.0, seconds),))))


def _report(person: Person, lecture: Watchable, report: Report) -> Callable[[], object]:
    return lambda: record_progress(person.actor, lecture.recording, report)
