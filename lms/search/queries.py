"""Asking the index on a member's behalf."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from lms.members.access import Actor
from lms.search.engine import engine
from lms.search.sources import SOURCES
from search_index import Hit, Query

PAGE_SIZE = 10
MOST_CHARS = 200
LAST_HIT = 2000


@dataclass
class Found:
    """A thing with the places in it that match, the best first."""

    kind: str
    ref: int
    title: str
    hits: list[Hit] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What a search gave: the things on this page, and the counts of places over all pages."""

    text: str
    kind: str
    found: Sequence[Found]
    total: int
    counts: dict[str, int]
    all_words: bool
    number: int

    @property
    def pages(self) -> int:
        """Count the pages that can be opened."""
        return max(1, -(-min(self.total, LAST_HIT) // PAGE_SIZE))

    @property
    def has_prev(self) -> bool:
        """Say whether a page comes before this one."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Say whether a page comes after this one."""
        return self.number < self.pages


def search(actor: Actor, text: str, kind: str = "", number: int = 1) -> Answer:
    """Search for what the actor may see. ``kind`` narrows to one kind of thing; an unknown one is passed over.

    The index filters by the audience it knows; each hit is checked against the database again before it is shown, so
    that a change of access holds at once. Raises Unavailable while there is no index.
    """
    text = text[:MOST_CHARS].strip()
    kind = kind if kind in SOURCES else ""
    if not text:
        return Answer("", kind, (), 0, {}, True, 1)
    query = Query(
        text=text,
        audience=actor.tokens,
        kinds=frozenset({kind}) if kind else frozenset(),
        offset=(min(number, LAST_HIT // PAGE_SIZE) - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    results = engine().search(query)
    hits = _still_visible(actor, results.hits)
    return Answer(text, kind, _grouped(hits), results.total, dict(results.counts), results.all_words, number)


def _still_visible(actor: Actor, hits: Sequence[Hit]) -> list[Hit]:
    refs: dict[str, set[int]] = defaultdict(set)
    for hit in hits:
        refs[hit.kind].add(hit.ref)
    visible = {kind: SOURCES[kind].visible(actor, sorted(ids)) for kind, ids in refs.items()}
    return [hit for hit in hits if hit.ref in visible[hit.kind]]


def _grouped(hits: Sequence[Hit]) -> list[Found]:
    groups: dict[str, Found] = {}
    for hit in hits:
        found = groups.setdefault(hit.group, Found(hit.kind, hit.ref, hit.extra.get("of", hit.title)))
        found.hits.append(hit)
    return list(groups.values())
