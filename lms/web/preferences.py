"""What a reader sets for this browser: language, size of text, light or dark. Kept in cookies, needs no sign-in."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from lms.config import LOCALES
from lms.web.view import safe_next

pages = Blueprint("web", __name__)

CHOICES = {"locale": LOCALES, "text_size": ("normal", "large"), "theme": ("auto", "light", "dark")}
YEAR = 365 * 24 * 3600


@pages.post("/preferences")
def preferences() -> Response:
    """Keep what was chosen and go back to the page it was chosen on; an unknown choice is passed over."""
    response = redirect(safe_next(), code=303)
    for name, choices in CHOICES.items():
        value = request.form.get(name)
        if value in choices:
            response.set_cookie(f"lms_{name}", value, max_age=YEAR, samesite="Lax", httponly=True)
    return response
