"""Pages of questions under a lecture: a part of the lecture's page, all of them, and changing the own words."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.errors import InvalidInput, LmsError
from lms.lectures.parts import LectureView
from lms.members.access import Actor
from lms.questions import queries, rules, service
from lms.questions.queries import PostRow
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.i18n import gettext, lazy_gettext, words
from lms.web.signin import actor
from lms.web.view import attempt, page_number, whole_number

pages = Blueprint("questions", __name__)

ID = "int(max=2147483647)"
LECTURE = f"/lectures/<{ID}:lecture_id>/questions"
QUESTION = f"/questions/<{ID}:question_id>"
POST = f"/posts/<{ID}:post_id>"
ON_LECTURE = 5
LARGEST_ID = 2**31 - 1
SORT_WORDS = {
    "newest": lazy_gettext("Latest questions first"),
    "place": lazy_gettext("In the order of the recording"),
    "unanswered": lazy_gettext("Unanswered ones first"),
}


def place_href(lecture_id: int, recording: int | None, second: int, several: bool) -> str:
    """Give the address that plays a lecture from a second of a recording."""
    part = recording if several else None
    return str(url_for("lectures.lecture", lecture_id=lecture_id, part=part, t=second))


def _context(lecture: LectureView) -> dict[str, Any]:
    several = len(lecture.parts) > 1

    def play(post: PostRow, second: int) -> dict[str, Any]:
        """Say where a place leads, and whether the player of this page can go there at once."""
        recording = post.recording or lecture.recording
        return {
            "href": place_href(lecture.id, recording, second, several),
            "here": recording == lecture.recording,
        }

    return {"lecture": lecture, "play": play, "marked": rules.marked, "several": several}


@pages.get(LECTURE)
def questions(lecture_id: int) -> str:
    """Show all questions under a lecture."""
    return _page(lecture_id, {}, {})


def _page(lecture_id: int, values: dict[str, Any], errors: dict[str, LmsError]) -> str:
    sort = request.args.get("sort", "")
    sort = sort if sort in queries.SORTS else queries.SORTS[0]
    found = queries.get_questions(actor(), lecture_id, sort, page_number())
    return render_template(
        "questions/questions.html",
        found=found,
        sort=sort,
        sorts=[(key, str(word)) for key, word in SORT_WORDS.items()],
        values=values,
        errors={name: words(error) for name, error in errors.items()},
        **_context(found.lecture),
    )


@pages.post(LECTURE)
def ask(lecture_id: int) -> Response | tuple[str, int]:
    """Ask a question, or show the form again with what is wrong."""
    form = request.form
    errors: dict[str, LmsError] = {}
    second = attempt(errors, lambda: rules.seconds(form.get("at", "")))
    part = attempt(errors, lambda: whole_number(form.get("part"), "at", 1, LARGEST_ID))
    attempt(errors, lambda: rules.check_text(form.get("text", "")))
    if not errors:
        try:
            made = service.ask(actor(), lecture_id, form.get("text", ""), second, part)
            flash(gettext("Your question is asked. You hear when somebody answers."), "success")
            return redirect(url_for("questions.question", question_id=made), code=303)
        except InvalidInput as error:
            errors = {error.field or "": error}
    return _page(lecture_id, form.to_dict(), errors), 422


@pages.get(QUESTION)
def question(question_id: int) -> Response:
    """Lead to a question on the page of its lecture's questions."""
    lecture, post = queries.get_post(actor(), question_id)
    anchor = f"post-{post.question or post.id}"
    number = queries.page_of(actor(), lecture, post.question or post.id)
    page = number if number > 1 else None
    return redirect(url_for("questions.questions", lecture_id=lecture.id, page=page, _anchor=anchor), code=303)


@pages.post(QUESTION + "/answers")
def answer(question_id: int) -> Response:
    """Answer a question."""
    try:
        service.answer(actor(), question_id, request.form.get("text", ""))
        flash(gettext("Your answer is there."), "success")
    except InvalidInput as error:
        flash(words(error), "error")
    return _back(question_id)


@pages.post(QUESTION + "/answered")
def mark_answered(question_id: int) -> Response:
    """Let a question count as answered, or open again."""
    service.mark_answered(actor(), question_id, request.form.get("answered") == "1")
    return _back(question_id)


@pages.get(POST + "/edit")
def edit_form(post_id: int) -> str:
    """Show the form to change the own words."""
    lecture, post = queries.get_post(actor(), post_id)
    service.require_own(post)
    return _edit_page(lecture, post, post.text, {})


def _edit_page(lecture: LectureView, post: PostRow, text: str, errors: dict[str, str]) -> str:
    return render_template("questions/edit.html", lecture=lecture, post=post, text=text, errors=errors)


@pages.post(POST + "/edit")
def edit(post_id: int) -> Response | tuple[str, int]:
    """Change the own words, or show the form again."""
    try:
        service.edit(actor(), post_id, request.form.get("text", ""))
    except InvalidInput as error:
        lecture, post = queries.get_post(actor(), post_id)
        return _edit_page(lecture, post, request.form.get("text", ""), {"text": words(error)}), 422
    flash(gettext("The changes are saved."), "success")
    return _back(post_id)


@pages.post(POST + "/delete")
def delete(post_id: int) -> Response:
    """Take the own words away; they can be brought back where they stood."""
    service.delete(actor(), post_id)
    flash(gettext("Deleted. You can bring it back below."), "success")
    return _back(post_id)


@pages.post(POST + "/restore")
def restore(post_id: int) -> Response:
    """Bring the own words back."""
    service.restore(actor(), post_id)
    return _back(post_id)


@pages.post(POST + "/hide")
def hide(post_id: int) -> Response:
    """Hide a post from the others, or show it again."""
    service.hide(actor(), post_id, request.form.get("hidden") == "1")
    return _back(post_id)


def _back(post_id: int) -> Response:
    return redirect(url_for("questions.question", question_id=post_id), code=303)


def _panel(reader: Actor, shown: LectureView) -> dict[str, Any] | None:
    """Show the latest questions under a lecture, and ask one."""
    if shown.archived_at is not None or shown.state != "ready":
        return None
    latest, more = queries.latest_of(reader, shown, ON_LECTURE)
    return {"latest": latest, "more": more, **_context(shown)}


panels.add_panel("lecture", "questions/_panel.html", _panel, 30, of_shown=True)
