"""A member's figures: what applies, what is done, how it stands. Both the member's pages and the evidence ask here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lms.periods import Span
from lms.progress import carrying
from lms.progress.asked_rows import RequirementRow, earlier_versions
from lms.progress.asking import Asked, Counted, Each, Where, in_force, span_on
from lms.progress.carrying import Stocks
from lms.progress.days import clip
from lms.progress.occasions import Occasion, counting_events, matched, occasions_standing
from lms.progress.people import Circumstances, exempt_spans
from lms.progress.rules import Standing, demand, judge
from lms.progress.sums import Window, added_up, daily_rows, days_of, sums_of
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
class _Link:
    """A period before, from which a surplus may come."""

    row: RequirementRow
    span: Span
    belongs: Belonging
    windows: list[Window]


@dataclass(frozen=True)
class _Question:
    row: RequirementRow
    span: Span
    belongs: Belonging
    own: list[Window]
    sessions: list[Window]
    chain: list[_Link]


def figures_of(
    member: int, circumstances: Circumstances, wanted: Sequence[tuple[RequirementRow, Span]], today: date
) -> list[Figure]:
    """Judge requirements of a member in periods: one statement for what was done, one for what may be carried over."""
    versions = earlier_versions(row for row, _ in wanted)
    questions = [_question(row, span, circumstances, versions.get(row.series, ())) for row, span in wanted]
    asked_for = (part for q in questions for part in (q.own, q.sessions, *(link.windows for link in q.chain)))
    windows = list(dict.fromkeys(window for part in asked_for for window in part))
    occasions = {
        number: occasion_windows(q.row.asked, q.span)
        for number, q in enumerate(questions)
        if q.row.asked.each is Each.EVENT
    }
    if occasions:  # of events the days are wanted, so what else is asked is added up of the same rows
        rows = daily_rows(member, [*windows, *(window for pair in occasions.values() for window in pair)])
        sums = {window: added_up(window, rows) for window in windows}
    else:
        rows, sums = [], dict(zip(windows, sums_of(member, windows), strict=True))
    found: dict[int, Standing] = {}
    for number, q in enumerate(questions):
        if q.row.asked.each is Each.EVENT:
            continue
        done, sessions = (sum(sums[window] for window in part) for part in (q.own, q.sessions))
        asked = demand(q.row.asked, q.span, q.belongs, today, sessions=sessions)
        found[number] = judge(asked, done, _carried(q, sums, today))
    for number, pair in occasions.items():
        q = questions[number]
        events, facts = (days_of(window, rows) for window in pair)
        found[number] = occasions_standing(q.row.asked, q.span, q.belongs, events, facts, today)
    return [Figure(q.row, q.span, found[number]) for number, q in enumerate(questions)]


def _question(
    row: RequirementRow, span: Span, circumstances: Circumstances, versions: Sequence[RequirementRow]
) -> _Question:
    asked = row.asked
    belongs = belonging_to(row, circumstances, span)
    if asked.each is Each.EVENT:
        return _Question(row, span, belongs, [], [], [])
    chain = []
    for version, before in carrying.chain_before(versions, asked, span):
        held = belonging_to(version, circumstances, before)
        chain.append(_Link(version, before, held, windows_of(version.asked, before, held)))
    sessions = [Window(Counted((asked.after,)), part) for part in session_days(asked, span, belongs)]
    return _Question(row, span, belongs, windows_of(asked, span, belongs), sessions, chain)


def session_days(asked: Asked, span: Span, belongs: Belonging) -> list[Span]:
    """Give the days of a period on which sessions that expected the member are asked for; none for other kinds."""
    force = in_force(asked, span)
    return clip(belongs.days, force) if asked.each is Each.SESSION and force else []


def _carried(q: _Question, sums: Mapping[Window, int], today: date) -> int:
    """Give what is brought into the period of a question, from one period before to the next."""
    stocks: Stocks = ()
    for link in q.chain:
        then = demand(link.row.asked, link.span, link.belongs, today)
        brought = carrying.brought_into(link.row.asked, link.span, stocks)
        stocks = carrying.left_after(link.span, then.required, sum(sums[w] for w in link.windows), brought)
    return carrying.total(carrying.brought_into(q.row.asked, q.span, stocks))


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
