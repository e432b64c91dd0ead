"""Pages for those who review: the queue, a note beside what it resembles, the decision."""

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import Conflict, InvalidInput, NotFound
from lms.members.access import Action, Actor, may, require
from lms.notes import about, alike, least, queries, review_queries, reviewing, rules, words
from lms.notes.pages import sections
from lms.notes.queries import NoteView
from lms.notes.service import GONE
from lms.web import i18n
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import page_number, whole_number

pages = Blueprint("note_review", __name__)

NOTE = "/notes/<int(max=2147483647):note_id>"
HIGHEST_ID = 2**31 - 1
WEEK = timedelta(days=7)


@pages.get("/notes/review")
def queue() -> str:
    """Show the notes handed in to the actor."""
    reviewer = actor()
    require(reviewer, Action.NOTE_REVIEW)
    shelf = request.args.get("shelf", "waiting")
    if shelf not in review_queries.SHELVES:
        shelf = "waiting"
    kind = request.args.get("kind", "") if request.args.get("kind") in rules.KINDS else ""
    return render_template(
        "notes/queue.html",
        page=review_queries.list_queue(reviewer, shelf, kind, page_number()),
        counts=review_queries.count_queue(reviewer),
        decided=review_queries.count_decided(reviewer, clock.now() - WEEK),
        shelf=shelf,
        kind=kind,
        words=words,
    )


@pages.get(NOTE + "/review")
def review(note_id: int) -> str:
    """Show a note that was handed in, what stands elsewhere, and the decision."""
    return _review_page(_to_review(note_id))


def _to_review(note_id: int) -> NoteView:
    reviewer = actor()
    found = queries.get_note(reviewer, note_id)
    if found.member == reviewer.id or not _reviews(reviewer, found) or found.state == "open":
        raise NotFound(GONE)
    return found


def _reviews(reviewer: Actor, found: NoteView) -> bool:
    return bool(found.unit_path) and may(reviewer, Action.NOTE_REVIEW, found.unit_path)


def _review_page(found: NoteView, remark: str = "", errors: dict[str, str] | None = None) -> str:
    reviewer = actor()
    before, after = review_queries.find_neighbours(reviewer, found.id, found.submitted_at)
    title = about.titles(reviewer, [found.subject]).get(found.subject, "")
    day = clock.local(found.submitted_at or clock.now()).date()
    asked = least.least_asked(found.member, day, found.kind, str(replace(found.subject, place=None)))
    return render_template(
        "notes/review.html",
        note=found,
        sections=sections(found),
        about=title,
        place=words.place(found.subject),
        about_href=words.address(found.subject),
        report=alike.compare(reviewer, found.id),
        steps=reviewing.list_steps(found.id),
        asked=asked,
        least=least.next_step(asked, found.chars),
        before=before,
        after=after,
        remark=remark,
        errors=errors or {},
        words=words,
    )


@pages.post(NOTE + "/review")
def decide(note_id: int) -> Response | tuple[str, int]:
    """Accept or return a note, then go on to the next that waits; who comes second is told and keeps the remark."""
    reviewer, found = actor(), _to_review(note_id)
    remark = request.form.get("remark", "")
    version = whole_number(request.form.get("version"), "version", 1, HIGHEST_ID) or 0
    _, after = review_queries.find_neighbours(reviewer, note_id, found.submitted_at)
    verdict = request.form.get("verdict", "")
    try:
        reviewing.decide(reviewer, note_id, version, verdict, remark)
    except InvalidInput as error:
        return _review_page(found, remark, {error.field or "": i18n.words(error)}), 422
    except Conflict as error:
        return _review_page(queries.get_note(reviewer, note_id), remark, {"": i18n.words(error)}), 409
    if verdict == "accepted":
        flash(gettext("“%(title)s” is accepted.", title=found.title), "success")
    else:
        flash(gettext("“%(title)s” is returned to %(name)s.", title=found.title, name=found.member_name), "success")
    if after:
        return redirect(url_for("note_review.review", note_id=after), code=303)
    return redirect(url_for("note_review.queue"), code=303)


@pages.post(NOTE + "/reopen")
def reopen(note_id: int) -> Response | tuple[str, int]:
    """Take an acceptance back."""
    found = _to_review(note_id)
    remark = request.form.get("remark", "")
    try:
        reviewing.reopen(actor(), note_id, remark)
    except InvalidInput as error:
        return _review_page(found, remark, {error.field or "": i18n.words(error)}), 422
    flash(gettext("The acceptance is taken back; the note waits for a review again."), "success")
    return redirect(url_for("note_review.review", note_id=note_id), code=303)


@pages.post(NOTE + "/submit")
def submit(note_id: int) -> Response:
    """Hand an own note in."""
    version = whole_number(request.form.get("version"), "version", 1, HIGHEST_ID) or 0
    reviewing.submit(actor(), note_id, version)
    flash(gettext("Your note is handed in. You hear here what became of it."), "success")
    return redirect(url_for("notes.note", note_id=note_id), code=303)


@pages.post(NOTE + "/withdraw")
def withdraw(note_id: int) -> Response:
    """Take an own note back that was handed in."""
    reviewing.withdraw(actor(), note_id)
    flash(gettext("The note is yours again. Hand it in when it is ready."), "success")
    return redirect(url_for("notes.note", note_id=note_id), code=303)
