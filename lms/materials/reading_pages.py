"""Pages around reading: what was dwelt on, what was read on paper, and what a unit asks to be read."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import Conflict, InvalidInput, LmsError
from lms.materials import list_tables, queries, reading_service, required, required_queries, showing, words
from lms.materials.pages import MATERIAL
from lms.materials.required_rules import Wish, problems
from lms.members.access import Action, require
from lms.members.forms import unit_options
from lms.members.queries import unit_choices
from lms.web import i18n
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import attempt, day, page_number, whole_number

pages = Blueprint("material_reading", __name__)

REQUEST = "/materials/required/<int(max=2147483647):request_id>"
LARGEST_ID = 2_147_483_647
FIELDS = ("unit", "since", "until", "note")


@pages.post(MATERIAL + "/pages/<int(max=2147483647):number>/seen")
def seen(material_id: int, number: int) -> Response:
    """Note that a page is being looked at; the script of the page asks again after the seconds that are left."""
    reader = actor()
    opened = showing.opened_at(request.form.get("token", ""), reader.id, material_id, number)
    noted = reading_service.note_page(reader, material_id, number, opened)
    if request.form.get("on"):
        return redirect(url_for("materials.material_page", material_id=material_id, number=number + 1), code=303)
    said = gettext("%(read)s of %(pages)s pages read", read=noted.read, pages=noted.pages)
    done = gettext("You have read this material through.") if noted.read_through else ""
    return jsonify({"counts": noted.counts, "seconds_left": noted.seconds_left, "text": done or said})


@pages.post(MATERIAL + "/on-paper")
def on_paper(material_id: int) -> Response:
    """Note, or take back, that a material was read elsewhere."""
    if request.form.get("done") == "no":
        reading_service.take_back_read_on_paper(actor(), material_id)
        flash(gettext("It is taken back."), "success")
    else:
        reading_service.note_read_on_paper(actor(), material_id)
        flash(gettext("Noted: you have read it, by your own word."), "success")
    return redirect(url_for("materials.material", material_id=material_id), code=303)


@pages.get("/materials/required")
def requests() -> str:
    """Show what the reader's units ask to be read."""
    gone = request.args.get("which") == "gone"
    return render_template(
        "materials/requests.html",
        page=required_queries.list_requests(actor(), page_number(), gone=gone),
        gone=gone,
        today=clock.today(),
    )


@pages.get(MATERIAL + "/require")
def new_request(material_id: int) -> str:
    """Show the form for asking that a material be read."""
    require(actor(), Action.READING_REQUIRE)
    today = clock.today()
    return _form(material_id, {"unit": actor().home, "since": today.isoformat(), "until": "", "note": ""}, {})


@pages.post(MATERIAL + "/require")
def ask_to_read(material_id: int) -> Response | tuple[str, int]:
    """Ask that a material be read, or show the form again."""
    require(actor(), Action.READING_REQUIRE)
    typed = {name: request.form.get(name, "") for name in FIELDS}
    errors: dict[str, LmsError] = {}
    wish = _wish(typed, errors)
    made = _tried(errors, lambda: required.ask_to_read(actor(), material_id, wish))
    if errors:
        return _form(material_id, typed, errors), 422
    flash(gettext("The members see it now among what is to be read."), "success")
    return redirect(url_for("material_reading.readers", request_id=made), code=303)


def _wish(typed: dict[str, str], errors: dict[str, LmsError]) -> Wish:
    wish = Wish(
        attempt(errors, lambda: whole_number(typed.get("unit"), "unit", 1, LARGEST_ID)),
        attempt(errors, lambda: day(typed["since"], "since")),
        attempt(errors, lambda: day(typed["until"], "until")),
        " ".join(typed["note"].split()),
    )
    for problem in problems(wish, clock.today()):
        errors.setdefault(problem.field or "", problem)
    return wish


def _tried(errors: dict[str, LmsError], command: Any) -> Any:
    if errors:
        return None
    try:
        return command()
    except (InvalidInput, Conflict) as error:
        errors.update({one.field or "": one for one in error.all})
    return None


def _form(material_id: int, typed: dict[str, Any], errors: dict[str, LmsError]) -> str:
    return render_template(
        "materials/require.html",
        material=queries.get_material(actor(), material_id),
        typed=typed,
        errors={name: i18n.words(error) for name, error in errors.items()},
        units=unit_options(unit_choices(actor(), Action.READING_REQUIRE)),
    )


@pages.get(REQUEST)
def readers(request_id: int) -> str:
    """Show who has read what was asked."""
    return _readers_page(request_id, None, {})


def _readers_page(request_id: int, typed: dict[str, str] | None, errors: dict[str, LmsError]) -> str:
    reader = actor()
    asked = required_queries.get_kept(reader, request_id)
    found = queries.get_material(reader, asked.material)
    return render_template(
        "materials/readers.html",
        asked=asked,
        material=found,
        page=required_queries.list_readers(reader, request_id, page_number(), profile()),
        today=clock.today(),
        reader_words=words.reader_words,
        typed=typed or {"since": asked.since.isoformat(), "until": asked.until.isoformat(), "note": asked.note},
        errors={name: i18n.words(error) for name, error in errors.items()},
    )


@pages.post(REQUEST)
def change_request(request_id: int) -> Response | tuple[str, int]:
    """Change the days and the note of a request."""
    kept = required_queries.get_kept(actor(), request_id)
    typed = {name: request.form.get(name, "") for name in FIELDS}
    errors: dict[str, LmsError] = {}
    wish = _wish({**typed, "unit": str(kept.unit)}, errors)
    _tried(errors, lambda: required.change_request(actor(), request_id, wish))
    if errors:
        return _readers_page(request_id, typed, errors), 422
    flash(gettext("The changes are saved."), "success")
    return redirect(url_for("material_reading.readers", request_id=request_id), code=303)


@pages.post(REQUEST + "/end")
def end_request(request_id: int) -> Response:
    """Take a request back."""
    required.end_request(actor(), request_id)
    flash(gettext("Nobody is asked to read it any more. What was read stays."), "success")
    return redirect(url_for("material_reading.readers", request_id=request_id), code=303)


@pages.post(REQUEST + "/renew")
def renew_request(request_id: int) -> Response:
    """Put a request into force again."""
    required.renew_request(actor(), request_id)
    flash(gettext("The members see it now among what is to be read."), "success")
    return redirect(url_for("material_reading.readers", request_id=request_id), code=303)


@pages.get(REQUEST + "/readers.csv", defaults={"form": "csv"})
@pages.get(REQUEST + "/readers.xlsx", defaults={"form": "xlsx"})
def readers_table(request_id: int, form: str) -> Response:
    """Hand out who has read what was asked as a table."""
    return list_tables.readers_table(actor(), request_id, form)
