"""The plain values that go into an index and come out of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from search_index.query_tree import Names, Node

KIND, YEAR = "kind", "year"
"""The facets that every document has of itself: its kind, and the year of its date."""


_NOTHING: Mapping[str, str] = MappingProxyType({})


class Document(NamedTuple):
    """One thing that can be found, or one place of it.

    `key` is unique in the index ("material_page:77"); writing a document replaces the one of the same key, so none is
    written without a key and a kind.
    `group` names what several documents are places of ("material:5"); those of one group are written in one batch.
    A document is found only by a query that shares a token of `audience`; an empty audience is seen by nobody.
    `authors` and `keywords` are searched with the text. `facets` are values to filter and count by, "kind" and
    "year" being made from `kind` and `date`. `place` (a page number, a start second) and `extra` are stored and
    handed back, never searched.
    """

    key: str
    kind: str
    ref: int
    group: str
    title: str
    body: str
    keywords: str = ""
    audience: tuple[str, ...] = ()
    date: datetime.date | None = None
    place: str = ""
    extra: Mapping[str, str] = _NOTHING
    facets: Mapping[str, str] = _NOTHING
    authors: str = ""

    def facet(self, name: str) -> str:
        """Return the value of a facet, empty where there is none."""
        if name == KIND:
            return self.kind
        if name == YEAR:
            return str(self.date.year) if self.date else ""
        return self.facets.get(name, "")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, by whom, and which stretch of the answer is wanted.

    `text` is in the query language (query_language.py); `names` says what its readers call facet values, `today`
    what its relative dates start from. `facets` narrows further: one of the values of each. `offset` and `limit`
    count things (groups), `places` how many places of each are given. Snippets, and totals with counts by facet
    (`counts`), each cost about half of a call: leave them out where they are not shown.
    """

    text: str
    audience: frozenset[str]
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: Literal["relevance", "newest", "oldest"] = "relevance"
    offset: int = 0
    limit: int = 10
    places: int = 3
    snippets: bool = True
    counts: bool = True
    today: datetime.date | None = None
    names: Names = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError for a negative offset or limit, or no place at all."""
        if self.offset < 0 or self.limit < 0 or self.places < 1:
            raise ValueError("offset and limit count from zero, places from one")


Part = tuple[str, bool]
"""A stretch of plain, unescaped text, and whether it is marked as matching. Plain: many are made for each answer."""

Snippet = tuple[Part, ...]
"""Text in stretches, in order. The caller escapes each and wraps the marked ones."""


class Hit(NamedTuple):
    """One found document. `marked_title` is the title in parts; `snippet` the best passage of the body."""

    key: str
    kind: str
    ref: int
    group: str
    title: str
    place: str
    score: float
    marked_title: Snippet
    snippet: Snippet
    date: datetime.date | None
    extra: Mapping[str, str]
    facets: Mapping[str, str]


class Found(NamedTuple):
    """One found thing: its best places, the best first."""

    group: str
    hits: tuple[Hit, ...]


class Results(NamedTuple):
    """The answer to a query.

    `total` counts things, `places` documents; `counts` counts things by facet and value, each facet as if it were
    not itself filtered, so that a filter can show what it would give. All count only what the audience may see;
    without `Query.counts` they tell of what is given only. `complete` of the things hold every word: they come first,
    and when they are enough they come alone. `exact` is False where a phrase was so common that only the places given
    were read: the counts are then upper bounds. `understood` is the query as a tree.
    """

    found: Sequence[Found]
    total: int
    places: int
    complete: int
    counts: Mapping[str, Mapping[str, int]]
    generation: int
    understood: Node | None = None
    exact: bool = True

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The best place of each thing."""
        return tuple(found.hits[0] for found in self.found)
