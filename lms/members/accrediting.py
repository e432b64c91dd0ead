"""Accrediting lecturers: who may publish for a unit, from when until when, and how that ends."""

from dataclasses import dataclass, replace
from datetime import date

from lms import clock
from lms.db import one_at_a_time, transactional
from lms.errors import N_, Conflict, Faults, InvalidInput, NotFound
from lms.members import rules
from lms.members.access import Action, Actor, require
from lms.members.models import Accreditation, RoleGrant, Unit
from lms.members.queries import is_within_reach
from lms.members.touching import touch_members

NAME_CHARS, REMARK_CHARS = 80, 300


@dataclass(frozen=True)
class Wanted:
    """What is said of an accreditation: a member, or the name of somebody from outside without an account."""

    unit: int | None
    member: int | None = None
    name: str = ""
    inside: bool = True
    since: date | None = None
    until: date | None = None
    remark: str = ""


def _faults(actor: Actor, wanted: Wanted, before: Faults | None) -> Faults:
    require(actor, Action.LECTURER_ACCREDIT)
    found = Faults(before)
    found.check(lambda: _check_who(actor, wanted))
    found.check(lambda: _check_unit(actor, wanted))
    found.check(lambda: _check_days(wanted))
    found.check(lambda: rules.clean_line(wanted.remark, "remark", REMARK_CHARS))
    return found


def _check_who(actor: Actor, wanted: Wanted) -> None:
    if wanted.member is not None:
        if not is_within_reach(actor, Action.LECTURER_ACCREDIT, wanted.member):
            raise InvalidInput(N_("There is no such member in your units, or the account is closed."), field="member")
    elif not rules.clean_line(wanted.name, "name", NAME_CHARS):
        raise InvalidInput(N_("Please choose a member, or write the name of an outside lecturer."), field="name")


def _check_unit(actor: Actor, wanted: Wanted) -> None:
    path = Unit.select(Unit.path).where(Unit.id == wanted.unit).scalar()
    if path is None or not any(path.startswith(reach) for reach in actor.paths_for(Action.LECTURER_ACCREDIT)):
        raise InvalidInput(N_("Please choose a unit that you look after."), field="unit")


def _check_days(wanted: Wanted) -> None:
    if wanted.since is None:
        raise InvalidInput(N_("Please enter a date such as 2026-05-31."), field="since")
    if wanted.until is not None and wanted.until < wanted.since:
        raise InvalidInput(N_("The last day is before the first."), field="until")


def _checked(actor: Actor, wanted: Wanted, before: Faults | None = None) -> Wanted:
    faults = _faults(actor, wanted, before)
    if faults:
        raise faults.gathered()
    name = "" if wanted.member else rules.person_name(wanted.name, "name", NAME_CHARS)
    return replace(wanted, name=name, remark=rules.clean_line(wanted.remark, "remark", REMARK_CHARS))


@transactional
def accredit(actor: Actor, wanted: Wanted, *, before: Faults | None = None) -> int:
    """Accredit a lecturer for a unit and those below it, and give the accreditation's id.

    A member who may not upload there yet gets the role of lecturer with it: one step for what belongs together.
    Raises Forbidden, InvalidInput with all that is wrong and what was found ``before``, and Conflict when one that
    holds at the same time is there already.
    """
    checked = _checked(actor, wanted, before)
    _check_single(checked)
    made = Accreditation.create(
        member=checked.member,
        name=checked.name,
        inside=checked.inside,
        unit=checked.unit,
        since=checked.since,
        until=checked.until,
        accredited_by=actor.id,
        remark=checked.remark,
    )
    if checked.member is not None:
        _give_role(checked.member, checked.unit)
    return int(made.id)


def _check_single(wanted: Wanted, but: int = 0) -> None:
    one_at_a_time(f"accreditations of unit:{wanted.unit}")
    same = Accreditation.member == wanted.member if wanted.member else Accreditation.name == wanted.name
    overlaps = Accreditation.until.is_null() | (Accreditation.until >= wanted.since)
    if wanted.until is not None:
        overlaps &= Accreditation.since <= wanted.until
    there = Accreditation.select().where(
        same, Accreditation.unit == wanted.unit, Accreditation.revoked_at.is_null(), overlaps, Accreditation.id != but
    )
    if there.exists():
        raise Conflict(
            N_("An accreditation by this unit for this time is there already. Change its days instead."), field="since"
        )


def _give_role(member: int, unit: int | None) -> None:
    path = str(Unit.select(Unit.path).where(Unit.id == unit).scalar())
    held = RoleGrant.select(Unit.path).join(Unit).where(RoleGrant.member == member, RoleGrant.role != "member")
    if not any(path.startswith(reach) for (reach,) in held.tuples()):
        RoleGrant.create(member=member, unit=unit, role="lecturer")
        touch_members([member])


def load_kept(actor: Actor, accreditation: int) -> Accreditation:
    """Load an accreditation of a unit that the actor looks after. Raises NotFound, Forbidden."""
    row = (
        Accreditation.select(Accreditation, Unit.path.alias("path"))
        .join(Unit)
        .where(Accreditation.id == accreditation)
        .objects()
        .first()
    )
    if row is None:
        raise NotFound(N_("This accreditation does not exist."))
    require(actor, Action.LECTURER_ACCREDIT, row.path)
    found: Accreditation = row
    return found


@transactional
def change(
    actor: Actor,
    accreditation: int,
    since: date | None,
    until: date | None,
    remark: str,
    inside: bool,
    *,
    before: Faults | None = None,
) -> None:
    """Change the days of an accreditation and what is noted: how one is renewed.

    Raises NotFound, Forbidden, InvalidInput, Conflict for one that was revoked or overlaps another.
    """
    row = load_kept(actor, accreditation)
    if row.revoked_at is not None:
        raise Conflict(N_("This accreditation was revoked. Accredit the lecturer anew instead."))
    wanted = _checked(actor, Wanted(row.unit, row.member, row.name, inside, since, until, remark), before)
    _check_single(wanted, row.id)
    Accreditation.update(since=wanted.since, until=wanted.until, remark=wanted.remark, inside=inside).where(
        Accreditation.id == row.id
    ).execute()


@transactional
def revoke(actor: Actor, accreditation: int) -> None:
    """End an accreditation at once. What was published stays; doing it twice changes nothing."""
    row = load_kept(actor, accreditation)
    if row.revoked_at is None:
        Accreditation.update(revoked_at=clock.now()).where(Accreditation.id == row.id).execute()


@transactional
def reinstate(actor: Actor, accreditation: int) -> None:
    """Take a revocation back. Raises Conflict when another one holds at the same time by now."""
    row = load_kept(actor, accreditation)
    if row.revoked_at is not None:
        _check_single(Wanted(row.unit, row.member, row.name, row.inside, row.since, row.until), row.id)
        Accreditation.update(revoked_at=None).where(Accreditation.id == row.id).execute()
