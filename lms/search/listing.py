"""What was found, as HTML: things first, under each the places in it. A template takes five times as long.

What stands above the places of a thing (title, address, kind, author, day) is made once for each way it was found: most
titles hold none of the words that were asked for.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from flask import request

from lms import clock
from lms.search import words
from lms.search.places import ADDRESSES, place_of, thing_title, words_of
from lms.search.queries import Answer
from lms.web.dates import day_short
from lms.web.escaping import escaped, marked_html, tongue
from lms.web.i18n import gettext, reader_locale
from search_index import Found, Hit, Snippet

MOST_KEPT = 4096
MARK = "<mark>"


def things(answer: Answer) -> str:
    """Give the list of the things on this page."""
    seen = (request.root_path, reader_locale(), clock.today().year)
    divide = divided_at(answer)
    rows = [_thing(thing, seen) for thing in answer.things]
    if divide > 0:
        said = gettext("From here on only some of the words")
        rows.insert(divide, f'<li class="divide">{escaped(said)}</li>')
    return f'<ul class="hits">\n{"".join(rows)}</ul>\n'


def divided_at(answer: Answer) -> int:
    """Give the number of things on this page after which those come that hold only some of the words; -1 for none."""
    before = (answer.number - 1) * answer.asked.size
    if answer.asked.sort != "relevance" or not before <= answer.complete < before + len(answer.things):
        return -1
    return answer.complete - before


def _thing(thing: Found, seen: tuple[str, str, int]) -> str:
    first = thing.hits[0]
    kind, by, year = first.kind, first.extra.get("by", ""), first.extra.get("year", "")
    day = None if kind == "book" else first.date
    head = _head(seen, kind, first.ref, by, year, day, thing_title(first))
    return f"{head}{_places(thing.hits, seen)}</li>\n"


@lru_cache(MOST_KEPT)
def _head(seen: tuple[str, str, int], kind: str, ref: int, by: str, year: str, day: date | None, title: Snippet) -> str:
    """Give a thing without its places, for a mount point, a language and the year of today."""
    href = escaped(ADDRESSES[kind](ref, ""))
    spoken = tongue("".join([text for text, _ in title]), seen[1])
    when = year or (day_short(day) if day else "")
    said = "".join([f"<span>{escaped(part)}</span>" for part in (by, when) if part])
    byline = f'<p class="byline">{said}</p>' if by or year or day else ""
    return (
        f'<li class="hit">\n<p class="hit-title"><a href="{href}"{spoken}>{marked_html(title)}</a>'
        f' <span class="kind">{escaped(words.kind_words(kind))}</span></p>\n{byline}'
    )


def _places(hits: Sequence[Hit], seen: tuple[str, str, int]) -> str:
    """Choose the places to show of one thing: those with a marked word in their text if any has one, else the first."""
    texts = [marked_html(hit.snippet) for hit in hits]
    marked = [_place(hit, text, seen) for hit, text in zip(hits, texts, strict=True) if MARK in text]
    return "".join(marked) or (_place(hits[0], texts[0], seen) if hits[0].snippet else "")


def _place(hit: Hit, text: str, seen: tuple[str, str, int]) -> str:
    way = _way(seen, hit.kind, hit.ref, place_of(hit), hit.extra.get("heading", "")) if hit.place else ""
    return f'<p class="hit-text">{way}{text}</p>\n'


@lru_cache(MOST_KEPT)
def _way(_seen: tuple[str, str, int], kind: str, ref: int, place: str, heading: str) -> str:
    """Give the way to a place in a thing, for a mount point and a language."""
    said = escaped(words_of(kind, place, heading))
    return f'<a class="hit-place" href="{escaped(ADDRESSES[kind](ref, place))}">{said}</a> '
