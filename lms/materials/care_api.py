"""The JSON API for looking after materials: changing, versions, many at once, what is asked to be read."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, File, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range
from werkzeug.wrappers import Response

from lms.config import MIB
from lms.errors import N_, InvalidInput
from lms.materials import bulk, list_tables, queries, required, required_queries, rules, service, uploading, versions
from lms.materials.api import CATEGORY, HIGHEST_ID, MATERIAL, Instant, MaterialDetail, PagesQuery, detail, listed
from lms.materials.downloads import material_file
from lms.materials.required_rules import NOTE_CHARS, Wish
from lms.web.paged import Paged
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.uploads import allow_upload, upload_limit
from lms.web.view import LAST_PAGE

api = APIBlueprint("material_care_api", __name__, url_prefix="/api/v1", tag="Materials")

VERSION = MATERIAL + "/versions/<int(max=2147483647):number>"
REQUEST = "/reading-requests/<int(max=2147483647):request_id>"

allow_upload(
    "material_care_api.add_version",
    lambda settings: settings.max_material_mib * MIB,
    None,
    lambda who, named: [uploading.version_destination(who, named["material_id"])],
)


class MaterialChange(Schema):
    """What shall be different; what is left out stays as it is."""

    title = String()
    summary = String()
    category = String(validate=CATEGORY)
    audience = String(validate=OneOf(rules.AUDIENCES))
    url = String()


class CharsetChoice(Schema):
    """In which encoding to read a text file."""

    charset = String(required=True, validate=OneOf(rules.CHARSETS))


class VersionOut(Schema):
    """A file that the material has or had; ``failure`` says why its text could not be taken out."""

    number = Integer()
    in_force = Boolean()
    media_type = String()
    file_name = String()
    file_size = Integer()
    sha256 = String()
    page_count = Integer()
    state = String()
    failure = String()
    remark = String()
    uploader_name = String(allow_none=True)
    created_at = Instant()


class VersionList(Schema):
    """All versions of a material, the newest first."""

    items = List(Nested(VersionOut))


class VersionForm(Schema):
    """A new file, or the token of one that arrived in pieces, and what is new in it."""

    file = File()
    upload = String(load_default="")
    remark = String(load_default="", validate=Length(max=rules.REMARK_CHARS))


class BulkIn(Schema):
    """Many materials, what to change in them, and the new category or audience."""

    materials = List(Integer(validate=Range(1, HIGHEST_ID)), required=True, validate=Length(1, bulk.MOST))
    what = String(required=True, validate=OneOf(bulk.WHAT))
    value = String(load_default="")


class BulkOut(Schema):
    """How many were changed and skipped; ``id`` is for taking it back."""

    id = Integer()
    changed = Integer()
    skipped = Integer()


class UndoneOut(Schema):
    """How many are as they were."""

    changed = Integer()


class RequestIn(Schema):
    """A unit whose members are to read the material between two days."""

    unit = Integer(required=True, validate=Range(1, HIGHEST_ID))
    since = Date(required=True)
    until = Date(required=True)
    note = String(load_default="", validate=Length(max=NOTE_CHARS))


class RequestChange(Schema):
    """Other days or another note."""

    since = Date(required=True)
    until = Date(required=True)
    note = String(load_default="", validate=Length(max=NOTE_CHARS))


class RequestOut(Schema):
    """A request, with how many members there are and have read it through."""

    id = Integer()
    material = Integer()
    title = String()
    unit = Integer()
    unit_name = String()
    since = Date()
    until = Date()
    note = String()
    ended = Boolean()
    members = Integer()
    finished = Integer()


class RequestList(Paged):
    """A page of requests."""

    items = List(Nested(RequestOut))


class RequestQuery(Schema):
    """Those that run or will, or those that are over."""

    gone = Boolean(load_default=False)
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class ReaderOut(Schema):
    """A member of whom reading is asked."""

    member = Integer()
    name = String()
    unit = String()
    finished_on = Date(allow_none=True)
    on_paper = Boolean()
    read = Integer()
    begun = Boolean()


class ReaderList(Paged):
    """A page of members, those who have not read it first."""

    items = List(Nested(ReaderOut))


@api.patch(MATERIAL)
@api.input(MaterialChange, arg_name="change")
@api.output(MaterialDetail)
@api.doc(summary="Change what is said about a material")
def change_material(material_id: int, change: dict[str, Any]) -> dict[str, Any]:
    """Change some facts of a material."""
    row = service.get_managed(actor(), material_id)
    now = {name: getattr(row, name) for name in ("title", "summary", "category", "audience")}
    url = change.pop("url", None)
    service.edit_material(actor(), material_id, rules.Facts(**{**now, **change}), url)
    return detail(material_id)


@api.post(MATERIAL + "/publish")
@api.output(MaterialDetail)
@api.doc(summary="Let members see a material that is not published yet")
def publish_material(material_id: int) -> dict[str, Any]:
    """Publish a material."""
    service.publish_material(actor(), material_id)
    return detail(material_id)


@api.post(MATERIAL + "/archive")
@api.output(MaterialDetail)
@api.doc(summary="Archive a material")
def archive_material(material_id: int) -> dict[str, Any]:
    """Put a material away."""
    service.archive_material(actor(), material_id)
    return detail(material_id)


@api.post(MATERIAL + "/restore")
@api.output(MaterialDetail)
@api.doc(summary="Bring an archived material back")
def restore_material(material_id: int) -> dict[str, Any]:
    """Bring a material back."""
    service.restore_material(actor(), material_id)
    return detail(material_id)


@api.post(MATERIAL + "/retry")
@api.output(MaterialDetail)
@api.doc(summary="Try again to take the text out of a material that failed")
def retry_material(material_id: int) -> dict[str, Any]:
    """Ask again for the text."""
    service.retry_material(actor(), material_id)
    return detail(material_id)


@api.put(MATERIAL + "/charset")
@api.input(CharsetChoice, arg_name="choice")
@api.output(MaterialDetail)
@api.doc(summary="Read a text file in another encoding")
def read_as(material_id: int, choice: dict[str, Any]) -> dict[str, Any]:
    """Read the text again."""
    service.read_as(actor(), material_id, choice["charset"])
    return detail(material_id)


def _versions(material_id: int) -> dict[str, Any]:
    row = service.get_managed(actor(), material_id)
    items = [
        {**version._asdict(), "sha256": version.file_key, "in_force": version.number == row.version}
        for version in queries.list_versions(material_id)
    ]
    return {"items": items}


@api.get(MATERIAL + "/versions")
@api.output(VersionList)
@api.doc(summary="List the files a material has had")
def list_versions(material_id: int) -> dict[str, Any]:
    """List versions."""
    return _versions(material_id)


@api.post(MATERIAL + "/versions")
@api.input(VersionForm, location="form_and_files", arg_name="form")
@api.output(VersionList, status_code=201)
@api.doc(summary="Give a material a new file; the old ones are kept", responses=[409])
def add_version(material_id: int, form: dict[str, Any]) -> dict[str, Any]:
    """Take in a new file."""
    sent = form.get("file")
    if form["upload"]:
        with uploading.throwing_away_refused(actor(), form["upload"]):
            uploading.replace_arrived(actor(), material_id, form["remark"], form["upload"])
    elif sent is not None:
        limit = upload_limit("material_care_api.add_version")
        uploading.replace_file(actor(), material_id, form["remark"], sent.filename or "", sent.stream, limit)
    else:
        service.get_managed(actor(), material_id)
        raise InvalidInput(N_("Please choose a file."), field="file")
    return _versions(material_id)


@api.post(VERSION + "/use")
@api.output(VersionList)
@api.doc(summary="Go back to a version", responses=[409])
def use_version(material_id: int, number: int) -> dict[str, Any]:
    """Put a version into force."""
    versions.use_version(actor(), material_id, number)
    return _versions(material_id)


@api.get(VERSION + "/file")
@api.doc(summary="Download the file of a version")
def version_file(material_id: int, number: int) -> Response:
    """Hand out the file of a version."""
    service.get_managed(actor(), material_id)
    return material_file(queries.get_version(material_id, number))


@api.post("/materials/bulk")
@api.input(BulkIn, arg_name="wish")
@api.output(BulkOut)
@api.doc(summary="Change many materials at once")
def change_many(wish: dict[str, Any]) -> Any:
    """Change many materials."""
    return bulk.change_many(actor(), wish["materials"], wish["what"], wish["value"])


@api.post("/materials/bulk/<int(max=2147483647):edit_id>/undo")
@api.output(UndoneOut)
@api.doc(summary="Take a change of many back", responses=[409])
def undo_many(edit_id: int) -> dict[str, int]:
    """Take a change of many back."""
    return {"changed": bulk.undo(actor(), edit_id)}


@api.post(MATERIAL + "/requests")
@api.input(RequestIn, arg_name="wish")
@api.output(RequestOut, status_code=201)
@api.doc(summary="Ask the members of a unit to read a material", responses=[409])
def ask_to_read(material_id: int, wish: dict[str, Any]) -> dict[str, Any]:
    """Ask for reading."""
    return _request(required.ask_to_read(actor(), material_id, Wish(**wish)))


def _request(request_id: int) -> dict[str, Any]:
    return required_queries.get_kept(actor(), request_id)._asdict()


@api.get("/reading-requests")
@api.input(RequestQuery, location="query", arg_name="query")
@api.output(RequestList)
@api.doc(summary="List what my units ask to be read")
def list_requests(query: dict[str, Any]) -> dict[str, Any]:
    """List requests."""
    page = required_queries.list_requests(actor(), query["page"], gone=query["gone"])
    return {**listed(page), "items": [row._asdict() for row in page.items]}


@api.get(REQUEST)
@api.output(RequestOut)
@api.doc(summary="Get a request, with how many have read it")
def get_request(request_id: int) -> dict[str, Any]:
    """Give a request."""
    return _request(request_id)


@api.put(REQUEST)
@api.input(RequestChange, arg_name="change")
@api.output(RequestOut)
@api.doc(summary="Change the days and the note of a request")
def change_request(request_id: int, change: dict[str, Any]) -> dict[str, Any]:
    """Change a request."""
    kept = required_queries.get_kept(actor(), request_id)
    required.change_request(actor(), request_id, Wish(unit=kept.unit, **change))
    return _request(request_id)


@api.post(REQUEST + "/end")
@api.output(RequestOut)
@api.doc(summary="Take a request back")
def end_request(request_id: int) -> dict[str, Any]:
    """Take a request back."""
    required.end_request(actor(), request_id)
    return _request(request_id)


@api.post(REQUEST + "/renew")
@api.output(RequestOut)
@api.doc(summary="Put a request into force again")
def renew_request(request_id: int) -> dict[str, Any]:
    """Put a request into force again."""
    required.renew_request(actor(), request_id)
    return _request(request_id)


@api.get(REQUEST + "/readers")
@api.input(PagesQuery, location="query", arg_name="query")
@api.output(ReaderList)
@api.doc(summary="List who has read what was asked")
def readers(request_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """List readers."""
    page = required_queries.list_readers(actor(), request_id, query["page"], profile(), query["per_page"])
    return {**listed(page), "items": [row._asdict() for row in page.items]}


@api.get(REQUEST + "/readers.csv", defaults={"form": "csv"})
@api.get(REQUEST + "/readers.xlsx", defaults={"form": "xlsx"})
@api.doc(summary="Who has read it, as a table")
def readers_table(request_id: int, form: str) -> Response:
    """Hand out who has read what was asked as CSV or XLSX."""
    return list_tables.readers_table(actor(), request_id, form)
