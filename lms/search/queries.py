"""Asking the index on a member's behalf."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from lms import clock
from lms.categories import queries as categories
from lms.categories.rules import OTHER, PRESET_NAMES, own_id
from lms.members.access import Actor
from lms.members.models import Unit
from lms.prepared import evened, prepared
from lms.search.engine import engine
from lms.search.seeing import visible
from lms.search.sources import SOURCES, group_of
from search_index import Found, Hit, Query
from search_index.query_language import Facet, Node, leaves, parse

PAGE_SIZE = 10
MOST_CHARS = 200
LAST_PAGE = 200
PLACES = 3
ALIKE = 5
FEW_KINDS = 6  # a page of these is asked for kind by kind, and keeps far below twelve statements
FACETS = ("kind", "category", "year", "unit", "lecturer")
SORTS = ("relevance", "newest", "oldest")
Sort = Literal["relevance", "newest", "oldest"]
Names = Mapping[str, Mapping[str, str]]
Counts = Mapping[str, Mapping[str, int]]
NONE: Mapping[str, Any] = MappingProxyType({})
FULLWIDTH_COLON = "\N{FULLWIDTH COLON}"


class Asked(NamedTuple):
    """What a member asks: the text, the values wanted of each facet (none: all), the order, the page.

    ``names`` is what members call the values of facets in what they type: {"kind": {"books": "book"}}.
    """

    text: str
    facets: Mapping[str, frozenset[str]] = NONE
    sort: Sort = "relevance"
    number: int = 1
    size: int = PAGE_SIZE
    names: Names = NONE


class Answer(NamedTuple):
    """What a search gave: the things on this page, and over all pages how many there are, by facet and value.

    A thing is a book, lecture, material, ... with the best places in it, each of which names its kind and number.
    ``complete`` counts the things that hold all the words; they come first, unless sorted by date. Without ``exact``
    the counts are no more than upper bounds. ``named`` are the names of what ``counts`` and ``asked`` speak of and
    somebody has named: units by their ids, units' own categories by their codes.
    """

    asked: Asked
    things: Sequence[Found] = ()
    total: int = 0
    counts: Counts = NONE
    complete: int = 0
    exact: bool = True
    understood: Node | None = None
    named: Mapping[str, str] = NONE

    @property
    def number(self) -> int:
        """Give the number of this page, from 1."""
        return self.asked.number

    @property
    def pages(self) -> int:
        """Count the pages that can be opened."""
        return min(max(1, -(-self.total // self.asked.size)), LAST_PAGE)

    @property
    def has_prev(self) -> bool:
        """Say whether a page comes before this one."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Say whether a page comes after this one."""
        return self.number < self.pages


def search(actor: Actor, asked: Asked) -> Answer:
    """Search for what the actor may see. A kind that there is not is passed over, a text that is too long is cut.

    The index filters by the audience it knows; each thing is checked against the database again before it is shown,
    so that a change of access holds at once; one that has become hidden is not counted either. Raises Unavailable
    while there is no index.
    """
    asked = _tidied(asked)
    if not asked.text:
        return Answer(asked)
    results = engine().search(
        Query(
            text=asked.text,
            audience=actor.tokens,
            facets=asked.facets,
            sort=asked.sort,
            offset=(asked.number - 1) * asked.size,
            limit=asked.size,
            places=PLACES,
            today=clock.today(),
            names={**asked.names, "unit": _units_named(asked)},
        )
    )
    firsts = [found.hits[0] for found in results.found]
    seen = visible(actor, [(hit.kind, hit.ref) for hit in firsts], FEW_KINDS)
    hidden = [
        (rank, hit)
        for rank, hit in enumerate(firsts, start=(asked.number - 1) * asked.size)
        if (hit.kind, hit.ref) not in seen
    ]
    gone = {hit.group for _, hit in hidden}
    counts = _without(results.counts, [hit for _, hit in hidden]) if hidden else results.counts
    typed = [leaf for leaf in leaves(results.understood) if isinstance(leaf, Facet)]
    return Answer(
        asked=asked,
        things=[found for found in results.found if found.group not in gone],
        total=results.total - len(hidden),
        counts=counts,
        complete=results.complete - sum(rank < results.complete for rank, _ in hidden),
        exact=results.exact,
        understood=results.understood,
        named={
            **_unit_names(_spoken_of("unit", asked, counts, typed)),
            **_own_categories(_spoken_of("category", asked, counts, typed)),
        },
    )


def alike(actor: Actor, kind: str, ref: int) -> Sequence[Hit]:
    """Give the things most like one of them, by the words that tell it from others; Raises Unavailable.

    Not itself, nor questions: those under a lecture carry its words and would stand for what is like it. Of several
    activities of one title, sessions of a series, the one most like it.
    """
    itself = group_of(kind, ref)
    found: dict[str, Hit] = {}
    for hit in engine().like(itself, actor.tokens, limit=2 * ALIKE):
        if hit.group != itself and hit.kind != "question":
            found.setdefault(hit.title if hit.kind == "activity" else hit.group, hit)
    hits = list(found.values())[: ALIKE + 1]
    seen = visible(actor, [(hit.kind, hit.ref) for hit in hits])
    return [hit for hit in hits if (hit.kind, hit.ref) in seen][:ALIKE]


def _tidied(asked: Asked) -> Asked:
    facets = {name: frozenset(values) for name, values in asked.facets.items() if name in FACETS and values}
    kinds = facets.pop("kind", frozenset()) & SOURCES.keys()
    return asked._replace(
        text=asked.text[:MOST_CHARS].strip(),
        facets={**facets, "kind": kinds} if kinds else facets,
        number=min(asked.number, LAST_PAGE),
    )


def _without(counts: Counts, hidden: Iterable[Hit]) -> dict[str, dict[str, int]]:
    """Give the counts of the facets with some things taken out of them."""
    left = {name: dict(values) for name, values in counts.items()}
    for hit in hidden:
        for name, value in hit.facets.items():
            if value in left.get(name, {}):
                left[name][value] -= 1
    return {name: {value: count for value, count in values.items() if count > 0} for name, values in left.items()}


def _spoken_of(facet: str, asked: Asked, counts: Counts, typed: Iterable[Facet]) -> set[str]:
    return {*counts.get(facet, ()), *asked.facets.get(facet, ()), *_values_of(facet, typed)}


def _values_of(facet: str, typed: Iterable[Facet]) -> list[str]:
    return [leaf.value for leaf in typed if leaf.name == facet]


def _units_named(asked: Asked) -> Mapping[str, str]:
    """Give the ids of the units that the text names, the higher one of two of the same name."""
    if ":" not in asked.text and FULLWIDTH_COLON not in asked.text:
        return {}
    named = _values_of("unit", [leaf for leaf in leaves(parse(asked.text)) if isinstance(leaf, Facet)])
    if not named:
        return {}
    rows = Unit.select(Unit.name, Unit.id).where(Unit.name.in_(named)).order_by(Unit.path.desc())
    return {name: str(unit) for name, unit in rows.tuples()}


def _own_categories(codes: Collection[str]) -> Mapping[str, str]:
    own = [code for code in codes if own_id(code)]
    if not own:
        return {}
    return {code: name for code, name in categories.names(own).items() if name != PRESET_NAMES[OTHER]}


def _unit_names(ids: Collection[str]) -> Mapping[str, str]:
    wanted = [int(unit) for unit in ids if unit.isascii() and unit.isdigit() and len(unit) < 10]
    if not wanted:
        return {}
    return {str(unit): name for unit, name in _names_of(evened(wanted))}


@prepared
def _names_of(units: Sequence[int]) -> Any:
    return Unit.select(Unit.id, Unit.name).where(Unit.id.in_(units))
