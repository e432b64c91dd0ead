"""The progress of a unit's members, for those who look after them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lms import clock
from lms.errors import N_, NotFound
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Member, Membership, Unit
from lms.paging import Page
from lms.profiles import members_may_be_ranked
from lms.progress.asked_rows import RequirementRow, reaching
from lms.progress.asking import Subject, span_on
from lms.progress.bulk import standings_of_many
from lms.progress.rules import Standing, lag, shown_to_others

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
    wanted = [(row, span_on(row.asked, today)) for row in requirements]
    people = _present_members(path, today)
    standings = standings_of_many(_present(path, today), wanted, today)
    nothing: list[Standing | None] = [None] * len(wanted)
    rows = [
        MemberRow(ident, member_name, unit_name, tuple(standings.get(ident, nothing)))
        for ident, member_name, unit_name in people
    ]
    if sort == "behind" and members_may_be_ranked(profile):
        rows.sort(key=lambda row: lag(row.standings))
    behind = sum(1 for row in rows if lag(row.standings)[0] < 0)
    return UnitProgress(unit, name, tuple(requirements), Page(rows, 1, max(1, len(rows)), len(rows)), behind)


def _requirements_reaching(path: str, today: date, profile: str) -> list[RequirementRow]:
    return [
        row
        for row in reaching(path, today, today)
        if row.asked.subject is Subject.MEMBER
        and all(shown_to_others(code, profile) for code in row.asked.counted.measures)
    ]


def _present(path: str, today: date) -> Any:
    return Membership.select(Membership.member).join(Unit).where(access.in_subtree(path), access.active_on(today))


def _present_members(path: str, today: date) -> list[tuple[int, str, str]]:
    """Give the members present today by name, each with the unit within the subtree."""
    rows = (
        Membership.select(Member.id, Member.name, Unit.name)
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(access.in_subtree(path), access.active_on(today), Member.deactivated_at.is_null())
        .order_by(Member.name, Member.id, Membership.since)
        .tuples()
    )
    found = {ident: (name, unit_name) for ident, name, unit_name in rows}
    return [(ident, name, unit_name) for ident, (name, unit_name) in found.items()]
