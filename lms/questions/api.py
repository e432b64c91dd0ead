"""The JSON API of questions under a lecture."""

from datetime import UTC
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import AwareDateTime, Boolean, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.questions import queries, rules, service
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.view import LAST_PAGE

api = APIBlueprint("questions_api", __name__, url_prefix="/api/v1", tag="Questions")

ID = "int(max=2147483647)"
LECTURE = f"/lectures/<{ID}:lecture_id>/questions"
QUESTION = f"/questions/<{ID}:question_id>"
POST = f"/posts/<{ID}:post_id>"


class QuestionQuery(Schema):
    """Which questions."""

    sort = String(load_default="newest", validate=OneOf(queries.SORTS))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class QuestionIn(Schema):
    """A question; ``at`` is the second of ``recording`` that it is about."""

    text = String(required=True, validate=Length(max=rules.TEXT_CHARS))
    at = Integer(load_default=None, allow_none=True, strict=True, validate=Range(0, rules.LATEST_S))
    recording = Integer(load_default=None, allow_none=True, strict=True, validate=Range(1, 2**31 - 1))


class TextIn(Schema):
    """An answer, or other words in the place of the present ones."""

    text = String(required=True, validate=Length(max=rules.TEXT_CHARS))


class AnsweredIn(Schema):
    """Whether a question counts as answered."""

    answered = Boolean(required=True)


class HiddenIn(Schema):
    """Whether a post is hidden from the others."""

    hidden = Boolean(required=True)


class PostOut(Schema):
    """A question or an answer. ``by_uploader``: written by who uploaded the lecture."""

    id = Integer()
    at = Integer(allow_none=True, attribute="at_s")
    recording = Integer(allow_none=True)
    member = Integer()
    name = String()
    text = String()
    created_at = AwareDateTime(default_timezone=UTC)
    edited_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    answered_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    deleted_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    hidden_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    own = Boolean()
    by_uploader = Boolean()


class QuestionOut(PostOut):
    """A question with its answers."""

    answers = List(Nested(PostOut))


class QuestionPage(Paged):
    """A page of questions; ``waiting`` counts all that are not answered."""

    items = List(Nested(QuestionOut))
    waiting = Integer()


@api.get(LECTURE)
@api.input(QuestionQuery, location="query", arg_name="query")
@api.output(QuestionPage)
@api.doc(summary="List the questions under a lecture with their answers")
def list_questions(lecture_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """Give a page of questions."""
    found = queries.get_questions(actor(), lecture_id, query["sort"], query["page"])
    page = found.page
    items = [
        {**asked.post._asdict(), "answers": [answer._asdict() for answer in asked.answers]} for asked in page.items
    ]
    return {**paged(page, items), "waiting": found.waiting}


@api.post(LECTURE)
@api.input(QuestionIn, location="json", arg_name="said")
@api.output(PostOut, status_code=201)
@api.doc(summary="Ask a question under a lecture")
def ask(lecture_id: int, said: dict[str, Any]) -> dict[str, Any]:
    """Ask a question."""
    return _post(service.ask(actor(), lecture_id, said["text"], said["at"], said["recording"]))


def _post(post_id: int) -> dict[str, Any]:
    return queries.get_post(actor(), post_id)[1]._asdict()


@api.post(QUESTION + "/answers")
@api.input(TextIn, location="json", arg_name="said")
@api.output(PostOut, status_code=201)
@api.doc(summary="Answer a question", responses=[409])
def answer(question_id: int, said: dict[str, Any]) -> dict[str, Any]:
    """Answer a question; the answer of who looks after the lecture marks it as answered."""
    return _post(service.answer(actor(), question_id, said["text"]))


@api.put(QUESTION + "/answered")
@api.input(AnsweredIn, location="json", arg_name="said")
@api.output(PostOut)
@api.doc(summary="Let a question count as answered, or open again")
def mark_answered(question_id: int, said: dict[str, Any]) -> dict[str, Any]:
    """Mark a question."""
    service.mark_answered(actor(), question_id, said["answered"])
    return _post(question_id)


@api.patch(POST)
@api.input(TextIn, location="json", arg_name="said")
@api.output(PostOut)
@api.doc(summary="Change my own question or answer")
def edit(post_id: int, said: dict[str, Any]) -> dict[str, Any]:
    """Change the own words."""
    service.edit(actor(), post_id, said["text"])
    return _post(post_id)


@api.delete(POST)
@api.output(PostOut)
@api.doc(summary="Delete my own question or answer; it can be restored")
def delete(post_id: int) -> dict[str, Any]:
    """Take the own words away."""
    service.delete(actor(), post_id)
    return _post(post_id)


@api.post(POST + "/restore")
@api.output(PostOut)
@api.doc(summary="Bring my own question or answer back")
def restore(post_id: int) -> dict[str, Any]:
    """Bring the own words back."""
    service.restore(actor(), post_id)
    return _post(post_id)


@api.put(POST + "/hidden")
@api.input(HiddenIn, location="json", arg_name="said")
@api.output(PostOut)
@api.doc(summary="Hide a question or answer from the others, or show it again")
def hide(post_id: int, said: dict[str, Any]) -> dict[str, Any]:
    """Hide a post."""
    service.hide(actor(), post_id, said["hidden"])
    return _post(post_id)
