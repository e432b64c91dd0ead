"""The JSON API of the studio."""

from datetime import UTC
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import AwareDateTime, Float, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.lectures import audience_queries
from lms.lectures import queries as lectures
from lms.studio import queries, rules
from lms.studio.pages import PARTS, why_words
from lms.studio.queries import Filter
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.view import LAST_PAGE, PAGE_SIZE

api = APIBlueprint("studio_api", __name__, url_prefix="/api/v1", tag="Studio")

LECTURE = "/studio/lectures/<int(max=2147483647):lecture_id>"


class StudioQuery(Schema):
    """What the list is narrowed to."""

    kind = String(load_default="", validate=OneOf(("", *rules.KINDS)))
    state = String(load_default="", validate=OneOf(("", *rules.STATES)))
    q = String(load_default="", validate=Length(max=100))
    sort = String(load_default="newest", validate=OneOf(rules.SORTS))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class OwnedOut(Schema):
    """Something I own; ``ref`` is its id, or the token of an upload. ``minutes`` were really played by all together."""

    kind = String()
    ref = String()
    title = String()
    state = String()
    created_at = AwareDateTime(default_timezone=UTC)
    percent = Integer()
    why = String()
    begun = Integer()
    finished = Integer()
    minutes = Integer()


class StudioOut(Paged):
    """A page of what I own; ``waiting`` counts the questions under my lectures that are not answered."""

    items = List(Nested(OwnedOut))
    waiting = Integer()


class SliceOut(Schema):
    """A stretch of a recording in seconds, how many played the middle of it, and how many heard nothing after it."""

    start = Float(attribute="start_s")
    end = Float(attribute="end_s")
    viewers = Integer()
    stopped = Integer()


class StopsOut(Schema):
    """Where people stop in a recording."""

    recording = Integer()
    viewers = Integer()
    finished = Integer()
    parts = List(Nested(SliceOut))


class AudienceOut(Schema):
    """The audience of a lecture."""

    begun = Integer()
    finished = Integer()
    minutes = Integer()
    recordings = List(Nested(StopsOut))


@api.get("/studio")
@api.input(StudioQuery, location="query", arg_name="query")
@api.output(StudioOut)
@api.doc(summary="List all I own with its state and audience")
def studio(query: dict[str, Any]) -> dict[str, Any]:
    """Give a page of what I own."""
    wanted = Filter(query["kind"], query["state"], query["q"], query["sort"])
    found = queries.get_studio(actor(), wanted, query["page"], PAGE_SIZE)
    items = [{**owned.__dict__, "why": why_words(owned)} for owned in found.page.items]
    return {**paged(found.page, items), "waiting": found.waiting}


@api.get(LECTURE)
@api.output(AudienceOut)
@api.doc(summary="The audience of a lecture I look after, and where people stop")
def lecture(lecture_id: int) -> dict[str, Any]:
    """Give the figures of a lecture."""
    shown = lectures.get_manageable(actor(), lecture_id)
    figures = audience_queries.audience_of([lecture_id]).of(lecture_id)
    found = audience_queries.where_people_stop(shown, PARTS)
    return {**figures._asdict(), "recordings": [{"recording": part, **stops.__dict__} for part, stops in found.items()]}
