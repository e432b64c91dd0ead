"""Requirements and how they stand, in the reader's words."""

from collections.abc import Iterable
from datetime import date, datetime

from lms.errors import N_
from lms.periods import Period, Span
from lms.progress.queries import Figure, RequirementRow
from lms.progress.rules import FLOWING, Asked, Pace, Standing
from lms.web.dates import clock_minutes, day_short, day_words, minutes_words, month_short, number
from lms.web.i18n import gettext, ngettext

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
PACES = {Pace.DONE: N_("Done"), Pace.ON_TRACK: N_("On track"), Pace.NOT_ASKED: N_("Nothing asked")}


def measure_words(measure: str) -> str:
    """Name what is counted."""
    return {"book_finished": gettext("Books finished"), "study_minutes": gettext("Self-study time")}[measure]


def every_words(period: Period) -> str:
    """Say how often: each week."""
    return str(gettext(EVERY[period]))


def current_words(period: Period) -> str:
    """Name the current period: this week."""
    return str(gettext(CURRENT[period]))


def amount_words(measure: str, amount: int) -> str:
    """Say an amount with its unit: 2 books, 40 minutes."""
    if measure in FLOWING:
        return minutes_words(amount)
    return str(ngettext("%(num)s book", "%(num)s books", amount))


def figure_words(measure: str, amount: int) -> str:
    """Write an amount as a bare figure: 2, 2:20."""
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return sign + (clock_minutes(abs(amount)) if measure in FLOWING else number(abs(amount)))


def span_words(period: Period, span: Span) -> str:
    """Name a calendar period: 11/16–11/22, November 2026, quarter 4 of 2026."""
    first = span.since
    if period is Period.WEEK:
        return f"{day_short(first)}{DASH}{day_short(span.until)}"
    if period is Period.MONTH:
        return str(gettext("%(month)s %(year)d", month=month_short(first), year=first.year))
    if period is Period.QUARTER:
        return str(gettext("Quarter %(number)d of %(year)d", number=(first.month + 2) // 3, year=first.year))
    if period is Period.HALF_YEAR:
        half = gettext("First half of %(year)d") if first.month == 1 else gettext("Second half of %(year)d")
        return str(half % {"year": first.year})
    return str(gettext("The year %(year)d", year=first.year))


def sentence(row: RequirementRow) -> str:
    """Say a requirement in one sentence, as its members may read it."""
    asked = row.asked
    values = {
        "since": day_words(asked.since),
        "unit": row.unit_name,
        "amount": amount_words(asked.measure, asked.amount),
        "every": every_words(asked.period),
        "until": day_words(asked.until),
    }
    if asked.measure in FLOWING:
        if asked.until:
            text = gettext(
                "From %(since)s to %(until)s every member of %(unit)s spends %(amount)s on self-study %(every)s."
            )
        else:
            text = gettext("From %(since)s on every member of %(unit)s spends %(amount)s on self-study %(every)s.")
    elif asked.until:
        text = gettext("From %(since)s to %(until)s every member of %(unit)s finishes %(amount)s %(every)s.")
    else:
        text = gettext("From %(since)s on every member of %(unit)s finishes %(amount)s %(every)s.")
    return str(text % values)


def pace_words(measure: str, standing: Standing) -> str:
    """Say in a few words how it stands, with the difference where there is one."""
    distance = amount_words(measure, abs(standing.difference))
    if standing.pace is Pace.AHEAD:
        return str(gettext("%(amount)s ahead", amount=distance))
    if standing.pace is Pace.BEHIND:
        return str(gettext("%(amount)s behind", amount=distance))
    if standing.pace is Pace.MISSED:
        return str(gettext("%(amount)s short", amount=amount_words(measure, standing.remaining)))
    return str(gettext(PACES[standing.pace]))


def deadline_words(asked: Asked, standing: Standing) -> str:
    """Say until when; in a week the day of the week is clearer than a date."""
    if standing.deadline is None:
        return ""
    if asked.period is Period.WEEK and standing.deadline.weekday() == 6:
        return str(gettext("until this Sunday"))
    return str(gettext("until %(day)s", day=day_words(standing.deadline)))


def shared_words(asked: Asked, standing: Standing) -> str:
    """Explain a pro-rated figure: the member joined, or the requirement began, after the period did."""
    if not standing.required or standing.required == asked.amount or standing.started is None:
        return ""
    whole = amount_words(asked.measure, asked.amount)
    return str(gettext("of %(whole)s, as counted from %(day)s on", whole=whole, day=day_words(standing.started)))


def evidence_href(figure: Figure, member: int | None = None) -> str:
    """Give the address of what stands behind a figure."""
    whose = f"&member={member}" if member else ""
    return f"/progress/requirements/{figure.requirement.id}/evidence?period={figure.span.since}{whose}"


def answer(figures: Iterable[Figure]) -> str:
    """Say in one sentence how things stand: what presses most, or that all is done."""
    asked = [figure for figure in figures if figure.standing.required]
    if not asked:
        return str(gettext("Nothing is asked of you just now: read what you like."))
    open_ones = [figure for figure in asked if figure.standing.remaining]
    if not open_ones:
        return str(gettext("All that is asked of you is done. Well done."))
    pressing = min(open_ones, key=_urgency)
    standing, measure = pressing.standing, pressing.requirement.asked.measure
    values = {
        "amount": amount_words(measure, standing.remaining),
        "when": current_words(pressing.requirement.asked.period),
    }
    if measure in FLOWING:
        return str(gettext("%(amount)s of self-study to go %(when)s.", **values))
    return str(gettext("%(amount)s to finish %(when)s.", **values))


def _urgency(figure: Figure) -> tuple[bool, date]:
    return figure.standing.pace is not Pace.BEHIND, figure.standing.deadline or date.max


def greeting(local: datetime) -> str:
    """Greet by the time of day in the organisation's zone."""
    part = next((name for until, name in PARTS_OF_DAY if local.hour < until), "evening")
    return str(gettext(GREETINGS[part]))
