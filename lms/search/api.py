"""The JSON API of search."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, String
from apiflask.validators import Length, Range

from lms.search.pages import address
from lms.search.queries import LAST_HIT, MOST_CHARS, PAGE_SIZE, search
from lms.web.signin import actor

api = APIBlueprint("search_api", __name__, url_prefix="/api/v1", tag="Search")


class SearchIn(Schema):
    """A question."""

    q = String(required=True, validate=Length(max=MOST_CHARS))
    kind = String(load_default="")
    page = Integer(load_default=1, validate=Range(1, LAST_HIT // PAGE_SIZE))


class PartOut(Schema):
    """A stretch of text, marked where it matches."""

    text = String()
    marked = Boolean()


class HitOut(Schema):
    """A place that was found. ``place`` is a page number or a start second, empty for the thing itself."""

    kind = String()
    ref = Integer()
    title = String()
    place = String()
    url = String()
    snippet = List(Nested(PartOut))


class SearchOut(Schema):
    """The places found, the best first; ``counts`` is how many there are of each kind."""

    items = List(Nested(HitOut))
    page = Integer()
    pages = Integer()
    total = Integer()
    counts = Dict(keys=String(), values=Integer())
    all_words = Boolean()


@api.get("/search")
@api.input(SearchIn, location="query", arg_name="asked")
@api.output(SearchOut)
@api.doc(summary="Search everything that the member may see")
def find(asked: dict[str, Any]) -> dict[str, Any]:
    """Give the places that match."""
    answer = search(actor(), asked["q"], asked["kind"], asked["page"])
    items = [
        {
            "kind": hit.kind,
            "ref": hit.ref,
            "title": hit.title,
            "place": hit.place,
            "url": address(hit),
            "snippet": [{"text": text, "marked": marked} for text, marked in hit.snippet],
        }
        for found in answer.found
        for hit in found.hits
    ]
    return {
        "items": items,
        "page": answer.number,
        "pages": answer.pages,
        "total": answer.total,
        "counts": answer.counts,
        "all_words": answer.all_words,
    }
