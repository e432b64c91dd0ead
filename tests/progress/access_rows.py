"""Rows of the table of access: home, progress, requirements."""

from datetime import date

from lms.members.models import LeaveOfAbsence, MemberTag
from lms.progress.models import Exemption, Requirement
from tests.web.access_table import FORBIDDEN, MISSING, OK, SIGN_IN, Row, everyone, liaisons, row
from tests.web.world import World

UNIT = "<int(max=2147483647):unit_id>"
REQUIREMENT = "<int(max=2147483647):requirement_id>"
ASKED_ID = 777_101  # named by the forms below, whatever other rooms put into the table
ASKED = {"title": "每月读一本书", "measure": "book_finished", "amount": "1", "period": "month", "since": "2026-01-01"}
# The world is built in an empty database, where the unit is the second after the root.
SECOND_UNIT = "2"
ASKED_JSON = {**ASKED, "amount": 1}


def furnish(world: World) -> None:
    """Ask something of the unit."""
    world.ids["entry"] = MemberTag.create(member=world.ids["member"], tag="leader", since=date(2026, 1, 1)).id
    LeaveOfAbsence.create(member=world.ids["member"], since=date(2026, 1, 1), until=date(2026, 1, 9))
    Exemption.create(member=world.ids["member"], series=ASKED_ID, since=date(2026, 1, 1), reason="病假")
    requirement = Requirement.create(
        id=ASKED_ID,
        title="每周自学",
        unit=world.ids["unit"],
        measure="study_minutes",
        amount=180,
        period="week",
        since=date(2026, 1, 1),
    )
    world.ids["requirement"] = requirement.id
    Requirement.update(series=requirement.id).execute()


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


def of_the_member(method: str, rule: str, **sent: object) -> Row:
    """Open to who looks after the member; to all others the member is not there."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=MISSING,
        lecturer=MISSING,
        liaison=OK,
        other_liaison=MISSING,
        administrator=OK,
        **sent,
    )


CARE = "/progress/members/<int(max=2147483647):member>/care"
CARE_API = "/api/v1/members/<int(max=2147483647):member>/care"
ENTRY = "<int(max=2147483647):entry>"
EXEMPT = {"series": str(ASKED_ID), "since": "2026-02-01", "reason": "病假"}


ROWS = [
    everyone("GET", "/progress/archive"),
    everyone("GET", "/progress/archive.xlsx"),
    everyone("GET", "/api/v1/progress/archive"),
    everyone("GET", "/api/v1/progress/archive.xlsx"),
    of_the_member("GET", CARE),
    of_the_member("POST", f"{CARE}/tags", form={"tag": "officer", "since": "2026-02-01"}),
    of_the_member("POST", f"{CARE}/tags/{ENTRY}"),
    of_the_member("POST", f"{CARE}/leaves", form={"since": "2026-02-01"}),
    of_the_member("POST", f"{CARE}/leaves/{ENTRY}"),
    of_the_member("POST", f"{CARE}/exemptions", form=EXEMPT),
    of_the_member("POST", f"{CARE}/exemptions/{ENTRY}"),
    of_the_member("GET", CARE_API),
    of_the_member("POST", f"{CARE_API}/tags", json={"tag": "officer", "since": "2026-02-01"}),
    of_the_member("DELETE", f"{CARE_API}/tags/{ENTRY}"),
    of_the_member("POST", f"{CARE_API}/leaves", json={"since": "2026-02-01"}),
    of_the_member("DELETE", f"{CARE_API}/leaves/{ENTRY}"),
    of_the_member("POST", f"{CARE_API}/exemptions", json={**EXEMPT, "series": ASKED_ID}),
    of_the_member("DELETE", f"{CARE_API}/exemptions/{ENTRY}"),
    everyone("GET", "/api/v1/requirement-presets"),
    of_the_unit("POST", "/api/v1/requirements/preview", json={**ASKED_JSON, "unit": int(SECOND_UNIT)}),
    everyone("GET", f"/api/v1/requirements/{REQUIREMENT}/versions", other_liaison=MISSING),
    everyone("GET", "/"),
    everyone("GET", "/progress"),
    everyone("GET", f"/progress/requirements/{REQUIREMENT}/evidence", other_liaison=MISSING),
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
    liaisons("GET", "/api/v1/requirements"),
    liaisons("GET", "/api/v1/requirements/above"),
    of_the_unit("POST", "/api/v1/requirements", json={**ASKED_JSON, "unit": int(SECOND_UNIT)}),
    everyone("GET", f"/api/v1/requirements/{REQUIREMENT}", other_liaison=MISSING),
    of_the_unit("PUT", f"/api/v1/requirements/{REQUIREMENT}", json=ASKED_JSON),
    of_the_unit("DELETE", f"/api/v1/requirements/{REQUIREMENT}"),
]
