"""Rows of the table of access for notices."""

from lms.notices.models import Notice
from tests.web.access_table import MISSING, everyone
from tests.web.world import World


def furnish(world: World) -> None:
    """Tell the member something."""
    told = Notice.create(member=world.ids["member"], kind="note", key="note:1", message="Nothing new", href="/notes")
    world.ids["notice"] = told.id


OTHERS = {"lecturer": MISSING, "liaison": MISSING, "other_liaison": MISSING, "administrator": MISSING}

ROWS = [
    everyone("GET", "/notices"),
    everyone("POST", "/notices/<int(max=2147483647):notice_id>", **OTHERS),
    everyone("POST", "/notices/read"),
    everyone("POST", "/notices/kinds", form={"kind": "note"}),
    everyone("GET", "/api/v1/notices"),
    everyone("POST", "/api/v1/notices/read", json={}),
    everyone("GET", "/api/v1/notices/kinds"),
    everyone("PUT", "/api/v1/notices/kinds", json={"kinds": ["note", "behind"]}),
]
