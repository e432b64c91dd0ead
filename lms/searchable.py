"""What a feature gives to the search index: plain rows, so that no feature knows of the index."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lms.members.access import Action, Actor


@dataclass(frozen=True)
class Searchable:
    """One place that can be found.

    ``key`` is unique ("book:12", "material:5:3"); ``kind`` and ``ref`` say what is opened; ``group`` gathers the places
    of one material or recording; ``place`` is the page number or the start second, as text. ``authors`` are the people
    whom it is by; ``facets`` the values to filter and count by ("category", "unit" as its id, "lecturer"), the same for
    all places of a group. ``extra`` is given back with a hit.
    """

    key: str
    kind: str
    ref: int
    group: str
    title: str
    body: str
    audience: tuple[str, ...]
    keywords: str = ""
    day: date | None = None
    place: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    authors: str = ""
    facets: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """How a feature's rows of one kind become searchable.

    ``load(ref)`` gives all places of one row, none if it is gone or hidden; ``all_refs()`` walks over the ids of the
    kind; ``visible(actor, refs)`` gives those of the ids that the actor may see now, asked before a hit is shown.
    ``among(member, units, refs, care)`` makes the query of the same ids from the parts of an actor, so that several
    kinds are asked in one statement; ``care`` are the actor's paths for the action ``cared_by``.
    """

    kind: str
    load: Callable[[int], Iterable[Searchable]]
    all_refs: Callable[[], Iterator[int]]
    visible: Callable[[Actor, list[int]], set[int]]
    among: Callable[[Any, Any, Any, Sequence[str]], Any]
    cared_by: Action | None = None
