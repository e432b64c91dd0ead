"""Pages of progress."""

from flask import Blueprint

pages = Blueprint("progress", __name__)


@pages.get("/")
def home() -> str:
    return ""


@pages.get("/progress")
def mine() -> str:
    return ""
