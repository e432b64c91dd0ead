"""Things that a room speaks of without knowing the room they live in: a page of a material, a second of a lecture.

Rooms of one layer never import each other. Each that has something to be written about gives a ``Thing``; the runtime
hands them over, and who needs one asks here by its kind.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lms.members.access import Actor


@dataclass(frozen=True)
class Thing:
    """How a room's rows of one kind are spoken of.

    ``titles(actor, refs)`` gives the titles of those that the actor may see now; ``texts(ref)`` walks over a row's
    places with their text, none if it is gone or hidden; ``all_refs()`` walks over the ids of the kind;
    ``compared`` says whether notes are compared with its texts.
    """

    kind: str
    titles: Callable[[Actor, Sequence[int]], Mapping[int, str]]
    texts: Callable[[int], Iterator[tuple[int, str]]]
    text: Callable[[int, int], str]
    all_refs: Callable[[], Iterator[int]]
    compared: bool = True


_things: dict[str, Thing] = {}


def bind(things: Sequence[Thing]) -> None:
    """Speak of these kinds from now on."""
    _things.clear()
    _things.update({thing.kind: thing for thing in things})


def kinds() -> tuple[str, ...]:
    """Give the kinds that can be spoken of."""
    return tuple(_things)


def find_thing(kind: str) -> Thing | None:
    """Give how a kind is spoken of, None for one that nobody gave."""
    return _things.get(kind)
