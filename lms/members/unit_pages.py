"""Pages of units: the tree, and what an administrator changes in it."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.errors import Conflict, Faults, InvalidInput
from lms.members import queries, units
from lms.members.access import Action, require
from lms.members.forms import Answer, choices, chosen_unit, refused, typed
from lms.members.models import UNIT_KINDS
from lms.members.words import kind_words
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import page_number

pages = Blueprint("units", __name__)


@pages.get("/units", endpoint="units")
def tree() -> str:
    """Show the tree of units within the reader's reach."""
    return render_template("members/units.html", page=queries.list_units(actor(), page_number()))


def _kinds() -> list[tuple[str, str]]:
    return [("", gettext("Please choose")), *((kind, kind_words(kind)) for kind in UNIT_KINDS)]


def _places(but: str = "") -> list[tuple[str, str]]:
    reached = queries.unit_choices(actor(), Action.UNIT_MANAGE)
    offered = [unit for unit in reached if not but or not unit.path.startswith(but)]
    return choices(offered, gettext("Please choose"))


def _done(text: str) -> Response:
    flash(text, "success")
    return redirect(url_for("units.units"), code=303)


@pages.route("/units/new", methods=["GET", "POST"])
def add_unit() -> Answer:
    """Add a unit below another."""
    require(actor(), Action.UNIT_MANAGE)
    context = {
        "title": gettext("Add a unit"),
        "action": url_for("units.add_unit"),
        "typed": typed("name", "kind", "parent"),
        "kinds": _kinds(),
        "places": _places(),
    }
    if request.method == "GET":
        return render_template("members/unit_form.html", errors={}, **context)
    form, faults = request.form, Faults()
    parent = faults.check(lambda: chosen_unit("parent"))
    try:
        units.create_unit(actor(), parent, form.get("kind", ""), form.get("name", ""), before=faults)
    except (InvalidInput, Conflict) as error:
        return refused("members/unit_form.html", error, **context)
    return _done(gettext("The unit is added."))


@pages.route("/units/<int:unit>/edit", methods=["GET", "POST"])
def edit_unit(unit: int) -> Answer:
    """Rename a unit or correct its kind."""
    row = units.load_unit(actor(), unit)
    known = {"name": row.name, "kind": row.kind}
    context = {
        "title": gettext("Edit %(name)s", name=row.name),
        "action": url_for("units.edit_unit", unit=unit),
        "typed": typed("name", "kind") if request.method == "POST" else known,
        "kinds": _kinds(),
    }
    if request.method == "GET":
        return render_template("members/unit_form.html", errors={}, **context)
    try:
        units.edit_unit(actor(), unit, request.form.get("kind", ""), request.form.get("name", ""))
    except (InvalidInput, Conflict) as error:
        return refused("members/unit_form.html", error, **context)
    return _done(gettext("Saved."))


@pages.route("/units/<int:unit>/move", methods=["GET", "POST"])
def move_unit(unit: int) -> Answer:
    """Hang a unit, with all below it, under another one."""
    row = units.load_unit(actor(), unit)
    context = {
        "title": gettext("Move %(name)s", name=row.name),
        "action": url_for("units.move_unit", unit=unit),
        "typed": typed("parent") if request.method == "POST" else {"parent": row.parent or ""},
        "places": _places(but=row.path),
    }
    if request.method == "GET":
        return render_template("members/unit_form.html", errors={}, **context)
    try:
        units.move_unit(actor(), unit, chosen_unit("parent"))
    except (InvalidInput, Conflict) as error:
        return refused("members/unit_form.html", error, **context)
    return _done(gettext("Moved, with all that is below it."))


@pages.post("/units/<int:unit>/remove")
def remove_unit(unit: int) -> Answer:
    """Take away a unit that nothing hangs on; when something does, say what."""
    try:
        units.remove_unit(actor(), unit)
    except Conflict as error:
        listed = queries.list_units(actor(), page_number())
        return refused("members/units.html", error, page=listed)
    return _done(gettext("The unit is removed."))
