"""Reminding those who are behind, from the board of a unit."""

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.errors import InvalidInput
from lms.reminders import rules, service
from lms.web.i18n import words as said
from lms.web.signin import actor
from lms.web.view import safe_next

pages = Blueprint("reminders", __name__)

ADDRESS = "/reminders/<int(max=2147483647):requirement_id>/<int(max=2147483647):unit_id>"


def _profile() -> str:
    return str(current_app.config["LMS"].profile)


@pages.get(ADDRESS)
def nudge(requirement_id: int, unit_id: int) -> str:
    """Show who is behind, and where the words are written."""
    return _page(requirement_id, unit_id, "", {})


def _page(requirement: int, unit: int, typed: str, errors: dict[str, str]) -> str:
    return render_template(
        "reminders/nudge.html",
        found=service.find_behind(actor(), requirement, unit, _profile()),
        typed=typed,
        errors=errors,
        most=rules.WORDS_CHARS,
        back=safe_next("/progress"),
    )


@pages.post(ADDRESS)
def send(requirement_id: int, unit_id: int) -> Response | tuple[str, int]:
    """Remind those who are behind."""
    typed = request.form.get("words", "")
    try:
        told = service.nudge(actor(), requirement_id, unit_id, typed, _profile())
    except InvalidInput as error:
        return _page(requirement_id, unit_id, typed, {error.field or "": said(error)}), 422
    flash(ngettext("%(num)d member is reminded.", "%(num)d members are reminded.", told), "success")
    return redirect(safe_next("/progress"), code=303)
