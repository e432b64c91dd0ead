"""What is asked after each event, within a number of days: a summary within 7 days of a training's end. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from lms.periods import Span
from lms.progress.asking import Asked, in_force
from lms.progress.days import clip, without
from lms.progress.rules import Pace, Standing
from lms.progress.who import Belonging


@dataclass(frozen=True)
class Occasion:
    """An event that asks for something until its deadline; ``met`` is the day of what fulfilled it, if anything."""

    day: date
    deadline: date
    met: date | None


def matched(events: Iterable[date], facts: Iterable[date], within: int) -> list[Occasion]:
    """Match events with what followed them: each fact serves one event, the one whose deadline comes first.

    A fact counts from the event's day to ``within`` days later, both included. What comes too late serves none.
    """
    left = sorted(facts)
    found: list[Occasion] = []
    for day in sorted(events):
        deadline = day + timedelta(days=within)
        met = next((fact for fact in left if day <= fact <= deadline), None)
        if met is not None:
            left.remove(met)
        found.append(Occasion(day, deadline, met))
    return found


def counting_events(asked: Asked, span: Span, belonging: Belonging, events: Iterable[date]) -> list[date]:
    """Give the events that ask for something: in the period, on days of belonging, outside leaves and exemptions."""
    force = in_force(asked, span)
    days = without(clip(belonging.days, force), (*belonging.exempt, *belonging.leaves)) if force else []
    return [day for day in events if any(part.since <= day <= part.until for part in days)]


def occasions_standing(
    asked: Asked, span: Span, belonging: Belonging, events: Iterable[date], facts: Iterable[date], today: date
) -> Standing:
    """Say how a member stands with what each event of a period asks for.

    Events count that lie in the period, on days of belonging and outside leaves and exemptions. One whose deadline
    passed cannot be made good: the period is missed as soon as that happens.
    """
    found = matched(counting_events(asked, span, belonging, events), facts, asked.within)
    if not found:
        return Standing(0, 0, Pace.NOT_ASKED, 0, 0, 0.0, None, None)
    met = sum(occasion.met is not None for occasion in found)
    due = sum(occasion.met is not None or occasion.deadline < today for occasion in found)
    open_ones = [o.deadline for o in found if o.met is None and o.deadline >= today]
    pace = Pace.DONE if met == len(found) else Pace.MISSED if met < due else Pace.ON_TRACK
    deadline = min(open_ones, default=max(o.deadline for o in found))
    return Standing(met, len(found), pace, due, met - due, due / len(found), deadline, found[0].day)
