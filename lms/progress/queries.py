"""Reads of progress: which requirements apply to a member, how they stand, and what stands behind a figure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN, Case, Expression, fn

from lms import clock
from lms.catalogue.models import Book
from lms.errors import N_, NotFound
from lms.lectures.models import Lecture, Recording
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Member, Membership, Unit
from lms.paging import Page
from lms.periods import Period, Span, period_of
from lms.prepared import prepared
from lms.progress.models import LedgerEntry, Requirement
from lms.progress.rules import FIRST_DAY, LAST_DAY, Asked, Standing, past_periods, shown_to_others, standing
from lms.reading.models import ReadingEntry, ReadingSession

PAST = 6
FEW_WINDOWS = 4  # a home page has as many as requirements are in force
EVIDENCE_SIZE = 50
FOREVER = date.max

Window = tuple[str, Span]


@dataclass(frozen=True)
class RequirementRow:
    """A requirement with the unit that asks for it."""

    id: int
    title: str
    unit: int
    unit_name: str
    unit_path: str
    asked: Asked


@dataclass(frozen=True)
class Figure:
    """How a member stands with a requirement in one period."""

    requirement: RequirementRow
    span: Span
    standing: Standing


@dataclass(frozen=True)
class History:
    """A requirement's current figure and those of the closed periods before, the latest first."""

    now: Figure
    past: tuple[Figure, ...]


@dataclass(frozen=True)
class EvidenceRow:
    """A ledger row and what it points at. ``title`` is empty when that was removed since."""

    id: int
    day: date
    amount: int
    kind: str
    reversal: bool
    book: int | None
    book_title: str
    lecture: int | None
    lecture_title: str

    @property
    def title(self) -> str:
        """Give the name of what was read or watched."""
        return self.book_title or self.lecture_title


@dataclass(frozen=True)
class Evidence:
    """What stands behind a figure: the figure itself and the ledger rows, whose sum it is."""

    figure: Figure
    member: int
    member_name: str
    rows: Page[EvidenceRow]


def requirement_columns(unit: Any) -> tuple[Any, ...]:
    """Give the columns that ``row_of`` reads, for a select joined with the requirement's unit."""
    r = Requirement
    return (r.id, r.title, r.unit, unit.name, unit.path, r.measure, r.amount, r.period, r.since, r.until)


def row_of(values: Sequence[Any]) -> RequirementRow:
    """Make a requirement of the values of ``requirement_columns``."""
    ident, title, unit, unit_name, unit_path, measure, amount, period, since, until = values
    return RequirementRow(
        ident, title, unit, unit_name, unit_path, Asked(measure, amount, Period(period), since, until)
    )


def in_force_on(day: date) -> Expression:
    """Make the condition that a requirement is in force on a day."""
    return (Requirement.since <= day) & (Requirement.until.is_null() | (Requirement.until >= day))


def sums_of(member: int, windows: Sequence[Window]) -> list[int]:
    """Add up one member's ledger for each window (a measure and its days), in one statement.

    The database adds up a few windows itself. Of many the rows come by day and are added up here: that statement
    stays short however many windows there are.
    """
    if not windows:
        return []
    first, last = min(span.since for _, span in windows), max(span.until for _, span in windows)
    if len(windows) <= FEW_WINDOWS:
        begins, ends = [span.since for _, span in windows], [span.until for _, span in windows]
        row = _window_sums.first(member, first, last, [measure for measure, _ in windows], begins, ends)
        return [int(amount or 0) for amount in row or ()]
    rows = _daily_sums(member, first, last)
    return [
        sum(int(amount) for of, day, amount in rows if of == measure and span.since <= day <= span.until)
        for measure, span in windows
    ]


@prepared
def _window_sums(
    member: int, first: date, last: date, measures: Sequence[str], begins: Sequence[date], ends: Sequence[date]
) -> Any:
    e = LedgerEntry
    columns = [
        fn.SUM(Case(None, (((e.measure == measure) & e.day.between(begin, end), e.amount),), 0))
        for measure, begin, end in zip(measures, begins, ends, strict=True)
    ]
    return e.select(*columns).where(e.member == member, e.day.between(first, last))


@prepared
def _daily_sums(member: int, first: date, last: date) -> Any:
    e = LedgerEntry
    return (
        e.select(e.measure, e.day, fn.SUM(e.amount))
        .where(e.member == member, e.day.between(first, last))
        .group_by(e.measure, e.day)
    )


def sums_by_member(members: Any, windows: Sequence[Window]) -> dict[int, list[int]]:
    """Add up the ledger for each window (a measure and its days), per member, in one statement.

    ``members`` is a list of ids or a subquery. A member without any row in the windows is left out.
    """
    if not windows:
        return {}
    e = LedgerEntry
    columns = [
        fn.SUM(Case(None, (((e.measure == measure) & e.day.between(span.since, span.until), e.amount),), 0))
        for measure, span in windows
    ]
    first, last = min(span.since for _, span in windows), max(span.until for _, span in windows)
    rows = (
        e.select(e.member, *columns)
        .where(e.member.in_(members), e.measure.in_({measure for measure, _ in windows}), e.day.between(first, last))
        .group_by(e.member)
        .tuples()
    )
    return {member: [int(value or 0) for value in values] for member, *values in rows}


def list_my_figures(actor: Actor) -> list[Figure]:
    """Give the current figure of every requirement that applies to the actor today: two statements."""
    return [history.now for history in _histories(actor.id, 0)]


def list_my_histories(actor: Actor) -> list[History]:
    """Give every requirement that applies to the actor today, with its last closed periods: two statements."""
    return _histories(actor.id, PAST)


def _histories(member: int, past: int) -> list[History]:
    today = clock.today()
    found = _gathered(_applying_on(member, today))
    applying = [(row, spans) for row, spans in found if any(s.since <= today <= s.until for s in spans)]
    spans_of = [
        [period_of(today, row.asked.period), *past_periods(row.asked.period, today, past)] for row, _ in applying
    ]
    windows = [(row.asked.measure, span) for (row, _), spans in zip(applying, spans_of, strict=True) for span in spans]
    sums = iter(sums_of(member, windows))
    histories = []
    for (row, membership), spans in zip(applying, spans_of, strict=True):
        figures = [Figure(row, span, standing(row.asked, span, next(sums), membership, today)) for span in spans]
        asked_then = tuple(figure for figure in figures[1:] if figure.standing.required)
        histories.append(History(figures[0], asked_then))
    return histories


def _applying(member: int, condition: Expression) -> Any:
    """Select the requirements of all units the member is or was below, each with the days of belonging there."""
    asking, own = Unit.alias(), Unit.alias()
    return (
        Requirement.select(*requirement_columns(asking), Membership.since, Membership.until)
        .join(asking, on=(Requirement.unit == asking.id))
        .join(Membership, on=(Membership.member == member))
        .join(own, on=((Membership.unit == own.id) & _below(own.path, asking.path)))
        .where(condition)
        .order_by(fn.LENGTH(asking.path), Requirement.id, Membership.since)
    )


@prepared
def _applying_on(member: int, day: date) -> Any:
    return _applying(member, in_force_on(day))


def _gathered(rows: Iterable[Any]) -> list[tuple[RequirementRow, list[Span]]]:
    found: dict[int, tuple[RequirementRow, list[Span]]] = {}
    for *values, since, until in rows:
        _, spans = found.setdefault(values[0], (row_of(values), []))
        spans.append(Span(since, until or FOREVER))
    return list(found.values())


def _below(path: Any, above: Any) -> Expression:
    # Paths end in "/", so a prefix is an ancestor; SUBSTR instead of LIKE because the pattern is a column.
    return fn.SUBSTR(path, 1, fn.LENGTH(above)) == above


def get_requirement(actor: Actor, requirement: int) -> RequirementRow:
    """Give a requirement that asks something of the actor's units, or on whose unit the actor has a say.

    Raises NotFound otherwise.
    """
    row = (
        Requirement.select(*requirement_columns(Unit)).join(Unit).where(Requirement.id == requirement).tuples().first()
    )
    if row is not None:
        found = row_of(row)
        if found.unit in actor.sees_units or access.may(actor, Action.PROGRESS_OF_OTHERS, found.unit_path):
            return found
    raise NotFound(N_("There is no such requirement, or it does not concern you."))


def get_evidence(
    actor: Actor, requirement: int, day: date | None, member: int | None, page: int, profile: str
) -> Evidence:
    """Give the ledger rows behind a figure, newest first, for the period that ``day`` lies in (today's by default).

    Another member's evidence needs the right to see progress on that member's unit, and a measure that may be shown
    to others under the profile. Raises NotFound where there is nothing the actor may see.
    """
    row = get_requirement(actor, requirement)
    whose = member or actor.id
    name = actor.name if whose == actor.id else _name_of_other(actor, whose, row, profile)
    within = min(max(day or clock.today(), FIRST_DAY), LAST_DAY)
    span = period_of(within, row.asked.period)
    membership = next(
        (spans for found, spans in _gathered(_applying(whose, Requirement.id == requirement).tuples()) if found), []
    )
    (total,) = sums_of(whose, [(row.asked.measure, span)])
    figure = Figure(row, span, standing(row.asked, span, total, membership, clock.today()))
    return Evidence(figure, whose, name, _evidence_rows(whose, row.asked.measure, span, page))


def _name_of_other(actor: Actor, member: int, row: RequirementRow, profile: str) -> str:
    units = (
        Membership.select(Unit.path, Member.name)
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(Membership.member == member, access.active_on(clock.today()))
        .tuples()
    )
    for path, name in units:
        reaches = access.may(actor, Action.PROGRESS_OF_OTHERS, path)
        if reaches and path.startswith(row.unit_path) and shown_to_others(row.asked.measure, profile):
            return str(name)
    raise NotFound(N_("There is no such requirement, or it does not concern you."))


def _evidence_rows(member: int, measure: str, span: Span, page: int) -> Page[EvidenceRow]:
    e = LedgerEntry
    condition = (e.member == member) & (e.measure == measure) & e.day.between(span.since, span.until)
    total = e.select().where(condition).count()
    of_entry = (e.evidence_kind == "reading_entry") & (ReadingEntry.id == e.evidence_ref)
    of_session = (e.evidence_kind == "reading_session") & (ReadingSession.id == e.evidence_ref)
    of_recording = (e.evidence_kind == "recording") & (Recording.id == e.evidence_ref)
    rows = (
        e.select(
            e.id,
            e.day,
            e.amount,
            e.evidence_kind,
            e.reverses.is_null(False),
            Book.id,
            Book.title,
            Lecture.id,
            Lecture.title,
        )
        .join(ReadingEntry, JOIN.LEFT_OUTER, on=of_entry)
        .join(ReadingSession, JOIN.LEFT_OUTER, on=of_session)
        .join(Book, JOIN.LEFT_OUTER, on=(Book.id == fn.COALESCE(ReadingEntry.book, ReadingSession.book)))
        .join(Recording, JOIN.LEFT_OUTER, on=of_recording)
        .join(Lecture, JOIN.LEFT_OUTER, on=(Lecture.id == Recording.lecture))
        .where(condition)
        .order_by(e.day.desc(), e.id.desc())
        .paginate(page, EVIDENCE_SIZE)
        .tuples()
    )
    return Page([_evidence_row(values) for values in rows], page, EVIDENCE_SIZE, total)


def _evidence_row(values: Iterable[Any]) -> EvidenceRow:
    ident, day, amount, kind, reversal, book, book_title, lecture, lecture_title = values
    return EvidenceRow(ident, day, amount, kind, bool(reversal), book, book_title or "", lecture, lecture_title or "")


def list_requirements(actor: Actor, page: int, size: int) -> Page[RequirementRow]:
    """Give the requirements on units where the actor may edit them, those that have ended last."""
    paths = actor.paths_for(Action.REQUIREMENT_EDIT)
    access.require(actor, Action.REQUIREMENT_EDIT)
    condition = _any_of([access.in_subtree(path) for path in paths])
    query = Requirement.select(*requirement_columns(Unit)).join(Unit).where(condition)
    ended = Case(None, ((Requirement.until < clock.today(), 1),), 0)
    rows = query.order_by(ended, fn.LENGTH(Unit.path), Requirement.id).paginate(page, size).tuples()
    return Page([row_of(values) for values in rows], page, size, query.count())


def list_units_for(actor: Actor, action: Action) -> list[tuple[int, str]]:
    """Give the units on which the actor may do something, as pairs of id and name, from the root down."""
    paths = actor.paths_for(action)
    if not paths:
        return []
    condition = _any_of([access.in_subtree(path) for path in paths])
    return list(Unit.select(Unit.id, Unit.name).where(condition).order_by(Unit.path).tuples())


def list_top_units(actor: Actor, action: Action) -> list[tuple[int, str]]:
    """Give the units on which the actor's roles for something stand, as pairs of id and name; none costs no query."""
    ids = {grant.unit for grant in actor.grants if grant.role in access.ALLOWED[action]}
    if not ids:
        return []
    return list(Unit.select(Unit.id, Unit.name).where(Unit.id.in_(sorted(ids))).order_by(Unit.path).tuples())


def _any_of(conditions: Sequence[Expression]) -> Expression:
    whole = conditions[0]
    for condition in conditions[1:]:
        whole |= condition
    return whole
