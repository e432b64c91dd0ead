"""Files of notes: images, Word, Markdown, and everything as one ZIP."""

from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask import Blueprint, Response, request, send_file
from flask_babel import gettext

from lms import clock
from lms.config import MIB
from lms.errors import N_, InvalidInput, NotFound
from lms.notes import export, images, words
from lms.notes.queries import NoteView
from lms.storage import files
from lms.web.attachments import attachment
from lms.web.signin import actor

pages = Blueprint("note_files", __name__)

NOTE = "/notes/<int(max=2147483647):note_id>"
IN_MEMORY = 4 * MIB
FORMATS = ("docx", "md")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
IMAGE_POLICY = "default-src 'none'; sandbox"


@pages.get("/notes/images/<int(max=2147483647):image_id>")
def image(image_id: int) -> Response:
    """Send an image to who may see a note that shows it."""
    return image_response(image_id)


def image_response(image_id: int) -> Response:
    """Make the answer that holds an image. Raises NotFound."""
    found = images.get_image(actor(), image_id)
    path = files().path(found.file_key)
    if not path.is_file():
        raise NotFound(N_("This image is missing on the server. Please tell the administrator."))
    response = send_file(path, mimetype=found.media_type, conditional=True, etag=found.file_key, max_age=0)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = IMAGE_POLICY
    return response


@pages.get("/notes/export")
def export_notes() -> Response:
    """Send the ticked notes as one file."""
    ids = [int(raw) for raw in request.args.getlist("note") if raw.isascii() and raw.isdigit() and len(raw) < 10]
    if not ids:
        raise InvalidInput(N_("Please tick the notes that you want."), field="note")
    return exported(export.chosen(actor(), ids), request.args.get("format", "docx"))


@pages.get(NOTE + "/export")
def export_note(note_id: int) -> Response:
    """Send a note as a file."""
    return exported(export.chosen(actor(), [note_id]), request.args.get("format", "docx"))


def exported(notes: list[NoteView], form: str) -> Response:
    """Make the answer that holds notes as Word or Markdown. Raises InvalidInput for another format."""
    if form not in FORMATS:
        raise InvalidInput(N_("Notes are exported as docx or md."), field="format")
    title = notes[0].title if len(notes) == 1 else gettext("Notes")
    if form == "docx":
        return _file(export.as_word(actor(), notes, words.printed()), WORD, export.file_name(title, "docx"))
    text = export.as_markdown(actor(), notes, words.printed())
    return _file(text.encode(), "text/markdown; charset=utf-8", export.file_name(title, "md"))


def _file(content: bytes, media_type: str, name: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = attachment(name)
    return response


@pages.get("/notes/takeaway")
def take_all() -> Response:
    """Send everything the actor wrote and read."""
    return taken_all()


def taken_all() -> Response:
    """Make the answer that holds everything the actor wrote and read, as a ZIP."""
    with ExitStack() as held:
        packed = held.enter_context(SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(files().incoming())))
        export.write_all(actor(), cast(IO[bytes], packed), words.printed())
        packed.seek(0)
        named = gettext("What I wrote and read")
        name = export.file_name(f"{named} {clock.today().isoformat()}", "zip")
        response = send_file(
            cast(IO[bytes], packed), mimetype="application/zip", as_attachment=True, download_name=name
        )
        held.pop_all()  # sent after this, closed with the answer
        return response
