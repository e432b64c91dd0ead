"""Commands on members: adding them, their time in units, their roles. Who administers whom is decided here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import IntegrityError

from lms import clock, events
from lms.db import database, one_at_a_time, transactional
from lms.errors import N_, Conflict, Faults, Forbidden, InvalidInput, NotFound
from lms.members import passwords, rules
from lms.members.access import Action, Actor, last_day, may, may_grant, require
from lms.members.models import ROLES, Member, Membership, RoleGrant, Unit
from lms.members.queries import NO_MEMBER, NO_UNIT, get_grant_holder, get_member
from lms.members.role_history import end_grants
from lms.members.touching import lock_roles, touch_members

LONGEST_NAME = 40
LONGEST_POSITION = 40
NOT_YOURS = N_("This member holds a role beyond your units, so only an administrator above you can change this.")
LAST_ADMINISTRATOR = N_("This is the last administrator. Make someone else administrator first.")


@dataclass(frozen=True)
class Details:
    """What is kept of a person, as typed."""

    name: str
    phone: str = ""
    birth_year: int | None = None
    position: str = ""
    birth_date: date | None = None


@dataclass(frozen=True)
class FirstPassword:
    """A made-up password to hand over once; it is stored nowhere in clear."""

    member: int
    name: str
    password: str


@transactional
def add_member(
    actor: Actor, details: Details, unit: int | None, since: date | None = None, *, before: Faults | None = None
) -> FirstPassword:
    """Add a person to a unit, from today unless another day is given, and make up their first password.

    Raises InvalidInput, Conflict when the phone number is someone's already, with all that is wrong and what was found
    ``before``; Forbidden and NotFound for the unit.
    """
    require(actor, Action.MEMBER_MANAGE)
    faults = Faults(before)
    kept = _checked(details, faults)
    faults.check(lambda: _check_phone(kept["phone"], None))
    place, since = _checked_place(actor, unit, since, faults)
    if faults or place is None:
        raise faults.gathered()
    password = passwords.make_up()
    member = _insert(kept, password)
    Membership.create(member=member, unit=place.id, since=since)
    events.publish(events.MembershipsBegan.of(member, place.id, since))
    return FirstPassword(member, str(kept["name"]), password)


def _checked(details: Details, faults: Faults) -> dict[str, Any]:
    born = details.birth_date
    faults.check(lambda: rules.check_born(details.birth_year, born, clock.today()))
    return {
        "name": faults.check(lambda: rules.person_name(details.name, "name", LONGEST_NAME)),
        "phone": faults.check(lambda: rules.clean_phone(details.phone)),
        "birth_year": details.birth_year if born is None else born.year,
        "birth_date": born,
        "position": faults.check(lambda: rules.clean_line(details.position, "position", LONGEST_POSITION)),
    }


def _checked_place(actor: Actor, unit: int | None, since: date | None, faults: Faults) -> tuple[Unit | None, date]:
    """Give the unit, where one is chosen, and the day from which it holds."""
    day = since or clock.today()
    place = faults.check(lambda: _chosen_unit(actor, unit))
    faults.check(lambda: rules.check_day(day, clock.today(), "since"))
    return place, day


def _chosen_unit(actor: Actor, unit: int | None) -> Unit:
    if unit is None:
        raise InvalidInput(N_("Please choose a unit."), field="unit")
    return _managed_unit(actor, unit)


def _insert(kept: dict[str, Any], password: str) -> int:
    with _phone_free():
        made: int = Member.create(**kept, password_hash=passwords.make_hash(password)).id
    return made


@contextmanager
def _phone_free() -> Iterator[None]:
    """Raise Conflict where somebody else has taken the number since we looked."""
    try:
        with database.atomic():
            yield
    except IntegrityError as error:
        raise _phone_taken() from error


def _check_phone(phone: str | None, but: int | None) -> None:
    if phone is None:
        return
    owner = Member.select(Member.id).where(Member.phone == phone).scalar()
    if owner is not None and owner != but:
        raise _phone_taken()


def _phone_taken() -> Conflict:
    return Conflict(N_("This phone number belongs to another member."), field="phone")


@transactional
def edit_member(actor: Actor, member: int, details: Details, *, before: Faults | None = None) -> None:
    """Correct what is kept of a person. Raises as ``add_member`` for what is wrong with it."""
    row = _held(actor, member)
    faults = Faults(before)
    kept = _checked(details, faults)
    faults.check(lambda: _check_phone(kept["phone"], row.id))
    if faults:
        raise faults.gathered()
    for column, value in kept.items():
        setattr(row, column, value)
    with _phone_free():
        row.save()
    touch_members([member])


@transactional
def reset_password(actor: Actor, member: int) -> FirstPassword:
    """Give a member a new first password, to be changed at the next sign-in; all their sessions end.

    Raises Conflict for the own one: that is changed on the account page, with the old one asked.
    """
    row = _held(actor, member)
    if member == actor.id:
        raise Conflict(N_("Change your own password on your account page."))
    password = passwords.make_up()
    row.password_hash = passwords.make_hash(password)
    row.must_change_password = True
    row.session_version += 1
    row.save()
    return FirstPassword(member, row.name, password)


@transactional
def deactivate_member(actor: Actor, member: int) -> None:
    """Close a member's account: nothing of theirs is lost, but they can no longer sign in and their sessions end."""
    lock_roles()
    row = _held(actor, member)
    if member == actor.id:
        raise Conflict(N_("You cannot close your own account. Another administrator can."))
    if row.deactivated_at is None:
        _check_administrator_remains(without_member=member)
        row.deactivated_at = clock.now()
        row.session_version += 1
        row.save()
        touch_members([member])


@transactional
def reactivate_member(actor: Actor, member: int) -> None:
    """Open a closed account again, with the password it had; the member belongs to the same units from today on."""
    row = _held(actor, member)
    if row.deactivated_at is not None:
        resume_stays(member, row.deactivated_at)
        row.deactivated_at = None
        row.save()
        touch_members([member])


def resume_stays(member: int, closed_at: datetime) -> None:
    """Have a member belong again, from today, to the units of the day on which the account was closed.

    For the days between they belonged to none, and nothing is asked of them; an account opened again on the day it was
    closed was closed by mistake. Inside the caller's transaction.
    """
    today, last = clock.today(), last_day(None, closed_at)
    if last is None or last >= rules.day_before(today):
        return
    goes_on = Membership.until.is_null() | (Membership.until >= today)
    for row in list(Membership.select().where(Membership.member == member, goes_on, Membership.since < today)):
        if row.since <= last:
            Membership.create(member=member, unit=row.unit, since=today, until=row.until)
            row.until = last
        else:
            row.since = today
        row.save()


def load_managed(actor: Actor, member: int) -> Member:
    """Load a member whom the actor administers.

    Raises NotFound for one beyond the actor's reach, Forbidden for one who may be seen but not changed.
    """
    require(actor, Action.MEMBER_MANAGE)
    if not get_member(actor, member).manageable:
        raise Forbidden(NOT_YOURS)
    loaded: Member = Member.get_by_id(member)
    return loaded


def _held(actor: Actor, member: int) -> Member:
    """Load a member whom the actor administers, and let nobody else change them meanwhile. Raises as above."""
    one_at_a_time(f"member:{member}")
    return load_managed(actor, member)


def _managed_unit(actor: Actor, unit: int) -> Unit:
    found = Unit.get_or_none(Unit.id == unit)
    if found is None or not may(actor, Action.MEMBER_LIST, found.path):
        raise NotFound(NO_UNIT)
    require(actor, Action.MEMBER_MANAGE, found.path)
    managed: Unit = found
    return managed


@transactional
def join_unit(
    actor: Actor, member: int, unit: int | None, since: date | None = None, *, before: Faults | None = None
) -> None:
    """Have a member belong to a further unit from a day on. Raises Conflict when they do so already."""
    _held(actor, member)
    faults = Faults(before)
    place, since = _checked_place(actor, unit, since, faults)
    if faults or place is None:
        raise faults.gathered()
    _begin(member, place.id, since)
    touch_members([member])


def _begin(member: int, unit: int, since: date) -> None:
    held = Membership.select(Membership.since, Membership.until).where(
        Membership.member == member, Membership.unit == unit
    )
    if any(rules.overlaps(since, None, *span) for span in held.tuples()):
        raise Conflict(N_("This member belongs to that unit already."), field="unit")
    Membership.create(member=member, unit=unit, since=since)
    events.publish(events.MembershipsBegan.of(member, unit, since))


@transactional
def transfer_member(
    actor: Actor, membership: int, unit: int | None, since: date | None = None, *, before: Faults | None = None
) -> int:
    """Move a member from one unit to another: the old membership ends the day before the new one begins.

    Gives the member. Raises Conflict when the old one would end before it began, or ended already.
    """
    row = _managed_membership(actor, membership)
    faults = Faults(before)
    place, since = _checked_place(actor, unit, since, faults)
    if place is not None and place.id == row.unit:
        faults.add(Conflict(N_("This member belongs to that unit already."), field="unit"))
    faults.check(lambda: _check_end(row, rules.day_before(since), "since"))
    if faults or place is None:
        raise faults.gathered()
    _end(row, rules.day_before(since), "since")
    _begin(row.member, place.id, since)
    touch_members([row.member])
    member: int = row.member
    return member


@transactional
def leave_unit(actor: Actor, membership: int, last_day: date | None = None) -> int:
    """End a membership; its last day, today unless another is given, still counts. Gives the member."""
    row = _managed_membership(actor, membership)
    last_day = last_day or clock.today()
    rules.check_day(last_day, clock.today(), "until")
    _end(row, last_day, "until")
    touch_members([row.member])
    member: int = row.member
    return member


def _managed_membership(actor: Actor, membership: int) -> Membership:
    require(actor, Action.MEMBER_MANAGE)
    whose = Membership.select(Membership.member).where(Membership.id == membership).scalar()
    if whose is None:
        raise NotFound(NO_MEMBER)
    _held(actor, whose)
    managed: Membership = Membership.get_by_id(membership)
    _managed_unit(actor, managed.unit)
    return managed


def _check_end(row: Membership, last_day: date, field: str) -> None:
    if row.until is not None and row.until < clock.today():
        raise Conflict(N_("This membership has ended already."), field=field)
    if last_day < row.since:
        raise Conflict(N_("This would end before it began."), field=field)


def _end(row: Membership, last_day: date, field: str) -> None:
    _check_end(row, last_day, field)
    row.until = last_day
    row.save()


@transactional
def grant_role(actor: Actor, member: int, unit: int | None, role: str, *, before: Faults | None = None) -> None:
    """Give a member a role on a unit, reaching all below it; giving it twice changes nothing.

    Raises Forbidden for a role or a unit beyond the actor's own reach.
    """
    lock_roles()
    load_managed(actor, member)
    faults = Faults(before)
    if role not in ROLES or role == "member":
        faults.add(InvalidInput(N_("Please choose one of the roles."), field="role"))
    place = faults.check(lambda: _chosen_unit(actor, unit))
    if faults or place is None:
        raise faults.gathered()
    _check_reach(actor, role, place.path)
    held = (RoleGrant.member == member) & (RoleGrant.unit == place.id) & (RoleGrant.role == role)
    if not RoleGrant.select().where(held).exists():
        RoleGrant.create(member=member, unit=place.id, role=role)
        touch_members([member])


@transactional
def revoke_role(actor: Actor, grant: int) -> int:
    """Take a role back and give the member. Raises Conflict for the last administrator."""
    require(actor, Action.MEMBER_MANAGE)
    lock_roles()
    load_managed(actor, get_grant_holder(actor, grant))
    row = RoleGrant.get_by_id(grant)
    _check_reach(actor, row.role, Unit.get_by_id(row.unit).path)
    if row.role == "administrator":
        _check_administrator_remains(without_grant=grant)
    end_grants(RoleGrant.id == row.id)
    touch_members([row.member])
    member: int = row.member
    return member


def _check_reach(actor: Actor, role: str, path: str) -> None:
    if not may_grant(actor, role, path):
        raise Forbidden(N_("You can only give and take roles within your own reach."))


def _check_administrator_remains(*, without_member: int = 0, without_grant: int = 0) -> None:
    """Raise Conflict unless somebody active keeps the role of administrator on a topmost unit."""
    remaining = (
        RoleGrant.select(RoleGrant.id)
        .join(Unit, on=RoleGrant.unit == Unit.id)
        .join(Member, on=RoleGrant.member == Member.id)
        .where(
            RoleGrant.role == "administrator",
            Unit.parent.is_null(),
            Member.deactivated_at.is_null(),
            RoleGrant.member != without_member,
            RoleGrant.id != without_grant,
        )
    )
    if not remaining.exists():
        raise Conflict(LAST_ADMINISTRATOR)
