"""Pages of tables: taking books in from one, seeing what will happen, and writing the catalogue out."""

from collections.abc import Iterable
from io import BytesIO

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.catalogue import export, import_queries, imports
from lms.catalogue.browse_pages import wanted_books
from lms.catalogue.words import ACTION_NAMES, CHOICE_NAMES, SOURCE_NAMES
from lms.errors import N_, InvalidInput, TooLarge, Unavailable
from lms.members.access import Action, require
from lms.web import i18n, uploads
from lms.web.addresses import url_for
from lms.web.errors import status_of
from lms.web.i18n import gettext, reader_locale
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, page_number

pages = Blueprint("book_tables", __name__)

IMPORT = "/books/import/<int(max=2147483647):load_id>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_SHOWN = 50

uploads.allow_upload("book_tables.take_table", lambda settings: imports.LARGEST, Action.CATALOGUE_EDIT)


@pages.get("/books/import")
def new_import() -> str:
    """Show how to take books in from a table, and the imports of late."""
    return _start_page({})


@pages.post("/books/import")
def take_table() -> AnyResponse | tuple[str, int]:
    """Take a table, or say what is wrong with it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        problem = InvalidInput(N_("Please choose a file."), field="file")
        return _start_page({"file": i18n.words(problem)}), 422
    try:
        load_id = imports.take_table(actor(), file.stream, file.filename)
    except (InvalidInput, TooLarge, Unavailable) as error:
        return _start_page({error.field or "": i18n.words(error)}), status_of(error)
    return redirect(url_for("book_tables.show_import", load_id=load_id), code=303)


def _start_page(errors: dict[str, str]) -> str:
    return render_template(
        "catalogue/import.html",
        page=import_queries.list_imports(actor(), page_number(), PAGE_SIZE),
        errors=errors,
        limit_mb=imports.LARGEST // 1024 // 1024,
        sources={name: gettext(words) for name, words in SOURCE_NAMES.items()},
    )


@pages.get(IMPORT)
def show_import(load_id: int) -> str:
    """Show what will happen with each row of a table, or has happened, or how far it is."""
    load = import_queries.get_import(actor(), load_id)
    shown = request.args.get("action", "")
    chosen = shown if shown in load.counts else ""
    rows = import_queries.list_import_rows(actor(), load_id, chosen, page_number(), ROWS_SHOWN)
    chips = [
        (gettext("All"), url_for("book_tables.show_import", load_id=load_id), not chosen, sum(load.counts.values()))
    ]
    chips += [
        (
            gettext(ACTION_NAMES[action]),
            url_for("book_tables.show_import", load_id=load_id, action=action),
            action == chosen,
            count,
        )
        for action, count in load.counts.items()
    ]
    return render_template(
        "catalogue/import_rows.html",
        load=load,
        page=rows,
        chips=chips,
        action=chosen,
        source=gettext(SOURCE_NAMES[load.source]),
        actions={name: gettext(words) for name, words in ACTION_NAMES.items()},
        choices={name: gettext(words) for name, words in CHOICE_NAMES.items()},
        said=lambda note: i18n.said(note[1], note[2]),
        failure=i18n.said_kept(load.failure),
        running=load.state in ("checking", "importing"),
    )


@pages.post(IMPORT + "/rows/<int(max=2147483647):row_id>")
def choose(load_id: int, row_id: int) -> AnyResponse:
    """Settle the doubt about a row."""
    imports.choose(actor(), load_id, row_id, request.form.get("choice", ""))
    back = url_for("book_tables.show_import", load_id=load_id, action="doubt", page=page_number())
    return redirect(f"{back}#row-{row_id}", code=303)


@pages.post(IMPORT + "/start")
def start_import(load_id: int) -> AnyResponse:
    """Carry an import out."""
    imports.start_import(actor(), load_id)
    return redirect(url_for("book_tables.show_import", load_id=load_id), code=303)


@pages.post(IMPORT + "/discard")
def discard_import(load_id: int) -> AnyResponse:
    """Throw an import away."""
    imports.discard_import(actor(), load_id)
    flash(gettext("The import is gone. The catalogue stays as it is."), "success")
    return redirect(url_for("book_tables.new_import"), code=303)


@pages.get("/books/template.csv")
def template_csv() -> Response:
    """Hand out our own template as CSV."""
    require(actor(), Action.CATALOGUE_EDIT)
    return _csv(export.template_csv(reader_locale()), gettext("books-template"))


@pages.get("/books/template.xlsx")
def template_xlsx() -> Response:
    """Hand out our own template as XLSX."""
    require(actor(), Action.CATALOGUE_EDIT)
    made = BytesIO()
    export.template_xlsx(reader_locale(), gettext("Books"), made)
    return _xlsx(made, gettext("books-template"))


@pages.get("/books/export.csv")
def export_csv() -> Response:
    """Write the books of a list out as CSV, its filters kept."""
    name = f"{gettext('books')}-{clock.today()}"
    return _csv(export.csv_of_books(actor(), wanted_books(), reader_locale()), name)


@pages.get("/books/export.xlsx")
def export_xlsx() -> Response:
    """Write the books of a list out as XLSX, its filters kept."""
    made = BytesIO()
    export.xlsx_of_books(actor(), wanted_books(), reader_locale(), gettext("Books"), made)
    return _xlsx(made, f"{gettext('books')}-{clock.today()}")


def _csv(lines: Iterable[str], name: str) -> Response:
    whole = BytesIO("".join(lines).encode())
    return send_file(whole, mimetype="text/csv", as_attachment=True, download_name=f"{name}.csv")


def _xlsx(made: BytesIO, name: str) -> Response:
    made.seek(0)
    return send_file(made, mimetype=XLSX, as_attachment=True, download_name=f"{name}.xlsx")
