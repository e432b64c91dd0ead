"""Who may reach what of people: sign-in and account, members, units."""

from datetime import date

from lms.members.models import Membership, RoleGrant, Unit
from tests.web.access_table import FORM, MISSING, OK, SIGN_IN, administrators, everyone, liaisons, public, row
from tests.web.world import World


def furnish(world: World) -> None:
    """Make an empty unit, and name the membership and the role that the rules point at."""
    unit = Unit.get_by_id(world.ids["unit"])
    world.ids["empty_unit"] = world.make.unit("空楼组", unit, kind="group").id
    world.ids["membership"] = Membership.get(Membership.member == world.people["member"]).id
    world.ids["grant"] = RoleGrant.get(RoleGrant.member == world.people["lecturer"]).id


DAY = date(2024, 5, 1).isoformat()
PERSON = {"name": "新来的人", "phone": "10099998888", "unit": 2}
HIDDEN = {"other_liaison": MISSING}
FORMS_OPEN = {"liaison": "403"}

ROWS = [
    public("GET", "/sign-in"),
    public("POST", "/sign-in", form={"login": "王淑兰", "password": "not hers"}, **dict.fromkeys(("member",), SIGN_IN)),
    everyone("POST", "/sign-out"),
    everyone("GET", "/account"),
    everyone("GET", "/account/password"),
    everyone("POST", "/account/password", form={}),
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
    row(
        "POST",
        "/api/v1/session",
        signed_out=SIGN_IN,
        member=SIGN_IN,
        lecturer=SIGN_IN,
        liaison=SIGN_IN,
        other_liaison=SIGN_IN,
        administrator=SIGN_IN,
        json={"login": "王淑兰", "password": "not hers"},
    ),
    everyone("GET", "/api/v1/session"),
    everyone("DELETE", "/api/v1/session"),
    row(
        "PUT",
        "/api/v1/password",
        signed_out=SIGN_IN,
        member=FORM,
        lecturer=FORM,
        liaison=FORM,
        other_liaison=FORM,
        administrator=FORM,
        json={"old": "not mine", "new": "a quiet afternoon"},
    ),
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
]
