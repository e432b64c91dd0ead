"""Who may reach the search; what each finds there is tested with the search itself."""

from lms.search.drain import ensure_index
from lms.search.engine import engine
from tests.web.access_table import everyone
from tests.web.world import World


def furnish(world: World) -> None:
    """Make the index, empty: without one the search answers that it is being prepared."""
    ensure_index(engine().path)


ROWS = [
    everyone("GET", "/search"),
    everyone("GET", "/api/v1/search", query={"q": "平凡"}),
]
