"""Help while typing, on a member's behalf: what may be meant, begun or slipped; only what the member may see."""

import logging
from collections.abc import Iterable
from typing import NamedTuple

from lms.config import Settings
from lms.members.access import Actor
from lms.search.engine import engine
from lms.search.past import list_past
from lms.search.seeing import visible
from search_index import IndexMissing, Query, SearchIndexError, typed
from search_index.lexicon import Lexicon
from search_index.spelling import corrections
from search_index.suggest import Suggestions, continues

log = logging.getLogger("lms.search")

SHOWN = 8
PAST_SHOWN = 3
PAST_SHOWN_ALONE = 8
SPARE = 3
MOST_CHARS = 200
PLENTY = 5
CLEARLY_MORE = 3


class Suggested(NamedTuple):
    """A text that may be meant. ``kind`` is the kind of thing, "author" or "past".

    ``ref`` is the one thing of this title, or the number of the past search; None where there are several.
    """

    text: str
    kind: str
    ref: int | None


_bound: list[Suggestions] = []


def bind(settings: Settings) -> None:
    """Use the lexicon of the settings from now on; it may not be there yet."""
    _bound[:] = [Suggestions(settings.lexicon_path)]


def suggest(actor: Actor, text: str) -> list[Suggested]:
    """Give what the actor may be typing: own past searches, then titles and names, each text once.

    Nothing typed gives the newest past searches. What the lexicon gives is checked against the database. Without a
    lexicon there are only past searches: nobody has to wait for it.
    """
    text = text[:MOST_CHARS]
    asked = [Suggested(past.text, "past", past.id) for past in list_past(actor) if _begins(past.text, text)]
    if not typed.typed(text):
        return asked[:PAST_SHOWN_ALONE]
    found = {one.text.casefold(): one for one in reversed(_known(actor, text))}
    own = [one for one in asked if one.text.casefold() not in found][:PAST_SHOWN]
    return [*own, *reversed(found.values())][:SHOWN]


def _begins(past: str, text: str) -> bool:
    try:
        return continues(_bound[0].file.now(), past, text)
    except SearchIndexError:
        return typed.letters(past).startswith(typed.typed(text))


def _known(actor: Actor, text: str) -> list[Suggested]:
    try:
        given = _bound[0].complete(text, actor.tokens, SPARE * SHOWN)
    except SearchIndexError as error:
        _note(error)
        return []
    visible = visible_keys(actor, (key for one in given for key in one.keys))
    known = []
    for one in given:
        keys = [key for key in one.keys if key in visible]
        if keys:
            single = one.kind != "author" and len(keys) == 1
            known.append(Suggested(one.text, one.kind, int(keys[0].partition(":")[2]) if single else None))
    return known


def _note(error: SearchIndexError) -> None:
    if not isinstance(error, IndexMissing):
        log.warning("no suggestions until the lexicon is built anew", exc_info=error)


def visible_keys(actor: Actor, keys: Iterable[str]) -> set[str]:
    """Give those of some keys ("book:12") whose thing the actor may see now: one statement."""
    things = ((kind, int(ref)) for kind, _, ref in (key.partition(":") for key in keys))
    return {f"{kind}:{ref}" for kind, ref in visible(actor, things)}


def did_you_mean(actor: Actor, text: str, found: int) -> str:
    """Give what the actor may have meant; empty when nothing is clearly better.

    ``found`` is how many things the typed text found that hold all its words. A text that finds plenty is right;
    another is offered when it finds clearly more of what the actor may see. Raises Unavailable without an index.
    """
    if found >= PLENTY or not text.strip():
        return ""
    try:
        lexicon = _bound[0].file.now()
        meant = corrections(lexicon, text[:MOST_CHARS], actor.tokens)
    except SearchIndexError as error:
        _note(error)
        return ""
    visible = visible_keys(actor, (key for one in meant for part in one.keys for key in part)) if meant else set()
    for one in meant:
        known = all(any(key in visible for key in part) for part in one.keys)
        if known and _finds(actor, one.text) >= max(1, CLEARLY_MORE * found):
            return one.text
    return _meant_in_texts(actor, lexicon, text[:MOST_CHARS], found)


def _meant_in_texts(actor: Actor, lexicon: Lexicon, text: str, found: int) -> str:
    """Give what stands in no title or name but in a text that the actor may see: that is seen by searching for it."""
    for one in engine().meant(lexicon, text):
        if _finds(actor, one.proof) >= max(1, CLEARLY_MORE * found):
            return one.text
    return ""


def _finds(actor: Actor, text: str) -> int:
    """Count the things that hold all words of a text and that the actor may see now, as far as it matters."""
    query = Query(text, actor.tokens, limit=CLEARLY_MORE * PLENTY, places=1, snippets=False)
    results = engine().search(query)
    keys = [f"{hit.kind}:{hit.ref}" for hit in results.hits[: results.complete]]
    return len(visible_keys(actor, keys))
