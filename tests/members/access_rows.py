"""Who may reach what of people: sign-in and account, members, units."""

from datetime import date

from lms.members.models import Accreditation, Membership, RoleGrant, Unit
from tests.web.access_table import FORBIDDEN, FORM, MISSING, ROLES, SIGN_IN, administrators, everyone, liaisons, public
from tests.web.world import PASSWORD, World


def furnish(world: World) -> None:
    """Make an empty unit, and name the membership and the role that the rules point at."""
    unit = Unit.get_by_id(world.ids["unit"])
    world.ids["empty_unit"] = world.make.unit("空楼组", unit, kind="group").id
    world.ids["membership"] = Membership.get(Membership.member == world.people["member"]).id
    world.ids["accreditation"] = Accreditation.get(Accreditation.member == world.people["lecturer"]).id
    world.ids["grant"] = RoleGrant.get(RoleGrant.member == world.people["lecturer"]).id


DAY = date(2024, 5, 1).isoformat()
PERSON = {"name": "新来的人", "phone": "10099998888", "unit": 2}
HIDDEN = {"other_liaison": MISSING}
NEW = "a quiet afternoon"
ENTRY = {"login": "陈志远", "password": PASSWORD}

LECTURER = "/lecturers/<int(max=2147483647):accreditation>"

ROWS = [
    public("GET", "/sign-in"),
    public("POST", "/sign-in", form=ENTRY),
    everyone("POST", "/sign-out", **dict.fromkeys(ROLES, SIGN_IN)),
    everyone("GET", "/account"),
    everyone("GET", "/account/password"),
    everyone("POST", "/account/password", form={"old": PASSWORD, "new": NEW, "again": NEW}),
    liaisons("GET", "/people"),
    liaisons("GET", "/people/<int:member>", **HIDDEN),
    administrators("GET", "/people/new"),
    administrators("POST", "/people/new", form=PERSON),
    administrators("GET", "/people/<int:member>/slip"),
    administrators("POST", "/people/<int:member>/first-password"),
    administrators("GET", "/people/<int:member>/edit"),
    administrators("POST", "/people/<int:member>/edit", form={"name": "王淑兰"}),
    administrators("POST", "/people/<int:member>/deactivate"),
    administrators("POST", "/people/<int:member>/reactivate"),
    administrators("GET", "/people/<int:member>/units/new", **HIDDEN),
    administrators("POST", "/people/<int:member>/units/new", form={"unit": 3}, **HIDDEN),
    administrators("GET", "/memberships/<int:membership>/transfer", **HIDDEN),
    administrators("POST", "/memberships/<int:membership>/transfer", form={"unit": 3}, **HIDDEN),
    administrators("GET", "/memberships/<int:membership>/leave", **HIDDEN),
    administrators("POST", "/memberships/<int:membership>/leave", form={"until": DAY}, **HIDDEN),
    administrators("GET", "/people/<int:member>/roles/new", **HIDDEN),
    administrators("POST", "/people/<int:member>/roles/new", form={"unit": 2, "role": "lecturer"}, **HIDDEN),
    administrators("POST", "/roles/<int:grant>/revoke"),
    liaisons("GET", "/units"),
    administrators("GET", "/units/new"),
    administrators("POST", "/units/new", form={"parent": 2, "kind": "group", "name": "晨读小组"}),
    administrators("GET", "/units/<int:unit>/edit"),
    administrators("POST", "/units/<int:unit>/edit", form={"kind": "community", "name": "桂花里社区"}),
    administrators("GET", "/units/<int:unit>/move"),
    administrators("POST", "/units/<int:unit>/move", form={"parent": 3}),
    administrators("POST", "/units/<int:unit>/remove", params={"unit": "empty_unit"}),
    public("POST", "/api/v1/session", json=ENTRY),
    everyone("GET", "/api/v1/session"),
    everyone("DELETE", "/api/v1/session"),
    everyone("PUT", "/api/v1/password", json={"old": PASSWORD, "new": NEW}),
    liaisons("GET", "/api/v1/members"),
    administrators("POST", "/api/v1/members", json=PERSON),
    liaisons("GET", "/api/v1/members/<int:member>", **HIDDEN),
    administrators("PATCH", "/api/v1/members/<int:member>", json={"name": "王淑兰"}, **HIDDEN),
    administrators("POST", "/api/v1/members/<int:member>/first-password"),
    administrators("PUT", "/api/v1/members/<int:member>/deactivation"),
    administrators("DELETE", "/api/v1/members/<int:member>/deactivation"),
    administrators("POST", "/api/v1/members/<int:member>/memberships", json={"unit": 3}),
    administrators("POST", "/api/v1/memberships/<int:membership>/transfer", json={"unit": 3}),
    administrators("POST", "/api/v1/memberships/<int:membership>/end", json={"until": DAY}),
    administrators("POST", "/api/v1/members/<int:member>/roles", json={"unit": 2, "role": "lecturer"}),
    administrators("DELETE", "/api/v1/roles/<int:grant>"),
    liaisons("GET", "/api/v1/units"),
    administrators("POST", "/api/v1/units", json={"parent": 2, "kind": "group", "name": "晨读小组"}),
    liaisons("GET", "/api/v1/units/<int:unit>", **HIDDEN),
    administrators("PATCH", "/api/v1/units/<int:unit>", json={"name": "桂花里社区"}, **HIDDEN),
    administrators("PUT", "/api/v1/units/<int:unit>/parent", json={"parent": 3}),
    administrators("DELETE", "/api/v1/units/<int:unit>", params={"unit": "empty_unit"}),
    liaisons("GET", "/lecturers"),
    liaisons("GET", "/lecturers/new"),
    liaisons("POST", "/lecturers/new", form={"who": "王淑兰", "unit": 2, "since": DAY}, other_liaison=FORM),
    liaisons("GET", LECTURER, other_liaison=FORBIDDEN),
    liaisons("POST", LECTURER, form={"since": DAY}, other_liaison=FORBIDDEN),
    liaisons("POST", LECTURER + "/revoke", other_liaison=FORBIDDEN),
    liaisons("POST", LECTURER + "/reinstate", other_liaison=FORBIDDEN),
    liaisons("GET", "/api/v1/lecturers"),
    liaisons("POST", "/api/v1/lecturers", json={"name": "李教授", "unit": 2, "since": DAY}, other_liaison=FORM),
    liaisons("GET", "/api/v1" + LECTURER, other_liaison=FORBIDDEN),
    liaisons("PUT", "/api/v1" + LECTURER, json={"since": DAY}, other_liaison=FORBIDDEN),
    liaisons("POST", "/api/v1" + LECTURER + "/revoke", other_liaison=FORBIDDEN),
    liaisons("POST", "/api/v1" + LECTURER + "/reinstate", other_liaison=FORBIDDEN),
]
