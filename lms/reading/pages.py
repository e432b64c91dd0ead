"""Pages of reading."""

from flask import Blueprint

pages = Blueprint("reading", __name__)


@pages.get("/plans")
def plans() -> str:
    return ""
