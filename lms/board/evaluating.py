"""Judging the members of a subtree over some days: a handful of statements, however many members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from lms.board.belongings import Belongings, belongings_of
from lms.board.carrying import CrowdStocks
from lms.board.counting import PackedLedger
from lms.board.crowd import Crowd, Intervals, span_of
from lms.board.demands import NOTHING, Amounts, Demands
from lms.board.judging import CODE, Judged, judge_all
from lms.board.loading import Exemptions, Ground, Scope, load_ground, load_ledger, load_members, load_of_subjects
from lms.periods import Span
from lms.progress import carrying
from lms.progress.asked_rows import RequirementRow, earlier_versions
from lms.progress.asking import Asked, Counted, Each, Where, in_force, spans_between
from lms.progress.figures import occasion_windows
from lms.progress.occasions import occasions_standing
from lms.progress.rules import Demand, Pace
from lms.progress.sums import DailyRow, counts
from lms.progress.who import Belonging


@dataclass(frozen=True)
class RuleJudged:
    """A version of a requirement with everybody's standing in each of its periods, the earliest first."""

    row: RequirementRow
    periods: Sequence[Judged]


@dataclass(frozen=True)
class Evaluation:
    """Members as arrays, and how they stand with each requirement; who is exempt from it by name, by its series."""

    crowd: Crowd
    rules: Sequence[RuleJudged]
    exempt: Exemptions


Wanted = Sequence[tuple[RequirementRow, Sequence[Span]]]


def wanted_within(rows: Sequence[RequirementRow], first: date, last: date) -> Wanted:
    """Give for each requirement of members the periods of which a day lies within some days."""
    pairs = [(row, spans_between(row.asked, first, last)) for row in rows]
    return [(row, spans) for row, spans in pairs if spans]


def evaluate(
    path: str,
    wanted: Wanted,
    first: date,
    last: date,
    today: date,
    ids: tuple[int, int] | None = None,
    *,
    ground: Ground | None = None,
    known: Sequence[RequirementRow] | None = None,
) -> Evaluation:
    """Judge every member who belongs to a subtree on any of some days, in the periods wanted of each requirement.

    ``ids``: only members with numbers from the first to the second, for work that goes through an organisation part by
    part. ``ground`` and ``known`` versions of requirements are read where they are not given.
    """
    ground = ground or load_ground()
    scope = Scope(path, ground.places, first, last, ids)
    crowd, exempt = load_members(ground.places, scope)
    chains = _chains(wanted, known)
    every = [*wanted, *(link for chain in chains.values() for link in chain)]
    years = {year for row, spans in every for year in _years(row.asked, spans)}
    books = _Books(load_ledger(crowd, scope, years, ground.kinds), _rows_of_subjects(every))
    belongings, rules = belongings_of(crowd), []
    for number, (row, spans) in enumerate(wanted):
        stocks = CrowdStocks(crowd.size) if row.asked.carry else None
        spared = exempt.get(row.series, {})
        for version, before in chains.get(number, ()):
            _judge(version, before, belongings, books, spared, today, stocks)
        rules.append(RuleJudged(row, _judge(row, spans, belongings, books, spared, today, stocks)))
    return Evaluation(crowd, rules, exempt)


@dataclass(frozen=True)
class _Books:
    """What was booked: the packed ledger, and by day what counts of texts named one by one."""

    ledger: PackedLedger
    of_subjects: Sequence[tuple[int, DailyRow]]


def _rows_of_subjects(wanted: Wanted) -> Sequence[tuple[int, DailyRow]]:
    """Read what was booked of all texts that requirements name, at once."""
    naming = [(row.asked.counted, spans) for row, spans in wanted if row.asked.counted.subjects]
    if not naming:
        return ()
    subjects = {subject for counted, _ in naming for subject in counted.subjects}
    measures = {measure for counted, _ in naming for measure in counted.measures}
    first, last = min(spans[0].since for _, spans in naming), max(spans[-1].until for _, spans in naming)
    return load_of_subjects(subjects, measures, first, last)


Chain = list[tuple[RequirementRow, list[Span]]]


def _chains(wanted: Wanted, known: Sequence[RequirementRow] | None) -> dict[int, Chain]:
    """Give the periods before the first of a requirement from which a surplus may come, version by version."""
    found: dict[int, Chain] = {}
    versions = earlier_versions((row for row, _ in wanted), known)
    for number, (row, spans) in enumerate(wanted):
        chain: Chain = []
        for version, span in carrying.chain_before(versions.get(row.series, ()), row.asked, spans[0]):
            if not chain or chain[-1][0] != version:
                chain.append((version, []))
            chain[-1][1].append(span)
        found[number] = chain
    return found


def _years(asked: Asked, spans: Sequence[Span]) -> range:
    last = spans[-1].until + timedelta(days=asked.within if asked.each is Each.EVENT else 0)
    return range(spans[0].since.year, last.year + 1)


def _judge(
    row: RequirementRow,
    spans: Sequence[Span],
    belongings: Belongings,
    books: _Books,
    exempt: Mapping[int, Sequence[Span]],
    today: date,
    stocks: CrowdStocks | None = None,
) -> list[Judged]:
    asked, path, ledger = row.asked, row.unit_path, books.ledger
    if asked.each is Each.EVENT:
        return [_judge_occasions(asked, path, span, belongings, ledger, exempt, today) for span in spans]
    days, crowd = belongings.reached(asked.who, path).days, belongings.crowd
    inside = days if asked.where is Where.INSIDE else None
    counted = asked.counted
    if counted.subjects:
        done = _of_named_texts(books.of_subjects, counted, spans, crowd, inside)
    else:
        done = ledger.sums(counted, spans, inside)
    sessions = None
    if asked.each is Each.SESSION:
        forces = [in_force(asked, span) or Span(span.until, span.since) for span in spans]
        sessions = ledger.sums(Counted((asked.after,)), forces, days)
    return judge_all(asked, path, spans, belongings, done, today, exempt, sessions, stocks)


def _of_named_texts(
    rows: Sequence[tuple[int, DailyRow]],
    counted: Counted,
    spans: Sequence[Span],
    crowd: Crowd,
    inside: Intervals | None,
) -> Amounts:
    """Add up what counts of texts named one by one."""
    total = np.zeros((len(spans), crowd.size), np.int64)
    counting = [(member, row.day, row.amount) for member, row in rows if counts(counted, row)]
    for number, span in enumerate(spans):
        by_day: dict[tuple[int, date], int] = {}
        for member, day, amount in counting:
            if span.since <= day <= span.until:
                by_day[member, day] = by_day.get((member, day), 0) + amount
        for (member, day), amount in by_day.items():
            who = int(np.searchsorted(crowd.ids, member))
            if who == crowd.size or crowd.ids[who] != member or (inside and not _within(inside, who, day)):
                continue
            total[number, who] += min(amount, counted.most_per_day) if counted.most_per_day else amount
    return total


def _within(days: Intervals, who: int, day: date) -> bool:
    on, held = day.toordinal(), days.who == who
    return bool(((days.since[held] <= on) & (on <= days.until[held])).any())


def _judge_occasions(
    asked: Asked,
    path: str,
    span: Span,
    belongings: Belongings,
    ledger: PackedLedger,
    exempt: Mapping[int, Sequence[Span]],
    today: date,
) -> Judged:
    """Judge what each event asks for, member by member: only those with an event have anything to judge."""
    events, facts = (ledger.days_of(window.counted, window.span) for window in occasion_windows(asked, span))
    where, crowd = belongings.reached(asked.who, path), belongings.crowd
    done, number = np.zeros(crowd.size, np.int64), np.zeros(crowd.size, np.int32)
    pace = np.full(crowd.size, CODE[Pace.NOT_ASKED], np.int8)
    demands: list[Demand] = [NOTHING]
    for who, days in events.items():
        held = where.several.get(who) or _one_span(where.since[who], where.until[who])
        belongs = Belonging(tuple(held), tuple(crowd.leaves.get(who, ())), tuple(exempt.get(who, ())))
        standing = occasions_standing(asked, span, belongs, days, facts.get(who, ()), today)
        demands.append(
            Demand(
                *(standing.required, standing.expected_by_today, standing.expected_by_today, 0, 0),
                over=False,
                elapsed=standing.elapsed,
                started=standing.started,
                deadline=standing.deadline,
                days=0,
            )
        )
        done[who], number[who], pace[who] = standing.done, len(demands) - 1, CODE[standing.pace]
    return Judged(span, done, np.zeros(crowd.size, np.int64), number, Demands.known(demands), pace)


def _one_span(since: int, until: int) -> list[Span]:
    return [span_of(int(since), int(until))] if since <= until else []
