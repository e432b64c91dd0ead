"""Pages of notes."""

from flask import Blueprint

pages = Blueprint("notes", __name__)


@pages.get("/notes")
def notes() -> str:
    return ""
