"""Rows of the table of access for reminders by the liaison."""

from tests.web.access_table import FORBIDDEN, liaisons

NUDGE = "/reminders/<int(max=2147483647):requirement_id>/<int(max=2147483647):unit_id>"
UNIT = "/reminders/units/<int(max=2147483647):unit_id>"

ROWS = [
    liaisons("GET", NUDGE, other_liaison=FORBIDDEN),
    liaisons("POST", NUDGE, form={"words": "还来得及"}, other_liaison=FORBIDDEN),
    liaisons("GET", f"/api/v1{NUDGE}", other_liaison=FORBIDDEN),
    liaisons("POST", f"/api/v1{NUDGE}", json={"words": "还来得及"}, other_liaison=FORBIDDEN),
    liaisons("GET", UNIT, other_liaison=FORBIDDEN),
    liaisons("POST", UNIT, form={"words": "还来得及"}, other_liaison=FORBIDDEN),
    liaisons("GET", f"/api/v1{UNIT}", other_liaison=FORBIDDEN),
    liaisons("POST", f"/api/v1{UNIT}", json={"words": "还来得及"}, other_liaison=FORBIDDEN),
]
