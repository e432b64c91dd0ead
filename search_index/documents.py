"""The plain values that go into an index and come out of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found.

    `key` is unique in the index ("material_page:77"); writing a document replaces the one of the same key.
    `group` names what several documents are places of ("material:5"). A document is found only by a query that
    shares a token of `audience`; an empty audience is seen by nobody. `place` (a page number, a start second)
    and `extra` are stored and handed back, never searched.
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
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a document that could never be replaced or deleted.

        Raises ValueError when `key` or `kind` is empty.
        """
        if not self.key or not self.kind:
            raise ValueError("a document needs a key and a kind")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, by whom, and which stretch of the answer is wanted.

    `kinds` empty means every kind. `offset` and `limit` count hits. Snippets cost about half of a call: leave
    them out where only titles are shown.
    """

    text: str
    audience: frozenset[str]
    kinds: frozenset[str] = frozenset()
    offset: int = 0
    limit: int = 10
    snippets: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError for a negative offset or limit."""
        if self.offset < 0 or self.limit < 0:
            raise ValueError("offset and limit count from zero")


class Part(NamedTuple):
    """A stretch of plain, unescaped text, and whether it is marked as matching."""

    text: str
    marked: bool


Snippet = tuple[Part, ...]
"""Text in stretches, in order. The caller escapes each and wraps the marked ones."""


@dataclass(frozen=True, slots=True)
class Hit:
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


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a query.

    `total` counts every hit of the query in the wanted kinds; `counts` counts them by kind as if no kinds had been
    asked for, so that a filter can show what it would give. Both count only what the audience may see.
    `all_words` is False when nothing held every word and hits with any of them are shown instead.
    """

    hits: Sequence[Hit]
    total: int
    counts: Mapping[str, int]
    generation: int
    all_words: bool = True
