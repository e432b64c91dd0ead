"""Judging many members at once, by the same functions as one: a fixed number of statements, however many members."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from peewee import fn

from lms.periods import Span
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import Counted, Each, Where, in_force, spans_before
from lms.progress.figures import belonging_to, occasion_windows, session_days, windows_of
from lms.progress.models import LedgerEntry
from lms.progress.occasions import occasions_standing
from lms.progress.people import Circumstances, circumstances_by_member
from lms.progress.rules import Demand, Standing, carried_over, demand, judge
from lms.progress.sums import DailyRow, Window, added_up, days_of, sums_by_member
from lms.progress.who import Belonging


def standings_of_many(
    members: Any, wanted: Sequence[tuple[RequirementRow, Span]], today: date
) -> dict[int, list[Standing | None]]:
    """Judge requirements of many members in periods; None where one reaches a member on no day of the period.

    ``members`` is a list of ids or a subquery. Six statements at most: circumstances, sums, and the rows by day of
    what a sum cannot tell (events, sessions, days of belonging only).
    """
    found = circumstances_by_member(members)
    simple = [number for number, (row, _) in enumerate(wanted) if _by_sum(row)]
    windows, found_places = _windows([wanted[number] for number in simple])
    places = dict(zip(simple, found_places, strict=True))
    sums = sums_by_member(members, windows)
    fine = [pair for number, pair in enumerate(wanted) if number not in places]
    by_day = _rows_by_member(members, fine)
    known: dict[Any, Demand] = {}
    answers: dict[int, list[Standing | None]] = {}
    for member, circumstances in found.items():
        standings: list[Standing | None] = []
        for number, (row, span) in enumerate(wanted):
            belongs = belonging_to(row, circumstances, span)
            if not any(day.since <= span.until and span.since <= day.until for day in belongs.days):
                standings.append(None)
            elif number in places:
                own, before = places[number]
                values = sums.get(member)
                done, earlier = (values[own] if values else 0), (values[before] if values and before else 0)
                standings.append(_judged(known, row, span, belongs, circumstances, (done, earlier), today))
            else:
                standings.append(_judged_finely(row, span, belongs, by_day.get(member, []), today))
        answers[member] = standings
    return answers


def _by_sum(row: RequirementRow) -> bool:
    return row.asked.each is Each.PERIOD and row.asked.where is Where.ANYWHERE


def _windows(wanted: Sequence[tuple[RequirementRow, Span]]) -> tuple[list[Window], list[tuple[int, int]]]:
    """Give the windows of the sums, and for each requirement the places of its own and of the one before (0: none)."""
    windows: list[Window] = []
    places = []
    for row, span in wanted:
        windows.append(Window(row.asked.counted, span))
        own, before = len(windows) - 1, 0
        if row.asked.carry:
            windows += [Window(row.asked.counted, earlier) for earlier in spans_before(row.asked, span.since, 1)]
            before = len(windows) - 1
        places.append((own, before))
    return windows, places


def _judged(
    known: dict[Any, Demand],
    row: RequirementRow,
    span: Span,
    belongs: Belonging,
    circumstances: Circumstances,
    sums: tuple[int, int],
    today: date,
) -> Standing:
    done, earlier = sums
    asked_for = demand_once(known, row, span, belongs, today)
    carried = 0
    before = next(iter(spans_before(row.asked, span.since, 1)), None) if row.asked.carry else None
    if before is not None and in_force(row.asked, before) is not None:
        then = demand_once(known, row, before, belonging_to(row, circumstances, before), today)
        carried = carried_over(row.asked, earlier, then.required)
    return judge(asked_for, done, carried)


def demand_once(known: dict[Any, Demand], row: RequirementRow, span: Span, belongs: Belonging, today: date) -> Demand:
    """Reckon what is asked; people with the same days share it, so that it is reckoned once for most of them."""
    key = (row.id, span, belongs)
    if key not in known:
        known[key] = demand(row.asked, span, belongs, today)
    return known[key]


def _rows_by_member(members: Any, wanted: Sequence[tuple[RequirementRow, Span]]) -> dict[int, list[DailyRow]]:
    spans = [window for row, span in wanted for window in _fine_windows(row, span)]
    if not spans:
        return {}
    e = LedgerEntry
    first, last = min(w.span.since for w in spans), max(w.span.until for w in spans)
    measures = sorted({code for window in spans for code in window.counted.measures})
    rows = (
        e.select(e.member, e.measure, e.day, e.category, e.size, e.subject, fn.SUM(e.amount))
        .where(e.member.in_(members), e.measure.in_(measures), e.day.between(first, last))
        .group_by(e.member, e.measure, e.day, e.category, e.size, e.subject)
        .tuples()
    )
    found: dict[int, list[DailyRow]] = {}
    for member, *values in rows:
        found.setdefault(member, []).append(DailyRow._make(values))
    return found


def _fine_windows(row: RequirementRow, span: Span) -> tuple[Window, ...]:
    if row.asked.each is Each.EVENT:
        return occasion_windows(row.asked, span)
    own = Window(row.asked.counted, span)
    return (own, Window(Counted((row.asked.after,)), span)) if row.asked.each is Each.SESSION else (own,)


def _judged_finely(
    row: RequirementRow, span: Span, belongs: Belonging, rows: Sequence[DailyRow], today: date
) -> Standing:
    asked = row.asked
    if asked.each is Each.EVENT:
        events, facts = (days_of(window, rows) for window in occasion_windows(asked, span))
        return occasions_standing(asked, span, belongs, events, facts, today)
    done = sum(added_up(window, rows) for window in windows_of(asked, span, belongs))
    waiting = [Window(Counted((asked.after,)), part) for part in session_days(asked, span, belongs)]
    sessions = sum(added_up(window, rows) for window in waiting)
    return judge(demand(asked, span, belongs, today, sessions=sessions), done)
