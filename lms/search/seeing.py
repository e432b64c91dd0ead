"""What of all that was found a member may see now, in few statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from peewee import SQL

from lms.members.access import Actor
from lms.prepared import evened, prepared
from lms.search.sources import SOURCES

KINDS = tuple(SOURCES)
NOTHING = 0  # no row has this id


def visible(actor: Actor, things: Iterable[tuple[str, int]], statements: int = 1) -> set[tuple[str, int]]:
    """Give those of some things (kind, id) that the actor may see by the database.

    Things of at most ``statements`` kinds are asked for kind by kind: these are sooner done. Else it is one statement
    in which every kind has as many places, so that few shapes of it are made; places left over hold an id that there
    is not.
    """
    refs: dict[str, set[int]] = defaultdict(set)
    for kind, ref in things:
        refs[kind].add(ref)
    if len(refs) <= statements:
        return {(kind, ref) for kind, ids in refs.items() for ref in SOURCES[kind].visible(actor, evened(sorted(ids)))}
    most = len(evened(range(max(map(len, refs.values())))))
    places = [[*refs[kind], *[NOTHING] * (most - len(refs[kind]))] for kind in KINDS]
    care = tuple(tuple(actor.paths_for(source.cared_by)) if source.cared_by else () for source in SOURCES.values())
    return {(KINDS[at], ref) for ref, at in _among(actor.id, actor.units_seen, *places, care=care)}


@prepared
def _among(member: int, units: Sequence[int], *refs: Sequence[int], care: tuple[tuple[str, ...], ...]) -> Any:
    """Select ids, each with the number of its kind."""
    asked = zip(SOURCES.values(), refs, care, strict=True)
    parts = [
        source.among(member, units, ids, paths).select_extend(SQL(str(at)))
        for at, (source, ids, paths) in enumerate(asked)
    ]
    return reduce(lambda before, part: before.union_all(part), parts)
