"""What the command line does with people, before anybody can sign in."""

from lms import clock, events
from lms.db import transactional
from lms.members import passwords, rules
from lms.members.models import Member, Membership, RoleGrant, Unit
from lms.members.service import LONGEST_NAME, FirstPassword
from lms.members.touching import touch_members
from lms.members.units import create_root


@transactional
def create_first_administrator(
    name: str, phone: str = "", password: str | None = None, unit_name: str = "Learning Garden"
) -> FirstPassword:
    """Make an administrator of the topmost unit, which is made too (named ``unit_name``) when there is none.

    A password given is kept as the member's own; without one, one is made up that must be changed at the first
    sign-in. Whoever has that phone number already becomes administrator and gets the password. Raises InvalidInput.
    """
    name = rules.person_name(name, "name", LONGEST_NAME)
    number = rules.clean_phone(phone)
    if password is not None:
        passwords.check_new(password, name=name, phone=number, field="password")
    first = password or passwords.make_up()
    root = Unit.select(Unit.id).where(Unit.parent.is_null()).order_by(Unit.id).scalar() or create_root(unit_name)
    member = _member_with(name, number, first, must_change=password is None)
    if not Membership.select().where(Membership.member == member).exists():
        Membership.create(member=member, unit=root, since=clock.today())
        events.publish(events.MembershipsBegan.of(member, root, clock.today()))
    RoleGrant.get_or_create(member=member, unit=root, role="administrator")
    touch_members([member])
    return FirstPassword(member, name, first)


def _member_with(name: str, phone: str | None, password: str, *, must_change: bool) -> int:
    kept = passwords.make_hash(password)
    known = Member.get_or_none(Member.phone == phone) if phone else None
    if known is None:
        known = Member.create(name=name, phone=phone, password_hash=kept, must_change_password=must_change)
    else:
        known.password_hash = kept
        known.must_change_password = must_change
        known.session_version += 1
        known.deactivated_at = None
        known.save()
    member: int = known.id
    return member
