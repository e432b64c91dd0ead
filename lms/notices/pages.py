"""Pages of notices."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.notices import queries, rules, service, words
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import page_number

pages = Blueprint("notices", __name__)

PAGE_SIZE = 30


@pages.get("/notices")
def notices() -> str:
    """Show what the reader was told, the latest first, and which kinds they want."""
    reader = actor()
    return render_template(
        "notices/notices.html",
        page=queries.list_notices(reader, page_number(), PAGE_SIZE),
        wanted=queries.wanted_kinds(reader),
        kinds=words.KIND_WORDS,
        headline=words.headline,
        named_words=words.named_words,
    )


@pages.post("/notices/<int(max=2147483647):notice_id>")
def open_notice(notice_id: int) -> Response:
    """Mark a notice read and go where it leads, or to that of the things it names which was chosen."""
    item = request.form.get("item", "")
    chosen = int(item) if item.isascii() and item.isdigit() and len(item) < 4 else None
    return redirect(service.open_notice(actor(), notice_id, chosen), code=303)


@pages.post("/notices/read")
def read_all() -> Response:
    """Mark everything read."""
    service.mark_read(actor())
    return redirect(url_for("notices.notices"), code=303)


@pages.post("/notices/kinds")
def choose_kinds() -> Response:
    """Keep which kinds the reader wants."""
    service.choose_kinds(actor(), [kind for kind in rules.KINDS if kind in request.form.getlist("kind")])
    flash(gettext("Your choice is kept."), "success")
    return redirect(url_for("notices.notices"), code=303)
