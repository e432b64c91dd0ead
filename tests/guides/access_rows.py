"""Rows of the table of access for the guides."""

from tests.web.access_table import public
from tests.web.world import World


def furnish(world: World) -> None:
    """Name a guide."""
    world.ids["guide"] = "member"


ROWS = [
    public("GET", "/help"),
    public("GET", "/help/<string(maxlength=20):name>", params={"name": "guide"}),
    public("GET", "/api/v1/guides"),
    public("GET", "/api/v1/guides/<string(maxlength=20):name>", params={"name": "guide"}),
]
