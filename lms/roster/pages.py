"""Pages of tables of people and units: taking one in, seeing what will happen, slips to print, writing them out."""

from collections.abc import Iterable
from io import BytesIO

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.errors import N_, Conflict, InvalidInput, NotFound, TooLarge, Unavailable
from lms.members.access import Action, require
from lms.roster import export, queries, service, slips
from lms.roster.models import KINDS
from lms.roster.words import ACTIONS
from lms.roster.words import KINDS as KIND_WORDS
from lms.web import i18n, uploads
from lms.web.addresses import url_for
from lms.web.errors import status_of
from lms.web.i18n import gettext, reader_locale
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, page_number

pages = Blueprint("roster", __name__)

IMPORT = "/people/import/<int(max=2147483647):load_id>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_SHOWN = 50

uploads.allow_upload("roster.take_table", lambda settings: service.LARGEST, Action.MEMBER_MANAGE)


@pages.get("/people/import")
def new_import() -> str:
    """Show how to take people or units in from a table, and the imports of late."""
    return _start_page({}, request.args.get("kind", "people"), False)


@pages.post("/people/import")
def take_table() -> AnyResponse | tuple[str, int]:
    """Take a table, or say what is wrong with it."""
    file, kind, whole = request.files.get("file"), request.form.get("kind", ""), request.form.get("whole") == "1"
    if file is None or not file.filename:
        problem = InvalidInput(N_("Please choose a file."), field="file")
        return _start_page({"file": i18n.words(problem)}, kind, whole), 422
    try:
        load_id = service.take_table(actor(), kind, file.stream, file.filename, whole)
    except (InvalidInput, TooLarge, Unavailable) as error:
        return _start_page({error.field or "": i18n.words(error)}, kind, whole), status_of(error)
    return redirect(url_for("roster.show_import", load_id=load_id), code=303)


def _start_page(errors: dict[str, str], kind: str, whole: bool) -> str:
    return render_template(
        "roster/import.html",
        page=queries.list_imports(actor(), page_number(), PAGE_SIZE),
        errors=errors,
        kind=kind if kind in KINDS else KINDS[0],
        whole=whole,
        kinds={name: gettext(words) for name, words in KIND_WORDS.items()},
        limit_mb=service.LARGEST // 1024 // 1024,
        most=service.MOST_ROWS,
    )


@pages.get(IMPORT)
def show_import(load_id: int) -> str:
    """Show what will happen with each row of a table, or has happened, or how far it is."""
    return _import_page(load_id, "")


def _import_page(load_id: int, problem: str) -> str:
    load = queries.get_import(actor(), load_id)
    # What has to be mended comes first; all rows are one tap away.
    faulty = load.state == "checked" and load.counts.get("refused")
    asked = request.args.get("action", "refused" if faulty else "")
    chosen = asked if asked in load.counts or (asked == queries.GIVING and load.roles) else ""
    here = url_for("roster.show_import", load_id=load_id)
    chips = [(gettext("All"), f"{here}?action=all" if faulty else here, not chosen, sum(load.counts.values()))]
    for action, count in load.counts.items():
        there = url_for("roster.show_import", load_id=load_id, action=action)
        chips.append((gettext(ACTIONS[action]), there, action == chosen, count))
    if load.roles:
        there = url_for("roster.show_import", load_id=load_id, action=queries.GIVING)
        chips.append((gettext("roles given or taken"), there, chosen == queries.GIVING, load.roles))
    return render_template(
        "roster/rows.html",
        load=load,
        page=queries.list_rows(actor(), load_id, chosen, page_number(), ROWS_SHOWN),
        chips=chips,
        actions={name: gettext(words) for name, words in ACTIONS.items()},
        said=lambda note: i18n.said(note[1], note[2]),
        failure=i18n.said_kept(load.failure),
        running=load.state in ("checking", "importing"),
        problem=problem,
        at_once=queries.SLIPS_AT_ONCE,
    )


@pages.post(IMPORT + "/start")
def start_import(load_id: int) -> AnyResponse | tuple[str, int]:
    """Carry an import out."""
    try:
        service.start_import(actor(), load_id, request.form.get("leave_out") == "1")
    except Conflict as error:
        return _import_page(load_id, i18n.words(error)), 409
    return redirect(url_for("roster.show_import", load_id=load_id), code=303)


@pages.post(IMPORT + "/discard")
def discard_import(load_id: int) -> AnyResponse:
    """Throw an import away."""
    service.discard_import(actor(), load_id)
    flash(gettext("The import is gone. Nobody was changed by throwing it away."), "success")
    return redirect(url_for("roster.new_import"), code=303)


@pages.post(IMPORT + "/slips")
def print_slips(load_id: int) -> AnyResponse | str:
    """Show the next slips with first passwords, once; the answer to the POST, so that no address shows them again."""
    shown = slips.show_slips(actor(), load_id)
    if not shown:
        flash(
            gettext("All slips were shown already. Whoever lost theirs gets a new first password on their page."),
            "warning",
        )
        return redirect(url_for("roster.show_import", load_id=load_id), code=303)
    load = queries.get_import(actor(), load_id)
    address = url_for("members.sign_in_form", _external=True)
    return render_template("roster/slips.html", load=load, slips=shown, address=address)


@pages.get("/people/table/<any(template, export):what>/<any(csv, xlsx):form>")
def table(what: str, form: str) -> Response:
    """Hand out the people or units whom I administer, or the empty template, as CSV or XLSX."""
    me, kind, locale = actor(), request.args.get("kind", "people"), reader_locale()
    require(me, Action.MEMBER_MANAGE)
    if kind not in KINDS:
        raise NotFound(N_("This page does not exist, or you may not see it."))
    empty = what == "template"
    ending = gettext("template") if empty else str(clock.today())
    name = f"{gettext(KIND_WORDS[kind])}-{ending}"
    if form == "csv":
        return _csv(export.as_csv(me, kind, locale, empty=empty), name)
    made = BytesIO()
    export.as_xlsx(me, kind, locale, made, empty=empty)
    made.seek(0)
    return send_file(made, mimetype=XLSX, as_attachment=True, download_name=f"{name}.xlsx")


def _csv(lines: Iterable[str], name: str) -> Response:
    whole = BytesIO("".join(lines).encode())
    return send_file(whole, mimetype="text/csv", as_attachment=True, download_name=f"{name}.csv")
