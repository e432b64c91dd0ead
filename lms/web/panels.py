"""Panels: how a room above puts its part on the page of a room below, without the lower one knowing it.

A book's page belongs to the catalogue; reading adds where the member stands with it, notes adds what was written
about it. Each registers a panel when its pages are imported.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lms.members.access import Actor


@dataclass(frozen=True)
class Panel:
    """A part of a page: ``load(actor, ref)`` gives the context for ``template``, or None to show nothing.

    A panel ``of_shown`` is given what the page shows instead of its id, so that it is not looked up again.
    """

    template: str
    load: Callable[[Actor, Any], dict[str, Any] | None]
    order: int
    of_shown: bool = False


_panels: dict[str, list[Panel]] = defaultdict(list)
_badges: dict[str, list[Callable[[Actor, Sequence[int]], dict[int, str]]]] = defaultdict(list)


def add_panel(
    page: str, template: str, load: Callable[[Actor, Any], dict[str, Any] | None], order: int, *, of_shown: bool = False
) -> None:
    """Put a panel on a page ("book", "material", "lecture"); a lower ``order`` stands higher."""
    _panels[page].append(Panel(template, load, order, of_shown))
    _panels[page].sort(key=lambda panel: panel.order)


def loaded_panels(page: str, actor: Actor, ref: int, shown: object = None) -> list[tuple[str, dict[str, Any]]]:
    """Load a page's panels: pairs of template and context, ready for ``{% include %}``."""
    loaded = ((panel.template, panel.load(actor, shown if panel.of_shown else ref)) for panel in _panels[page])
    return [(template, context) for template, context in loaded if context is not None]


def add_badges(kind: str, load: Callable[[Actor, Sequence[int]], dict[int, str]]) -> None:
    """Have short words shown beside things of a kind in lists ("read", "reading"): one statement for the whole list."""
    _badges[kind].append(load)


def badges(kind: str, actor: Actor, refs: Sequence[int]) -> dict[int, str]:
    """Give the words to show beside each of the things, translated already; most have none."""
    found: dict[int, str] = {}
    for load in _badges[kind]:
        found.update(load(actor, refs))
    return found
