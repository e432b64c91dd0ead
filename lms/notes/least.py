"""How long a note must be to count: asked of the room of requirements, which stands above this one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Least:
    """That a requirement counts notes from ``chars`` on only: its title, and the kinds and subjects it counts.

    ``kinds`` and ``subjects`` ("book:12") are empty where any counts.
    """

    chars: int
    title: str
    kinds: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


Asked = Callable[[int, date], Sequence[Least]]

_bound: list[Asked] = []


def bind(asked: Asked) -> None:
    """Ask this from now on: it gives what the requirements that apply to a member on a day ask of notes."""
    _bound[:] = [asked]


def least_asked(member: int, day: date, kind: str, subject: str) -> list[Least]:
    """Give what is asked of a note of a kind about something, the shortest first; empty when nothing is."""
    found = _bound[0](member, day) if _bound else ()
    fitting = [one for one in found if kind in (one.kinds or (kind,)) and subject in (one.subjects or (subject,))]
    return sorted(fitting, key=lambda one: (one.chars, one.title))


def next_step(asked: Sequence[Least], chars: int) -> int:
    """Give the length to reach next: the least that is not reached yet, else the last one; 0 when nothing is asked."""
    return next((one.chars for one in asked if one.chars > chars), asked[-1].chars if asked else 0)
