"""How requirements stand, in the reader's words. The words for measures and amounts are in ``words``."""

from collections.abc import Iterable
from datetime import date, datetime

from lms.errors import N_
from lms.periods import Period, Span
from lms.progress.asking import Asked, Each
from lms.progress.figures import Figure
from lms.progress.measures import Amount, measure_of
from lms.progress.rules import Pace, Standing, Why
from lms.progress.words import amount_words
from lms.web.dates import day_short, day_words, month_short
from lms.web.i18n import gettext

DASH = "\N{EN DASH}"
# The hour at which each part of the day ends.
PARTS_OF_DAY = ((5, "evening"), (9, "early"), (11, "morning"), (13, "noon"), (18, "afternoon"))
GREETINGS = {
    "early": N_("Good morning to you"),
    "morning": N_("Good morning"),
    "noon": N_("Good day"),
    "afternoon": N_("Good afternoon"),
    "evening": N_("Good evening"),
}
EVERY = {
    Period.WEEK: N_("each week"),
    Period.MONTH: N_("each month"),
    Period.QUARTER: N_("each quarter"),
    Period.HALF_YEAR: N_("each half-year"),
    Period.YEAR: N_("each year"),
}
CURRENT = {
    Period.WEEK: N_("this week"),
    Period.MONTH: N_("this month"),
    Period.QUARTER: N_("this quarter"),
    Period.HALF_YEAR: N_("this half-year"),
    Period.YEAR: N_("this year"),
}
PACES = {
    Pace.DONE: N_("Done"),
    Pace.ON_TRACK: N_("On track"),
    Pace.EXEMPT: N_("Exempt"),
    Pace.NOT_ASKED: N_("Nothing asked"),
}
WHYS = {
    Why.BEGAN: N_("the requirement began within the period"),
    Why.ENDED: N_("the requirement ended within the period"),
    Why.JOINED: N_("joined late"),
    Why.MOVED_IN: N_("moved in from another unit"),
    Why.LEFT: N_("left early"),
    Why.MOVED_OUT: N_("moved to another unit"),
    Why.ON_LEAVE: N_("on leave"),
    Why.EXEMPT: N_("exempt for some days"),
}


def every_words(period: Period | None) -> str:
    """Say how often: each week; once for dates."""
    return str(gettext(EVERY[period]) if period else gettext("once"))


def current_words(period: Period | None) -> str:
    """Name the current period: this week."""
    return str(gettext(CURRENT[period]) if period else gettext("in this time"))


def span_words(period: Period | None, span: Span) -> str:
    """Name a period: 11/16–11/22, November 2026, quarter 4 of 2026; dates as they are."""
    first = span.since
    if period is None or period is Period.WEEK:
        return f"{day_short(first)}{DASH}{day_short(span.until)}"
    if period is Period.MONTH:
        return str(gettext("%(month)s %(year)d", month=month_short(first), year=first.year))
    if period is Period.QUARTER:
        return str(gettext("Quarter %(number)d of %(year)d", number=(first.month + 2) // 3, year=first.year))
    if period is Period.HALF_YEAR:
        half = gettext("First half of %(year)d") if first.month == 1 else gettext("Second half of %(year)d")
        return str(half % {"year": first.year})
    return str(gettext("The year %(year)d", year=first.year))


def pace_words(measure: str, standing: Standing) -> str:
    """Say in a few words how it stands, with the difference where there is one."""
    distance = amount_words(measure, abs(standing.difference))
    missing = amount_words(measure, standing.remaining)
    if standing.pace is Pace.AHEAD:
        return str(gettext("%(amount)s ahead", amount=distance))
    if standing.pace is Pace.BEHIND:
        return str(gettext("%(amount)s behind", amount=distance))
    if standing.pace is Pace.MISSED:
        return str(gettext("%(amount)s short", amount=missing))
    if standing.pace is Pace.UNREACHABLE:
        return str(gettext("%(amount)s short, more than the days left can bring", amount=missing))
    return str(gettext(PACES[standing.pace]))


def deadline_words(asked: Asked, standing: Standing) -> str:
    """Say until when; in a week the day of the week is clearer than a date."""
    if standing.deadline is None:
        return ""
    if asked.period is Period.WEEK and standing.deadline.weekday() == 6:
        return str(gettext("until this Sunday"))
    return str(gettext("until %(day)s", day=day_words(standing.deadline)))


def shared_words(asked: Asked, standing: Standing) -> str:
    """Explain a pro-rated figure: the member joined, was on leave, or the requirement began, after the period did."""
    if not standing.required or standing.started is None or asked.each is not Each.PERIOD:
        return ""
    if standing.required >= asked.amount or asked.per_head:
        return ""
    whole = amount_words(asked.measure, asked.amount)
    if standing.why in ((Why.BEGAN,), (Why.JOINED,), (Why.MOVED_IN,)):
        return str(gettext("of %(whole)s, as counted from %(day)s on", whole=whole, day=day_words(standing.started)))
    reasons = why_words(standing.why)
    return str(gettext("of %(whole)s: %(reasons)s", whole=whole, reasons=reasons)) if reasons else ""


def carried_words(measure: str, standing: Standing) -> str:
    """Say what a surplus of the period before adds."""
    if not standing.carried:
        return ""
    return str(gettext("with %(amount)s carried over", amount=amount_words(measure, standing.carried)))


def why_words(why: Iterable[Why]) -> str:
    """Say why less than the whole is asked."""
    return str(gettext(", ")).join(str(gettext(WHYS[one])) for one in why)


def evidence_href(figure: Figure, member: int | None = None) -> str:
    """Give the address of what stands behind a figure."""
    whose = f"&member={member}" if member else ""
    return f"/progress/requirements/{figure.requirement.id}/evidence?period={figure.span.since}{whose}"


def answer(figures: Iterable[Figure]) -> str:
    """Say in one sentence how things stand: what presses most, or that all is done."""
    asked = [figure for figure in figures if figure.standing.required]
    if not asked:
        return str(gettext("Nothing is asked of you just now: read what you like."))
    open_ones = [figure for figure in asked if figure.standing.remaining and figure.standing.pace is not Pace.MISSED]
    if not open_ones:
        if any(figure.standing.remaining for figure in asked):
            return str(gettext("Nothing more can be done for what was missed. What comes next begins anew."))
        return str(gettext("All that is asked of you is done. Well done."))
    return open_words(min(open_ones, key=_urgency))


def open_words(figure: Figure) -> str:
    """Say in one sentence what a figure still asks for."""
    standing, asked = figure.standing, figure.requirement.asked
    values = {"amount": amount_words(asked.measure, standing.remaining), "when": current_words(asked.period)}
    amount = measure_of(asked.measure).amount
    if amount is Amount.MINUTES:
        return str(gettext("%(amount)s of self-study to go %(when)s.", **values))
    if amount is Amount.BOOKS:
        return str(gettext("%(amount)s to finish %(when)s.", **values))
    return str(gettext("%(title)s: %(amount)s to go %(when)s.", title=figure.requirement.title, **values))


def _urgency(figure: Figure) -> tuple[bool, date]:
    return figure.standing.pace is not Pace.BEHIND, figure.standing.deadline or date.max


def greeting(local: datetime) -> str:
    """Greet by the time of day in the organisation's zone."""
    part = next((name for until, name in PARTS_OF_DAY if local.hour < until), "evening")
    return str(gettext(GREETINGS[part]))
