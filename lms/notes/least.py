"""How long a note must be to count: asked of the room of requirements, which stands above this one."""

from collections.abc import Callable, Mapping

from lms.members.access import Actor

Asked = Callable[[Actor], Mapping[str, int]]

_bound: list[Asked] = []


def bind(asked: Asked) -> None:
    """Ask this from now on: it gives the least 字数 for each kind of note, "" standing for any kind."""
    _bound[:] = [asked]


def least_asked(actor: Actor) -> dict[str, int]:
    """Give the least 字数 by kind of note; empty when nothing is asked."""
    return dict(_bound[0](actor)) if _bound else {}


def for_kind(asked: Mapping[str, int], kind: str) -> int:
    """Give the least 字数 for a kind: its own, else that of any kind, else 0."""
    return asked.get(kind) or asked.get("", 0)
