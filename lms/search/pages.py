"""The search page, and what is like a thing on the thing's own page."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from flask import Blueprint, render_template, request
from markupsafe import Markup

from lms.errors import Unavailable
from lms.members.access import Actor
from lms.search import listing, words
from lms.search.addresses import SearchAddress, search_address
from lms.search.choices import Choices, count_words
from lms.search.places import ADDRESSES, thing_title
from lms.search.queries import FACETS, SORTS, Answer, Asked, Sort, alike, search
from lms.search.suggestions import did_you_mean
from lms.search.understanding import explained
from lms.web import panels
from lms.web.escaping import escaped
from lms.web.frames import Filling, filled
from lms.web.i18n import gettext, reader_locale
from lms.web.kept_pages import kept_page
from lms.web.signin import actor
from lms.web.view import page_number

pages = Blueprint("search", __name__)

VALUE_CHARS = 100
MOST_VALUES = 20


@pages.get("/search")
def page() -> bytes | str:
    """Show what was found, things first, under each the places in it."""
    reader = actor()
    answer = search(reader, _asked())
    if not answer.asked.text:
        return render_template("search/search.html", **_filling(answer, "").values)
    meant = did_you_mean(reader, answer.asked.text, answer.complete)
    return kept_page("search/search.html", (answer, meant), lambda: _filling(answer, meant))


def _filling(answer: Answer, meant: str) -> Filling:
    """Give the page: what stays in force when other words are typed, the kind and the order, and the texts."""
    asked = answer.asked
    kinds = asked.facets.get("kind", frozenset())
    fixed = {
        "asked": bool(asked.text),
        "kind": next(iter(kinds)) if len(kinds) == 1 else "",
        "sort": "" if asked.sort == "relevance" else asked.sort,
        "examples": _examples(reader_locale(), request.root_path),
    }
    return Filling(fixed, {"text": asked.text, "found": _found(answer, meant)})


def _found(answer: Answer, meant: str) -> Markup:
    """Put together what stands below the form."""
    if not answer.asked.text:
        return Markup()
    to = SearchAddress(answer.asked)
    understood = [(said, to(q=left)) for said, left in explained(answer.understood, answer.named)]
    chosen = _chosen(answer, to)
    choices = Choices(answer, to)
    kinds = choices.kinds()
    if understood or meant or chosen:
        around = {"understood": understood, "meant": meant, "kinds": Markup(kinds), "chosen": chosen}  # noqa: S704
        kinds = render_template("search/_asked.html", **around)
    narrow = choices.filters() if answer.things or chosen else ""
    if answer.things:
        below = f"{_line(answer, choices)}{listing.things(answer)}{_paging(answer, to)}\n"
    else:
        unfiltered = search_address(answer.asked.text) if answer.asked.facets else ""
        values = {"text": answer.asked.text, "unfiltered": unfiltered, "understood": understood}
        below = f"{render_template('search/_nothing.html', **values)}\n"
    return Markup(f"{kinds}{narrow}{below}")  # noqa: S704


def _line(answer: Answer, choices: Choices) -> str:
    """Say how many things there are, and in which order they stand."""
    some = ""
    if listing.divided_at(answer) == 0:
        said = gettext("Nothing holds all the words; these hold some of them.")
        some = f'<p class="flash message">{escaped(said)}</p>'
    return (
        f'<div class="list-line found">\n<span role="status">{count_words(reader_locale(), answer.total, answer.exact)}'
        f'</span>\n<span class="sorts">{choices.sorts()}</span>\n</div>\n{some}'
    )


def _paging(answer: Answer, to: SearchAddress) -> str:
    if answer.pages < 2:
        return ""
    shown = {"number": answer.number, "pages": answer.pages}
    return filled("_partials/pages.html", shown, address=Markup(f"{to.html}&amp;page="))  # noqa: S704


def _asked() -> Asked:
    args = request.args
    facets = {
        name: frozenset([value[:VALUE_CHARS] for value in args.getlist(name)[:MOST_VALUES] if value])
        for name in FACETS
        if name in args
    }
    sort = args.get("sort", "")
    return Asked(
        text=args.get("q", ""),
        facets=facets,
        sort=cast(Sort, sort) if sort in SORTS else "relevance",
        number=page_number(),
        names=words.names(args.get("q", "")),
    )


def _chosen(answer: Answer, to: SearchAddress) -> list[tuple[str, str]]:
    """Give each filter in force but that of the kind, and the address without it."""
    return [
        (words.value_words(name, value, answer.named), to(**{name: sorted(values - {value})}))
        for name, values in answer.asked.facets.items()
        if name != "kind"
        for value in sorted(values)
    ]


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
