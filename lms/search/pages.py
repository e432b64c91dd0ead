"""Pages of search."""

from flask import Blueprint

pages = Blueprint("search", __name__)


@pages.get("/search")
def page() -> str:
    return ""
