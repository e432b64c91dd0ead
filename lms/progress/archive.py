"""A member's study archive of a year: what was asked and how it went, what was done, and the evidence of each piece."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import Case, fn

from lms import clock
from lms.errors import N_, InvalidInput
from lms.members.access import Action, Actor
from lms.members.belonging import name_within_reach
from lms.members.models import Membership, Unit
from lms.paging import Page
from lms.periods import Span
from lms.progress.asked_rows import RequirementRow, asked_of_members
from lms.progress.asking import spans_between
from lms.progress.evidence import EvidenceRow, named
from lms.progress.figures import Figure, figures_of
from lms.progress.measures import MEASURES, NOT_ASKED_FOR, counts_for_appraisal, measure_of
from lms.progress.models import LedgerEntry
from lms.progress.people import circumstances_of
from lms.progress.rules import FIRST_DAY, LAST_DAY, Pace

PAGE_SIZE = 300
AT_ONCE = 1000


@dataclass(frozen=True)
class Stay:
    """Days in a unit."""

    unit_name: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Course:
    """A requirement over the year: its figure in each period, the earliest first."""

    requirement: RequirementRow
    figures: tuple[Figure, ...]

    @property
    def asked(self) -> int:
        """Count the periods in which something was asked."""
        return sum(bool(figure.standing.required) for figure in self.figures)

    @property
    def met(self) -> int:
        """Count the periods in which it was done."""
        return sum(figure.standing.pace is Pace.DONE for figure in self.figures)


@dataclass(frozen=True)
class Archive:
    """The archive. ``totals`` by measure, in the order of the registry; their sum is that of all its entries.

    ``months`` is the study time of each month that has any. ``years`` are those with anything in the ledger, the
    latest first. ``upto`` is the ledger's last row when it was made: as rows never change, whatever is read of the
    archive later (:func:`list_entries`, :func:`walk_entries`) adds up to the same totals.
    """

    member: int
    name: str
    year: int
    stays: tuple[Stay, ...]
    courses: tuple[Course, ...]
    totals: tuple[tuple[str, int], ...]
    months: tuple[tuple[int, int], ...]
    years: tuple[int, ...]
    upto: int
    today: date


def get_archive(actor: Actor, year: int | None, member: int | None, profile: str) -> Archive:
    """Give a year's archive, this year's by default: one's own, or that of a member whose progress one may see.

    In what others see, measures are left out that may not be shown to them under the profile. Raises NotFound for
    another's without the right, InvalidInput for a year out of reach.
    """
    today = clock.today()
    wanted = year or today.year
    if not FIRST_DAY.year <= wanted <= min(today.year + 1, LAST_DAY.year):
        raise InvalidInput(N_("There is no archive of this year."), field="year")
    whose = member or actor.id
    name = actor.name if whose == actor.id else name_within_reach(actor, whose, Action.PROGRESS_OF_OTHERS)
    shown = [code for code in MEASURES if whose == actor.id or counts_for_appraisal(code, profile)]
    shown = [code for code in shown if code not in NOT_ASKED_FOR]
    upto, begun = _bounds(whose)
    sums = _daily_sums(whose, wanted, upto)
    totals = _totals(sums)
    return Archive(
        whose,
        name,
        wanted,
        tuple(_stays(whose, wanted)),
        tuple(_courses(whose, wanted, shown, today)),
        tuple((code, totals[code]) for code in shown if totals.get(code)),
        tuple(_months(sums, shown)),
        tuple(_years(begun, today)),
        upto,
        today,
    )


def _of_year(member: int, year: int, upto: int) -> Any:
    e = LedgerEntry
    return (e.member == member) & e.day.between(date(year, 1, 1), date(year, 12, 31)) & (e.id <= upto)


def _bounds(member: int) -> tuple[int, date | None]:
    """Give the ledger's last row, and the first day of which it has anything of a member."""
    e, own = LedgerEntry, LedgerEntry.alias()
    begun = own.select(fn.MIN(own.day)).where(own.member == member)
    upto, first = e.select(fn.MAX(e.id), begun).tuples().first()
    return upto or 0, e.day.python_value(first)  # of a statement within a statement the kind is not known


DailySums = Sequence[tuple[str, date, int]]


def _daily_sums(member: int, year: int, upto: int) -> DailySums:
    """Add up the year by measure and day; a reversal lies on the day of what it takes back, so both are in it."""
    e = LedgerEntry
    sums = e.select(e.measure, e.day, fn.SUM(e.amount)).where(_of_year(member, year, upto))
    return [(measure, day, int(amount)) for measure, day, amount in sums.group_by(e.measure, e.day).tuples()]


def _totals(sums: DailySums) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for measure, _, amount in sums:
        totals[measure] += amount
    return totals


def _months(sums: DailySums, measures: Sequence[str]) -> list[tuple[int, int]]:
    """Give the study time of each month that has any."""
    timed = {code for code in measures if measure_of(code).study_time}
    months: dict[int, int] = defaultdict(int)
    for measure, day, amount in sums:
        if measure in timed:
            months[day.month] += amount
    return [(month, amount) for month, amount in sorted(months.items()) if amount]


def _standing(archive: Archive, measures: Sequence[str]) -> Any:
    """Select the facts of an archive that stand: what was taken back is left out with what took it back."""
    e, back = LedgerEntry, LedgerEntry.alias()
    return e.select(e.id, e.day, e.measure, e.amount, e.evidence_kind, e.evidence_ref, e.reverses.is_null(False)).where(
        _of_year(archive.member, archive.year, archive.upto),
        e.measure.in_(list(measures)),
        e.reverses.is_null(),
        ~fn.EXISTS(back.select(back.id).where(back.reverses == e.id, back.id <= archive.upto)),
    )


def list_entries(archive: Archive, page: int, *, timed: bool = False) -> Page[EvidenceRow]:
    """Give a page of the facts that stand, by measure in the order of the totals, each the earliest first.

    Study time, of which there are many, is left out unless ``timed``: the archive shows it by month.
    """
    e = LedgerEntry
    codes = [code for code, _ in archive.totals if timed or not measure_of(code).study_time]
    query = _standing(archive, codes)
    place = Case(e.measure, [(code, number) for number, code in enumerate(codes)], len(codes))
    rows = query.order_by(place, e.day, e.id).paginate(page, PAGE_SIZE).tuples() if codes else ()
    return Page(named(list(rows)), page, PAGE_SIZE, query.count() if codes else 0)


def walk_entries(archive: Archive) -> Iterator[EvidenceRow]:
    """Walk over all facts that stand, the earliest first, some at a time: however many there are, few are held."""
    e = LedgerEntry
    query = _standing(archive, [code for code, _ in archive.totals]).order_by(e.day, e.id).limit(AT_ONCE)
    rows = list(query.tuples())
    while rows:
        yield from named(rows)
        last, day = rows[-1][:2]
        after = (e.day > day) | ((e.day == day) & (e.id > last))
        rows = list(query.where(after).tuples()) if len(rows) == AT_ONCE else []


def _stays(member: int, year: int) -> list[Stay]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    rows = (
        Membership.select(Unit.name, Membership.since, Membership.until)
        .join(Unit)
        .where(
            Membership.member == member,
            Membership.since <= last,
            Membership.until.is_null() | (Membership.until >= first),
        )
        .order_by(Membership.since)
    )
    return [Stay(*row) for row in rows.tuples()]


def _courses(member: int, year: int, measures: Sequence[str], today: date) -> list[Course]:
    circumstances = circumstances_of(member)
    first, last = date(year, 1, 1), min(date(year, 12, 31), today)
    rows = [
        row
        for row in asked_of_members(circumstances.units, first, last)
        if all(code in measures for code in row.asked.counted.measures)
    ]
    wanted: list[tuple[RequirementRow, Span]] = [
        (row, span) for row in rows for span in spans_between(row.asked, first, last)
    ]
    courses: dict[int, list[Figure]] = {}
    for figure in figures_of(member, circumstances, wanted, today):
        if figure.standing.required or figure.standing.pace is Pace.EXEMPT:
            courses.setdefault(figure.requirement.series, []).append(figure)
    found = [sorted(figures, key=lambda figure: figure.span.since) for figures in courses.values()]
    return [Course(figures[-1].requirement, tuple(figures)) for figures in found]


def _years(first: date | None, today: date) -> list[int]:
    begin = min((first or today).year, today.year)
    return list(range(today.year, max(begin, FIRST_DAY.year) - 1, -1))
