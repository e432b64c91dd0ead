"""Pages on which a member brings an own shelf from elsewhere: what will happen row by row, then what came of it."""

import json

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.catalogue.words import SOURCE_NAMES
from lms.errors import N_, InvalidInput, TooLarge, Unavailable
from lms.paging import Page
from lms.reading import shelf_import
from lms.reading.log_words import STATE_WORDS
from lms.reading.shelf_rules import ACTIONS
from lms.web import i18n, uploads
from lms.web.addresses import url_for
from lms.web.errors import status_of
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import page_number

pages = Blueprint("shelf_import", __name__)

IMPORT = "/reading/import/<int(max=2147483647):load_id>"
ROWS_SHOWN = 50
ACTION_WORDS = {
    "note": N_("Comes onto my shelf"),
    "stays": N_("On my shelf already"),
    "missing": N_("Not in the catalogue"),
    "error": N_("Cannot be taken"),
}

uploads.allow_upload("shelf_import.take_table", lambda settings: shelf_import.LARGEST, None)
uploads.allow_upload("shelf_import_api.take_table", lambda settings: shelf_import.LARGEST, None)


@pages.get("/reading/import")
def new_import() -> str:
    """Show how to take a shelf in."""
    return render_template("reading/shelf_import.html", errors={})


@pages.post("/reading/import")
def take_table() -> Response | tuple[str, int]:
    """Take a table to be looked at, or say what is wrong with it."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise InvalidInput(N_("Please choose a file."), field="file")
        load = shelf_import.take_table(actor(), file.stream, file.filename)
    except (InvalidInput, TooLarge, Unavailable) as error:
        said = {error.field or "": i18n.words(error)}
        return render_template("reading/shelf_import.html", errors=said), status_of(error)
    return redirect(url_for("shelf_import.show_import", load_id=load), code=303)


@pages.get(IMPORT)
def show_import(load_id: int) -> str:
    """Show what will happen with each row, how far it is, or what came of it."""
    load = shelf_import.get_import(actor(), load_id)
    look = shelf_import.look_at(actor(), load_id)
    counts = {action: count for action in ACTIONS if (count := look.count(action))}
    chosen = request.args.get("action", "")
    rows = [row for row in look.rows if chosen not in counts or row.action == chosen]
    number = page_number()
    first = (number - 1) * ROWS_SHOWN
    here = "shelf_import.show_import"
    chips = [(gettext("All"), url_for(here, load_id=load_id), chosen not in counts, len(look.rows))]
    chips += [
        (gettext(ACTION_WORDS[action]), url_for(here, load_id=load_id, action=action), action == chosen, count)
        for action, count in counts.items()
    ]
    return render_template(
        "reading/shelf_rows.html",
        load=load,
        layout=look.layout,
        counts=counts,
        chips=chips,
        page=Page(rows[first : first + ROWS_SHOWN], number, ROWS_SHOWN, len(rows)),
        source=gettext(SOURCE_NAMES[look.layout.source]),
        actions={name: gettext(words) for name, words in ACTION_WORDS.items()},
        states=STATE_WORDS,
        said=lambda note: i18n.said(note.message, note.values),
        refused=[
            (number, sheet, title, i18n.said(message, values))
            for number, sheet, title, message, values in json.loads(load.refused)
        ],
    )


@pages.post(IMPORT + "/start")
def start_import(load_id: int) -> Response:
    """Take the shelf in."""
    shelf_import.start_import(actor(), load_id)
    return redirect(url_for("shelf_import.show_import", load_id=load_id), code=303)


@pages.post(IMPORT + "/discard")
def discard_import(load_id: int) -> Response:
    """Throw the table away."""
    shelf_import.discard_import(actor(), load_id)
    flash(gettext("The table is gone. Your shelf stays as it is."), "success")
    return redirect(url_for("shelf_import.new_import"), code=303)
