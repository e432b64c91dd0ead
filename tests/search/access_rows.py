"""Who may reach the search; what each finds there is tested with the search itself."""

from lms.search.drain import ensure_index
from lms.search.engine import engine
from lms.search.models import PastSearch
from tests.web.access_table import MISSING, everyone
from tests.web.world import World


def furnish(world: World) -> None:
    """Make the index, empty: without one the search answers that it is being prepared."""
    ensure_index(engine().path)
    world.ids["past"] = PastSearch.create(member=world.ids["member"], text="平凡", key="平凡").id


ONE_PAST = "/search/past/<int(max=2147483647):past_id>"
OWN = {
    "params": {"past_id": "past"},
    "lecturer": MISSING,
    "liaison": MISSING,
    "other_liaison": MISSING,
    "administrator": MISSING,
}

ROWS = [
    everyone("GET", "/search"),
    everyone("GET", "/api/v1/search", query={"q": "平凡"}),
    everyone("GET", "/api/v1/search/suggestions", query={"q": "pingf"}),
    everyone("GET", "/api/v1/search/past"),
    everyone("POST", "/api/v1/search/past", json={"q": "平凡"}),
    everyone("DELETE", "/api/v1/search/past"),
    everyone("DELETE", f"/api/v1{ONE_PAST}", **OWN),
    everyone("POST", f"{ONE_PAST}/forgetting", **OWN),
    everyone("POST", "/search/past/forgetting"),
]
