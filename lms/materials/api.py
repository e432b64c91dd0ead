"""The JSON API of materials: lists, files, pages, how far I am."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, DateTime, File, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range, Regexp
from werkzeug.wrappers import Response

from lms.categories.rules import CODES
from lms.config import MIB
from lms.errors import N_, InvalidInput
from lms.materials import (
    list_queries,
    list_tables,
    queries,
    reading_queries,
    reading_service,
    required_queries,
    rules,
    showing,
    uploading,
)
from lms.materials.downloads import material_file, picture_file
from lms.materials.list_queries import Wanted
from lms.materials.uploading import Said, Upload
from lms.members.access import Action
from lms.paging import Page
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.uploads import allow_upload, upload_limit
from lms.web.view import LAST_PAGE

api = APIBlueprint("materials_api", __name__, url_prefix="/api/v1", tag="Materials")

MATERIAL = "/materials/<int(max=2147483647):material_id>"
PAGE_LIMIT = 100
HIGHEST_ID = 2**31 - 1
CATEGORY = Regexp(f"({CODES})$")

allow_upload(
    "materials_api.upload",
    lambda settings: settings.max_material_mib * MIB,
    Action.MATERIAL_UPLOAD,
    lambda uploader, _: uploading.new_destinations(uploader),
)


class Instant(DateTime):
    """A stored instant (naive UTC), written with its offset."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(value.replace(tzinfo=UTC) if value else None, attr, obj, **kwargs)


class ListQuery(Schema):
    """What a list of materials is narrowed to."""

    q = String(load_default="", validate=Length(max=100))
    category = String(load_default="", validate=Regexp(f"({CODES})?$"))
    kind = String(load_default="", validate=OneOf(("", *rules.KINDS)))
    media_type = String(load_default="", validate=OneOf(("", *rules.MEDIA_TYPES)))
    unit = Integer(load_default=None, validate=Range(1, HIGHEST_ID))
    state = String(load_default="", validate=OneOf(("", *rules.STATES)))
    read = String(load_default="", validate=OneOf(("", "yes", "begun", "no")))
    required = Boolean(load_default=False)
    mine = Boolean(load_default=False)
    archived = Boolean(load_default=False)
    sort = String(load_default="newest", validate=OneOf(list_queries.SORTS))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))
    per_page = Integer(load_default=24, validate=Range(1, PAGE_LIMIT))


class PagesQuery(Schema):
    """Which pages of a material."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))
    per_page = Integer(load_default=24, validate=Range(1, PAGE_LIMIT))


class MaterialItem(Schema):
    """A material in a list; instants in UTC. ``read`` are the pages I have read, ``finished_on`` when all of them."""

    id = Integer()
    title = String()
    summary = String()
    category = String()
    media_type = String()
    page_count = Integer()
    state = String()
    url = String()
    version = Integer()
    unit_name = String()
    created_at = Instant()
    read = Integer(allow_none=True)
    finished_on = Date(allow_none=True)


class MaterialList(Paged):
    """A page of materials."""

    items = List(Nested(MaterialItem))


class MaterialDetail(MaterialItem):
    """A material; ``remark`` says why it failed or what to know about it, ``file_url`` is relative to the service."""

    remark = String()
    plain = Boolean(metadata={"description": "Only its text is there so far: pages get their markup in a moment."})
    audience = String()
    unit = Integer()
    uploader = Integer(allow_none=True)
    uploader_name = String(allow_none=True)
    file_name = String()
    file_size = Integer(metadata={"description": "Bytes."})
    sha256 = String()
    charset = String()
    updated_at = Instant()
    archived_at = Instant(allow_none=True)
    published_at = Instant(allow_none=True)
    file_url = String()
    last_page = Integer(metadata={"description": "The page to go on at."})
    on_paper = Boolean()


class PageItem(Schema):
    """A page (PDF), slide, chapter, section (Markdown) or stretch (plain text) of a material."""

    number = Integer()
    heading = String()
    text = String()


class PageDetail(PageItem):
    """A page with its safe markup, if its format has any, and the token that says when it was opened."""

    html = String()
    token = String()


class PageList(Paged):
    """Some pages of a material."""

    items = List(Nested(PageItem))


class UploadForm(Schema):
    """A file with what is said of it, or the token of one that arrived in pieces. Its kind is judged by its content."""

    title = String(load_default="", metadata={"description": "Left empty, the name of the file."})
    summary = String(load_default="")
    category = String(required=True, validate=CATEGORY)
    audience = String(load_default="everyone", validate=OneOf(rules.AUDIENCES))
    unit = Integer(required=True, validate=Range(1, HIGHEST_ID))
    file = File()
    upload = String(load_default="", metadata={"description": "In place of the file: its upload's token."})


class LinkIn(Schema):
    """A web page elsewhere; the service never asks it for anything."""

    url = String(required=True)
    title = String(required=True)
    summary = String(required=True)
    category = String(required=True, validate=CATEGORY)
    audience = String(load_default="everyone", validate=OneOf(rules.AUDIENCES))
    unit = Integer(required=True, validate=Range(1, HIGHEST_ID))


class Looked(Schema):
    """The token of a page that is being looked at."""

    token = String(required=True)


class NotedOut(Schema):
    """Whether the page counts as read; else the seconds it still takes."""

    counts = Boolean()
    seconds_left = Integer()
    read = Integer()
    pages = Integer()
    read_through = Boolean()


class DueOut(Schema):
    """A material that I am asked to read."""

    id = Integer(metadata={"description": "The request's id."})
    material = Integer()
    title = String()
    unit_name = String()
    until = Date()
    days_left = Integer()
    note = String()
    pages = Integer()
    read = Integer()
    last_page = Integer()
    finished = Boolean()


class DueList(Schema):
    """All that I am asked to read now."""

    items = List(Nested(DueOut))


class DueQuery(Schema):
    """With ``finished``, also what I have read through."""

    finished = Boolean(load_default=False)


def listed(page: Page[Any]) -> dict[str, Any]:
    """Give a page of rows as the API gives lists."""
    return paged(page, page.items)


def detail(material_id: int) -> dict[str, Any]:
    """Give a material with how far I am. Raises NotFound."""
    row = queries.get_material(actor(), material_id)
    mine = reading_queries.progress_of(actor(), material_id)
    return {
        **row._asdict(),
        "unit": row.unit_id,
        "uploader": row.uploader_id,
        "remark": row.failure,
        "sha256": row.file_key,
        "file_url": f"/api/v1/materials/{row.id}/file" if row.file_key else "",
        "read": mine.read,
        "finished_on": mine.finished_on,
        "last_page": mine.last_page,
        "on_paper": mine.on_paper,
    }


@api.get("/materials")
@api.input(ListQuery, location="query", arg_name="query")
@api.output(MaterialList)
@api.doc(summary="List materials", description="What the member may see; the newest first unless sorted otherwise.")
def materials(query: dict[str, Any]) -> dict[str, Any]:
    """List materials."""
    page, size = query.pop("page"), query.pop("per_page")
    return listed(list_queries.list_materials(actor(), page, Wanted(text=query.pop("q"), **query), size))


@api.get("/materials/list.csv", defaults={"form": "csv"})
@api.get("/materials/list.xlsx", defaults={"form": "xlsx"})
@api.input(ListQuery, location="query", arg_name="query")
@api.doc(summary="The list of materials as a table", description="All of what the query finds, whatever its page.")
def table(form: str, query: dict[str, Any]) -> Response:
    """Hand out the list as CSV or XLSX."""
    asked = {name: value for name, value in query.items() if name not in ("page", "per_page", "q")}
    return list_tables.materials_table(actor(), Wanted(text=query["q"], **asked), form)


@api.post("/materials")
@api.input(UploadForm, location="form_and_files", arg_name="form")
@api.output(MaterialDetail, status_code=201)
@api.doc(
    summary="Upload a material",
    description="PDF, Word, PowerPoint, EPUB, HTML, Markdown, plain text (UTF-8, UTF-16 with its mark, GB18030) or a "
    "picture. Its text is taken out in the background: the state is `preparing`, then `ready` or `failed`. "
    "An upload in pieces that is refused for what is in it is thrown away.",
)
def upload(form: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Take in a file."""
    said = Said(form["title"], form["summary"], form["category"], form["audience"], form["unit"])
    if form["upload"]:
        with uploading.throwing_away_refused(actor(), form["upload"]):
            material_id = uploading.upload_arrived(actor(), form["upload"], said)
    else:
        sent = form.get("file")
        if sent is None:
            raise InvalidInput(N_("Please choose a file."), field="file")
        given = Upload(
            said.title, said.summary, said.category, said.audience, said.unit, sent.filename or "", sent.stream
        )
        material_id = uploading.upload_material(actor(), given, upload_limit("materials_api.upload"))
    return detail(material_id), 201, {"Location": f"/api/v1/materials/{material_id}"}


@api.post("/materials/links")
@api.input(LinkIn, arg_name="link")
@api.output(MaterialDetail, status_code=201)
@api.doc(summary="Take a web page elsewhere in as a material")
def add_link(link: dict[str, Any]) -> dict[str, Any]:
    """Take in a web link."""
    return detail(uploading.add_link(actor(), Said(**{k: v for k, v in link.items() if k != "url"}), link["url"]))


@api.get("/materials/due")
@api.input(DueQuery, location="query", arg_name="query")
@api.output(DueList)
@api.doc(summary="List what I am asked to read now")
def due(query: dict[str, Any]) -> dict[str, Any]:
    """List what is due for me."""
    rows = required_queries.list_due(actor(), PAGE_LIMIT, finished=query["finished"])
    return {"items": [row._asdict() for row in rows]}


@api.get(MATERIAL)
@api.output(MaterialDetail)
@api.doc(summary="Get a material")
def material(material_id: int) -> dict[str, Any]:
    """Give a material."""
    return detail(material_id)


@api.get(MATERIAL + "/pages")
@api.input(PagesQuery, location="query", arg_name="query")
@api.output(PageList)
@api.doc(summary="List the pages of a material with their text")
def material_pages(material_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """List the pages of a material."""
    total = queries.get_material(actor(), material_id).page_count
    return listed(queries.list_pages(material_id, query["page"], total, query["per_page"]))


@api.get(MATERIAL + "/pages/<int(max=2147483647):number>")
@api.output(PageDetail)
@api.doc(summary="Get a page of a material")
def material_page(material_id: int, number: int) -> dict[str, Any]:
    """Give one page."""
    found = queries.get_material(actor(), material_id)
    page = queries.get_page(material_id, number)
    token = showing.page_token(actor().id, material_id, number)
    return {**page._asdict(), "html": str(showing.body_of(found, page) or ""), "token": token}


@api.post(MATERIAL + "/pages/<int(max=2147483647):number>/seen")
@api.input(Looked, arg_name="looked")
@api.output(NotedOut)
@api.doc(
    summary="Note that I am looking at a page",
    description="With the token of the page. It counts once it was looked at long enough for its length; no second "
    "counts for two pages.",
)
def seen(material_id: int, number: int, looked: dict[str, Any]) -> Any:
    """Note a page that is being read."""
    opened = showing.opened_at(looked["token"], actor().id, material_id, number)
    return reading_service.note_page(actor(), material_id, number, opened)


@api.put(MATERIAL + "/on-paper")
@api.output(MaterialDetail)
@api.doc(summary="Note that I have read a material elsewhere, on paper for instance")
def on_paper(material_id: int) -> dict[str, Any]:
    """Note reading by the own word."""
    reading_service.note_read_on_paper(actor(), material_id)
    return detail(material_id)


@api.delete(MATERIAL + "/on-paper")
@api.output(MaterialDetail)
@api.doc(summary="Take that back", responses=[409])
def not_on_paper(material_id: int) -> dict[str, Any]:
    """Take the own word back."""
    reading_service.take_back_read_on_paper(actor(), material_id)
    return detail(material_id)


@api.get(MATERIAL + "/pictures/<int(max=2147483647):number>")
@api.doc(summary="Download a picture within a material", description="Named by the markup of its pages.")
def picture(material_id: int, number: int) -> Response:
    """Hand out a picture."""
    return picture_file(queries.get_picture(actor(), material_id, number))


@api.get(MATERIAL + "/file")
@api.doc(summary="Download the file of a material", description="Byte ranges and If-None-Match are honoured.")
def file(material_id: int) -> Response:
    """Hand out the file."""
    return material_file(queries.get_material(actor(), material_id))
