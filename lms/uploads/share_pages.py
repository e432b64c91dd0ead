"""Pages of the shares of the store: what members and units may keep by the settings, and who has another share."""

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.errors import InvalidInput
from lms.members import queries as members
from lms.members.access import Action, require
from lms.uploads import shares
from lms.web.addresses import url_for
from lms.web.i18n import words
from lms.web.signin import actor
from lms.web.view import page_number, whole_number

pages = Blueprint("shares", __name__)

HIGHEST = 2**31 - 1


@pages.get("/uploads/shares")
def list_shares() -> str:
    """Show the shares that differ from the settings, and the form for one more."""
    return _page({}, {})


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    me = actor()
    require(me, Action.MEMBER_MANAGE)
    usual_member, usual_unit = shares.default_gib()
    return render_template(
        "uploads/shares.html",
        page=shares.list_shares(me, page_number()),
        usual_member=usual_member,
        usual_unit=usual_unit,
        units=[("", gettext("Please choose")), *((unit.id, unit.name) for unit in members.unit_choices(me))],
        typed=typed,
        errors=errors,
    )


@pages.post("/uploads/shares")
def set_share() -> Response | tuple[str, int]:
    """Give a unit, or (from their row) a member, a share of its own; an empty figure goes back to the settings."""
    form = request.form
    try:
        shares.set_share(
            actor(),
            whole_number(form.get("member"), "member", 1, HIGHEST),
            whole_number(form.get("unit"), "unit", 1, HIGHEST),
            whole_number(form.get("gib"), "gib", 0, shares.MOST_GIB),
        )
    except InvalidInput as error:
        return _page(form.to_dict(), {error.field or "": words(error)}), 422
    flash(gettext("The share is saved."), "success")
    return redirect(url_for("shares.list_shares"), code=303)
