"""Pages of people for liaisons and administrators: the list, a member, and what an administrator changes there."""

from flask import Blueprint

pages = Blueprint("people", __name__)


@pages.get("/people")
def members() -> str:
    return ""
