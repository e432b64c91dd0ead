"""What can be counted: every measure of the ledger with the unit of its amounts and how it behaves. Pure.

Amounts are whole numbers: class hours and days in tenths (a half day happens), funds in fen, time in minutes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lms.profiles import timers_count

# Reckoned from other requirements, never booked: an index of weighted rates, the share of sub-units that reached one.
RATE_INDEX, UNITS_REACHED = "rate_index", "units_reached"
MOST = 100_000
MOST_FEN = 2_000_000_000
DAY_MINUTES = 24 * 60


class Amount(StrEnum):
    """In what a measure is counted; measures with the same amount can be added up by one rule."""

    BOOKS = "books"
    MINUTES = "minutes"
    NOTES = "notes"
    TIMES = "times"
    TENTH_HOURS = "tenth_hours"
    TENTH_DAYS = "tenth_days"
    PLANS = "plans"
    FEN = "fen"
    PERCENT = "percent"


@dataclass(frozen=True)
class Measure:
    """A measure and what a rule on it can ask.

    ``flows``: it grows bit by bit, so that a member can be some minutes behind; other things come one at a time.
    ``of_unit``: the fact belongs to a unit, not to a member. ``study_time``: a timer's reading, which government bodies
    may not appraise. ``per_day``: the most that a day can bring, None where nothing bounds it. ``category`` and
    ``size`` say what the ledger's columns of that name hold, "" for nothing: note kinds, kinds of training; 字数, the
    minutes of one session. ``subject``: the row names the book, material or lecture it is about. ``step``: what a
    member does next to move it.
    """

    code: str
    amount: Amount
    flows: bool = False
    of_unit: bool = False
    study_time: bool = False
    largest: int = MOST
    per_day: int | None = None
    category: str = ""
    size: str = ""
    subject: bool = False
    step: str = "activities"


def _all() -> tuple[Measure, ...]:
    books, times, notes = Amount.BOOKS, Amount.TIMES, Amount.NOTES
    days, hours = Amount.TENTH_DAYS, Amount.TENTH_HOURS
    return (
        Measure("book_finished", books, largest=1000, subject=True, step="books"),
        Measure(
            "study_minutes",
            Amount.MINUTES,
            flows=True,
            study_time=True,
            largest=366 * DAY_MINUTES,
            per_day=DAY_MINUTES,
            subject=True,
            step="books",
        ),
        Measure("note_submitted", notes, category="note", size="chars", subject=True, step="notes"),
        Measure("note_accepted", notes, category="note", size="chars", subject=True, step="notes"),
        Measure("lecture_completed", times, subject=True, step="lectures"),
        Measure("lecture_attended", times, category="activity"),
        Measure("course_completed", times, subject=True, step="courses"),
        Measure("material_read", times, category="material", size="pages", subject=True, step="materials"),
        Measure("plan_approved", Amount.PLANS, step="plans"),
        Measure("class_hours", hours, flows=True, per_day=100, category="training", step="courses"),
        Measure("training_attended", times, category="training"),
        Measure("group_study_attended", times),
        Measure("group_study_expected", times),
        Measure("group_study_spoke", times),
        Measure("business_study_attended", times),
        Measure("field_research_days", days, flows=True, per_day=10),
        Measure("research_topic_opened", times),
        Measure("lecture_given", times),
        Measure("took_part", times, category="activity"),
        Measure("group_study_held", times, of_unit=True, size="minutes"),
        Measure("group_study_days", days, flows=True, of_unit=True, per_day=10),
        Measure("public_lecture_held", times, of_unit=True),
        Measure("unit_plan_made", Amount.PLANS, of_unit=True, step="plans"),
        Measure("funds_set_aside", Amount.FEN, flows=True, of_unit=True, largest=MOST_FEN),
        Measure(RATE_INDEX, Amount.PERCENT, of_unit=True, largest=100),
        Measure(UNITS_REACHED, Amount.PERCENT, of_unit=True, largest=100),
    )


MEASURES: Mapping[str, Measure] = {measure.code: measure for measure in _all()}
# What another rule's demand is reckoned from, and nobody is asked for by itself.
NOT_ASKED_FOR = frozenset({"group_study_expected"})
ASKABLE = tuple(code for code in MEASURES if code not in NOT_ASKED_FOR)


def measure_of(code: str) -> Measure:
    """Give a measure; one that an older or newer service has booked is a bare count, so that its rows still show."""
    return MEASURES.get(code) or Measure(code, Amount.TIMES)


def same_amount(codes: Iterable[str]) -> bool:
    """Say whether measures can be added up."""
    return len({measure_of(code).amount for code in codes}) <= 1


def counts_for_appraisal(measure: str, profile: str) -> bool:
    """Say whether a measure may be held against anybody: in what others see, in targets, in an index.

    Government bodies may not use study time as a basis of appraisal, so there it is for the member's own eyes only.
    Whether a profile lets timers count is decided in ``lms.profiles``.
    """
    return timers_count(profile) or not measure_of(measure).study_time
