"""The next sensible step for a requirement: this book, that lecture, the note to write; one tap away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lms.lectures.queries import LectureRow
from lms.progress.asking import Asked
from lms.progress.figures import Figure
from lms.progress.measures import measure_of
from lms.progress.places import ACTIVITY_KINDS, activity_place, place_of
from lms.progress.rules import Pace
from lms.reading.plan_queries import NextStep
from lms.web.i18n import gettext


class Step(NamedTuple):
    """What to do, and where."""

    label: str
    href: str


@dataclass(frozen=True)
class AtHand:
    """What the member can go on with: books in hand and due, recordings begun."""

    reading: NextStep
    watching: Sequence[LectureRow]


def next_step(figure: Figure, hand: AtHand) -> Step | None:
    """Give the step that brings a figure on, None where nothing is left to do."""
    standing, asked = figure.standing, figure.requirement.asked
    if not standing.remaining or standing.pace in (Pace.MISSED, Pace.EXEMPT, Pace.NOT_ASKED):
        return None
    if asked.subjects:
        return _named(asked)
    kind = measure_of(asked.measure).step
    if kind == "books":
        return _book(hand)
    if kind == "notes":
        return _note(asked)
    if kind == "lectures" or "lecture_completed" in asked.also:
        return _lecture(hand)
    if kind == "courses" and asked.measure == "course_completed":
        return Step(gettext("Choose a course"), "/courses")
    if kind == "materials":
        return Step(gettext("Choose a material"), "/materials")
    if kind == "plans":
        return Step(gettext("Make your plan"), "/plans/new")
    return _activity(asked)


def _named(asked: Asked) -> Step:
    notes = measure_of(asked.measure).step == "notes"
    return Step(gettext("Write it now") if notes else gettext("Open it"), place_of(asked))


def _book(hand: AtHand) -> Step:
    current, due = hand.reading.current, hand.reading.due
    if current is not None:
        return Step(gettext("Go on with “%(title)s”", title=current.title), f"/books/{current.book}/reading")
    if due is not None and due.book:
        return Step(gettext("Next comes “%(title)s”", title=due.title), f"/books/{due.book}")
    return Step(gettext("Choose your next book"), "/lists")


def _note(asked: Asked) -> Step:
    return Step(gettext("Write it now"), place_of(asked))


def _lecture(hand: AtHand) -> Step:
    if hand.watching:
        row = hand.watching[0]
        return Step(gettext("Go on watching “%(title)s”", title=row.title), f"/lectures/{row.id}")
    return Step(gettext("Choose a lecture"), "/lectures")


def _activity(asked: Asked) -> Step:
    label = gettext("Enter what you have done") if asked.measure in ACTIVITY_KINDS else gettext("See what is planned")
    return Step(label, activity_place(asked))
