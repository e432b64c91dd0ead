"""The JSON API of what helps while typing: suggestions, what may have been meant, and the member's past searches."""

from typing import Any

from apiflask import APIBlueprint, EmptySchema, Schema
from apiflask.fields import Integer, List, Nested, String
from apiflask.validators import Length

from lms.search import past
from lms.search.places import ADDRESSES
from lms.search.suggestion_words import kind_words
from lms.search.suggestions import MOST_CHARS, Suggested, suggest
from lms.web.addresses import url_for
from lms.web.i18n import ngettext
from lms.web.signin import actor

api = APIBlueprint("search_help_api", __name__, url_prefix="/api/v1", tag="Search")

PAST = "/search/past/<int(max=2147483647):past_id>"


class BegunIn(Schema):
    """What was typed so far."""

    q = String(load_default="", validate=Length(max=MOST_CHARS))


class SuggestedOut(Schema):
    """A text that may be meant; ``url`` opens the thing, or searches for the text."""

    text = String()
    kind = String()
    label = String()
    url = String()
    past = Integer(allow_none=True)


class SuggestionsOut(Schema):
    """The suggestions, the best first, and a sentence that says how many they are."""

    items = List(Nested(SuggestedOut))
    said = String()


class SearchedIn(Schema):
    """What was searched for."""

    q = String(required=True, validate=Length(max=MOST_CHARS))


class PastOut(Schema):
    """A search made before."""

    id = Integer()
    text = String()


class PastsOut(Schema):
    """The searches made before, the newest first."""

    items = List(Nested(PastOut))


@api.get("/search/suggestions")
@api.input(BegunIn, location="query", arg_name="begun")
@api.output(SuggestionsOut)
@api.doc(summary="Suggest what may be meant by what was typed so far")
def suggestions(begun: dict[str, Any]) -> dict[str, Any]:
    """Give own past searches, titles and names that continue it, as written, in pinyin or by initials."""
    items = [_shown(one) for one in suggest(actor(), begun["q"])]
    said = ngettext("%(num)s suggestion", "%(num)s suggestions", len(items))
    return {"items": items, "said": said}


def _shown(one: Suggested) -> dict[str, Any]:
    straight = one.ref is not None and one.kind in ADDRESSES
    return {
        "text": one.text,
        "kind": one.kind,
        "label": kind_words(one.kind),
        "url": ADDRESSES[one.kind](one.ref, "") if straight and one.ref else url_for("search.page", q=one.text),
        "past": one.ref if one.kind == "past" else None,
    }


@api.get("/search/past")
@api.output(PastsOut)
@api.doc(summary="List my past searches")
def list_past() -> dict[str, Any]:
    """Give the newest searches of the member who asks."""
    return {"items": [one._asdict() for one in past.list_past(actor())]}


@api.post("/search/past")
@api.input(SearchedIn, arg_name="searched")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Keep a search of mine")
def remember(searched: dict[str, Any]) -> str:
    """Keep it as the newest; a search made before moves up."""
    past.remember(actor(), searched["q"])
    return ""


@api.delete("/search/past")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Forget all my past searches")
def forget_all() -> str:
    """Forget every search of the member who asks."""
    past.forget_all(actor())
    return ""


@api.delete(PAST)
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Forget a past search of mine")
def forget(past_id: int) -> str:
    """Forget one search."""
    past.forget(actor(), past_id)
    return ""
