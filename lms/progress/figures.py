"""A member's figures: what applies, what is done, how it stands. Both the member's pages and the evidence ask here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lms.periods import Span
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import Asked, Counted, Each, Where, in_force, span_on, spans_before
from lms.progress.days import clip
from lms.progress.occasions import Occasion, counting_events, matched, occasions_standing
from lms.progress.people import Circumstances, exempt_spans
from lms.progress.rules import Standing, carried_over, demand, judge
from lms.progress.sums import Window, daily_rows, days_of, sums_of
from lms.progress.who import Belonging, belonging


@dataclass(frozen=True)
class Figure:
    """How a member stands with a requirement in one period."""

    requirement: RequirementRow
    span: Span
    standing: Standing


def belonging_to(row: RequirementRow, circumstances: Circumstances, span: Span) -> Belonging:
    """Give the days on which a requirement reaches a person, for judging one period."""
    return belonging(row.asked.who, row.unit_path, circumstances.person, span, exempt_spans(circumstances, row.series))


def windows_of(asked: Asked, span: Span, belongs: Belonging) -> list[Window]:
    """Give the windows whose sum is what a member has done in a period.

    Where only days of belonging count there is one for each stretch of them. A requirement that begins or ends within
    the period still counts all that was done in it.
    """
    if asked.where is Where.INSIDE:
        return [Window(asked.counted, part) for part in clip(belongs.days, span)]
    return [Window(asked.counted, span)]


@dataclass(frozen=True)
class _Question:
    row: RequirementRow
    span: Span
    belongs: Belonging
    before: Span | None
    own: list[Window]
    earlier: list[Window]
    sessions: list[Window]


def figures_of(
    member: int, circumstances: Circumstances, wanted: Sequence[tuple[RequirementRow, Span]], today: date
) -> list[Figure]:
    """Judge requirements of a member in periods: one statement, one more where events are waited for."""
    questions = [_question(row, span, circumstances) for row, span in wanted]
    windows = [window for q in questions for window in (*q.own, *q.earlier, *q.sessions)]
    sums = iter(sums_of(member, windows))
    found: dict[int, Standing] = {}
    for number, q in enumerate(questions):
        done, earlier, sessions = (sum(next(sums) for _ in part) for part in (q.own, q.earlier, q.sessions))
        if q.row.asked.each is Each.EVENT:
            continue
        asked_for = demand(q.row.asked, q.span, q.belongs, today, sessions=sessions)
        found[number] = judge(asked_for, done, _carried(q, circumstances, earlier, today))
    found.update(_with_occasions(member, questions, today))
    return [Figure(q.row, q.span, found[number]) for number, q in enumerate(questions)]


def _question(row: RequirementRow, span: Span, circumstances: Circumstances) -> _Question:
    asked = row.asked
    belongs = belonging_to(row, circumstances, span)
    if asked.each is Each.EVENT:
        return _Question(row, span, belongs, None, [], [], [])
    before = next(iter(spans_before(asked, span.since, 1)), None) if asked.carry else None
    if before is not None and in_force(asked, before) is None:
        before = None
    earlier = windows_of(asked, before, belonging_to(row, circumstances, before)) if before else []
    sessions = [Window(Counted((asked.after,)), part) for part in session_days(asked, span, belongs)]
    return _Question(row, span, belongs, before, windows_of(asked, span, belongs), earlier, sessions)


def session_days(asked: Asked, span: Span, belongs: Belonging) -> list[Span]:
    """Give the days of a period on which sessions that expected the member are asked for; none for other kinds."""
    force = in_force(asked, span)
    return clip(belongs.days, force) if asked.each is Each.SESSION and force else []


def _carried(q: _Question, circumstances: Circumstances, done: int, today: date) -> int:
    if q.before is None:
        return 0
    then = demand(q.row.asked, q.before, belonging_to(q.row, circumstances, q.before), today)
    return carried_over(q.row.asked, done, then.required)


def _with_occasions(member: int, questions: Sequence[_Question], today: date) -> dict[int, Standing]:
    pending = {number: q for number, q in enumerate(questions) if q.row.asked.each is Each.EVENT}
    if not pending:
        return {}
    windows = {number: occasion_windows(q.row.asked, q.span) for number, q in pending.items()}
    rows = daily_rows(member, [window for pair in windows.values() for window in pair])
    found = {}
    for number, q in pending.items():
        events, facts = (days_of(window, rows) for window in windows[number])
        found[number] = occasions_standing(q.row.asked, q.span, q.belongs, events, facts, today)
    return found


def occasions_of(member: int, asked: Asked, span: Span, belongs: Belonging) -> list[Occasion]:
    """Give the events of a period that each asked a member for something, with what fulfilled them: one statement."""
    windows = occasion_windows(asked, span)
    rows = daily_rows(member, windows)
    events, facts = (days_of(window, rows) for window in windows)
    return matched(counting_events(asked, span, belongs, events), facts, asked.within)


def occasion_windows(asked: Asked, span: Span) -> tuple[Window, Window]:
    """Give the windows of the events of a period and of what may follow them, also after the period's end."""
    following = Span(span.since, span.until + timedelta(days=asked.within))
    return Window(Counted((asked.after,)), span), Window(asked.counted, following)


def applying_on(rows: Iterable[RequirementRow], circumstances: Circumstances, day: date) -> list[RequirementRow]:
    """Give those versions in force on a day that reach the person on it, exempt or not."""
    found = []
    for row in rows:
        span = span_on(row.asked, day)
        reached = any(part.since <= day <= part.until for part in belonging_to(row, circumstances, span).days)
        if reached and row.asked.since <= day and (row.asked.until is None or day <= row.asked.until):
            found.append(row)
    return found
