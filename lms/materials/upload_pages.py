"""Pages for taking materials in: files, many at once, and web links."""

from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from lms.categories import queries as categories
from lms.categories.words import options
from lms.config import MIB
from lms.errors import N_, Conflict, InvalidInput, LmsError, NotFound, TooLarge, Unavailable
from lms.materials import rules, uploading, words
from lms.materials.uploading import Said, Upload
from lms.members.access import Action, require
from lms.members.forms import unit_options
from lms.members.queries import unit_choices
from lms.uploads import fields
from lms.uploads import queries as arrivals
from lms.web import i18n, uploads
from lms.web.addresses import url_for
from lms.web.errors import status_of
from lms.web.i18n import gettext, ngettext
from lms.web.signin import actor
from lms.web.view import attempt, whole_number

pages = Blueprint("material_upload", __name__)

LARGEST_ID = 2_147_483_647
MOST_FILES = 50
ACCEPT = ".pdf,.docx,.pptx,.epub,.html,.htm,.md,.markdown,.txt,.png,.jpg,.jpeg,.gif,.webp"
FIELDS = ("title", "summary", "category", "audience", "unit", "url")

uploads.allow_upload(
    "material_upload.upload",
    lambda settings: settings.max_material_mib * MIB,
    Action.MATERIAL_UPLOAD,
    lambda uploader, _: uploading.new_destinations(uploader),
)


class _Refused(NamedTuple):
    """A file that was not taken: its name, its token where it came in pieces, and why."""

    name: str
    token: str
    error: LmsError


@pages.get("/materials/new")
def new_material() -> str:
    """Show the form for an upload."""
    require(actor(), Action.MATERIAL_UPLOAD)
    return _form("materials/new.html", {"category": "", "audience": "everyone"}, {})


@pages.post("/materials/new")
def upload() -> Response | tuple[str, int]:
    """Take an upload of one file or several, or show the form again with what is wrong."""
    typed = {name: request.form.get(name, "") for name in FIELDS}
    errors, unit = _wrong(typed)
    sent = [file for file in request.files.getlist("file") if file.filename]
    tokens = fields.tokens()[:MOST_FILES]
    if not sent and not tokens:
        errors["file"] = InvalidInput(N_("Please choose a file."), field="file")
    if errors:
        return _form("materials/new.html", typed, errors), 422
    alone = len(sent) + len(tokens) == 1
    said = Said(typed["title"] if alone else "", typed["summary"], typed["category"], typed["audience"], unit)
    made: list[int] = []
    refused: list[_Refused] = []
    files: list[FileStorage | str] = [*sent[:MOST_FILES], *tokens]
    for arrived in files:
        name = _name(arrived)
        try:
            made.append(_take(arrived, said))
        except (InvalidInput, NotFound, Conflict, TooLarge, Unavailable) as error:
            refused.append(_Refused(name, arrived if isinstance(arrived, str) else "", error))
    if made:
        return _arrived(made, refused)
    if len(refused) > 1:
        _say_refused(refused)
    _throw_away(refused)
    first = refused[0].error
    return _form("materials/new.html", typed, {first.field or "": first}), status_of(first)


def _take(arrived: FileStorage | str, said: Said) -> int:
    if isinstance(arrived, str):
        return uploading.upload_arrived(actor(), arrived, said)
    given = Upload(
        said.title, said.summary, said.category, said.audience, said.unit, arrived.filename or "", arrived.stream
    )
    return uploading.upload_material(actor(), given, uploads.upload_limit("material_upload.upload"))


def _name(arrived: FileStorage | str) -> str:
    if not isinstance(arrived, str):
        return str(arrived.filename)
    try:
        return arrivals.get_mine(actor(), arrived).name
    except NotFound:
        return gettext("A file")


def _say_refused(refused: list[_Refused]) -> None:
    for one in refused:
        one.error.name_file(one.name)
        flash(i18n.words(one.error), "error")


def _throw_away(refused: list[_Refused]) -> None:
    """Throw away what can never be taken, so that it does not stand on the form as a file that has arrived."""
    for one in refused:
        uploading.throw_away_refused(actor(), one.token, one.error)


def _arrived(made: list[int], refused: list[_Refused]) -> Response:
    """Say what came of each file: the refused ones by their name and reason."""
    _say_refused(refused)
    _throw_away(refused)
    if len(made) == 1 and not refused:
        flash(gettext("The file has arrived. Its text is being taken out; it can be found in a moment."), "success")
        return redirect(url_for("materials.material", material_id=made[0]), code=303)
    flash(
        ngettext(
            "%(num)s file has arrived. Its text is being taken out.",
            "%(num)s files have arrived. Their text is being taken out.",
            len(made),
        ),
        "success",
    )
    return redirect(url_for("materials.materials", mine="1"), code=303)


@pages.get("/materials/link")
def new_link() -> str:
    """Show the form for a web link."""
    require(actor(), Action.MATERIAL_UPLOAD)
    return _form("materials/link.html", {"category": "", "audience": "everyone"}, {})


@pages.post("/materials/link")
def add_link() -> Response | tuple[str, int]:
    """Take a web link in, or show the form again."""
    typed = {name: request.form.get(name, "") for name in FIELDS}
    errors, unit = _wrong(typed, link=True)
    said = Said(typed["title"], typed["summary"], typed["category"], typed["audience"], unit)
    made = None if errors else attempt(errors, lambda: uploading.add_link(actor(), said, typed["url"]))
    if errors:
        return _form("materials/link.html", typed, errors), 422
    flash(gettext("The link is in the garden; it can be found by its title and description."), "success")
    return redirect(url_for("materials.material", material_id=made), code=303)


def _wrong(typed: dict[str, str], *, link: bool = False) -> tuple[dict[str, LmsError], int | None]:
    require(actor(), Action.MATERIAL_UPLOAD)
    errors: dict[str, LmsError] = {}
    unit = attempt(errors, lambda: whole_number(typed["unit"], "unit", 1, LARGEST_ID))
    attempt(errors, lambda: rules.check_title(typed["title"], required=link))
    attempt(errors, lambda: rules.check_summary(typed["summary"], required=link))
    attempt(errors, lambda: rules.check_audience(typed["audience"]))
    if link:
        attempt(errors, lambda: rules.check_url(typed["url"]))
    if not typed["category"]:
        errors["category"] = InvalidInput(N_("Please choose a category from the list."), field="category")
    return errors, unit


def _form(template: str, typed: dict[str, str], errors: dict[str, LmsError]) -> str:
    reader = actor()
    units = unit_choices(reader, Action.MATERIAL_UPLOAD)
    home = next((unit.id for unit in units if unit.id == reader.home), units[0].id if units else "")
    limit = uploads.upload_limit("material_upload.upload")
    return render_template(
        template,
        typed={"unit": home, **typed} if not typed.get("unit") else typed,
        errors={name: i18n.words(error) for name, error in errors.items()},
        units=unit_options(units),
        categories=options(categories.choices_for([unit.path for unit in units])),
        audiences=words.choices(words.AUDIENCES),
        limit=limit,
        limit_mb=limit // MIB,
        accept=ACCEPT,
        most=MOST_FILES,
        pieces=fields.pieces(uploading.PURPOSE),
    )
