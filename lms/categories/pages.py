"""Pages of categories: what there is, and how a liaison looks after the own ones of a unit."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.categories import queries, rules, service
from lms.errors import InvalidInput
from lms.members.access import Action, require
from lms.members.forms import unit_options
from lms.members.queries import unit_choices
from lms.web import i18n
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import attempt, whole_number

pages = Blueprint("categories", __name__)

CATEGORY = "/categories/<int(max=2147483647):category_id>"
LARGEST_ID = 2_147_483_647


@pages.get("/categories")
def categories() -> str:
    """Show the categories of study, and those of the reader's units to look after."""
    require(actor(), Action.CATEGORY_EDIT)
    return _page({}, {})


def _page(typed: dict[str, str], errors: dict[str, InvalidInput]) -> str:
    reader = actor()
    units = unit_choices(reader, Action.CATEGORY_EDIT)
    kept = queries.list_kept(reader)
    return render_template(
        "categories/categories.html",
        presets=[gettext(preset.name) for preset in rules.PRESETS],
        kept=[row for row in kept if not row.retired],
        retired=[row for row in kept if row.retired],
        units=unit_options(units),
        typed={"unit": reader.home, **typed},
        errors={name: i18n.words(error) for name, error in errors.items()},
    )


@pages.post("/categories/new")
def add_category() -> Response | tuple[str, int]:
    """Add a category, or show the form again."""
    require(actor(), Action.CATEGORY_EDIT)
    typed = {name: request.form.get(name, "") for name in ("name", "unit")}
    errors: dict[str, InvalidInput] = {}
    unit = attempt(errors, lambda: whole_number(typed["unit"], "unit", 1, LARGEST_ID))
    if unit is None:
        errors.setdefault("unit", InvalidInput(service.CHOOSE_UNIT, field="unit"))
    attempt(errors, lambda: rules.check_name(typed["name"]))
    if not errors:
        attempt(errors, lambda: service.add_category(actor(), unit, typed["name"]))
    if errors:
        return _page(typed, errors), 422
    flash(gettext("The category can be chosen now."), "success")
    return _back()


@pages.post(CATEGORY + "/rename")
def rename_category(category_id: int) -> Response | tuple[str, int]:
    """Give a category another name."""
    errors: dict[str, InvalidInput] = {}
    name = request.form.get("name", "")
    attempt(errors, lambda: service.rename_category(actor(), category_id, name))
    if errors:
        return _page({}, {f"name-{category_id}": errors["name"]}), 422
    flash(gettext("The changes are saved."), "success")
    return _back()


@pages.post(CATEGORY + "/retire")
def retire_category(category_id: int) -> Response:
    """Take a category out of choices."""
    service.retire_category(actor(), category_id)
    flash(gettext("The category is out of use. What bears it keeps it; you can bring it back."), "success")
    return _back()


@pages.post(CATEGORY + "/restore")
def restore_category(category_id: int) -> Response:
    """Bring a category back into choices."""
    service.restore_category(actor(), category_id)
    flash(gettext("The category can be chosen now."), "success")
    return _back()


def _back() -> Response:
    return redirect(url_for("categories.categories"), code=303)
