"""The search page, and what is like a thing on the thing's own page."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple, cast

from flask import Blueprint, render_template, request

from lms.errors import Unavailable
from lms.members.access import Actor
from lms.search import words
from lms.search.addresses import SearchAddress, search_address
from lms.search.places import ADDRESSES, address, place_words, thing_title
from lms.search.queries import FACETS, SORTS, Answer, Asked, Sort, Thing, alike, search
from lms.search.suggestions import did_you_mean
from lms.search.understanding import explained
from lms.web import panels
from lms.web.i18n import gettext, reader_locale
from lms.web.kept_pages import kept_page
from lms.web.signin import actor
from lms.web.view import page_number
from search_index import Hit, Snippet

pages = Blueprint("search", __name__)

VALUES_SHOWN = 12
VALUE_CHARS = 100
MOST_VALUES = 20


class Chip(NamedTuple):
    """A choice: its label, where it leads, whether it is made, and how many things it would give."""

    label: str
    href: str
    current: bool
    things: int | None


class Shown(NamedTuple):
    """What the search page is made of."""

    answer: Answer
    meant: str


class Place(NamedTuple):
    """A place in a thing: where it leads, how it is called, and its text with what matches marked."""

    href: str
    words: str
    parts: Snippet


class Result(NamedTuple):
    """A thing that was found, as the page shows it. ``divided``: from it on only some of the words are held."""

    kind: str
    title: Snippet
    href: str
    by: str
    day: date | None
    year: str
    places: Sequence[Place]
    divided: bool


@pages.get("/search")
def page() -> bytes | str:
    """Show what was found, things first, under each the places in it."""
    asked = _asked()
    answer = search(actor(), asked)
    if not answer.asked.text:
        return render_template("search/search.html", **_page_values(Shown(answer, "")))
    shown = Shown(answer, did_you_mean(actor(), answer.asked.text, answer.complete))
    return kept_page("search/search.html", shown, lambda: _page_values(shown))


def _page_values(shown: Shown) -> dict[str, Any]:
    answer = shown.answer
    to, divide = SearchAddress(answer.asked), _divide(answer)
    return {
        "answer": answer,
        "meant": shown.meant,
        "results": [_shown(thing, divided=at == divide) for at, thing in enumerate(answer.things)],
        "divide": divide,
        "kinds": _chips(answer, "kind", to),
        "filters": [(words.FACETS[name], chips) for name in FACETS[1:] if (chips := _chips(answer, name, to))],
        "chosen": _chosen(answer, to),
        "unfiltered": search_address(answer.asked.text),
        "sorts": _sorts(answer, to),
        "understood": [(said, to(q=left)) for said, left in explained(answer.understood, answer.named)],
        "held": _held(answer),
        "examples": _examples(reader_locale(), request.root_path),
    }


def _asked() -> Asked:
    args = request.args
    facets = {
        name: frozenset(value[:VALUE_CHARS] for value in args.getlist(name)[:MOST_VALUES] if value) for name in FACETS
    }
    sort = args.get("sort", "")
    return Asked(
        text=args.get("q", ""),
        facets=facets,
        sort=cast(Sort, sort) if sort in SORTS else "relevance",
        number=page_number(),
        names=words.names(args.get("q", "")),
    )


def _held(answer: Answer) -> dict[str, str]:
    """Give what stays in force when other words are typed: the kind and the order."""
    kinds = answer.asked.facets.get("kind", frozenset())
    held = {"kind": next(iter(kinds))} if len(kinds) == 1 else {}
    return held if answer.asked.sort == "relevance" else {**held, "sort": answer.asked.sort}


def _chips(answer: Answer, facet: str, to: SearchAddress) -> list[Chip]:
    """Make a chip for each value of a facet, most things first, years in their order; none for a facet of one value."""
    wanted = answer.asked.facets.get(facet, frozenset())
    counts = {**dict.fromkeys(wanted, 0), **answer.counts.get(facet, {})}
    if len(counts) < 2 and not wanted:
        return []
    values = sorted(counts, key=lambda value: (-counts[value], value))[:VALUES_SHOWN]
    if facet == "year":
        values.sort(reverse=True)
    everything = Chip(gettext("All"), to(**{facet: ()}), not wanted, None)
    return [
        everything,
        *(
            Chip(words.value_words(facet, value, answer.named), href, value in wanted, counts[value])
            for value, href in zip(values, to.each(facet, values), strict=True)
        ),
    ]


def _chosen(answer: Answer, to: SearchAddress) -> list[tuple[str, str]]:
    """Give each filter in force but that of the kind, and the address without it."""
    return [
        (words.value_words(name, value, answer.named), to(**{name: sorted(values - {value})}))
        for name, values in answer.asked.facets.items()
        if name != "kind"
        for value in sorted(values)
    ]


def _sorts(answer: Answer, to: SearchAddress) -> list[tuple[str, str, bool]]:
    return [
        (str(label), to(sort=() if sort == "relevance" else sort), sort == answer.asked.sort)
        for sort, label in words.SORTS.items()
    ]


def _divide(answer: Answer) -> int:
    """Give the number of things on this page after which those come that hold only some of the words; -1 for none."""
    before = (answer.number - 1) * answer.asked.size
    if answer.asked.sort != "relevance" or not before <= answer.complete < before + len(answer.things):
        return -1
    return answer.complete - before


def _shown(thing: Thing, *, divided: bool) -> Result:
    first = thing.hits[0]
    return Result(
        kind=words.kind_words(thing.kind),
        title=thing_title(first),
        href=ADDRESSES[thing.kind](thing.ref, ""),
        by=first.extra.get("by", ""),
        day=None if thing.kind == "book" else first.date,
        year=first.extra.get("year", ""),
        places=[Place(address(hit), place_words(hit), hit.snippet) for hit in _telling(thing.hits)],
        divided=divided,
    )


def _telling(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Choose the places to show of one thing: those with a marked word in their text if any has one."""
    marked = [hit for hit in hits if any(part.marked for part in hit.snippet)]
    return marked or [hit for hit in hits[:1] if hit.snippet]


@cache
def _examples(_locale: str, _mount: str) -> tuple[tuple[str, str, str], ...]:
    """Give the help in the reader's language: something to type, where it leads, and what it means."""
    said = (
        (gettext("lifelong learning"), gettext("All of the words are wanted; what holds them all comes first.")),
        (gettext("“learning organisation”"), gettext("Words in quotation marks stand together in this order.")),
        (gettext("reading -examination"), gettext("Leave out what holds the word behind the minus sign.")),
        (gettext("village OR community"), gettext("One of the two is enough.")),
        (gettext("organi*"), gettext("All words that begin so.")),
        (gettext("title:learning"), gettext("Only in titles.")),
        (gettext("author:Fei"), gettext("By this author, speaker or writer.")),
        (gettext("kind:note reading"), gettext("Only notes; likewise books, lectures, materials.")),
        (gettext("2024..2026 governance"), gettext("Only of this time; also 2024-05, last month, date:2024.")),
    )
    return tuple((text, search_address(text), meaning) for text, meaning in said)


def _alike_panel(kind: str) -> Callable[[Actor, int], dict[str, Any] | None]:
    """Make the panel of what is like a thing; nothing is shown while there is nothing, or no index."""

    def load(reader: Actor, ref: int) -> dict[str, Any] | None:
        try:
            hits = alike(reader, kind, ref)
        except Unavailable:
            return None
        if not hits:
            return None
        return {
            "alike": [(thing_title(hit), ADDRESSES[hit.kind](hit.ref, ""), words.kind_words(hit.kind)) for hit in hits]
        }

    return load


for kind in ("book", "material", "note", "lecture"):
    panels.add_panel(kind, "search/alike_panel.html", _alike_panel(kind), order=80)
