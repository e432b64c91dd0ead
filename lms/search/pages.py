"""The search page."""

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask_babel import gettext, lazy_gettext

from lms.search.queries import Found, search
from lms.web.addresses import url_for
from lms.web.dates import timecode
from lms.web.signin import actor
from lms.web.view import page_number
from search_index import Hit

pages = Blueprint("search", __name__)

PLACES_SHOWN = 3

KINDS = {
    "book": lazy_gettext("Book"),
    "lecture": lazy_gettext("Lecture"),
    "material": lazy_gettext("Material"),
    "note": lazy_gettext("Note"),
}

ADDRESSES: dict[str, Callable[[int, str], str]] = {
    "book": lambda ref, place: url_for("catalogue.book", book_id=ref),
    "note": lambda ref, place: url_for("notes.note", note_id=ref),
    "lecture": lambda ref, place: url_for("lectures.lecture", lecture_id=ref, t=place or None),
    "material": lambda ref, place: (
        url_for("materials.material_page", material_id=ref, number=place)
        if place
        else url_for("materials.material", material_id=ref)
    ),
}


def address(hit: Hit) -> str:
    """Give the address that opens a hit: the book, the note, the page of a material, the second of a lecture."""
    return ADDRESSES[hit.kind](hit.ref, hit.place)


def place_words(hit: Hit) -> str:
    """Say where in a thing a hit is; empty for the thing itself."""
    if not hit.place:
        return ""
    if hit.kind == "lecture":
        return gettext("at %(time)s", time=timecode(float(hit.place)))
    return gettext("page %(number)s", number=hit.place)


@pages.get("/search")
def page() -> str:
    """Show what was found, things first, under each the places in it."""
    answer = search(actor(), request.args.get("q", ""), request.args.get("kind", ""), page_number())
    chips = [(gettext("All"), url_for("search.page", q=answer.text), not answer.kind, sum(answer.counts.values()))]
    chips += [
        (str(label), url_for("search.page", q=answer.text, kind=kind), answer.kind == kind, answer.counts.get(kind, 0))
        for kind, label in KINDS.items()
    ]
    return render_template(
        "search/search.html",
        answer=answer,
        results=[_shown(found) for found in answer.found],
        chips=chips if answer.counts else [],
    )


def _shown(found: Found) -> dict[str, object]:
    first = found.hits[0]
    return {
        "kind": str(KINDS[found.kind]),
        "title": first.marked_title if found.title == first.title else [(found.title, False)],
        "href": address(first),
        "places": [_place(hit) for hit in _telling(found.hits)],
    }


def _place(hit: Hit) -> dict[str, object]:
    words = place_words(hit)
    return {"href": address(hit) if words else "", "words": words, "parts": hit.snippet}


def _telling(hits: list[Hit]) -> list[Hit]:
    """Choose the places to show of one thing: a few, with a marked word in their text if any has one."""
    marked = [hit for hit in hits if any(part.marked for part in hit.snippet)]
    return (marked or [hit for hit in hits[:1] if hit.snippet])[:PLACES_SHOWN]
