"""What a board shows and what may be frozen: pure decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lms import profiles
from lms.errors import N_, Conflict, InvalidInput
from lms.periods import Period, Span, period_of
from lms.progress.asking import DATES, Asked, spans_between
from lms.progress.measures import counts_for_appraisal

DAY = timedelta(days=1)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
NOTE_LENGTH = 200
TREND: Mapping[Period, int] = {
    Period.WEEK: 12,
    Period.MONTH: 12,
    Period.QUARTER: 8,
    Period.HALF_YEAR: 6,
    Period.YEAR: 5,
}


@dataclass(frozen=True)
class Chosen:
    """The days that a board is about: a calendar period, or those of a campaign (kind "dates")."""

    kind: str
    span: Span

    def running(self, today: date) -> bool:
        """Say whether today lies in it."""
        return self.span.since <= today <= self.span.until

    def closed(self, today: date) -> bool:
        """Say whether it is over."""
        return self.span.until < today


def choose(kind: str, day: date) -> Chosen:
    """Give the calendar period of a kind that a day lies in; a month for a kind that there is not."""
    period = Period(kind) if kind in set(Period) else Period.MONTH
    return Chosen(period.value, period_of(min(max(day, FIRST_DAY), LAST_DAY), period))


def campaign(since: date, until: date) -> Chosen:
    """Give the days of a campaign. Raises InvalidInput where they are none."""
    if until < since:
        raise InvalidInput(N_("The last day lies before the first."), field="until")
    return Chosen(DATES, Span(max(since, FIRST_DAY), min(until, LAST_DAY)))


def beside(chosen: Chosen, step: int) -> Chosen | None:
    """Give the period before (-1) or after (1); a campaign has none."""
    if chosen.kind == DATES:
        return None
    edge = chosen.span.since - DAY if step < 0 else chosen.span.until + DAY
    return choose(chosen.kind, edge) if FIRST_DAY <= edge <= LAST_DAY else None


def past(chosen: Chosen, number: int) -> list[Chosen]:
    """Give a period and those before it, the earliest first."""
    found = [chosen]
    while len(found) < number and (before := beside(found[0], -1)) is not None:
        found.insert(0, before)
    return found


def spans_shown(asked: Asked, chosen: Chosen, today: date) -> Sequence[Span]:
    """Give the periods of a requirement that a board shows.

    Those that end within the days it is about; while these run also the ones that today lies in, longer ones too. So
    a week belongs to the month in which it ends, and a year is not judged by one of its months once that is over.
    """
    last = min(chosen.span.until, today)
    spans = spans_between(asked, chosen.span.since, last)
    return [
        span
        for span in spans
        if chosen.span.since <= span.until <= chosen.span.until
        or (chosen.running(today) and span.since <= today <= span.until)
    ]


def measures_shown(asked: Asked, profile: str) -> bool:
    """Say whether a requirement may stand on a board: nothing that may not be held against anybody."""
    return all(counts_for_appraisal(measure, profile) for measure in asked.counted.measures)


def members_may_be_ranked(profile: str) -> bool:
    """Say whether members may be put in order of what they did; government bodies list them by name only.

    Units may stand side by side there as well: it is members who may not be ranked.
    """
    return profiles.members_may_be_ranked(profile)


def check_freezable(chosen: Chosen, today: date) -> None:
    """Raise Conflict for a period that still runs or has not begun: its figures are not whole."""
    if not chosen.closed(today):
        raise Conflict(
            N_("This period runs until %(day)s and can be frozen from the day after. Until then, download the report."),
            field="day",
            day=chosen.span.until,
        )


def checked_note(raw: str, field: str, *, needed: bool) -> str:
    """Give a remark as one line. Raises InvalidInput when it is too long, or missing where it is needed."""
    text = " ".join(raw.split())
    if len(text) > NOTE_LENGTH:
        raise InvalidInput(N_("At most %(most)s characters, please."), field=field, most=NOTE_LENGTH)
    if needed and not text:
        raise InvalidInput(N_("Please say why, in a few words."), field=field)
    return text
