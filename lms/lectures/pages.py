"""Pages of lectures."""

from flask import Blueprint

pages = Blueprint("lectures", __name__)


@pages.get("/lectures")
def lectures() -> str:
    return ""
