"""What is not in the lists: earlier texts, drafts beside what is stored, the bin."""

from flask import Blueprint, flash, redirect, render_template
from werkzeug.wrappers import Response

from lms.notes import drafting, images, queries, rules, words
from lms.notes.drafting import Draft
from lms.notes.pages import own_note
from lms.web import markdown
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import page_number

pages = Blueprint("note_history", __name__)

NOTE = "/notes/<int(max=2147483647):note_id>"
DRAFT = "/notes/drafts/<int(max=2147483647):draft_id>"


@pages.get(NOTE + "/history")
def history(note_id: int) -> str:
    """List the earlier texts of an own note."""
    found = own_note(note_id)
    return render_template(
        "notes/history.html",
        note=found,
        page=drafting.list_revisions(actor(), note_id, page_number()),
        words=words,
    )


@pages.get(NOTE + "/history/<int(max=2147483647):revision_id>")
def revision(note_id: int, revision_id: int) -> str:
    """Show an earlier text beside what is stored now."""
    found = own_note(note_id)
    earlier = drafting.get_revision(actor(), note_id, revision_id)
    return render_template(
        "notes/beside.html",
        heading=words.HOW_WORDS[earlier.how],
        at=earlier.made_at,
        title=earlier.title,
        body=_html(earlier.body),
        note=found,
        stored=_html(found.body),
        take_href=url_for("notes.edit_note_form", note_id=note_id, revision=revision_id),
        discard=None,
        words=words,
    )


@pages.get(DRAFT)
def draft(draft_id: int) -> str:
    """Show what was typed and not saved beside what is stored."""
    found = drafting.get_draft(actor(), draft_id)
    note = own_note(found.note) if found.note else None
    same = drafting.list_drafts(actor(), found.key)
    return render_template(
        "notes/beside.html",
        drafts=same if len(same) > 1 else [],
        heading=gettext("Typed, not saved"),
        at=found.updated_at,
        title=found.title,
        body=_html(found.body),
        note=note,
        stored=_html(note.body) if note else "",
        take_href=_form_of(found),
        discard=found.id,
        words=words,
    )


def _form_of(found: Draft) -> str:
    if found.note:
        return url_for("notes.edit_note_form", note_id=found.note, draft=found.id)
    return url_for("notes.new_note", draft=found.id)


@pages.post(DRAFT + "/discard")
def discard(draft_id: int) -> Response:
    """Take a draft away; its text stays in the history of its note."""
    drafting.discard_draft(actor(), draft_id)
    flash(gettext("The draft is gone."), "success")
    return redirect(url_for("notes.notes"), code=303)


@pages.get("/notes/bin")
def deleted() -> str:
    """List the actor's deleted notes."""
    return render_template("notes/bin.html", page=queries.list_bin(actor(), page_number()), days=rules.UNDO_FOR.days)


def _html(body: str) -> object:
    return markdown.render(rules.as_kind(body, "free"), line_breaks=True, top=3, images=images.PREFIX)
