"""Rows of the table of access for what belongs to no room: preferences, static files, the API's own description."""

from tests.web.access_table import public
from tests.web.world import World


def furnish(world: World) -> None:
    """Name a static file."""
    world.ids["stylesheet"] = "css/garden.css"


ROWS = [
    public("GET", "/static/<path:filename>", params={"filename": "stylesheet"}),
    public("GET", "/api/openapi.json"),
    public("GET", "/api/docs"),
    public("POST", "/preferences", form={"text_size": "large"}),
]
