"""Pages of materials: the list, a material, its pages for reading, its file."""

from typing import Any

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from lms.categories import queries as categories
from lms.categories.words import category_words, names_words, options
from lms.materials import bulk, list_queries, queries, reading_queries, required_queries, rules, showing, words
from lms.materials.downloads import material_file, picture_file
from lms.materials.list_queries import Wanted
from lms.members.access import Action, may, may_publish
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.headers import POLICY
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, page_number

pages = Blueprint("materials", __name__)

MATERIAL = "/materials/<int(max=2147483647):material_id>"
FILTERS = ("q", "category", "kind", "unit", "state", "read", "required", "mine", "archived", "sort")
DUE_SHOWN = 6
IN_CONTENTS = 400


def wanted_of(args: Any) -> Wanted:
    """Read from an address what a list is narrowed to; what makes no sense counts as nothing."""
    unit = args.get("unit", "")
    return Wanted(
        text=args.get("q", "")[:100],
        category=args.get("category", ""),
        kind=args.get("kind", ""),
        media_type=args.get("kind", ""),
        unit=int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
        state=args.get("state", ""),
        read=args.get("read", ""),
        required=args.get("required") == "1",
        mine=args.get("mine") == "1",
        archived=args.get("archived") == "1",
        sort=args.get("sort", ""),
    )


@pages.get("/materials")
def materials() -> str:
    """Show the list of materials, and above it what is to be read."""
    reader = actor()
    wanted = wanted_of(request.args)
    found = list_queries.list_materials(reader, page_number(), wanted, PAGE_SIZE)
    kept = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    undo = request.args.get("undo", "")
    manages = {row.id for row in found.items if queries.may_manage(reader, row.uploader_id, row.unit_path)}
    paths = {row.unit_path for row in found.items if row.id in manages}
    return render_template(
        "materials/materials.html",
        page=found,
        wanted=wanted,
        kept=kept,
        filtered=bool(set(kept) - {"sort", "archived"}),
        chips=_category_chips(wanted, kept),
        kinds=words.choices(words.KINDS),
        states=words.choices(words.STATES)[:3],
        reads=words.choices(words.READ),
        units=list_queries.list_units(reader),
        sorts=list(words.SORTS.items()),
        categories=names_words(row.category for row in found.items),
        media=words.media_words,
        due=[] if wanted.archived else required_queries.list_due(reader, DUE_SHOWN),
        left_words=words.left_words,
        manages=manages,
        choices=options(categories.choices_for(paths)),
        audiences=words.choices(words.AUDIENCES),
        undo=bulk.find_mine(reader, int(undo)) if undo.isascii() and undo.isdigit() and len(undo) < 10 else None,
        asks=may(reader, Action.READING_REQUIRE),
        most=bulk.MOST,
    )


def _category_chips(wanted: Wanted, kept: dict[str, str]) -> list[tuple[str, str, bool]]:
    others = {name: value for name, value in kept.items() if name != "category"}
    chips = [(gettext("All"), url_for("materials.materials", **others), not wanted.category)]
    for key, text in options(categories.list_visible(actor())):
        chips.append((text, url_for("materials.materials", category=key, **others), key == wanted.category))
    return chips


@pages.get(MATERIAL)
def material(material_id: int) -> str:
    """Show a material: what it is, how far the reader is, and its pages."""
    reader = actor()
    found = queries.get_material(reader, material_id)
    manages = queries.may_manage(reader, found.uploader_id, found.unit_path)
    progress = reading_queries.progress_of(reader, material_id)
    return render_template(
        "materials/material.html",
        material=found,
        kind=rules.KIND_OF.get(found.media_type, ""),
        page=queries.list_headings(material_id, page_number(), found.page_count),
        manages=manages,
        publishes=manages and may_publish(reader, Action.MATERIAL_MANAGE, found.unit_path),
        progress=progress,
        go_on=min(progress.last_page, found.page_count),
        due=required_queries.find_due(reader, material_id),
        left_words=words.left_words,
        requests=required_queries.list_of_material(reader, material_id) if may(reader, Action.READING_REQUIRE) else [],
        asks=may(reader, Action.READING_REQUIRE),
        category=category_words(found.category),
        media=words.media_words(found.media_type),
        places=words.places_words(found.media_type),
        host=rules.host_of(found.url),
        is_text=found.media_type in rules.TEXTS,
        audience=words.audience_words(found.audience, found.unit_name),
        charset=words.CHARSETS.get(found.charset),
        charsets=list(words.CHARSETS.items()),
        waiting=_waiting(found) if manages else None,
        may_pass=found.failure == rules.GAVE_UP,
        no_view=found.failure == rules.NO_VIEW,
        panels=panels.loaded_panels("material", reader, material_id),
    )


def _waiting(found: Any) -> Any:
    """Give the newest version when it is not in force yet: being prepared, or failed."""
    newest = queries.find_newest(found.id)
    if newest is None or newest.number == found.version or newest.state == "ready":
        return None
    return newest


@pages.get(MATERIAL + "/pages/<int(max=2147483647):number>")
def material_page(material_id: int, number: int) -> Response:
    """Show one page of a material for reading, a PDF's beside the page itself."""
    reader = actor()
    found = queries.get_material(reader, material_id)
    page = queries.get_page(material_id, number)
    progress = reading_queries.progress_of(reader, material_id)
    html = render_template(
        "materials/page.html",
        material=found,
        page=page,
        is_pdf=found.media_type == rules.PDF,
        place=words.place_words(found.media_type, number),
        places=words.places_words(found.media_type),
        body=showing.body_of(found, page),
        contents=queries.list_headings(material_id, 1, found.page_count, IN_CONTENTS).items,
        no_view=found.failure == rules.NO_VIEW,
        manages=queries.may_manage(reader, found.uploader_id, found.unit_path),
        progress=progress,
        token=showing.page_token(reader.id, material_id, number),
        panels=panels.loaded_panels("material.page", reader, material_id),
    )
    response = make_response(html)
    if found.media_type == rules.PDF:
        response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response


@pages.get(MATERIAL + "/pictures/<int(max=2147483647):number>")
def picture(material_id: int, number: int) -> Response:
    """Hand out a picture within a material."""
    return picture_file(queries.get_picture(actor(), material_id, number))


@pages.get(MATERIAL + "/file")
def file(material_id: int) -> Response:
    """Hand out the file."""
    return material_file(queries.get_material(actor(), material_id))
