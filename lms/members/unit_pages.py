"""Pages of units: the tree, and what an administrator changes in it."""

from flask import Blueprint

pages = Blueprint("units", __name__)


@pages.get("/units")
def units() -> str:
    return ""
