"""What is wrong with a requirement before it is kept, by field of the form. Pure."""

import re
from datetime import date

from lms.errors import N_, InvalidInput
from lms.periods import Period
from lms.progress.asking import DATES, PERIODS, Asked, Each, Lasting, Subject, Where, span_on
from lms.progress.measures import (
    ASKABLE,
    MEASURES,
    RATE_INDEX,
    UNITS_REACHED,
    counts_for_appraisal,
    measure_of,
    same_amount,
)
from lms.progress.rules import FIRST_DAY, LAST_DAY

TITLE_LENGTH = 120
# The most days that a period can have.
LONGEST = {Period.WEEK: 7, Period.MONTH: 31, Period.QUARTER: 92, Period.HALF_YEAR: 184, Period.YEAR: 366}
RECKONED = {RATE_INDEX: Subject.INDEX, UNITS_REACHED: Subject.SHARE}
MOST_WITHIN = 366
MOST_WEIGHT = 100
MOST_CARRY_PERIODS = 24
TAG_LENGTH = 24
SUBJECT = re.compile(r"(book|material|lecture|course):[1-9][0-9]{0,9}")
CHOOSE_UNIT = N_("Please choose the unit whose members it is asked of.")
RANGE = N_("Please enter a whole number from %(low)s to %(high)s.")
Errors = dict[str, InvalidInput]


def largest(measure: str) -> int:
    """Give the largest amount that a requirement on a measure can ask for."""
    return measure_of(measure).largest


def check_requirement(
    title: str, measure: str, amount: int | None, period: str, since: date | None, until: date | None
) -> Errors:
    """Give what is wrong with the plain part of a requirement, by field; empty when it can stand."""
    errors: Errors = {}
    title = title.strip()
    if not title:
        errors["title"] = InvalidInput(N_("Please give the requirement a short name."), field="title")
    elif len(title) > TITLE_LENGTH:
        errors["title"] = InvalidInput(N_("At most %(most)s characters, please."), field="title", most=TITLE_LENGTH)
    elif not title.isprintable():
        errors["title"] = InvalidInput(N_("There are characters in it that cannot be shown."), field="title")
    if measure not in ASKABLE:
        errors["measure"] = InvalidInput(N_("Please choose what is counted."), field="measure")
    if period not in PERIODS:
        errors["period"] = InvalidInput(N_("Please choose a period."), field="period")
    if amount is None or not 1 <= amount <= largest(measure):
        errors["amount"] = InvalidInput(RANGE, field="amount", low=1, high=largest(measure))
    _check_days(errors, period, since, until)
    return errors


def _check_days(errors: Errors, period: str, since: date | None, until: date | None) -> None:
    for name, day in (("since", since), ("until", until)):
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            errors[name] = InvalidInput(N_("Please choose a day between 2000 and 2100."), field=name)
    if since is None:
        errors["since"] = InvalidInput(N_("Please say from which day it counts."), field="since")
    elif not errors.keys() & {"since", "until"} and until is not None and until < since:
        errors["until"] = InvalidInput(N_("The last day lies before the first."), field="until")
    if period == DATES and until is None and "until" not in errors:
        errors["until"] = InvalidInput(N_("Please say by which day it is to be done."), field="until")


def check_asked(asked: Asked, profile: str) -> Errors:
    """Give what is wrong with the finer points of a requirement, by field; the plain part has been checked."""
    errors: Errors = {}
    for check in (_check_counted, _check_who, _check_each, _check_numbers, _check_reachable):
        check(asked, errors)
    _check_subject(asked, profile, errors)
    return errors


def _refuse(errors: Errors, field: str, message: str, **values: object) -> None:
    errors.setdefault(field, InvalidInput(message, field=field, **values))


def _check_counted(asked: Asked, errors: Errors) -> None:
    measure = measure_of(asked.measure)
    if any(code not in MEASURES for code in asked.also) or not same_amount((asked.measure, *asked.also)):
        _refuse(errors, "also", N_("Only what is counted in the same unit can be added up."))
    all_of = [measure_of(code) for code in (asked.measure, *asked.also)]
    if any(one.of_unit for one in all_of) and asked.subject is Subject.MEMBER:
        _refuse(errors, "measure", N_("This is counted for a unit as a whole, not for each member."))
    if asked.categories and not any(one.category for one in all_of):
        _refuse(errors, "categories", N_("There are no kinds of this to choose from."))
    if asked.least and not any(one.size for one in all_of):
        _refuse(errors, "least", N_("There is no least length for this."))
    if asked.subjects and not any(one.subject for one in all_of):
        _refuse(errors, "subjects", N_("This is not about a book, material or lecture."))
    if any(not SUBJECT.fullmatch(subject) for subject in asked.subjects):
        _refuse(errors, "subjects", N_("Please name books, materials or lectures."))
    if asked.most_per_day and not measure.flows:
        _refuse(errors, "most_per_day", N_("A most for one day makes sense for time only."))


def _check_who(asked: Asked, errors: Errors) -> None:
    who = asked.who
    if set(who.tags) & set(who.without):
        _refuse(errors, "without", N_("The same people cannot be both asked and left out."))
    if any(not tag.strip() or len(tag) > TAG_LENGTH for tag in (*who.tags, *who.without)):
        _refuse(errors, "tags", N_("At most %(most)s characters, please."), most=TAG_LENGTH)
    for name, age in (("age_from", who.age_from), ("age_to", who.age_to)):
        if age is not None and not 0 <= age <= 130:
            _refuse(errors, name, RANGE, low=0, high=130)
    if who.age_from is not None and who.age_to is not None and who.age_to < who.age_from:
        _refuse(errors, "age_to", N_("The highest age lies below the lowest."))
    if who.age_on not in ("start", "end") and not _is_day(who.age_on):
        _refuse(errors, "age_on", N_("Please say on which day the age is looked at."))


def _is_day(text: str) -> bool:
    try:
        return FIRST_DAY <= date.fromisoformat(text) <= LAST_DAY
    except ValueError:
        return False


def _check_each(asked: Asked, errors: Errors) -> None:
    if asked.each is Each.EVENT:
        if asked.after not in MEASURES:
            _refuse(errors, "after", N_("Please choose after what it is to be done."))
        if not 1 <= asked.within <= MOST_WITHIN:
            _refuse(errors, "within", RANGE, low=1, high=MOST_WITHIN)
    if asked.each is Each.SESSION and asked.after != "group_study_expected":
        _refuse(errors, "after", N_("Only group study keeps a register of who is expected."))
    if asked.each is not Each.PERIOD and (asked.amount != 1 or asked.carry or asked.subject is not Subject.MEMBER):
        _refuse(errors, "amount", N_("One is asked of each member for each of them."))


def _check_numbers(asked: Asked, errors: Errors) -> None:
    most = largest(asked.measure)
    limits: tuple[tuple[str, int, int], ...] = (
        ("carry", asked.carry, most),
        ("coverage", asked.coverage, 100),
        ("most_per_day", asked.most_per_day, most),
        ("least", asked.least, 1_000_000),
    )
    for name, value, high in limits:
        if not 0 <= value <= high:
            _refuse(errors, name, RANGE, low=0, high=high)
    if asked.carry and asked.period is None:
        _refuse(errors, "carry", N_("There is no next period to carry anything into."))
    if asked.carry and asked.subject is not Subject.MEMBER:
        _refuse(errors, "carry", N_("A surplus is carried over for members only, not for a unit's own figures."))
    if not 1 <= asked.carry_periods <= MOST_CARRY_PERIODS:
        _refuse(errors, "carry_periods", RANGE, low=1, high=MOST_CARRY_PERIODS)
    if asked.carry and asked.lasting is Lasting.YEAR and asked.period is Period.YEAR:
        _refuse(errors, "lasting", N_("A year has no later period before its end: choose the periods that follow."))


def _check_reachable(asked: Asked, errors: Errors) -> None:
    """Refuse what nobody can do: more in a period than its days can bring, or than counts for them."""
    bounds = [bound for bound in (measure_of(asked.measure).per_day, asked.most_per_day) if bound]
    if not bounds or asked.subject is not Subject.MEMBER or asked.each is not Each.PERIOD:
        return
    days = span_on(asked, asked.since).days if asked.period is None else LONGEST[asked.period]
    if asked.amount > days * min(bounds):
        capped = bool(asked.most_per_day) and min(bounds) == asked.most_per_day
        field = "most_per_day" if capped else "amount"
        _refuse(errors, field, N_("Nobody can do so much in one period, at the most that one day can bring."))


def _check_subject(asked: Asked, profile: str, errors: Errors) -> None:
    private = not all(counts_for_appraisal(code, profile) for code in (asked.measure, *asked.also))
    if private and (asked.coverage or asked.subject is not Subject.MEMBER):
        _refuse(errors, "coverage", N_("Study time is no basis of appraisal here, so no target can hang on it."))
    if asked.coverage and asked.subject is not Subject.MEMBER:
        _refuse(errors, "coverage", N_("A share of members can be asked for only where members are asked."))
    if asked.per_head and asked.subject is not Subject.UNIT:
        _refuse(errors, "per_head", N_("Only what a unit does can be asked for each resident."))
    if asked.subject is Subject.UNIT and asked.where is Where.INSIDE and not _of_unit(asked):
        _refuse(errors, "where", N_("What members do counts for a unit only together with all that is done below it."))
    if RECKONED.get(asked.measure, asked.subject) is not asked.subject or (
        asked.subject in RECKONED.values() and asked.measure not in RECKONED
    ):
        _refuse(errors, "measure", N_("An index and a share are counted as such, and nothing else is."))
    if asked.subject in RECKONED.values():
        _check_parts(asked, errors)


def _of_unit(asked: Asked) -> bool:
    return any(measure_of(code).of_unit for code in (asked.measure, *asked.also))


def _check_parts(asked: Asked, errors: Errors) -> None:
    if not asked.parts or (asked.subject is Subject.SHARE and len(asked.parts) != 1):
        _refuse(errors, "parts", N_("Please choose the requirements that it is made of."))
    if len({part.series for part in asked.parts}) != len(asked.parts):
        _refuse(errors, "parts", N_("Each requirement can be in it once only."))
    if any(not 1 <= part.weight <= MOST_WEIGHT for part in asked.parts):
        _refuse(errors, "parts", N_("Weights are whole numbers from 1 to %(most)s."), most=MOST_WEIGHT)
    if not 1 <= asked.amount <= 100:
        _refuse(errors, "amount", RANGE, low=1, high=100)
