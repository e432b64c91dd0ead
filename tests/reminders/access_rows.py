"""Rows of the table of access for reminders by the liaison."""

from lms.reminders.models import NudgeSending
from tests.web.access_table import FORBIDDEN, MISSING, OK, SIGN_IN, Row, liaisons, row
from tests.web.world import World

NUDGE = "/reminders/<int(max=2147483647):requirement_id>/<int(max=2147483647):unit_id>"
UNIT = "/reminders/units/<int(max=2147483647):unit_id>"

SENT = "/reminders/sent/<int(max=2147483647):sending_id>"
OTHERS = dict.fromkeys(("member", "lecturer", "other_liaison", "administrator"), MISSING)


def furnish(world: World) -> None:
    """Let the liaison have sent something."""
    sending = NudgeSending.create(unit=world.ids["unit"], given_by=world.ids["liaison"])
    world.ids["sending"] = sending.id


def _sent(method: str, rule: str) -> Row:
    return row(method, rule, signed_out=SIGN_IN, liaison=OK, **OTHERS)


ROWS = [
    liaisons("GET", NUDGE, other_liaison=FORBIDDEN),
    liaisons("POST", NUDGE, form={"words": "还来得及"}, other_liaison=FORBIDDEN),
    liaisons("GET", f"/api/v1{NUDGE}", other_liaison=FORBIDDEN),
    liaisons("POST", f"/api/v1{NUDGE}", json={"words": "还来得及"}, other_liaison=FORBIDDEN),
    liaisons("GET", UNIT, other_liaison=FORBIDDEN),
    liaisons("POST", UNIT, form={"words": "还来得及"}, other_liaison=FORBIDDEN),
    liaisons("GET", f"/api/v1{UNIT}", other_liaison=FORBIDDEN),
    *(_sent(method, rule) for method, rule in (("GET", SENT), ("POST", SENT))),
    *(_sent(method, f"/api/v1{SENT}") for method in ("GET", "DELETE")),
    liaisons("POST", f"/api/v1{UNIT}", json={"words": "还来得及"}, other_liaison=FORBIDDEN),
]
