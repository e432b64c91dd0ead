"""Rows of the table of access: home, progress, requirements."""

from datetime import date

from lms.progress.models import Requirement
from tests.web.access_table import FORBIDDEN, MISSING, OK, SIGN_IN, Row, everyone, liaisons, row
from tests.web.world import World

UNIT = "<int(max=2147483647):unit_id>"
REQUIREMENT = "<int(max=2147483647):requirement_id>"
ASKED = {"title": "每月读一本书", "measure": "book_finished", "amount": "1", "period": "month", "since": "2026-01-01"}
# The world is built in an empty database, where the unit is the second after the root.
SECOND_UNIT = "2"
ASKED_JSON = {**ASKED, "amount": 1}


def furnish(world: World) -> None:
    """Ask something of the unit."""
    requirement = Requirement.create(
        title="每周自学",
        unit=world.ids["unit"],
        measure="study_minutes",
        amount=180,
        period="week",
        since=date(2026, 1, 1),
    )
    world.ids["requirement"] = requirement.id


def of_the_unit(method: str, rule: str, outsider: str = FORBIDDEN, **sent: object) -> Row:
    """Open to who looks after the unit; to the liaison of another unit it is refused, or not there."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=FORBIDDEN,
        lecturer=FORBIDDEN,
        liaison=OK,
        other_liaison=outsider,
        administrator=OK,
        **sent,
    )


ROWS = [
    everyone("GET", "/"),
    everyone("GET", "/progress"),
    everyone("GET", f"/progress/requirements/{REQUIREMENT}/evidence", other_liaison=MISSING),
    of_the_unit("GET", f"/progress/units/{UNIT}"),
    of_the_unit("GET", f"/progress/units/{UNIT}/table.csv"),
    liaisons("GET", "/progress/requirements"),
    liaisons("GET", "/progress/requirements/presets"),
    liaisons("GET", "/progress/requirements/new"),
    everyone("GET", f"/progress/requirements/{REQUIREMENT}/versions", other_liaison=MISSING),
    of_the_unit("POST", "/progress/requirements/new", form={**ASKED, "unit": SECOND_UNIT}),
    of_the_unit("GET", f"/progress/requirements/{REQUIREMENT}/edit", MISSING),
    of_the_unit("POST", f"/progress/requirements/{REQUIREMENT}/edit", MISSING, form=ASKED),
    of_the_unit("POST", f"/progress/requirements/{REQUIREMENT}/end"),
    everyone("GET", "/api/v1/progress"),
    everyone("GET", f"/api/v1/progress/{REQUIREMENT}/evidence", other_liaison=MISSING),
    of_the_unit("GET", f"/api/v1/progress/units/{UNIT}"),
    liaisons("GET", "/api/v1/requirements"),
    of_the_unit("POST", "/api/v1/requirements", json={**ASKED_JSON, "unit": int(SECOND_UNIT)}),
    everyone("GET", f"/api/v1/requirements/{REQUIREMENT}", other_liaison=MISSING),
    of_the_unit("PUT", f"/api/v1/requirements/{REQUIREMENT}", json=ASKED_JSON),
    of_the_unit("DELETE", f"/api/v1/requirements/{REQUIREMENT}"),
]
