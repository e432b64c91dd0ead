"""The JSON API of search."""

from typing import Any, cast

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, Dict, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.search import words
from lms.search.places import address, place_of, thing_title
from lms.search.queries import FACETS, LAST_PAGE, MOST_CHARS, PAGE_SIZE, SORTS, Asked, Sort, search
from lms.search.understanding import written
from lms.web.paged import Paged
from lms.web.signin import actor
from search_index import Found, Hit, Snippet

api = APIBlueprint("search_api", __name__, url_prefix="/api/v1", tag="Search")

VALUE = String(validate=Length(max=100))
MOST_VALUES = 20


class SearchIn(Schema):
    """A question in the query language. Each filter may be given several times: one of its values is enough."""

    q = String(required=True, validate=Length(max=MOST_CHARS))
    kind = List(VALUE, validate=Length(max=MOST_VALUES))
    category = List(VALUE, validate=Length(max=MOST_VALUES))
    year = List(VALUE, validate=Length(max=MOST_VALUES))
    unit = List(VALUE, validate=Length(max=MOST_VALUES))
    lecturer = List(VALUE, validate=Length(max=MOST_VALUES))
    sort = String(load_default="relevance", validate=OneOf(SORTS))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))
    per_page = Integer(load_default=PAGE_SIZE, validate=Range(1, 50))


class PartOut(Schema):
    """A stretch of text, marked where it matches."""

    text = String()
    marked = Boolean()


class PlaceOut(Schema):
    """A place in a thing. ``place`` is a page number or a second, empty for the thing itself; ``url`` opens it."""

    place = String()
    heading = String()
    url = String()
    snippet = List(Nested(PartOut))


class ThingOut(Schema):
    """A thing that was found, with the best places in it. ``url`` and ``place`` are those of the best."""

    kind = String()
    ref = Integer()
    title = String()
    by = String()
    date = Date(allow_none=True)
    place = String()
    url = String()
    snippet = List(Nested(PartOut))
    places = List(Nested(PlaceOut))


class SearchOut(Paged):
    """The things found, the best first.

    ``counts`` is how many things there are of each value of each facet, that facet's own filter left aside; ``names``
    what the values are called. ``complete`` is how many hold all the words, ``understood`` the question as it was
    understood. Where ``exact`` is false, ``total`` and ``counts`` are upper bounds.
    """

    items = List(Nested(ThingOut))
    complete = Integer()
    exact = Boolean()
    counts = Dict(keys=String(), values=Dict(keys=String(), values=Integer()))
    names = Dict(keys=String(), values=Dict(keys=String(), values=String()))
    understood = String()


@api.get("/search")
@api.input(SearchIn, location="query", arg_name="asked")
@api.output(SearchOut)
@api.doc(summary="Search everything that the member may see")
def find(asked: dict[str, Any]) -> dict[str, Any]:
    """Give the things that match."""
    answer = search(
        actor(),
        Asked(
            text=asked["q"],
            facets={name: frozenset(asked.get(name, ())) for name in FACETS},
            sort=cast(Sort, asked["sort"]),
            number=asked["page"],
            size=asked["per_page"],
            names=words.names(asked["q"]),
        ),
    )
    return {
        "items": [_thing(thing) for thing in answer.things],
        "page": answer.number,
        "pages": answer.pages,
        "total": answer.total,
        "complete": answer.complete,
        "exact": answer.exact,
        "counts": answer.counts,
        "names": {
            facet: {value: words.value_words(facet, value, answer.named) for value in values}
            for facet, values in answer.counts.items()
        },
        "understood": written(answer.understood, answer.named),
    }


def _thing(thing: Found) -> dict[str, Any]:
    first = thing.hits[0]
    return {
        "kind": first.kind,
        "ref": first.ref,
        "title": "".join([text for text, _ in thing_title(first)]),
        "by": first.extra.get("by", ""),
        "date": first.date,
        **_place(first),
        "places": [_place(hit) for hit in thing.hits],
    }


def _place(hit: Hit) -> dict[str, Any]:
    return {
        "place": place_of(hit),
        "heading": hit.extra.get("heading", ""),
        "url": address(hit),
        "snippet": _parts(hit.snippet),
    }


def _parts(snippet: Snippet) -> list[dict[str, Any]]:
    return [{"text": text, "marked": marked} for text, marked in snippet]
