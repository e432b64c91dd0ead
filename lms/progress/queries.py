"""Reads of progress: which requirements apply to a member, how they stand, and what stands behind a figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import OP, Case, Expression, Value, fn

from lms import clock
from lms.errors import N_, NotFound
from lms.members import access
from lms.members.access import Action, Actor, InCare
from lms.members.models import Unit
from lms.paging import Page
from lms.periods import Span
from lms.progress.asked_rows import (
    RequirementRow,
    find_row,
    requirement_columns,
    row_of,
    rows_of,
    versions_of,
)
from lms.progress.asking import Asked, Each, Subject, in_force, span_on
from lms.progress.current import History, current_figures, current_histories
from lms.progress.days import clip
from lms.progress.evidence import EvidenceRow, list_evidence
from lms.progress.figures import (
    Figure,
    belonging_to,
    figures_of,
    occasion_windows,
    occasions_of,
    windows_of,
)
from lms.progress.models import LedgerEntry, Requirement
from lms.progress.occasions import Occasion
from lms.progress.people import circumstances_of
from lms.progress.rules import FIRST_DAY, LAST_DAY, shown_to_others
from lms.progress.sums import counting

GONE = N_("There is no such requirement, or it does not concern you.")


@dataclass(frozen=True)
class Evidence:
    """What stands behind a figure: the figure itself and the ledger rows, whose sum it is.

    ``sum`` is that of all rows: more than the figure's ``done`` only where a day is capped. ``occasions`` are the
    events that each asked for something, where that is how it is asked. ``days``: of a member who moved away or left
    those on which they belonged to the actor's units; rows of other days are left out. None: all days.
    """

    figure: Figure
    member: int
    member_name: str
    rows: Page[EvidenceRow]
    sum: int
    occasions: tuple[Occasion, ...] = ()
    days: tuple[Span, ...] | None = None

    @property
    def in_part(self) -> bool:
        """Say whether days of the period are left out."""
        return self.days is not None and not self.reaches_all_of(self.figure.span)

    def reaches_all_of(self, span: Span) -> bool:
        """Say whether the actor may see every day of a period."""
        return self.days is None or any(one.since <= span.since and span.until <= one.until for one in self.days)

    def touches(self, span: Span) -> bool:
        """Say whether the actor may see any day of a period."""
        return self.days is None or bool(clip(self.days, span))


def list_my_figures(actor: Actor) -> Sequence[Figure]:
    """Give the current figure of every requirement that applies to the actor today: four statements at most."""
    return current_figures(actor.id)


def list_my_histories(actor: Actor) -> Sequence[History]:
    """Give every requirement that applies to the actor today, with its last closed periods: three statements at most.

    A closed period is judged by the version that was in force in it.
    """
    return current_histories(actor.id)


def get_requirement(actor: Actor, requirement: int) -> RequirementRow:
    """Give a requirement that asks something of the actor's units or of those in the actor's care, or made there.

    Raises NotFound otherwise.
    """
    found = find_row(requirement)
    if found is not None and (
        found.unit in actor.sees_units
        or access.may(actor, Action.PROGRESS_OF_OTHERS, found.unit_path)
        or any(path.startswith(found.unit_path) for path in actor.paths_for(Action.PROGRESS_OF_OTHERS))
    ):
        return found
    raise NotFound(GONE)


def list_versions(actor: Actor, requirement: int) -> list[RequirementRow]:
    """Give all versions of a requirement, the latest first. Raises NotFound."""
    return versions_of(get_requirement(actor, requirement).series)


def first_day_of(row: RequirementRow) -> date:
    """Give the day from which the first version of a requirement counts."""
    return row.asked.since if row.version == 1 else versions_of(row.series)[-1].asked.since


def get_evidence(
    actor: Actor, requirement: int, day: date | None, member: int | None, page: int, profile: str
) -> Evidence:
    """Give the ledger rows behind a figure, newest first, for the period that ``day`` lies in (today's by default).

    The period is judged by the version in force in it. Another member's evidence needs the right to see progress on
    that member's unit (of those who moved or left: for the days in it), and measures that may be shown to others under
    the profile. Raises NotFound where there is nothing the actor may see.
    """
    row = get_requirement(actor, requirement)
    if row.asked.subject is not Subject.MEMBER:
        raise NotFound(GONE)
    whose = member or actor.id
    care = InCare(actor.name, None) if whose == actor.id else _in_care(actor, whose, row, profile)
    within = min(max(day or clock.today(), FIRST_DAY), LAST_DAY)
    row, span = _version_on(row, within)
    circumstances = circumstances_of(whose)
    (figure,) = figures_of(whose, circumstances, [(row, span)], clock.today())
    if row.asked.each is Each.EVENT:
        windows = list(occasion_windows(row.asked, span))
    else:
        windows = windows_of(row.asked, span, belonging_to(row, circumstances, span))
    condition = (LedgerEntry.member == whose) & _any_of([counting(*window) for window in windows])
    if care.days is not None:
        touching = clip(care.days, span)
        if not touching:
            raise NotFound(GONE)
        condition &= _any_of([LedgerEntry.day.between(days.since, days.until) for days in touching])
    occasions: tuple[Occasion, ...] = ()
    if row.asked.each is Each.EVENT and care.days is None:
        occasions = tuple(occasions_of(whose, row.asked, span, belonging_to(row, circumstances, span)))
    total = LedgerEntry.select(fn.SUM(LedgerEntry.amount)).where(condition).scalar()
    rows = list_evidence(condition, page)
    return Evidence(figure, whose, care.name, rows, int(total or 0), occasions, care.days)


def _version_on(row: RequirementRow, day: date) -> tuple[RequirementRow, Span]:
    span = span_on(row.asked, day)
    if in_force(row.asked, span) is not None:
        return row, span
    for other in versions_of(row.series):
        span_of_other = span_on(other.asked, day)
        if in_force(other.asked, span_of_other) is not None:
            return other, span_of_other
    return row, span


def _in_care(actor: Actor, member: int, row: RequirementRow, profile: str) -> InCare:
    shown = all(shown_to_others(code, profile) for code in row.asked.counted.measures)
    found = access.find_in_care(actor, Action.PROGRESS_OF_OTHERS, member, row.unit_path) if shown else None
    if found is None:
        raise NotFound(GONE)
    return found


def list_requirements(actor: Actor, page: int, size: int) -> Page[RequirementRow]:
    """Give the requirements on units where the actor may edit them, each in its latest version, those ended last."""
    paths = actor.paths_for(Action.REQUIREMENT_EDIT)
    access.require(actor, Action.REQUIREMENT_EDIT)
    later = Requirement.alias()
    superseded = later.select().where(later.series == Requirement.series, later.version > Requirement.version)
    condition = _any_of([access.in_subtree(path) for path in paths])
    query = Requirement.select(*requirement_columns(Unit)).join(Unit).where(condition, ~fn.EXISTS(superseded))
    ended = Case(None, ((Requirement.until < clock.today(), 1),), 0)
    rows = query.order_by(ended, fn.LENGTH(Unit.path), Requirement.id).paginate(page, size).tuples()
    return Page([row_of(values) for values in rows], page, size, query.count())


def list_asked_from_above(actor: Actor) -> list[RequirementRow]:
    """Give what units above those whose requirements the actor may edit ask of the people or units in them.

    In force today or later, each in the version that asks it; from the root down. Not what reaches nobody there for
    its kinds of unit, and nothing for who looks after the whole organisation.
    """
    access.require(actor, Action.REQUIREMENT_EDIT)
    paths = actor.paths_for(Action.REQUIREMENT_EDIT)
    above = {int(part) for path in paths for part in path.strip("/").split("/")[:-1]}
    own = Unit.select(Unit.id).where(Unit.id.in_(sorted(above)), _any_of([access.in_subtree(path) for path in paths]))
    above -= {unit for (unit,) in own.tuples()}
    if not above:
        return []
    today = clock.today()
    query = Requirement.select(*requirement_columns(Unit)).join(Unit)
    running = Requirement.until.is_null() | (Requirement.until >= today)
    query = query.where(Requirement.unit.in_(sorted(above)), running)
    rows = rows_of(query.order_by(fn.LENGTH(Unit.path), Requirement.series, Requirement.version).tuples())
    kinds = {kind for (kind,) in Unit.select(Unit.kind).where(_any_of([access.in_subtree(p) for p in paths])).tuples()}
    return [row for row in rows if _reaches(row.asked, kinds)]


def _reaches(asked: Asked, kinds: set[str]) -> bool:
    """Say whether what a unit asks reaches members or units of some kinds below it."""
    if asked.subject is Subject.MEMBER:
        return not asked.who.kinds or not kinds.isdisjoint(asked.who.kinds)
    return not kinds.isdisjoint(asked.who.kinds)  # none: of that unit alone


def list_top_units(actor: Actor, action: Action) -> list[tuple[int, str]]:
    """Give the units on which the actor's roles for something stand, as pairs of id and name; none costs no query."""
    ids = {grant.unit for grant in actor.grants if grant.role in access.ALLOWED[action]}
    if not ids:
        return []
    return list(Unit.select(Unit.id, Unit.name).where(Unit.id.in_(sorted(ids))).order_by(Unit.path).tuples())


def _any_of(conditions: Sequence[Any]) -> Expression:
    if not conditions:
        return Expression(Value(1), OP.EQ, Value(0))
    whole = conditions[0]
    for condition in conditions[1:]:
        whole |= condition
    return whole
