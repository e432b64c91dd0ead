"""The member's past searches on the search page."""

from flask import Blueprint, flash, redirect
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from lms.search import past
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor

pages = Blueprint("search_help", __name__)

LISTED = 10


def past_searches() -> list[past.Past]:
    """Give the newest past searches of who asks, for a template."""
    return past.list_past(actor())[:LISTED]


@pages.record_once
def _offer_to_templates(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(past_searches=past_searches)


@pages.post("/search/past/<int(max=2147483647):past_id>/forgetting")
def forget(past_id: int) -> Response:
    """Forget one past search."""
    past.forget(actor(), past_id)
    return redirect(url_for("search.page"), code=303)


@pages.post("/search/past/forgetting")
def forget_all() -> Response:
    """Forget all past searches."""
    past.forget_all(actor())
    flash(gettext("Your past searches are cleared."), "success")
    return redirect(url_for("search.page"), code=303)
