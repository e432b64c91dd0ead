"""Covers and files of books by the API."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import File, String

from lms.catalogue import attachments, covers, queries
from lms.catalogue.api import FileOut
from lms.config import MIB
from lms.members.access import Action
from lms.web import uploads
from lms.web.addresses import url_for
from lms.web.signin import actor

api = APIBlueprint("book_files_api", __name__, url_prefix="/api/v1", tag="Catalogue")

BOOK = "/books/<int(max=2147483647):book_id>"
ADD_FILE = "book_files_api.add_file"

uploads.allow_upload("book_files_api.set_cover", lambda settings: covers.MOST_BYTES, Action.CATALOGUE_EDIT)
uploads.allow_upload(
    ADD_FILE, lambda settings: settings.max_material_mib * MIB, Action.CATALOGUE_EDIT, attachments.kept_in
)


class CoverIn(Schema):
    """A picture: JPEG, PNG, WebP or GIF."""

    cover = File(required=True)


class CoverOut(Schema):
    """Where the cover is fetched."""

    cover = String()


class FileIn(Schema):
    """The text of a book: EPUB or PDF."""

    file = File(required=True)


@api.post(BOOK + "/cover")
@api.input(CoverIn, location="form_and_files", arg_name="form")
@api.output(CoverOut)
@api.doc(summary="Give a book a cover")
def set_cover(book_id: int, form: dict[str, Any]) -> dict[str, str]:
    """Take a picture as the cover, resized."""
    attachments.set_cover(actor(), book_id, form["cover"].stream)
    return {"cover": url_for("book_files.cover", book_id=book_id)}


@api.delete(BOOK + "/cover")
@api.output({}, status_code=204)
@api.doc(summary="Take the cover off a book; one is drawn from its title again")
def remove_cover(book_id: int) -> str:
    """Take the cover away. Doing it twice changes nothing."""
    attachments.remove_cover(actor(), book_id)
    return ""


@api.post(BOOK + "/files")
@api.input(FileIn, location="form_and_files", arg_name="form")
@api.output(FileOut, status_code=201)
@api.doc(summary="Give a book its text as EPUB or PDF")
def add_file(book_id: int, form: dict[str, Any]) -> dict[str, Any]:
    """Take a file, judged by its content."""
    file = form["file"]
    made = attachments.add_file(actor(), book_id, file.stream, file.filename or "", uploads.upload_limit(ADD_FILE))
    (row,) = (row for row in queries.list_files(book_id) if row.id == made)
    return {**row._asdict(), "address": url_for("book_files.file", book_id=book_id, file_id=made)}


@api.delete(BOOK + "/files/<int(max=2147483647):file_id>")
@api.output({}, status_code=204)
@api.doc(summary="Take a file off a book")
def remove_file(book_id: int, file_id: int) -> str:
    """Take a file away."""
    attachments.remove_file(actor(), book_id, file_id)
    return ""
