"""Pages of uploads: what is unfinished, to go on with or to throw away, and how full one's share of the store is."""

from flask import Blueprint, flash, redirect, render_template
from werkzeug.wrappers import Response

from lms.uploads import purposes, queries, service, words
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import page_number, safe_next

pages = Blueprint("uploads", __name__)

ONE = "/uploads/<string(length=16):upload>"


@pages.get("/uploads")
def uploads() -> str:
    """Show the uploads that no form has taken yet."""
    me = actor()
    mine, unit = queries.get_rooms(me.id, me.home)
    return render_template(
        "uploads/uploads.html",
        page=queries.list_unfinished(me, page_number()),
        words=words,
        rooms=[(gettext("Your share"), mine), (me.home_name, unit)],
        chunk=purposes.chunk_bytes(),
        days=purposes.kept_for().days,
    )


@pages.post(ONE + "/remove")
def remove(upload: str) -> Response:
    """Throw an upload away."""
    service.terminate(actor(), upload)
    flash(gettext("The upload is thrown away."), "success")
    return redirect(safe_next(url_for("uploads.uploads")), code=303)
