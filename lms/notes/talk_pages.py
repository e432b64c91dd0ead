"""What readers do with a note: comments, thanks, and the showcase."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.errors import InvalidInput
from lms.notes import queries, talking, words
from lms.notes.pages import note_page
from lms.web import i18n
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import page_number

pages = Blueprint("note_talk", __name__)

NOTE = "/notes/<int(max=2147483647):note_id>"
COMMENT = NOTE + "/comments/<int(max=2147483647):comment_id>"


@pages.get("/notes/showcase")
def showcase() -> str:
    """Show the notes that liaisons chose."""
    return render_template("notes/showcase.html", page=queries.list_shown(actor(), page_number()), words=words)


@pages.post(NOTE + "/show")
def show(note_id: int) -> Response:
    """Put a note into the showcase."""
    talking.show(actor(), note_id)
    flash(gettext("The note stands in the showcase."), "success")
    return _back(note_id)


@pages.post(NOTE + "/unshow")
def unshow(note_id: int) -> Response:
    """Take a note out of the showcase."""
    talking.unshow(actor(), note_id)
    flash(gettext("The note is out of the showcase."), "success")
    return _back(note_id)


@pages.post(NOTE + "/thanks")
def thank(note_id: int) -> Response:
    """Thank the writer."""
    talking.thank(actor(), note_id)
    return _back(note_id, "said")


@pages.post(NOTE + "/unthank")
def unthank(note_id: int) -> Response:
    """Take thanks back."""
    talking.unthank(actor(), note_id)
    return _back(note_id, "said")


@pages.post(NOTE + "/comments")
def comment(note_id: int) -> Response | tuple[str, int]:
    """Say something to a note."""
    typed = request.form.get("comment", "")
    try:
        ident = talking.comment(actor(), note_id, typed)
    except InvalidInput as error:
        found = queries.get_note(actor(), note_id)
        return note_page(found, comment=typed, errors={"comment": i18n.words(error)}), 422
    return _back(note_id, f"comment-{ident}")


@pages.post(COMMENT)
def edit_comment(note_id: int, comment_id: int) -> Response | tuple[str, int]:
    """Change an own comment."""
    typed = request.form.get("comment", "")
    try:
        talking.edit_comment(actor(), note_id, comment_id, typed)
    except InvalidInput as error:
        found = queries.get_note(actor(), note_id)
        page = note_page(found, editing=comment_id, edited=typed, errors={"edited": i18n.words(error)})
        return page, 422
    return _back(note_id, f"comment-{comment_id}")


@pages.post(COMMENT + "/delete")
def delete_comment(note_id: int, comment_id: int) -> Response:
    """Take a comment away."""
    talking.delete_comment(actor(), note_id, comment_id)
    flash(gettext("The comment is taken away."), "success")
    return _back(note_id, "said")


def _back(note_id: int, anchor: str | None = None) -> Response:
    address = url_for("notes.note", note_id=note_id)
    return redirect(f"{address}#{anchor}" if anchor else address, code=303)
