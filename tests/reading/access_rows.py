"""Rows of the table of access for reading: what is logged and planned is one's own, whatever role another holds."""

from datetime import date
from io import BytesIO

from lms import clock
from lms.reading.models import (
    CalendarFeed,
    PastReading,
    PlanItem,
    ReadingEntry,
    ReadingPlan,
    ReadingSession,
    ShelfImport,
    UnitPlan,
)
from lms.storage import files
from tests.web.access_table import CONFLICT, FORBIDDEN, MISSING, everyone, liaisons, public
from tests.web.world import World

BOOK = "<int(max=2147483647):book_id>"
PLAN = "<int(max=2147483647):plan_id>"
SHELF = (b"title,author,state\nbook,somebody,read\n", "shelf.csv")
LOAD, MY_LOAD = "<int(max=2147483647):load_id>", {"load_id": "shelf_import"}
SESSION = "<int(max=2147483647):session_id>"
SUBMITTED, OF_UNIT = {"plan_id": "submitted_plan"}, {"plan_id": "unit_plan"}
DECIDED = {"params": SUBMITTED, "other_liaison": MISSING}
FIRST = {"number": "first_reading"}
SINCE, UNTIL = "2026-01-01", "2026-12-31"
OTHERS = {"lecturer": MISSING, "liaison": MISSING, "other_liaison": MISSING, "administrator": MISSING}


def furnish(world: World) -> None:
    """Put a book on the member's shelf, with minutes read and a plan."""
    member, book = world.ids["member"], world.ids["book"]
    entry = ReadingEntry.create(member=member, book=book, state="reading", started_on=date(2026, 1, 2), number=2)
    PastReading.create(entry=entry, number=1, state="abandoned")
    world.ids["first_reading"], world.ids["year"] = 1, 2026
    world.ids["session"] = ReadingSession.create(member=member, book=book, day=date(2026, 1, 2), minutes=30).id
    stored = files().put(BytesIO(SHELF[0]), 1000)
    load = ShelfImport.create(member=member, file_key=stored.key, file_name="shelf.csv")
    world.ids["shelf_import"] = load.id
    plan = ReadingPlan.create(member=member, title="一年十二本", since=date(2026, 1, 1), until=date(2026, 12, 31))
    PlanItem.create(plan=plan, book=book, due_on=date(2026, 6, 30))
    world.ids["plan"] = plan.id
    since, until, unit = date(2026, 1, 1), date(2026, 12, 31), world.ids["unit"]
    submitted = ReadingPlan.create(
        member=member, title="请审", since=since, until=until, state="submitted", unit=unit, submitted_at=clock.now()
    )
    PlanItem.create(plan=submitted, book=book, due_on=date(2026, 6, 30))
    world.ids["submitted_plan"] = submitted.id
    world.ids["unit_plan"] = UnitPlan.create(unit=unit, title="共读", since=since, until=until).id
    CalendarFeed.create(member=world.ids["liaison"], token="not-to-be-guessed")
    world.ids["token"] = "not-to-be-guessed.ics"


# The world's book is the first of its database.
PLAN_JSON = {"title": "两本书", "since": SINCE, "until": UNTIL, "items": [{"book": 1}]}
FORM = {"title": "两本书", "since": SINCE, "until": UNTIL, "book": "1", "do": "save"}

ROWS = [
    everyone("GET", f"/books/{BOOK}/reading"),
    everyone("POST", f"/books/{BOOK}/reading", form={"state": "finished"}),
    everyone("POST", f"/books/{BOOK}/reading/remove", **OTHERS),
    everyone("POST", f"/books/{BOOK}/sessions", form={"minutes": "30"}),
    everyone("POST", f"/reading/sessions/{SESSION}/withdraw", **OTHERS),
    everyone("POST", f"/books/{BOOK}/reading/undo", form={"fact": "1", "back_to": "reading"}, **OTHERS),
    everyone("POST", f"/books/{BOOK}/reading/again", member=CONFLICT, **OTHERS),
    everyone("POST", f"/books/{BOOK}/rating", form={"rating": "4"}, member=CONFLICT, **OTHERS),
    everyone("POST", f"/books/{BOOK}/readings/<int(max=2147483647):number>/remove", params=FIRST, **OTHERS),
    everyone("GET", "/reading"),
    everyone("GET", "/reading/timeline"),
    everyone("GET", "/reading/year"),
    everyone("GET", "/reading/earlier"),
    everyone("POST", "/reading/earlier", form={"book": "1", "year": "2020"}),
    everyone("GET", "/reading/sessions"),
    everyone("GET", "/plans"),
    everyone("GET", f"/plans/{PLAN}", **OTHERS),
    everyone("GET", "/plans/new"),
    everyone("POST", "/plans/new", form=FORM),
    everyone("GET", f"/plans/{PLAN}/edit", **OTHERS),
    everyone("POST", f"/plans/{PLAN}/edit", form=FORM, **OTHERS),
    everyone("POST", f"/plans/{PLAN}/delete", **OTHERS),
    *[everyone("POST", f"/plans/{PLAN}/{step}", **OTHERS) for step in ("submit", "copy")],
    everyone("POST", f"/plans/{PLAN}/recall", params=SUBMITTED, **OTHERS),
    everyone("POST", f"/plans/{PLAN}/shift", form={"days": "7"}, **OTHERS),
    everyone("GET", "/plans/add", query={"item": "book-1"}),
    everyone("GET", f"/plans/{PLAN}", params=SUBMITTED, lecturer=MISSING, other_liaison=MISSING),
    liaisons("GET", "/plans/review"),
    liaisons("POST", f"/plans/{PLAN}/decide", form={"decision": "approve"}, **DECIDED),
    liaisons("GET", "/plans/units"),
    liaisons("GET", "/plans/units/new"),
    liaisons("POST", "/plans/units/new", form={**FORM, "unit": "2"}, other_liaison=FORBIDDEN),
    liaisons("POST", f"/plans/units/{PLAN}/withdraw", params=OF_UNIT, other_liaison=FORBIDDEN),
    everyone("GET", "/plans/calendar"),
    everyone("POST", "/plans/calendar"),
    everyone("POST", "/plans/calendar/close"),
    public("GET", "/calendar/<string(maxlength=64):token>.ics", params={"token>.ics": "token"}),
    everyone("POST", "/materials/<int(max=2147483647):material_id>/studied"),
    everyone("PUT", "/api/v1/materials/<int(max=2147483647):material_id>/studied"),
    everyone("DELETE", "/api/v1/materials/<int(max=2147483647):material_id>/studied"),
    *[everyone("POST", f"/api/v1/plans/{PLAN}/{step}", **OTHERS) for step in ("submit", "copy")],
    everyone("POST", f"/api/v1/plans/{PLAN}/recall", params=SUBMITTED, **OTHERS),
    everyone("POST", f"/api/v1/plans/{PLAN}/shift", json={"days": 7}, **OTHERS),
    liaisons("GET", "/api/v1/plans/review"),
    liaisons("POST", f"/api/v1/plans/{PLAN}/decision", json={"decision": "approve"}, **DECIDED),
    liaisons("GET", "/api/v1/unit-plans"),
    liaisons("POST", "/api/v1/unit-plans", json={**PLAN_JSON, "unit": 2}, other_liaison=FORBIDDEN),
    liaisons("DELETE", f"/api/v1/unit-plans/{PLAN}", params=OF_UNIT, other_liaison=FORBIDDEN),
    everyone("GET", "/api/v1/plans/calendar"),
    everyone("POST", "/api/v1/plans/calendar"),
    everyone("DELETE", "/api/v1/plans/calendar"),
    everyone("GET", "/reading/import"),
    everyone("POST", "/reading/import", form={"file": SHELF}),
    everyone("GET", f"/reading/import/{LOAD}", params=MY_LOAD, **OTHERS),
    everyone("POST", f"/reading/import/{LOAD}/start", params=MY_LOAD, **OTHERS),
    everyone("POST", f"/reading/import/{LOAD}/discard", params=MY_LOAD, **OTHERS),
    everyone("POST", "/api/v1/reading/imports", form={"file": SHELF}),
    everyone("GET", f"/api/v1/reading/imports/{LOAD}", params=MY_LOAD, **OTHERS),
    everyone("GET", f"/api/v1/reading/imports/{LOAD}/rows", params=MY_LOAD, **OTHERS),
    everyone("POST", f"/api/v1/reading/imports/{LOAD}/start", params=MY_LOAD, **OTHERS),
    everyone("DELETE", f"/api/v1/reading/imports/{LOAD}", params=MY_LOAD, **OTHERS),
    everyone("GET", "/api/v1/reading"),
    everyone("GET", "/api/v1/reading/sessions"),
    everyone("GET", f"/api/v1/books/{BOOK}/reading", **OTHERS),
    everyone("PUT", f"/api/v1/books/{BOOK}/reading", json={"state": "want"}),
    everyone("DELETE", f"/api/v1/books/{BOOK}/reading", **OTHERS),
    everyone("POST", f"/api/v1/books/{BOOK}/reading/undo", json={"fact": 1}, **OTHERS),
    everyone("POST", f"/api/v1/books/{BOOK}/reading/again", json={}, member=CONFLICT, **OTHERS),
    everyone("PUT", f"/api/v1/books/{BOOK}/rating", json={"rating": 4}, member=CONFLICT, **OTHERS),
    everyone("DELETE", f"/api/v1/books/{BOOK}/readings/<int(max=2147483647):number>", params=FIRST, **OTHERS),
    everyone("POST", "/api/v1/reading/earlier", json={"books": [{"book": 1, "year": 2020}]}),
    everyone("GET", "/api/v1/reading/timeline"),
    everyone("GET", "/api/v1/reading/years/<int(min=1900, max=2100):year>"),
    everyone("POST", f"/api/v1/books/{BOOK}/sessions", json={"minutes": 30}),
    everyone("DELETE", f"/api/v1/sessions/{SESSION}", **OTHERS),
    everyone("GET", "/api/v1/plans"),
    everyone("POST", "/api/v1/plans", json=PLAN_JSON),
    everyone("GET", f"/api/v1/plans/{PLAN}", **OTHERS),
    everyone("PATCH", f"/api/v1/plans/{PLAN}", json={"title": "改名"}, **OTHERS),
    everyone("DELETE", f"/api/v1/plans/{PLAN}", **OTHERS),
]
