"""Reading accreditations: who may publish where, whose accreditation ends soon, what one's own are."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import JOIN, Case, Expression, fn

from lms import clock
from lms.errors import N_, NotFound
from lms.members.access import Action, Actor, holds_on, in_subtree, require
from lms.members.models import Accreditation, Member, RoleGrant, Unit
from lms.members.rules import closed_up
from lms.paging import Page
from lms.prepared import prepared

STATES = ("holding", "soon", "ended", "all")
SORTS = ("ends", "name", "unit", "newest")
SOON = timedelta(days=30)


class AccreditationRow(NamedTuple):
    """An accreditation; ``member`` is None for somebody from outside without an account."""

    id: int
    member: int | None
    name: str
    inside: bool
    unit: int
    unit_name: str
    unit_path: str
    since: date
    until: date | None
    by_name: str | None
    remark: str
    revoked_at: datetime | None

    def state(self, today: date) -> str:
        """Say how it stands: "revoked", "ended", "coming", "soon" (ends within 30 days) or "holding"."""
        if self.revoked_at is not None:
            return "revoked"
        if self.until is not None and self.until < today:
            return "ended"
        if self.since > today:
            return "coming"
        return "soon" if self.until is not None and self.until - today <= SOON else "holding"


@dataclass(frozen=True)
class Filter:
    """Which accreditations to list: by state, part of a name, a unit and those below it."""

    state: str = "holding"
    text: str = ""
    unit: int | None = None
    sort: str = "ends"


_By = Member.alias("accredited_by")


def _rows(where: Expression) -> Any:
    return (
        Accreditation.select(
            Accreditation.id,
            Accreditation.member,
            fn.COALESCE(Member.name, Accreditation.name),
            Accreditation.inside,
            Accreditation.unit,
            Unit.name,
            Unit.path,
            Accreditation.since,
            Accreditation.until,
            _By.name,
            Accreditation.remark,
            Accreditation.revoked_at,
        )
        .join(Unit)
        .switch(Accreditation)
        .join(Member, JOIN.LEFT_OUTER, on=(Accreditation.member == Member.id))
        .switch(Accreditation)
        .join(_By, JOIN.LEFT_OUTER, on=(Accreditation.accredited_by == _By.id))
        .where(where)
    )


def list_accreditations(actor: Actor, wanted: Filter, number: int, size: int) -> Page[AccreditationRow]:
    """List the accreditations of the units that the actor looks after: two statements. Raises Forbidden."""
    require(actor, Action.LECTURER_ACCREDIT)
    paths = actor.paths_for(Action.LECTURER_ACCREDIT)
    where = reduce(or_, [in_subtree(path) for path in paths]) & _in_state(wanted.state)
    if wanted.unit is not None:
        where &= in_subtree(Unit.select(Unit.path).where(Unit.id == wanted.unit).scalar() or "-")
    for word in closed_up(wanted.text).split()[:8]:
        where &= Member.name.contains(word) | Accreditation.name.contains(word)
    found = _rows(where)
    rows = [AccreditationRow._make(row) for row in found.order_by(*_order(wanted.sort)).paginate(number, size).tuples()]
    return Page(rows, number, size, found.count())


def _in_state(state: str) -> Expression:
    today = clock.today()
    if state == "all":
        return Accreditation.id.is_null(False)
    if state == "ended":
        return Accreditation.revoked_at.is_null(False) | (Accreditation.until < today)
    if state == "soon":
        return holds_on(today) & (Accreditation.until <= today + SOON)
    return Accreditation.revoked_at.is_null() & (Accreditation.until.is_null() | (Accreditation.until >= today))


def _order(sort: str) -> tuple[Any, ...]:
    name = fn.COALESCE(Member.name, Accreditation.name)
    if sort == "name":
        return (name, Accreditation.id)
    if sort == "unit":
        return (Unit.path, name, Accreditation.id)
    if sort == "newest":
        return (Accreditation.since.desc(), Accreditation.id.desc())
    ends = Case(None, [(Accreditation.until.is_null(), 1)], 0)
    return (ends, Accreditation.until, name, Accreditation.id)


def count_soon(actor: Actor) -> int:
    """Count the accreditations that end within 30 days in the units that the actor looks after."""
    paths = actor.paths_for(Action.LECTURER_ACCREDIT)
    if not paths:
        return 0
    where = reduce(or_, [in_subtree(path) for path in paths]) & _in_state("soon")
    return int(Accreditation.select().join(Unit).where(where).count())


def get_accreditation(accreditation: int) -> AccreditationRow:
    """Give an accreditation that the caller may see already. Raises NotFound."""
    row = _rows(Accreditation.id == accreditation).tuples().first()
    if row is None:
        raise NotFound(N_("This accreditation does not exist."))
    return AccreditationRow._make(row)


def list_own(actor: Actor) -> list[AccreditationRow]:
    """Give the actor's own accreditations, the one that holds longest first."""
    return [AccreditationRow._make(row) for row in _own(actor.id)]


@prepared
def _own(member: int) -> Any:
    return _rows(Accreditation.member == member).order_by(Accreditation.until.is_null().desc(), Accreditation.id.desc())


class Ending(NamedTuple):
    """An accreditation that ends soon: whose, and who looks after it."""

    id: int
    member: int | None
    name: str
    unit_name: str
    until: date
    keepers: frozenset[int]


def list_ending(today: date) -> list[Ending]:
    """Give the accreditations that end within 30 days and go on by no other one, with whom to tell of it.

    That is who gave it, or, where they left or lost the right, the liaisons nearest above.
    """
    rows = _rows(holds_on(today) & (Accreditation.until <= today + SOON)).select_extend(Accreditation.accredited_by)
    found = [(AccreditationRow._make(row[:-1]), row[-1]) for row in rows.order_by(Accreditation.id).tuples()]
    return [
        Ending(row.id, row.member, row.name, row.unit_name, row.until, _keepers(by, row.unit_path))
        for row, by in found
        if row.until is not None and not _goes_on(row, row.until)
    ]


def _goes_on(row: AccreditationRow, until: date) -> bool:
    """Say whether another accreditation takes over without a gap, by the same unit or one above it."""
    same = Accreditation.member == row.member if row.member else Accreditation.name == row.name
    later = (
        Accreditation.select(Unit.path)
        .join(Unit)
        .where(
            same,
            Accreditation.id != row.id,
            Accreditation.revoked_at.is_null(),
            Accreditation.since <= until + timedelta(days=1),
            Accreditation.until.is_null() | (Accreditation.until > until),
        )
    )
    return any(row.unit_path.startswith(path) for (path,) in later.tuples())


def _keepers(by: int | None, path: str) -> frozenset[int]:
    liaisons = (
        RoleGrant.select(RoleGrant.member, Unit.path)
        .join(Unit)
        .switch(RoleGrant)
        .join(Member)
        .where(RoleGrant.role.in_(("liaison", "administrator")), Member.deactivated_at.is_null())
    )
    above = [(len(reach), member) for member, reach in liaisons.tuples() if path.startswith(reach)]
    if any(member == by for _, member in above):
        return frozenset((by,)) if by is not None else frozenset()
    nearest = max((length for length, _ in above), default=0)
    return frozenset(member for length, member in above if length == nearest)
