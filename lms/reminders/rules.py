"""When a member is reminded of a requirement: pure decisions."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

from lms.errors import N_
from lms.periods import Span
from lms.progress.asking import Asked, Each, Subject
from lms.progress.measures import counts_for_appraisal
from lms.progress.rules import Pace, Standing

EARLIEST_HOUR, LATEST_HOUR = 8, 21
WORDS_CHARS = 200
TAKEN_BACK_FOR = timedelta(minutes=10)
PLAN_AHEAD = timedelta(days=3)


class Call(StrEnum):
    """Which reminder it is: of each there is one at most for a requirement and period."""

    BEHIND = "behind"
    LAST_CALL = "last_call"


SENTENCES = {
    Call.BEHIND: N_("There is still time to catch up with:"),
    Call.LAST_CALL: N_("The last days to do this have begun:"),
}
OF_BOTH = N_("This is still to be done, for some of it the last days have begun:")
# What notices say that were sent before one named all that a member is behind in.
OF_ONE = (
    N_("“%(title)s”: %(done)s of %(required)s so far, which is behind. There is time until %(day)s."),
    N_("Last chance for “%(title)s”: %(done)s of %(required)s so far, until %(day)s."),
    N_("“%(title)s” on your plan is due on %(day)s."),
    N_("Tomorrow, %(day)s %(time)s: “%(title)s”."),
    N_("The accreditation of %(name)s as a lecturer of %(unit)s ends on %(day)s. You can renew it here."),
    N_("Your accreditation as a lecturer of %(unit)s ends on %(day)s. Its liaison can renew it."),
)


def may_be_reminded(asked: Asked, profile: str) -> bool:
    """Say whether a liaison may remind members of a requirement: of members, and of no timer that may not count."""
    measures = (asked.measure, *asked.also)
    return asked.subject is Subject.MEMBER and all(counts_for_appraisal(measure, profile) for measure in measures)


def reminds(asked: Asked, profile: str) -> bool:
    """Say whether the service reminds members of a requirement by itself.

    Not where a unit shall only bring a share of its members to it: nobody in particular owes it then.
    """
    return may_be_reminded(asked, profile) and asked.coverage in (0, 100)


def last_days(days: int) -> int:
    """Give for how many days before its end a period of so many days is in its last days: 2 of a week, 5 of a month."""
    return max(2, min(30, days // 6))


def call_for(standing: Standing, span: Span, today: date) -> Call | None:
    """Say which reminder a standing gives cause for today; none when it is done, excused, over or out of reach.

    Out of reach is not reminded of: the page says it, and a reminder would help nobody.
    """
    if standing.pace not in (Pace.BEHIND, Pace.ON_TRACK) or not standing.remaining or standing.deadline is None:
        return None
    left = (standing.deadline - today).days + 1
    if left < 1:
        return None
    if left <= last_days(span.days):
        return Call.LAST_CALL
    return Call.BEHIND if standing.pace is Pace.BEHIND else None


def key_of(call: Call, series: int, asked: Asked, span: Span, deadline: date) -> str:
    """Name a reminder: one for a requirement and period; where events are waited for, one for each day they are due."""
    of_event = f":{deadline}" if asked.each is Each.EVENT else ""
    return f"{call.value}:{series}:{span.since}{of_event}"


def nudge_key(sending: int) -> str:
    """Name the notice of a reminder by a liaison: one for each member of a sending."""
    return f"nudged:{sending}"


def may_be_taken_back(sent_at: datetime, now: datetime) -> bool:
    """Say whether a reminder by a liaison can still be taken back: for some minutes."""
    return now - sent_at <= TAKEN_BACK_FOR


def sentence_of(calls: Collection[Call]) -> tuple[Call, str]:
    """Give the kind and the sentence of the one reminder that names things of these kinds."""
    if len(calls) > 1:
        return Call.LAST_CALL, OF_BOTH
    (call,) = calls
    return call, SENTENCES[call]
