"""Files of notes: images, Word, Markdown, and everything as one ZIP."""

from flask import Blueprint, Response, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.errors import N_, InvalidInput, NotFound
from lms.notes import archive, export, images, words
from lms.notes.queries import NoteView
from lms.storage import files
from lms.web.addresses import url_for
from lms.web.attachments import attachment
from lms.web.i18n import gettext
from lms.web.signin import actor

pages = Blueprint("note_files", __name__)

NOTE = "/notes/<int(max=2147483647):note_id>"
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
def show_archive() -> str:
    """Show how far the file with everything is, and where to fetch it."""
    return render_template("notes/archive.html", archive=archive.find(actor()), kept=archive.KEPT)


@pages.post("/notes/takeaway")
def ask_archive() -> AnyResponse:
    """Have everything the actor wrote and read packed."""
    archive.ask(actor(), words.printed())
    return redirect(url_for("note_files.show_archive"), code=303)


@pages.get("/notes/takeaway/file")
def fetch_archive() -> Response:
    """Send the packed file."""
    return archive_response()


def archive_response() -> Response:
    """Make the answer that holds everything the actor wrote and read, as a ZIP. Raises NotFound."""
    found = archive.get_ready(actor())
    day = clock.local(found.ready_at or found.asked_at).date().isoformat()
    named = gettext("What I wrote and read")
    response = send_file(
        files().path(found.file_key),
        mimetype="application/zip",
        as_attachment=True,
        download_name=export.file_name(f"{named} {day}", "zip"),
        conditional=True,
        etag=found.file_key,
        max_age=0,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response
