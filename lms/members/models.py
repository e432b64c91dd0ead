"""Tables of people: units as a tree, members, their time in a unit, their roles on a unit."""

from typing import Any

from peewee import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
)

from lms import clock
from lms.db import BaseModel
from lms.name_order import KEY_CHARS, name_key

UNIT_KINDS = ("agency", "community", "village", "enterprise", "school", "branch", "group", "family")
ROLES = ("member", "lecturer", "liaison", "administrator")


class Unit(BaseModel):
    """A node of the organisation. ``path`` is "/1/4/17/": its ancestors and itself, so a subtree is one prefix."""

    parent = ForeignKeyField("self", null=True, backref=None, lazy_load=False, on_delete="RESTRICT")
    kind = CharField(max_length=16)
    name = CharField(max_length=80)
    path = CharField(max_length=255, index=True)
    created_at = DateTimeField(default=clock.now)


class Member(BaseModel):
    """A person who can sign in.

    ``session_version`` moves when the password changes: older sessions then end. ``access_version`` moves when
    roles, units or memberships change: what a web process remembers of the member's access is then dropped.
    ``unread_notices`` is kept by ``lms/notices`` and stands here because every request reads this row. ``position`` is
    what the member is at work or in the branch, in the organisation's own words: shown; rules ask for tags.
    ``birth_year`` is that of ``birth_date`` where the date is known; often only the year is. ``name_key`` is the name's
    place in lists of people (``lms/name_order``), kept with the name by whatever saves it.
    """

    name = CharField(max_length=40, index=True)
    name_key = CharField(max_length=KEY_CHARS, default="", index=True)
    phone = CharField(max_length=20, null=True, unique=True)
    password_hash = CharField(max_length=255)
    must_change_password = BooleanField(default=True)
    session_version = IntegerField(default=1)
    access_version = IntegerField(default=1)
    birth_year = IntegerField(null=True)
    birth_date = DateField(null=True)
    position = CharField(max_length=40, default="")
    locale = CharField(max_length=8, null=True)
    unread_notices = IntegerField(default=0)
    created_at = DateTimeField(default=clock.now)
    deactivated_at = DateTimeField(null=True)

    def save(self, *args: Any, **options: Any) -> Any:
        """Save what was changed, with the place of a name that was."""
        if Member.name in self.dirty_fields:
            self.name_key = name_key(self.name)
        return super().save(*args, **options)


class Membership(BaseModel):
    """A member's time in a unit: from ``since`` to ``until``, both days included; open while ``until`` is null."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    since = DateField()
    until = DateField(null=True)


class RoleGrant(BaseModel):
    """A role that a member holds on a unit; it reaches the whole subtree. Membership itself grants ``member``.

    ``since`` is the first day: requirements may be asked of those who hold a role, day by day.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    role = CharField(max_length=16)
    granted_at = DateTimeField(default=clock.now)
    since = DateField(default=clock.today)

    class Meta:
        indexes = ((("member", "unit", "role"), True),)


class FormerRole(BaseModel):
    """A role that a member held on a unit until it was taken back, both days included; nothing is allowed by it."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE", index=False)
    role = CharField(max_length=16)
    since = DateField()
    until = DateField()


class Accreditation(BaseModel):
    """That a lecturer may publish for a unit and those below it, from ``since`` to ``until``, both days included.

    Of a member, or of somebody from outside who has no account: then ``member`` is None and ``name`` says who. A
    member's ``name`` is empty. ``inside`` tells the organisation's own people from guests. ``revoked_at`` ends it.
    """

    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="CASCADE")
    name = CharField(max_length=80, default="")
    inside = BooleanField(default=True)
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    since = DateField()
    until = DateField(null=True)
    accredited_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    remark = CharField(max_length=300, default="")
    created_at = DateTimeField(default=clock.now)
    revoked_at = DateTimeField(null=True)


class MemberTag(BaseModel):
    """What a member is, besides belonging to a unit: a leader, an officer; from ``since`` to ``until``, both included.

    Requirements are asked of tags, day by day. ``tag`` is a code of ``lms.members.tags`` or a unit's own word.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    tag = CharField(max_length=24, index=True)
    since = DateField()
    until = DateField(null=True)


class LeaveOfAbsence(BaseModel):
    """Days on which a member is away: illness, birth, a posting elsewhere. Open while ``until`` is null."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    since = DateField()
    until = DateField(null=True)
    reason = CharField(max_length=200, default="")
    noted_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    noted_at = DateTimeField(default=clock.now)


class SignInFailure(BaseModel):
    """A wrong guess, kept for the throttle: once under the account's key, once under the address's."""

    key = CharField(max_length=80)
    at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("key", "at"), False),)
