"""Rows of the table of access for tables of people and units: for administrators, each sees their own imports."""

import json

from lms.roster.models import RosterImport, RosterRow
from tests.web.access_table import CONFLICT, administrators
from tests.web.world import World

IMPORT = "/people/import/<int(max=2147483647):load_id>"
API = "/api/v1/people-imports/<int(max=2147483647):load_id>"
TABLE = ("姓名,单位\n新人,桂花社区\n".encode(), "people.csv")


def furnish(world: World) -> None:
    """Make an import of the administrator's that was carried out, with a slip to print."""
    load = RosterImport.create(
        member=world.ids["administrator"],
        kind="people",
        file_key="0" * 64,
        file_name="people.csv",
        columns=json.dumps({"headings": ["姓名"], "fields": ["name"], "ignored": [], "unknown": []}),
        state="done",
    )
    RosterRow.create(
        load=load, number=2, action="add", name="王淑兰", subject=world.ids["member"], values="{}", nonce="0" * 32
    )
    world.ids.update(load=load.id, what="export", form="xlsx", kind="people")


ROWS = [
    administrators("GET", "/people/import"),
    administrators("POST", "/people/import", form={"file": TABLE, "kind": "people"}),
    administrators("GET", IMPORT),
    administrators("POST", IMPORT + "/start", administrator=CONFLICT),
    administrators("POST", IMPORT + "/discard"),
    administrators("POST", IMPORT + "/slips"),
    administrators("GET", "/people/table/<any(template, export):what>/<any(csv, xlsx):form>"),
    administrators("GET", "/api/v1/people-export/<any(people, units):kind>"),
    administrators("GET", "/api/v1/people-imports"),
    administrators("POST", "/api/v1/people-imports", form={"file": TABLE}),
    administrators("GET", API),
    administrators("GET", API + "/rows"),
    administrators("POST", API + "/start", json={}, administrator=CONFLICT),
    administrators("POST", API + "/slips"),
    administrators("DELETE", API),
]
