"""The shapes of people's things in the API."""

from apiflask import Schema
from apiflask.fields import Boolean, Date, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.members.models import ROLES, UNIT_KINDS
from lms.members.queries import STATES
from lms.web.paged import Paged

LARGEST_ID = 2**31 - 1
A_ROW = Range(1, LARGEST_ID)


class SignInIn(Schema):
    login = String(required=True, validate=Length(1, 80), metadata={"description": "Name or phone number."})
    password = String(required=True, validate=Length(1, 200))


class PasswordIn(Schema):
    old = String(required=True, validate=Length(1, 200))
    new = String(required=True, validate=Length(1, 200), metadata={"description": "At least 8 characters."})


class MembershipOut(Schema):
    id = Integer()
    unit = Integer()
    unit_name = String()
    kind = String()
    since = Date()
    until = Date(allow_none=True, metadata={"description": "The last day; null while it goes on."})


class GrantOut(Schema):
    id = Integer()
    unit = Integer()
    unit_name = String()
    role = String(metadata={"enum": list(ROLES)})


class MemberOut(Schema):
    id = Integer()
    name = String()
    phone = String(allow_none=True)
    birth_year = Integer(allow_none=True)
    birth_date = Date(allow_none=True, metadata={"description": "For the member and administrators; null to others."})
    position = String(metadata={"description": "What the member is at work or in the branch; empty when not given."})
    must_change_password = Boolean()
    deactivated = Boolean()
    memberships = List(Nested(MembershipOut))
    grants = List(Nested(GrantOut))
    manageable = Boolean(metadata={"description": "Whether you may change this member."})


class SignedInOut(Schema):
    member = Nested(MemberOut)
    must_change_password = Boolean()
    csrf_token = String(metadata={"description": "Send it as X-CSRFToken with POST, PUT, PATCH and DELETE."})


class MemberLine(Schema):
    id = Integer()
    name = String()
    phone = String(allow_none=True)
    units = List(String())
    roles = List(String())


class MemberPage(Paged):
    items = List(Nested(MemberLine))


class MembersQuery(Schema):
    unit = Integer(load_default=None, validate=A_ROW, metadata={"description": "Only people below this unit."})
    q = String(load_default="", validate=Length(0, 80), metadata={"description": "Part of a name, start of a number."})
    state = String(load_default="current", validate=OneOf(STATES))
    page = Integer(load_default=1, validate=Range(1, 100_000))


class MemberIn(Schema):
    name = String(required=True, validate=Length(1, 80))
    phone = String(load_default="", allow_none=True, validate=Length(0, 40))
    birth_year = Integer(load_default=None, allow_none=True, validate=Range(1, 9999))
    birth_date = Date(load_default=None, allow_none=True)
    position = String(load_default="", validate=Length(0, 80))
    unit = Integer(required=True, validate=A_ROW)
    since = Date(load_default=None, allow_none=True)


class MemberPatch(Schema):
    name = String(validate=Length(1, 80))
    phone = String(allow_none=True, validate=Length(0, 40))
    birth_year = Integer(allow_none=True, validate=Range(1, 9999))
    birth_date = Date(allow_none=True, metadata={"description": "Taken away by another year of birth."})
    position = String(validate=Length(0, 80))


class FirstPasswordOut(Schema):
    member = Integer()
    name = String()
    password = String(metadata={"description": "Shown this once, kept nowhere in clear."})


class PlaceIn(Schema):
    unit = Integer(required=True, validate=A_ROW)
    since = Date(load_default=None, allow_none=True, metadata={"description": "Today when left out."})


class EndIn(Schema):
    until = Date(load_default=None, allow_none=True, metadata={"description": "The last day; today when left out."})


class RoleIn(Schema):
    unit = Integer(required=True, validate=A_ROW)
    role = String(required=True, validate=OneOf([role for role in ROLES if role != "member"]))


class UnitOut(Schema):
    id = Integer()
    parent = Integer(allow_none=True)
    kind = String(metadata={"enum": list(UNIT_KINDS)})
    name = String()
    path = String()
    members = Integer()


class UnitPage(Paged):
    items = List(Nested(UnitOut))


class UnitsQuery(Schema):
    page = Integer(load_default=1, validate=Range(1, 100_000))


class UnitIn(Schema):
    parent = Integer(required=True, validate=A_ROW)
    kind = String(required=True, validate=OneOf(UNIT_KINDS))
    name = String(required=True, validate=Length(1, 80))


class UnitPatch(Schema):
    kind = String(validate=OneOf(UNIT_KINDS))
    name = String(validate=Length(1, 80))


class ParentIn(Schema):
    parent = Integer(required=True, validate=A_ROW)
