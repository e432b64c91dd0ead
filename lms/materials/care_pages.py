"""Pages for looking after materials: edit, archive, versions, encodings, many at once, the list as a table."""

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.categories import queries as categories
from lms.categories.words import category_words, options
from lms.config import MIB
from lms.errors import N_, Conflict, InvalidInput, LmsError, TooLarge, Unavailable
from lms.materials import bulk, list_queries, list_tables, queries, rules, service, uploading, versions, words
from lms.materials.downloads import material_file
from lms.materials.pages import MATERIAL, wanted_of
from lms.materials.upload_pages import ACCEPT
from lms.uploads import fields
from lms.web import i18n, uploads
from lms.web.addresses import url_for
from lms.web.errors import status_of
from lms.web.i18n import gettext, ngettext
from lms.web.signin import actor
from lms.web.view import attempt, safe_next

pages = Blueprint("material_care", __name__)

FIELDS = ("title", "summary", "category", "audience", "url")
MOST_OF_ADDRESS = 2000
VERSIONS = MATERIAL + "/versions"
VERSION = VERSIONS + "/<int(max=2147483647):number>"

uploads.allow_upload(
    "material_care.add_version",
    lambda settings: settings.max_material_mib * MIB,
    None,
    lambda who, named: [uploading.version_destination(who, named["material_id"])],
)


def _to_material(material_id: int) -> Response:
    return redirect(url_for("materials.material", material_id=material_id), code=303)


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
    errors: dict[str, LmsError] = {}
    attempt(errors, lambda: rules.check_title(typed["title"]))
    attempt(errors, lambda: rules.check_summary(typed["summary"]))
    attempt(errors, lambda: rules.check_audience(typed["audience"]))
    attempt(errors, lambda: categories.check(typed["category"], found.unit_path, found.category))
    facts = rules.Facts(typed["title"], typed["summary"], typed["category"], typed["audience"])
    if not errors:
        attempt(errors, lambda: service.edit_material(actor(), material_id, facts, typed["url"]))
    if errors:
        return _edit_form(found, typed, errors), 422
    flash(gettext("The changes are saved."), "success")
    return _to_material(material_id)


def _edit_form(found: Any, values: dict[str, Any], errors: dict[str, LmsError]) -> str:
    chosen = options(categories.choices_for([found.unit_path]))
    if found.category not in dict(chosen):
        chosen.append((found.category, category_words(found.category)))
    return render_template(
        "materials/edit.html",
        material=found,
        values=values,
        is_link=found.media_type == rules.LINK,
        errors={name: i18n.words(error) for name, error in errors.items()},
        categories=chosen,
        audiences=words.choices(words.AUDIENCES),
    )


@pages.post(MATERIAL + "/publish")
def publish_material(material_id: int) -> Response:
    """Let members see a material."""
    service.publish_material(actor(), material_id)
    flash(gettext("Members see the material now."), "success")
    return _to_material(material_id)


@pages.post(MATERIAL + "/archive")
def archive_material(material_id: int) -> Response:
    """Put a material away."""
    service.archive_material(actor(), material_id)
    flash(gettext("The material is archived: only you and those who manage it see it now."), "success")
    return _to_material(material_id)


@pages.post(MATERIAL + "/restore")
def restore_material(material_id: int) -> Response:
    """Bring an archived material back."""
    service.restore_material(actor(), material_id)
    flash(gettext("The material is back."), "success")
    return _to_material(material_id)


@pages.post(MATERIAL + "/retry")
def retry_material(material_id: int) -> Response:
    """Try again to take out the text, or what a book looks like."""
    if service.retry_material(actor(), material_id):
        flash(gettext("The text is being taken out again."), "success")
    else:
        flash(gettext("The layout and pictures are being taken out again."), "success")
    return _to_material(material_id)


@pages.post(MATERIAL + "/charset")
def read_as(material_id: int) -> Response:
    """Read a text file in another encoding."""
    service.read_as(actor(), material_id, request.form.get("charset", ""))
    flash(gettext("The text is being read in the chosen encoding."), "success")
    return _to_material(material_id)


@pages.get(VERSIONS)
def list_versions(material_id: int) -> str:
    """Show the files a material has had, and take a new one."""
    return _versions_page(material_id, "", {})


def _versions_page(material_id: int, remark: str, errors: dict[str, LmsError]) -> str:
    found = service.get_managed(actor(), material_id)
    limit = uploads.upload_limit("material_care.add_version")
    return render_template(
        "materials/versions.html",
        material=found,
        versions=queries.list_versions(material_id),
        remark=remark,
        errors={name: i18n.words(error) for name, error in errors.items()},
        limit=limit,
        limit_mb=limit // MIB,
        accept=ACCEPT,
        media=words.media_words,
        pieces=fields.pieces(uploading.PURPOSE, f"material:{material_id}", (found.uploader_id, found.uploader_name)),
    )


@pages.post(VERSIONS)
def add_version(material_id: int) -> Response | tuple[str, int]:
    """Take a new file for a material in, or show the page again with what is wrong."""
    remark = request.form.get("remark", "")
    file, token = request.files.get("file"), next(iter(fields.tokens()), "")
    try:
        if token:
            with uploading.throwing_away_refused(actor(), token):
                uploading.replace_arrived(actor(), material_id, remark, token)
        elif file is not None and file.filename:
            limit = uploads.upload_limit("material_care.add_version")
            uploading.replace_file(actor(), material_id, remark, file.filename, file.stream, limit)
        else:
            service.get_managed(actor(), material_id)
            raise InvalidInput(N_("Please choose a file."), field="file")
    except (InvalidInput, TooLarge, Unavailable) as error:
        return _versions_page(material_id, remark, {error.field or "": error}), status_of(error)
    except Conflict as error:
        return _versions_page(material_id, remark, {"file": error}), 409
    flash(gettext("The new file has arrived. It takes the place of the old one once its text is taken out."), "success")
    return _to_material(material_id)


@pages.post(VERSION + "/use")
def use_version(material_id: int, number: int) -> Response:
    """Go back to a version."""
    versions.use_version(actor(), material_id, number)
    flash(gettext("Version %(n)s takes its place again once its text is taken out.", n=number), "success")
    return redirect(url_for("material_care.list_versions", material_id=material_id), code=303)


@pages.get(VERSION + "/file")
def version_file(material_id: int, number: int) -> Response:
    """Hand out the file of a version."""
    service.get_managed(actor(), material_id)
    return material_file(queries.get_version(material_id, number))


@pages.post("/materials/bulk")
def change_many() -> Response:
    """Change many materials at once."""
    what = request.form.get("what", "")
    done = bulk.change_many(actor(), _chosen(), what, request.form.get(what, ""))
    said = ngettext("%(num)s material is changed.", "%(num)s materials are changed.", done.changed)
    if done.skipped:
        said += " " + ngettext("%(num)s stays as it was.", "%(num)s stay as they were.", done.skipped)
    flash(said, "success" if done.changed else "warning")
    back = safe_next("/materials")
    return redirect(f"{back}{'&' if '?' in back else '?'}undo={done.id}" if done.changed else back, code=303)


def _chosen() -> list[int]:
    """Read which materials are chosen: those ticked, or all of the list that the reader had before them."""
    if request.form.get("all") == "1":
        wanted = wanted_of(dict(parse_qsl(request.form.get("list", "")[:MOST_OF_ADDRESS])))
        return list_queries.list_ids(actor(), wanted, bulk.MOST)
    raw = request.form.getlist("material")
    return [int(value) for value in raw if value.isascii() and value.isdigit() and len(value) < 10]


@pages.post("/materials/bulk/<int(max=2147483647):edit_id>/undo")
def undo_many(edit_id: int) -> Response:
    """Take a change of many back."""
    count = bulk.undo(actor(), edit_id)
    flash(ngettext("%(num)s material is as it was.", "%(num)s materials are as they were.", count), "success")
    return redirect(safe_next("/materials"), code=303)


@pages.get("/materials/list.csv", defaults={"form": "csv"})
@pages.get("/materials/list.xlsx", defaults={"form": "xlsx"})
def table(form: str) -> Response:
    """Hand out the list as a table."""
    return list_tables.materials_table(actor(), wanted_of(request.args), form)
