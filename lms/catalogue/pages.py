"""Pages of catalogue."""

from flask import Blueprint

pages = Blueprint("catalogue", __name__)


@pages.get("/books")
def books() -> str:
    return ""
