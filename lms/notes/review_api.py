"""The JSON API of what happens to notes: review, likeness, comments, thanks, showcase, files."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from flask import Response

from lms.config import MIB
from lms.notes import alike, archive, export, file_pages, images, queries, review_queries, reviewing, talking
from lms.notes import words as note_words
from lms.notes.alike import Report
from lms.notes.api import NOTE, shown_row, whole
from lms.notes.schemas import (
    CommentIn,
    CommentOut,
    CommentsPage,
    DecisionIn,
    ExportMany,
    ExportQuery,
    ImageIn,
    ImageOut,
    LikenessOut,
    NoteOut,
    NotesPage,
    PageQuery,
    QueuePage,
    QueueQuery,
    RemarkIn,
    StepsOut,
    SubmitIn,
    ThanksOut,
)
from lms.web import uploads
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.paged import paged
from lms.web.signin import actor

api = APIBlueprint("note_review_api", __name__, url_prefix="/api/v1", tag="Notes")

COMMENT = NOTE + "/comments/<int(max=2147483647):comment_id>"
IMAGE_BYTES = 10 * MIB

uploads.allow_upload("note_review_api.add_image", lambda settings: IMAGE_BYTES, None)


def _shown(note: int) -> dict[str, Any]:
    return whole(queries.get_note(actor(), note))


@api.post(NOTE + "/submit")
@api.input(SubmitIn, location="json")
@api.output(NoteOut)
@api.doc(summary="Hand a note in", description="Answers 409 when it was changed since the version given.")
def submit(note_id: int, json_data: dict[str, Any]) -> Any:
    reviewing.submit(actor(), note_id, json_data["version"])
    return _shown(note_id)


@api.post(NOTE + "/withdraw")
@api.output(NoteOut)
@api.doc(summary="Take back a note that was handed in")
def withdraw(note_id: int) -> Any:
    reviewing.withdraw(actor(), note_id)
    return _shown(note_id)


@api.get("/notes/queue")
@api.input(QueueQuery, location="query")
@api.output(QueuePage)
@api.doc(summary="List the notes handed in to me")
def list_queue(query_data: dict[str, Any]) -> dict[str, Any]:
    found = review_queries.list_queue(actor(), query_data["shelf"], query_data["kind"], query_data["page"])
    return {**paged(found), **review_queries.count_queue(actor())}


@api.post(NOTE + "/decision")
@api.input(DecisionIn, location="json")
@api.output(NoteOut)
@api.doc(summary="Accept or return a note", description="Answers 409 when somebody else was first.")
def decide(note_id: int, json_data: dict[str, Any]) -> Any:
    reviewing.decide(actor(), note_id, json_data["version"], json_data["verdict"], json_data["remark"])
    return _shown(note_id)


@api.post(NOTE + "/reopen")
@api.input(RemarkIn, location="json")
@api.output(NoteOut)
@api.doc(summary="Take an acceptance back")
def reopen(note_id: int, json_data: dict[str, Any]) -> Any:
    reviewing.reopen(actor(), note_id, json_data["remark"])
    return _shown(note_id)


@api.get(NOTE + "/steps")
@api.output(StepsOut)
@api.doc(summary="List the steps of a note through review")
def list_steps(note_id: int) -> dict[str, Any]:
    reviewing.require_reader(actor(), note_id)
    return {"items": reviewing.list_steps(note_id)}


@api.get(NOTE + "/likeness")
@api.output(LikenessOut)
@api.doc(summary="Show which passages stand elsewhere", description="A hint to who reviews it, not a verdict.")
def get_likeness(note_id: int) -> Report:
    reviewing.require_reviewer(actor(), note_id)
    return alike.compare(actor(), note_id)


@api.get(NOTE + "/comments")
@api.input(PageQuery, location="query")
@api.output(CommentsPage)
@api.doc(summary="List the comments on a note")
def list_comments(note_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    _shown(note_id)
    return paged(talking.list_comments(note_id, query_data["page"]))


@api.post(NOTE + "/comments")
@api.input(CommentIn, location="json")
@api.output(CommentOut, status_code=201)
@api.doc(summary="Comment on a note")
def comment(note_id: int, json_data: dict[str, Any]) -> Any:
    return talking.get_comment(talking.comment(actor(), note_id, json_data["comment"]))._asdict()


@api.put(COMMENT)
@api.input(CommentIn, location="json")
@api.output(CommentOut)
@api.doc(summary="Change my comment")
def edit_comment(note_id: int, comment_id: int, json_data: dict[str, Any]) -> Any:
    talking.edit_comment(actor(), note_id, comment_id, json_data["comment"])
    return talking.get_comment(comment_id)._asdict()


@api.delete(COMMENT)
@api.output({}, status_code=204)
@api.doc(summary="Take a comment away")
def delete_comment(note_id: int, comment_id: int) -> str:
    talking.delete_comment(actor(), note_id, comment_id)
    return ""


@api.put(NOTE + "/thanks")
@api.output(ThanksOut)
@api.doc(summary="Thank the writer of a note")
def thank(note_id: int) -> dict[str, Any]:
    talking.thank(actor(), note_id)
    return _thanks(note_id)


@api.delete(NOTE + "/thanks")
@api.output(ThanksOut)
@api.doc(summary="Take thanks back")
def unthank(note_id: int) -> dict[str, Any]:
    talking.unthank(actor(), note_id)
    return _thanks(note_id)


def _thanks(note: int) -> dict[str, Any]:
    count, own = talking.count_thanks(actor(), note)
    return {"thanks": count, "thanked": own}


@api.get("/notes/showcase")
@api.input(PageQuery, location="query")
@api.output(NotesPage)
@api.doc(summary="List the notes in the showcase")
def showcase(query_data: dict[str, Any]) -> dict[str, Any]:
    found = queries.list_shown(actor(), query_data["page"])
    return paged(found, [shown_row(row) for row in found.items])


@api.put(NOTE + "/shown")
@api.output(NoteOut)
@api.doc(summary="Put an accepted note into the showcase")
def show(note_id: int) -> Any:
    talking.show(actor(), note_id)
    return _shown(note_id)


@api.delete(NOTE + "/shown")
@api.output(NoteOut)
@api.doc(summary="Take a note out of the showcase")
def unshow(note_id: int) -> Any:
    talking.unshow(actor(), note_id)
    return _shown(note_id)


@api.post("/notes/images")
@api.input(ImageIn, location="files")
@api.output(ImageOut, status_code=201)
@api.doc(summary="Add an image for my notes", description="JPEG, PNG, WebP, GIF or BMP of at most 10 MB.")
def add_image(files_data: dict[str, Any]) -> dict[str, Any]:
    found = images.add_image(actor(), files_data["file"].stream)
    address = url_for("note_files.image", image_id=found.id)
    words = gettext("Picture")
    return {**found._asdict(), "address": address, "markdown": f"![{words}]({address})"}


@api.get("/notes/images/<int(max=2147483647):image_id>")
@api.doc(summary="Fetch an image", responses={200: "The image."})
def get_image(image_id: int) -> Response:
    return file_pages.image_response(image_id)


@api.get(NOTE + "/export")
@api.input(ExportQuery, location="query")
@api.doc(summary="Fetch a note as Word or Markdown", responses={200: "The file."})
def export_note(note_id: int, query_data: dict[str, Any]) -> Response:
    return file_pages.exported(export.chosen(actor(), [note_id]), query_data["format"])


@api.get("/notes/export")
@api.input(ExportMany, location="query")
@api.doc(summary="Fetch many of my notes as one file", responses={200: "The file."})
def export_notes(query_data: dict[str, Any]) -> Response:
    return file_pages.exported(export.chosen(actor(), query_data["note"]), query_data["format"])


class ArchiveOut(Schema):
    """The file with everything I wrote and read: none, packing, ready or failed; notes packed of all."""

    state = String()
    done = Integer()
    total = Integer()
    size = Integer()


@api.get("/notes/takeaway")
@api.output(ArchiveOut)
@api.doc(summary="Say how far the file with everything I wrote and read is")
def get_archive() -> dict[str, Any]:
    return _archive()


@api.post("/notes/takeaway")
@api.output(ArchiveOut, status_code=202)
@api.doc(summary="Have everything I wrote and read packed as a ZIP, in the background")
def ask_archive() -> dict[str, Any]:
    archive.ask(actor(), note_words.printed())
    return _archive()


@api.get("/notes/takeaway/file")
@api.doc(summary="Fetch everything I wrote and read as a ZIP, for a day", responses={200: "The file."})
def fetch_archive() -> Response:
    return file_pages.archive_response()


def _archive() -> dict[str, Any]:
    found = archive.find(actor())
    if found is None:
        return {"state": "none", "done": 0, "total": 0, "size": 0}
    return {"state": found.state, "done": found.done, "total": found.total, "size": found.file_size}
