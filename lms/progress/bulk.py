"""Judging many members at once, by the same functions as one: a fixed number of statements, however many members."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from peewee import fn

from lms.periods import Span
from lms.progress import carrying
from lms.progress.asked_rows import RequirementRow, earlier_versions
from lms.progress.asking import Counted, Each, Where
from lms.progress.carrying import Stocks
from lms.progress.figures import belonging_to, occasion_windows, session_days, windows_of
from lms.progress.models import LedgerEntry
from lms.progress.occasions import occasions_standing
from lms.progress.people import Circumstances, circumstances_by_member
from lms.progress.rules import Demand, Standing, demand, judge
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
    versions = earlier_versions(row for row, _ in wanted)
    chains = [_chain(versions, *pair) for pair in wanted]
    simple = [all(_by_sum(row) for row, _ in chain) for chain in chains]
    summed = [link for number, chain in enumerate(chains) if simple[number] for link in chain]
    windows = list(dict.fromkeys(Window(row.asked.counted, span) for row, span in summed))
    places = {window: number for number, window in enumerate(windows)}
    sums = sums_by_member(members, windows)
    by_day = _rows_by_member(members, [link for n, chain in enumerate(chains) if not simple[n] for link in chain])
    known: dict[Any, Demand] = {}
    answers: dict[int, list[Standing | None]] = {}
    for member, circumstances in found.items():
        standings: list[Standing | None] = []
        for number, (row, span) in enumerate(wanted):
            belongs = belonging_to(row, circumstances, span)
            if not any(day.since <= span.until and span.since <= day.until for day in belongs.days):
                standings.append(None)
            elif simple[number]:
                values = sums.get(member) or [0] * len(windows)
                links = [(*link, values[places[Window(link[0].asked.counted, link[1])]]) for link in chains[number]]
                standings.append(_judged(known, links, circumstances, today))
            else:
                rows = by_day.get(member, [])
                finely = _judged_finely(row, span, belongs, rows, today)
                standings.append(finely or _judged_inside(known, chains[number], circumstances, rows, today))
        answers[member] = standings
    return answers


def _by_sum(row: RequirementRow) -> bool:
    return row.asked.each is Each.PERIOD and row.asked.where is Where.ANYWHERE


Links = list[tuple[RequirementRow, Span]]


def _chain(versions: Mapping[int, Sequence[RequirementRow]], row: RequirementRow, span: Span) -> Links:
    """Give a period with those before from which a surplus may come, the earliest first."""
    return [*carrying.chain_before(versions.get(row.series, ()), row.asked, span), (row, span)]


def _judged(
    known: dict[Any, Demand],
    links: Sequence[tuple[RequirementRow, Span, int]],
    circumstances: Circumstances,
    today: date,
) -> Standing:
    """Judge the last of some periods that follow each other."""
    stocks: Stocks = ()
    for row, span, done in links:
        asked_for = demand_once(known, row, span, belonging_to(row, circumstances, span), today)
        brought = carrying.brought_into(row.asked, span, stocks)
        stocks = carrying.left_after(span, asked_for.required, done, brought)
    return judge(asked_for, done, carrying.total(brought))


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
) -> Standing | None:
    """Judge what waits for events or sessions; None where the period itself is asked for."""
    asked = row.asked
    if asked.each is Each.PERIOD:
        return None
    if asked.each is Each.EVENT:
        events, facts = (days_of(window, rows) for window in occasion_windows(asked, span))
        return occasions_standing(asked, span, belongs, events, facts, today)
    done = sum(added_up(window, rows) for window in windows_of(asked, span, belongs))
    waiting = [Window(Counted((asked.after,)), part) for part in session_days(asked, span, belongs)]
    sessions = sum(added_up(window, rows) for window in waiting)
    return judge(demand(asked, span, belongs, today, sessions=sessions), done)


def _judged_inside(
    known: dict[Any, Demand], chain: Links, circumstances: Circumstances, rows: Sequence[DailyRow], today: date
) -> Standing:
    """Judge what counts on days of belonging only, with what a surplus of periods before brings."""
    links = []
    for row, span in chain:
        windows = windows_of(row.asked, span, belonging_to(row, circumstances, span))
        links.append((row, span, sum(added_up(window, rows) for window in windows)))
    return _judged(known, links, circumstances, today)
