"""On which days something is asked of a person: who they were, and where they belonged, day by day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from lms.periods import Span
from lms.progress.asking import Who
from lms.progress.days import clip, common, without

EVER = Span(date.min, date.max)
YEAR = 10_000  # a year in the number of a birth
Born = TypeVar("Born", bound=Any)


@dataclass(frozen=True)
class Stay:
    """Days in a unit, with the unit's path and kind."""

    path: str
    kind: str
    span: Span


@dataclass(frozen=True)
class Person:
    """What decides whether something is asked of a member: stays, tags and leaves with their days, birth.

    ``born`` is a number (:func:`born_on`), so that the births of a town are one array.
    """

    stays: tuple[Stay, ...]
    tags: tuple[tuple[str, Span], ...] = ()
    leaves: tuple[Span, ...] = ()
    born: int = 0


@dataclass(frozen=True)
class Belonging:
    """The days on which something is asked of a member, and those of leave and of exemption from it.

    ``moved_in`` and ``moved_out`` tell a transfer from joining and leaving the organisation.
    """

    days: tuple[Span, ...]
    leaves: tuple[Span, ...] = ()
    exempt: tuple[Span, ...] = ()
    moved_in: bool = False
    moved_out: bool = False


ALWAYS = Belonging((EVER,))


def belonging(who: Who, unit_path: str, person: Person, span: Span, exempt: Iterable[Span] = ()) -> Belonging:
    """Give the days on which a unit's requirement reaches a person, as needed for judging one period.

    In two units at once counts once. Somebody who becomes a leader in March is asked as one from that day on.
    """
    inside = [stay.span for stay in person.stays if stay.path.startswith(unit_path) and _of_kind(who, stay)]
    days = clip(inside, EVER)
    if who.tags:
        days = common(days, clip([held for tag, held in person.tags if tag in who.tags], EVER))
    if who.without:
        days = without(days, [held for tag, held in person.tags if tag in who.without])
    if not of_age(who, person.born, span):
        days = []
    outside = [stay.span for stay in person.stays if not (stay.path.startswith(unit_path) and _of_kind(who, stay))]
    here = clip(days, span)
    first, last = (here[0].since, here[-1].until) if here else (span.since, span.until)
    return Belonging(
        tuple(days),
        person.leaves,
        tuple(exempt),
        moved_in=any(stay.since < first for stay in outside),
        moved_out=any(stay.until > last for stay in outside),
    )


def _of_kind(who: Who, stay: Stay) -> bool:
    return not who.kinds or stay.kind in who.kinds


def born_on(year: int | None, day: date | None) -> int:
    """Give a birth as a number: 19580312, 19580000 where only the year is known, 0 where nothing is."""
    if day is not None:
        return day.year * YEAR + day.month * 100 + day.day
    return (year or 0) * YEAR


def of_age(who: Who, born: int, span: Span) -> bool:
    """Say whether somebody is of the age asked for on the stated day. Whoever's birth is not known is not.

    To the day where the date of birth is known: born on 29 February one is a year older on 1 March. Where only the year
    is known, it is the age reached in that calendar year.
    """
    if who.age_from is None and who.age_to is None:
        return True
    if not born:
        return False
    years = years_old(born, age_day(who, span))
    return (who.age_from is None or years >= who.age_from) and (who.age_to is None or years <= who.age_to)


def years_old(born: Born, day: date) -> Born:
    """Give the whole years of one person on a day, or of many: ``born`` is a number, or an array of them."""
    return day.year - born // YEAR - (born % YEAR > day.month * 100 + day.day)


def age_day(who: Who, span: Span) -> date:
    """Give the day on which the age is looked at: the period's first or last, or a fixed one."""
    if who.age_on == "start":
        return span.since
    return span.until if who.age_on == "end" else date.fromisoformat(who.age_on)
