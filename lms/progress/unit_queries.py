"""The progress of a unit's members, for those who look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms import clock
from lms.errors import N_, NotFound
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Member, Membership, Unit
from lms.paging import Page
from lms.periods import Span, period_of
from lms.progress.models import Requirement
from lms.progress.queries import FOREVER, RequirementRow, in_force_on, requirement_columns, row_of, sums_by_member
from lms.progress.rules import Standing, lag, shown_to_others, standing

PAGE_SIZE = 50
SORTS = ("behind", "name")


@dataclass(frozen=True)
class MemberRow:
    """A member with the unit within the subtree, and a standing for each of the requirements, None if not asked."""

    id: int
    name: str
    unit_name: str
    standings: tuple[Standing | None, ...]


@dataclass(frozen=True)
class UnitProgress:
    """Members of a unit and all units below it, against the requirements that reach any of them."""

    unit: int
    name: str
    requirements: tuple[RequirementRow, ...]
    members: Page[MemberRow]
    behind: int


def get_unit_progress(actor: Actor, unit: int, sort: str, page: int, profile: str) -> UnitProgress:
    """Give a page of a unit's members with their standings: five statements, however many members.

    Sorted by "behind" (furthest behind first) or by "name". Raises NotFound for no such unit, Forbidden without the
    right to see progress there. Measures that others may not see under the profile are left out.
    """
    whole = _whole_unit(actor, unit, sort, profile)
    first = (page - 1) * PAGE_SIZE
    rows = whole.members.items
    members = Page(rows[first : first + PAGE_SIZE], page, PAGE_SIZE, len(rows))
    return UnitProgress(whole.unit, whole.name, whole.requirements, members, whole.behind)


def list_unit_progress(actor: Actor, unit: int, sort: str, profile: str) -> UnitProgress:
    """Give all of a unit's members with their standings, for a table to take away; same rules as the page."""
    return _whole_unit(actor, unit, sort, profile)


def _whole_unit(actor: Actor, unit: int, sort: str, profile: str) -> UnitProgress:
    found = Unit.select(Unit.name, Unit.path).where(Unit.id == unit).tuples().first()
    if found is None:
        raise NotFound(N_("There is no such unit."))
    name, path = found
    access.require(actor, Action.PROGRESS_OF_OTHERS, path)
    today = clock.today()
    requirements = _requirements_reaching(path, today, profile)
    spans = [period_of(today, row.asked.period) for row in requirements]
    windows = [(row.asked.measure, span) for row, span in zip(requirements, spans, strict=True)]
    sums = sums_by_member(_present(path, today), windows)
    rows = [
        MemberRow(ident, member_name, unit_name, _standings(requirements, windows, sums.get(ident), stays, today))
        for ident, member_name, unit_name, stays in _members(path, today)
    ]
    rows.sort(key=lambda row: lag(row.standings) if sort == "behind" else (0, 0.0))
    behind = sum(1 for row in rows if lag(row.standings)[0] < 0)
    return UnitProgress(unit, name, tuple(requirements), Page(rows, 1, max(1, len(rows)), len(rows)), behind)


def _requirements_reaching(path: str, today: date, profile: str) -> list[RequirementRow]:
    above = [int(part) for part in path.strip("/").split("/")]
    rows = (
        Requirement.select(*requirement_columns(Unit))
        .join(Unit)
        .where(in_force_on(today), access.in_subtree(path) | Unit.id.in_(above))
        .order_by(Requirement.id)
        .tuples()
    )
    found = [row_of(values) for values in rows]
    found.sort(key=lambda row: (len(row.unit_path), row.id))
    return [row for row in found if shown_to_others(row.asked.measure, profile)]


def _present(path: str, today: date) -> Any:
    return Membership.select(Membership.member).join(Unit).where(access.in_subtree(path), access.active_on(today))


def _members(path: str, today: date) -> list[tuple[int, str, str, list[tuple[str, Span]]]]:
    """Give the members present today by name, each with the paths and days of all their memberships."""
    rows = (
        Membership.select(Member.id, Member.name, Unit.name, Unit.path, Membership.since, Membership.until)
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(Member.id.in_(_present(path, today)), Member.deactivated_at.is_null())
        .order_by(Member.name, Member.id, Membership.since)
        .tuples()
    )
    stays: dict[int, list[tuple[str, Span]]] = {}
    names: dict[int, tuple[str, str]] = {}
    for ident, name, unit_name, unit_path, since, until in rows:
        span = Span(since, until or FOREVER)
        stays.setdefault(ident, []).append((unit_path, span))
        if unit_path.startswith(path) and span.since <= today <= span.until:
            names[ident] = (name, unit_name)
    return [(ident, *names[ident], stays[ident]) for ident in names]


def _standings(
    requirements: Sequence[RequirementRow],
    windows: Sequence[tuple[str, Span]],
    sums: Sequence[int] | None,
    stays: Sequence[tuple[str, Span]],
    today: date,
) -> tuple[Standing | None, ...]:
    found: list[Standing | None] = []
    for number, (row, (_, span)) in enumerate(zip(requirements, windows, strict=True)):
        membership = [stay for path, stay in stays if path.startswith(row.unit_path)]
        reached = any(stay.since <= today <= stay.until for stay in membership)
        done = sums[number] if sums else 0
        found.append(standing(row.asked, span, done, membership, today) if reached else None)
    return tuple(found)
