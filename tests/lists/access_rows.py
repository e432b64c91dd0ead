"""Rows of the table of access for recommended lists."""

from datetime import date, datetime

from lms.lists.models import BookList, ListedBook
from tests.web.access_table import CONFLICT, FORBIDDEN, MISSING, OK, SIGN_IN, Row, everyone, liaisons, row
from tests.web.world import World

LIST = "/lists/<int(max=2147483647):list_id>"
API = f"/api/v1{LIST}"
ISSUED = {"list_id": "list"}
DRAFT = {"list_id": "draft_list"}
FACTS = {"title": "秋季书单", "since": "2026-09-01", "until": "2026-12-31", "intro": ""}


def furnish(world: World) -> None:
    """Make a list that was issued for the unit, and a draft."""
    for name, issued in (("list", datetime(2026, 9, 1)), ("draft_list", None)):
        made = BookList.create(
            title="秋季书单",
            unit=world.ids["unit"],
            since=date(2026, 9, 1),
            until=date(2026, 12, 31),
            made_by=world.ids["liaison"],
            issued_at=issued,
        )
        ListedBook.create(list=made, book=world.ids["book"], position=0)
        world.ids[name] = made.id


def _readers(method: str, rule: str, **sent: object) -> Row:
    """Who may see a list that was issued for the unit: its members and those above."""
    return everyone(method, rule, params=ISSUED, other_liaison=MISSING, **sent)


def _keepers(method: str, rule: str, last: str = OK, params: dict[str, str] = ISSUED, **sent: object) -> Row:
    """Who may change a list of the unit."""
    refused = MISSING if params is DRAFT else FORBIDDEN
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=refused,
        lecturer=refused,
        liaison=last,
        other_liaison=MISSING,
        administrator=last,
        params=params,
        **sent,
    )


ROWS = [
    everyone("GET", "/lists"),
    everyone("GET", "/api/v1/lists"),
    liaisons("GET", "/api/v1/lists", query={"which": "kept"}),
    _readers("GET", LIST),
    _readers("POST", LIST + "/look"),
    _readers("GET", API),
    liaisons("GET", "/lists/new"),
    liaisons("POST", "/lists/new", form={**FACTS, "unit": "2"}, other_liaison=FORBIDDEN),
    liaisons("POST", "/api/v1/lists", json={**FACTS, "unit": 2}, other_liaison=FORBIDDEN),
    _keepers("GET", LIST + "/edit"),
    _keepers("POST", LIST + "/edit", form={**FACTS, "unit": "2"}),
    _keepers("POST", LIST + "/books", form={"book": "1", "place-1": "1", "kind-1": "optional", "reason-1": "好"}),
    _keepers("POST", LIST + "/add", form={"book": "1"}),
    _keepers("POST", LIST + "/issue"),
    _keepers("POST", LIST + "/withdraw"),
    _keepers("POST", LIST + "/copy"),
    _keepers("POST", LIST + "/delete", CONFLICT),
    _keepers("POST", LIST + "/delete", params=DRAFT),
    _keepers("GET", LIST + "/readers"),
    _keepers("GET", LIST + "/readers.csv"),
    _keepers("GET", LIST + "/readers.xlsx"),
    _keepers("PUT", API, json={**FACTS, "unit": 2}),
    _keepers("PUT", API + "/books", json={"books": [{"book": 1, "reason": "好"}]}),
    _keepers("POST", API + "/issue"),
    _keepers("POST", API + "/withdraw"),
    _keepers("POST", API + "/copy"),
    _keepers("DELETE", API, params=DRAFT),
    _keepers("GET", API + "/readers"),
]
