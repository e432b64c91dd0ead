"""Reminding those who are behind, from the board of a unit."""

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import InvalidInput
from lms.notices.queries import Told
from lms.notices.words import sentence
from lms.reminders import nudging, rules
from lms.web.addresses import url_for
from lms.web.i18n import words as said
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import safe_next

pages = Blueprint("reminders", __name__)

UNIT = "/reminders/units/<int(max=2147483647):unit_id>"
ADDRESS = "/reminders/<int(max=2147483647):requirement_id>/<int(max=2147483647):unit_id>"


def _member() -> int | None:
    raw = request.values.get("member", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


@pages.get(UNIT, endpoint="nudge_all")
@pages.get(ADDRESS)
def nudge(unit_id: int, requirement_id: int | None = None) -> str:
    """Show who is behind, what they would read, and where the words are written."""
    return _page(unit_id, requirement_id, "", {})


def _page(unit: int, requirement: int | None, typed: str, errors: dict[str, str]) -> str:
    member = _member()
    found = nudging.find_nudging(actor(), unit, profile(), requirement, member)
    first = found.lines[0].requirement.title if found.lines else ""
    values = {"name": actor().name, "title": first} | ({"words": typed} if typed else {})
    message = nudging.NUDGED_WITH_WORDS if typed else nudging.NUDGED
    return render_template(
        "reminders/nudge.html",
        found=found,
        sample=sentence(Told(0, "nudge", message, values, "", clock.now(), read=False)) if found.lines else "",
        requirement=requirement,
        member=member,
        typed=typed,
        errors=errors,
        most=rules.WORDS_CHARS,
        action=_action(unit, requirement),
        back=safe_next("/progress"),
    )


def _action(unit: int, requirement: int | None) -> str:
    if requirement is None:
        return str(url_for("reminders.send_all", unit_id=unit))
    return str(url_for("reminders.send", requirement_id=requirement, unit_id=unit))


@pages.post(UNIT, endpoint="send_all")
@pages.post(ADDRESS)
def send(unit_id: int, requirement_id: int | None = None) -> Response | str | tuple[str, int]:
    """Look at it again with the words as they would be read, or remind those who are behind."""
    typed = request.form.get("words", "")
    try:
        if request.form.get("step") == "look":
            return _page(unit_id, requirement_id, nudging.checked_words(typed), {})
        told = nudging.nudge(actor(), unit_id, typed, profile(), requirement_id, _member())
    except InvalidInput as error:
        return _page(unit_id, requirement_id, typed, {error.field or "": said(error)}), 422
    flash(ngettext("%(num)d reminder was sent.", "%(num)d reminders were sent.", told), "success")
    return redirect(safe_next("/progress"), code=303)
