"""The JSON API of materials."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, DateTime, File, Integer, List, Nested, String
from apiflask.validators import OneOf, Range, Regexp
from werkzeug.wrappers import Response

from lms.categories.rules import CODES
from lms.config import MIB
from lms.materials import queries, rules, service
from lms.materials.downloads import material_file
from lms.materials.service import Upload
from lms.members.access import Action
from lms.paging import Page
from lms.web.signin import actor
from lms.web.uploads import allow_upload, upload_limit
from lms.web.view import LAST_PAGE

api = APIBlueprint("materials_api", __name__, url_prefix="/api/v1", tag="Materials")

MATERIAL = "/materials/<int(max=2147483647):material_id>"
PAGE_LIMIT = 100
HIGHEST_ID = 2**31 - 1

allow_upload("materials_api.upload", lambda settings: settings.max_material_mib * MIB, Action.MATERIAL_UPLOAD)


class Instant(DateTime):
    """A stored instant (naive UTC), written with its offset."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(value.replace(tzinfo=UTC) if value else None, attr, obj, **kwargs)


class ListQuery(Schema):
    """What a list of materials is narrowed to."""

    category = String(load_default="", validate=Regexp(f"({CODES})?$"))
    media_type = String(load_default="", validate=OneOf(("", *rules.MEDIA_TYPES)))
    mine = Boolean(load_default=False)
    archived = Boolean(load_default=False)
    sort = String(load_default="newest", validate=OneOf(queries.SORTS))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))
    per_page = Integer(load_default=24, validate=Range(1, PAGE_LIMIT))


class PagesQuery(Schema):
    """Which pages of a material."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))
    per_page = Integer(load_default=24, validate=Range(1, PAGE_LIMIT))


class MaterialItem(Schema):
    """A material in a list; instants in UTC."""

    id = Integer()
    title = String()
    summary = String()
    category = String()
    media_type = String()
    page_count = Integer()
    state = String()
    unit_name = String()
    created_at = Instant()


class MaterialList(Schema):
    """A page of materials."""

    items = List(Nested(MaterialItem))
    page = Integer()
    pages = Integer()
    total = Integer()


class MaterialDetail(MaterialItem):
    """A material; ``remark`` says why it failed or what to know about it, ``file_url`` is relative to the service."""

    remark = String()
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
    file_url = String()


class PageItem(Schema):
    """A page (PDF), section (Markdown) or stretch (plain text) of a material."""

    number = Integer()
    heading = String()
    text = String()


class PageList(Schema):
    """Some pages of a material."""

    items = List(Nested(PageItem))
    page = Integer()
    pages = Integer()
    total = Integer()


class UploadForm(Schema):
    """A file with what is said of it. Its kind is judged by its content."""

    title = String(load_default="", metadata={"description": "Left empty, the name of the file."})
    summary = String(load_default="")
    category = String(required=True, validate=Regexp(f"({CODES})$"))
    audience = String(load_default="everyone", validate=OneOf(rules.AUDIENCES))
    unit = Integer(required=True, validate=Range(1, HIGHEST_ID))
    file = File(required=True)


class MaterialChange(Schema):
    """What shall be different; what is left out stays as it is."""

    title = String()
    summary = String()
    category = String(validate=Regexp(f"({CODES})$"))
    audience = String(validate=OneOf(rules.AUDIENCES))


class CharsetChoice(Schema):
    """In which encoding to read a text file."""

    charset = String(required=True, validate=OneOf(rules.CHARSETS))


def _listed(page: Page[Any]) -> dict[str, Any]:
    return {"items": page.items, "page": page.number, "pages": page.pages, "total": page.total}


def _detail(material_id: int) -> dict[str, Any]:
    row = queries.get_material(actor(), material_id)
    return {
        **row._asdict(),
        "unit": row.unit_id,
        "uploader": row.uploader_id,
        "remark": row.failure,
        "sha256": row.file_key,
        "file_url": f"/api/v1/materials/{row.id}/file",
    }


@api.get("/materials")
@api.input(ListQuery, location="query", arg_name="query")
@api.output(MaterialList)
@api.doc(summary="List materials", description="What the member may see; the newest first unless sorted otherwise.")
def materials(query: dict[str, Any]) -> dict[str, Any]:
    """List materials."""
    page, size = query.pop("page"), query.pop("per_page")
    return _listed(queries.list_materials(actor(), page, **query, size=size))


@api.post("/materials")
@api.input(UploadForm, location="form_and_files", arg_name="form")
@api.output(MaterialDetail, status_code=201)
@api.doc(
    summary="Upload a material",
    description="PDF, Markdown or plain text (UTF-8, UTF-16 with its mark, GB18030). Its text is taken out in the "
    "background: the state is `preparing`, then `ready` or `failed`.",
)
def upload(form: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Take in a file."""
    sent = form["file"]
    given = Upload(
        form["title"],
        form["summary"],
        form["category"],
        form["audience"],
        form["unit"],
        sent.filename or "",
        sent.stream,
    )
    material_id = service.upload_material(actor(), given, upload_limit("materials_api.upload"))
    return _detail(material_id), 201, {"Location": f"/api/v1/materials/{material_id}"}


@api.get(MATERIAL)
@api.output(MaterialDetail)
@api.doc(summary="Get a material")
def material(material_id: int) -> dict[str, Any]:
    """Give a material."""
    return _detail(material_id)


@api.get(MATERIAL + "/pages")
@api.input(PagesQuery, location="query", arg_name="query")
@api.output(PageList)
@api.doc(summary="List the pages of a material with their text")
def material_pages(material_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """List the pages of a material."""
    total = queries.get_material(actor(), material_id).page_count
    return _listed(queries.list_pages(material_id, query["page"], total, query["per_page"]))


@api.get(MATERIAL + "/pages/<int(max=2147483647):number>")
@api.output(PageItem)
@api.doc(summary="Get a page of a material")
def material_page(material_id: int, number: int) -> dict[str, Any]:
    """Give one page."""
    queries.get_material(actor(), material_id)
    page: dict[str, Any] = queries.get_page(material_id, number)._asdict()
    return page


@api.get(MATERIAL + "/file")
@api.doc(summary="Download the file of a material", description="Byte ranges and If-None-Match are honoured.")
def file(material_id: int) -> Response:
    """Hand out the file."""
    return material_file(queries.get_material(actor(), material_id))


@api.patch(MATERIAL)
@api.input(MaterialChange, arg_name="change")
@api.output(MaterialDetail)
@api.doc(summary="Change what is said about a material")
def change_material(material_id: int, change: dict[str, Any]) -> dict[str, Any]:
    """Change some facts of a material."""
    row = service.get_managed(actor(), material_id)
    now = {name: getattr(row, name) for name in ("title", "summary", "category", "audience")}
    service.edit_material(actor(), material_id, rules.Facts(**{**now, **change}))
    return _detail(material_id)


@api.post(MATERIAL + "/archive")
@api.output(MaterialDetail)
@api.doc(summary="Archive a material")
def archive_material(material_id: int) -> dict[str, Any]:
    """Put a material away."""
    service.archive_material(actor(), material_id)
    return _detail(material_id)


@api.post(MATERIAL + "/restore")
@api.output(MaterialDetail)
@api.doc(summary="Bring an archived material back")
def restore_material(material_id: int) -> dict[str, Any]:
    """Bring a material back."""
    service.restore_material(actor(), material_id)
    return _detail(material_id)


@api.post(MATERIAL + "/retry")
@api.output(MaterialDetail)
@api.doc(summary="Try again to take the text out of a material that failed")
def retry_material(material_id: int) -> dict[str, Any]:
    """Ask again for the text."""
    service.retry_material(actor(), material_id)
    return _detail(material_id)


@api.put(MATERIAL + "/charset")
@api.input(CharsetChoice, arg_name="choice")
@api.output(MaterialDetail)
@api.doc(summary="Read a text file in another encoding")
def read_as(material_id: int, choice: dict[str, Any]) -> dict[str, Any]:
    """Read the text again."""
    service.read_as(actor(), material_id, choice["charset"])
    return _detail(material_id)
