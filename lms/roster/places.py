"""The units of an actor's reach by name, by the whole way to them, and by number."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

from lms.errors import N_
from lms.members.access import Action, Actor, in_subtree
from lms.members.models import Unit
from lms.roster.columns import folded

MOST_WAYS = 1_000  # the same come again in every row
SEPARATORS = "/>\\\u203a\u3009\uff0f\uff1e"
NO_UNIT = N_("There is no unit “%(text)s” among those you look after.")
NO_UNIT_BUT_ONE_LIKE_IT = N_("There is no unit “%(text)s” among those you look after. Did you mean “%(like)s”?")
TWO_UNITS = N_("There are several units “%(text)s”: write the whole way, such as %(example)s.")


@dataclass
class Place:
    """A unit with the names on the way to it."""

    id: int
    parent: int | None
    kind: str
    name: str
    path: str
    way: str


@dataclass
class Places:
    """Units that can be named; ``add`` takes in those that an import makes on its way."""

    by_id: dict[int, Place] = field(default_factory=dict)
    _by_name: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_way: dict[str, int] = field(default_factory=dict)
    _like: dict[str, int | None] = field(default_factory=dict)

    def add(self, place: Place) -> None:
        """Take in a unit."""
        self.by_id[place.id] = place
        self._by_name[folded(place.name)].append(place.id)
        self._by_way[_way_key(place.way)] = place.id

    def find(self, text: str) -> tuple[int | None, str, dict[str, object]]:
        """Give the unit that a text names, or None with a msgid that says why not, and its values."""
        exact = self._by_way.get(_way_key(text))
        if exact is not None:
            return exact, "", {}
        ids = self._by_name.get(folded(text), []) or self._endings(text)
        if len(ids) == 1:
            return ids[0], "", {}
        if ids:
            return None, TWO_UNITS, {"text": text[:40], "example": self.by_id[ids[0]].way}
        like = self._one_like(folded(text))
        if like is not None:
            return None, NO_UNIT_BUT_ONE_LIKE_IT, {"text": text[:80], "like": self.by_id[like].name}
        return None, NO_UNIT, {"text": text[:80]}

    def _one_like(self, name: str) -> int | None:
        # The same slip comes again in many rows, and looking is slow: once for each.
        if name not in self._like:
            near = get_close_matches(name, self._by_name, n=1)
            self._like[name] = self._by_name[near[0]][0] if near else None
        return self._like[name]

    def _endings(self, text: str) -> list[int]:
        key = _way_key(text)
        if "/" not in key:
            return []
        return [unit for way, unit in self._by_way.items() if way.endswith("/" + key)]

    def children(self, parent: int, name: str) -> int | None:
        """Give the unit of a name right below another."""
        same = (unit for unit in self._by_name.get(folded(name), []) if self.by_id[unit].parent == parent)
        return next(same, None)


@lru_cache(MOST_WAYS)
def _way_key(way: str) -> str:
    for char in SEPARATORS:
        way = way.replace(char, "/")
    return "/".join(folded(part) for part in way.split("/") if part.strip())


def places_of(actor: Actor, action: Action) -> Places:
    """Give the units on which the actor may do something: one statement for each role held, and one for names above."""
    places = Places()
    for row in _rows(actor.paths_for(action)):
        places.add(row)
    return places


def _rows(paths: Sequence[str]) -> list[Place]:
    found: dict[int, Place] = {}
    for path in paths:
        columns = (Unit.id, Unit.parent, Unit.kind, Unit.name, Unit.path)
        for unit, parent, kind, name, own in Unit.select(*columns).where(in_subtree(path)).order_by(Unit.path).tuples():
            found[unit] = Place(unit, parent, kind, name, own, "")
    above = {int(part) for place in found.values() for part in place.path.strip("/").split("/")}
    names = dict(Unit.select(Unit.id, Unit.name).where(Unit.id.in_(above)).tuples()) if above else {}
    for place in found.values():
        place.way = "/".join(names[int(part)] for part in place.path.strip("/").split("/"))
    return list(found.values())
