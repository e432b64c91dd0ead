"""Rows of the table of access for reading: what is logged and planned is one's own, whatever role another holds."""

from datetime import date

from lms.reading.models import PlanItem, ReadingEntry, ReadingPlan, ReadingSession
from tests.web.access_table import MISSING, everyone
from tests.web.world import World

BOOK = "<int(max=2147483647):book_id>"
PLAN = "<int(max=2147483647):plan_id>"
SESSION = "<int(max=2147483647):session_id>"
SINCE, UNTIL = "2026-01-01", "2026-12-31"
OTHERS = {"lecturer": MISSING, "liaison": MISSING, "other_liaison": MISSING, "administrator": MISSING}


def furnish(world: World) -> None:
    """Put a book on the member's shelf, with minutes read and a plan."""
    member, book = world.ids["member"], world.ids["book"]
    ReadingEntry.create(member=member, book=book, state="reading", started_on=date(2026, 1, 2))
    world.ids["session"] = ReadingSession.create(member=member, book=book, day=date(2026, 1, 2), minutes=30).id
    plan = ReadingPlan.create(member=member, title="一年十二本", since=date(2026, 1, 1), until=date(2026, 12, 31))
    PlanItem.create(plan=plan, book=book, due_on=date(2026, 6, 30))
    world.ids["plan"] = plan.id


# The world's book is the first of its database.
PLAN_JSON = {"title": "两本书", "since": SINCE, "until": UNTIL, "items": [{"book": 1}]}
FORM = {"title": "两本书", "since": SINCE, "until": UNTIL, "book": "1", "do": "save"}

ROWS = [
    everyone("GET", f"/books/{BOOK}/reading"),
    everyone("POST", f"/books/{BOOK}/reading", form={"state": "finished"}),
    everyone("POST", f"/books/{BOOK}/reading/remove", **OTHERS),
    everyone("POST", f"/books/{BOOK}/sessions", form={"minutes": "30"}),
    everyone("POST", f"/reading/sessions/{SESSION}/withdraw", **OTHERS),
    everyone("GET", "/reading"),
    everyone("GET", "/reading/sessions"),
    everyone("GET", "/plans"),
    everyone("GET", f"/plans/{PLAN}", **OTHERS),
    everyone("GET", "/plans/new"),
    everyone("POST", "/plans/new", form=FORM),
    everyone("GET", f"/plans/{PLAN}/edit", **OTHERS),
    everyone("POST", f"/plans/{PLAN}/edit", form=FORM, **OTHERS),
    everyone("POST", f"/plans/{PLAN}/delete", **OTHERS),
    everyone("GET", "/api/v1/reading"),
    everyone("GET", "/api/v1/reading/sessions"),
    everyone("GET", f"/api/v1/books/{BOOK}/reading", **OTHERS),
    everyone("PUT", f"/api/v1/books/{BOOK}/reading", json={"state": "want"}),
    everyone("DELETE", f"/api/v1/books/{BOOK}/reading", **OTHERS),
    everyone("POST", f"/api/v1/books/{BOOK}/sessions", json={"minutes": 30}),
    everyone("DELETE", f"/api/v1/sessions/{SESSION}", **OTHERS),
    everyone("GET", "/api/v1/plans"),
    everyone("POST", "/api/v1/plans", json=PLAN_JSON),
    everyone("GET", f"/api/v1/plans/{PLAN}", **OTHERS),
    everyone("PATCH", f"/api/v1/plans/{PLAN}", json={"title": "改名"}, **OTHERS),
    everyone("DELETE", f"/api/v1/plans/{PLAN}", **OTHERS),
]
