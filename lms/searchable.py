"""What a feature gives to the search index: plain rows, so that no feature knows of the index."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from lms.members.access import Action, Actor

NOTHING: Mapping[str, str] = MappingProxyType({})


class Searchable(NamedTuple):
    """One place that can be found: the fields of a document of the index, in its order.

    ``key`` is unique ("book:12", "material:5:3"); ``kind`` and ``ref`` say what is opened; ``group`` gathers the places
    of one material or recording; ``place`` is the page number or the start second, as text. ``authors`` are the people
    whom it is by; ``facets`` the values to filter and count by ("category", "unit" as its id, "lecturer"), the same for
    all places of a group. ``extra`` is given back with a hit. What has no ``audience`` is found by nobody.
    """

    key: str
    kind: str
    ref: int
    group: str
    title: str
    body: str
    keywords: str = ""
    audience: tuple[str, ...] = ()
    day: date | None = None
    place: str = ""
    extra: Mapping[str, str] = NOTHING
    facets: Mapping[str, str] = NOTHING
    authors: str = ""


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
