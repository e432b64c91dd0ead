"""Rows of the table of access for activity records."""

from datetime import date
from io import BytesIO

from lms.activities.models import Activity, ActivityFile, ActivityMark
from lms.storage import files
from tests.web.access_table import FORBIDDEN, MISSING, OK, SIGN_IN, Row, everyone, liaisons, row
from tests.web.world import World

ONE = "/activities/<int(max=2147483647):activity_id>"
API = f"/api/v1{ONE}"
FACTS = {"kind": "field_research", "title": "走访沿街商铺", "day": "2026-11-20", "amount": "1", "place": "桂花社区"}
SAID = {**FACTS, "amount": 10}
HELD = {"kind": "group_study", "title": "学习办法", "day": "2026-11-20", "minutes": "90"}
GONE = {"activity_id": "gone"}
PLANNED = {"activity_id": "planned"}
COUNTED = {"activity_id": "counted"}
PDF = b"%PDF-1.4"
OTHERS = {"lecturer": MISSING, "other_liaison": MISSING}


def furnish(world: World) -> None:
    """Make a record of the member that waits, one that counts, and a session of the unit."""
    unit, member = world.ids["unit"], world.ids["member"]
    values = {"unit": unit, "day": date(2026, 11, 20), "title": "走访", "place": "桂花社区", "amount": 10}
    made = Activity.create(kind="field_research", member=member, state="waiting", **values)
    counted = Activity.create(kind="field_research", member=member, state="confirmed", **values)
    gone = Activity.create(kind="field_research", member=member, state="withdrawn", **values)
    planned = Activity.create(kind="group_study", state="planned", **{**values, "title": "学习条例", "minutes": 90})
    key = files().put(BytesIO(PDF), 100).key
    file = ActivityFile.create(activity=made, file_key=key, name="x.pdf", media_type="application/pdf", size=1)
    ActivityMark.create(activity=planned, member=world.ids["liaison"], state="leave")
    world.ids.update(activity=made.id, counted=counted.id, gone=gone.id, planned=planned.id, file=file.id)


def _seen(method: str, rule: str, **sent: object) -> Row:
    """Who may see a record about the member: the member and those who look after the unit."""
    return everyone(method, rule, **OTHERS, **sent)


def _carers(method: str, rule: str, last: str = OK, member: str = FORBIDDEN, **sent: object) -> Row:
    """Who looks after the records of the unit."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=member,
        lecturer=MISSING,
        liaison=last,
        other_liaison=MISSING,
        administrator=last,
        **sent,
    )


def _of_session(method: str, rule: str, last: str = OK, **sent: object) -> Row:
    """Who writes the register of a session, which all of the unit may see."""
    cells = {"signed_out": SIGN_IN, "member": FORBIDDEN, "lecturer": FORBIDDEN, "liaison": last}
    return row(method, rule, **cells, other_liaison=MISSING, administrator=last, params=PLANNED, **sent)


PASTED = {"rows": "王淑兰\t2026-11-20\tfield_research\t1\t走访"}
MARKS = [{"member": 3, "state": "present"}]
FILE = ONE + "/files/<int(max=2147483647):file_id>"
ALL_OF_UNIT = {"other_liaison": MISSING}
DECISION = {"version": 1, "verdict": "returned", "remark": "请补充"}

ROWS = [
    everyone("GET", "/activities"),
    everyone("GET", "/activities/new"),
    everyone("POST", "/activities/new", form=FACTS),
    _seen("GET", ONE),
    _seen("GET", ONE + "/edit"),
    _seen("POST", ONE + "/edit", form={**FACTS, "version": "1"}),
    _seen("POST", ONE + "/withdraw"),
    _seen("POST", ONE + "/restore", params=GONE),
    _seen("POST", ONE + "/files"),
    _seen("GET", FILE),
    _seen("POST", FILE + "/remove"),
    liaisons("GET", "/activities/sessions/new"),
    liaisons("POST", "/activities/sessions/new", form={**HELD, "unit": "2"}, other_liaison=FORBIDDEN),
    everyone("POST", ONE + "/leave", params=PLANNED, form={"reason": "病"}, administrator=MISSING, **ALL_OF_UNIT),
    everyone("POST", ONE + "/leave/back", params=PLANNED, **ALL_OF_UNIT),
    _of_session("GET", ONE + "/register"),
    _of_session("POST", ONE + "/register", form={"version": "1", "minutes": "90", "member": "3", "state-3": "present"}),
    _of_session("POST", ONE + "/register/pasted", form={"rows": "刘敏\t请假"}),
    liaisons("GET", "/activities/attendance.xlsx", query={"unit": "2"}, other_liaison=FORBIDDEN),
    _of_session("POST", ONE + "/make-up", form={"member": "3"}),
    liaisons("GET", "/activities/attendance", query={"unit": "2"}, other_liaison=FORBIDDEN),
    liaisons("GET", "/activities/queue"),
    liaisons("POST", "/activities/queue", form={"activity": "1", "verdict": "confirmed"}),
    _carers("POST", ONE + "/decision", form={"version": "1", "verdict": "confirmed"}),
    _carers("POST", ONE + "/reopen", form={"remark": "数字有误"}, params=COUNTED),
    liaisons("GET", "/activities/paste"),
    liaisons("POST", "/activities/paste", form=PASTED),
    everyone("GET", "/activities/table.csv"),
    everyone("GET", "/activities/table.xlsx"),
    everyone("GET", "/api/v1/activities/table/<any(csv, xlsx):form>"),
    liaisons(
        *("GET", "/api/v1/activities/attendance/<any(csv, xlsx):form>"),
        query={"unit": "2"},
        other_liaison=FORBIDDEN,
    ),
    _of_session("POST", API + "/register/pasted", json={"rows": "刘敏\t请假"}),
    everyone("GET", "/api/v1/activities"),
    liaisons("GET", "/api/v1/activities", query={"which": "waiting"}),
    everyone("POST", "/api/v1/activities", json=SAID),
    liaisons("POST", "/api/v1/activities/sessions", json={**HELD, "minutes": 90, "unit": 2}, other_liaison=FORBIDDEN),
    liaisons("POST", "/api/v1/activities/decisions", json={"activities": [1], "verdict": "confirmed"}),
    liaisons("POST", "/api/v1/activities/pasted", json=PASTED),
    liaisons("GET", "/api/v1/activities/attendance", query={"unit": "2"}, other_liaison=FORBIDDEN),
    _seen("GET", API),
    _seen("PUT", API, json={**SAID, "version": 1}),
    _seen("DELETE", API),
    _seen("POST", API + "/restore", params=GONE),
    _carers("POST", API + "/decision", json=DECISION),
    _carers("POST", API + "/reopen", json={"remark": "数字有误"}, params=COUNTED),
    _of_session("PUT", API + "/register", json={"version": 1, "minutes": 90, "register": MARKS}),
    everyone("PUT", API + "/leave", params=PLANNED, json={"reason": "病"}, administrator=MISSING, **ALL_OF_UNIT),
    everyone("DELETE", API + "/leave", params=PLANNED, **ALL_OF_UNIT),
    _of_session("PUT", API + "/make-up", json={"member": 3, "day": "2026-11-21"}),
    _seen("POST", API + "/files", form={"file": (PDF, "证明.pdf")}),
    _seen("GET", f"/api/v1{FILE}"),
    _seen("DELETE", f"/api/v1{FILE}"),
]
