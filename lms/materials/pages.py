"""Pages of materials: the list, upload, a material, its pages for reading, its file."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.categories import queries as categories
from lms.categories.words import category_words, names_words, options
from lms.config import MIB
from lms.errors import N_, InvalidInput, LmsError, TooLarge, Unavailable
from lms.materials import queries, rules, service, words
from lms.materials.downloads import material_file
from lms.materials.service import Upload
from lms.members.access import Action, require
from lms.web import i18n, markdown, panels, uploads
from lms.web.addresses import url_for
from lms.web.errors import status_of
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, attempt, page_number, whole_number

pages = Blueprint("materials", __name__)

MATERIAL = "/materials/<int(max=2147483647):material_id>"
LARGEST_ID = 2_147_483_647
ACCEPT = ".pdf,.md,.markdown,.txt,application/pdf,text/plain,text/markdown"
FIELDS = ("title", "summary", "category", "audience", "unit")

uploads.allow_upload("materials.upload", lambda settings: settings.max_material_mib * MIB, Action.MATERIAL_UPLOAD)


@pages.get("/materials")
def materials() -> str:
    """Show the list of materials."""
    args = request.args
    wanted = {name: args.get(name, "") for name in ("category", "kind", "sort")}
    mine, archived = args.get("mine") == "1", args.get("archived") == "1"
    found = queries.list_materials(
        actor(),
        page_number(),
        category=wanted["category"],
        media_type=wanted["kind"],
        mine=mine,
        archived=archived,
        sort=wanted["sort"],
        size=PAGE_SIZE,
    )
    return render_template(
        "materials/materials.html",
        page=found,
        wanted=wanted,
        mine=mine,
        archived=archived,
        filtered=bool(wanted["category"] or wanted["kind"] or mine),
        chips=_category_chips(wanted, mine, archived),
        kinds=words.choices(words.MEDIA),
        sorts=list(words.SORTS.items()),
        categories=names_words(row.category for row in found.items),
        media=dict(words.choices(words.MEDIA)),
    )


def _category_chips(wanted: dict[str, str], mine: bool, archived: bool) -> list[tuple[str, str, bool]]:
    kept: dict[str, Any] = {
        "kind": wanted["kind"] or None,
        "sort": wanted["sort"] or None,
        "mine": "1" if mine else None,
        "archived": "1" if archived else None,
    }
    chosen = wanted["category"]
    chips = [(gettext("All"), url_for("materials.materials", **kept), not chosen)]
    for key, text in options(categories.list_visible(actor())):
        chips.append((text, url_for("materials.materials", category=key, **kept), key == chosen))
    return chips


@pages.get("/materials/new")
def new_material() -> str:
    """Show the form for an upload."""
    require(actor(), Action.MATERIAL_UPLOAD)
    return _upload_form({"category": "", "audience": "everyone"}, {})


@pages.post("/materials/new")
def upload() -> Response | tuple[str, int]:
    """Take an upload, or show the form again with what is wrong."""
    typed = {name: request.form.get(name, "") for name in FIELDS}
    errors: dict[str, LmsError] = {}
    unit = attempt(errors, lambda: whole_number(typed["unit"], "unit", 1, LARGEST_ID))
    errors.update(_wrong(typed, title_required=False))
    file = request.files.get("file")
    if file is None or not file.filename:
        errors["file"] = InvalidInput(N_("Please choose a file."), field="file")
    if errors or file is None:
        return _upload_form(typed, errors), 422
    limit = uploads.upload_limit("materials.upload")
    given = Upload(
        typed["title"], typed["summary"], typed["category"], typed["audience"], unit, file.filename or "", file.stream
    )
    try:
        material_id = service.upload_material(actor(), given, limit)
    except (InvalidInput, TooLarge, Unavailable) as error:
        return _upload_form(typed, {error.field or "": error}), status_of(error)
    flash(gettext("The file has arrived. Its text is being taken out; it can be found in a moment."), "success")
    return redirect(url_for("materials.material", material_id=material_id), code=303)


def _wrong(typed: dict[str, str], *, title_required: bool) -> dict[str, LmsError]:
    errors: dict[str, LmsError] = {}
    attempt(errors, lambda: rules.check_title(typed["title"], required=title_required))
    attempt(errors, lambda: rules.check_summary(typed["summary"]))
    if not typed["category"]:
        errors["category"] = InvalidInput(N_("Please choose a category from the list."), field="category")
    attempt(errors, lambda: rules.check_audience(typed["audience"]))
    return errors


def _upload_form(typed: dict[str, str], errors: dict[str, LmsError]) -> str:
    reader = actor()
    units = queries.list_upload_units(reader)
    home = next((unit.id for unit in units if unit.id == reader.home), units[0].id if units else "")
    limit = uploads.upload_limit("materials.upload")
    paths = [unit.path for unit in units]
    return render_template(
        "materials/new.html",
        typed={"unit": home, **typed} if not typed.get("unit") else typed,
        errors={name: i18n.words(error) for name, error in errors.items()},
        units=[(unit.id, unit.name) for unit in units],
        categories=options(categories.choices_for(paths)),
        audiences=words.choices(words.AUDIENCES),
        limit=limit,
        limit_mb=limit // MIB,
        accept=ACCEPT,
    )


@pages.get(MATERIAL)
def material(material_id: int) -> str:
    """Show a material: what it is, and its pages."""
    reader = actor()
    found = queries.get_material(reader, material_id)
    headings = queries.list_headings(material_id, page_number(), found.page_count)
    return render_template(
        "materials/material.html",
        material=found,
        page=headings,
        manages=queries.may_manage(reader, found.uploader_id, found.unit_path),
        category=category_words(found.category),
        media=words.media_words(found.media_type),
        is_pdf=found.media_type == rules.PDF,
        audience=words.audience_words(found.audience, found.unit_name),
        charsets=list(words.CHARSETS.items()),
        panels=panels.loaded_panels("material", reader, material_id),
    )


@pages.get(MATERIAL + "/pages/<int(max=2147483647):number>")
def material_page(material_id: int, number: int) -> str:
    """Show one page of a material for reading."""
    found = queries.get_material(actor(), material_id)
    page = queries.get_page(material_id, number)
    is_markdown = found.media_type == rules.MARKDOWN
    return render_template(
        "materials/page.html",
        material=found,
        page=page,
        is_pdf=found.media_type == rules.PDF,
        body=markdown.render(page.text, top=3 if page.heading else 2) if is_markdown else None,
        panels=panels.loaded_panels("material.page", actor(), material_id),
    )


@pages.get(MATERIAL + "/file")
def file(material_id: int) -> Response:
    """Hand out the file."""
    return material_file(queries.get_material(actor(), material_id))


@pages.get(MATERIAL + "/edit")
def edit_material(material_id: int) -> str:
    """Show the form for what is said about a material."""
    found = service.get_managed(actor(), material_id)
    return _edit_form(found, found._asdict(), {})


@pages.post(MATERIAL + "/edit")
def change_material(material_id: int) -> Response | tuple[str, int]:
    """Change what is said about a material, or show the form again."""
    found = service.get_managed(actor(), material_id)
    typed = {name: request.form.get(name, "") for name in FIELDS}
    errors = _wrong(typed, title_required=True)
    facts = rules.Facts(typed["title"], typed["summary"], typed["category"], typed["audience"])
    if not errors:
        attempt(errors, lambda: service.edit_material(actor(), material_id, facts))
    if errors:
        return _edit_form(found, typed, errors), 422
    flash(gettext("The changes are saved."), "success")
    return redirect(url_for("materials.material", material_id=material_id), code=303)


def _edit_form(found: Any, values: dict[str, Any], errors: dict[str, LmsError]) -> str:
    paths = [found.unit_path]
    return render_template(
        "materials/edit.html",
        material=found,
        values=values,
        errors={name: i18n.words(error) for name, error in errors.items()},
        categories=options(categories.choices_for(paths)),
        audiences=words.choices(words.AUDIENCES),
    )


@pages.post(MATERIAL + "/archive")
def archive_material(material_id: int) -> Response:
    """Put a material away."""
    service.archive_material(actor(), material_id)
    flash(gettext("The material is archived: only you and those who manage it see it now."), "success")
    return redirect(url_for("materials.material", material_id=material_id), code=303)


@pages.post(MATERIAL + "/restore")
def restore_material(material_id: int) -> Response:
    """Bring an archived material back."""
    service.restore_material(actor(), material_id)
    flash(gettext("The material is back."), "success")
    return redirect(url_for("materials.material", material_id=material_id), code=303)


@pages.post(MATERIAL + "/retry")
def retry_material(material_id: int) -> Response:
    """Try again to take the text out."""
    service.retry_material(actor(), material_id)
    flash(gettext("The text is being taken out again."), "success")
    return redirect(url_for("materials.material", material_id=material_id), code=303)


@pages.post(MATERIAL + "/charset")
def read_as(material_id: int) -> Response:
    """Read a text file in another encoding."""
    service.read_as(actor(), material_id, request.form.get("charset", ""))
    flash(gettext("The text is being read in the chosen encoding."), "success")
    return redirect(url_for("materials.material", material_id=material_id), code=303)
