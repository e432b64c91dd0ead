"""Pages of materials."""

from flask import Blueprint

pages = Blueprint("materials", __name__)


@pages.get("/materials")
def materials() -> str:
    return ""
