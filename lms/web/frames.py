"""Pages and parts of which only some texts differ: rendered once with places for these, which are then filled in.

A template is rendered for what is *fixed* (it may look at that: texts, numbers, tuples of these) and with a place for
each text that is different every time. Those it may only put out, never look at. It sees no reader and no request.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

from apiflask import APIFlask
from flask import current_app, request
from jinja2 import Environment
from markupsafe import Markup

from lms.memory import Memory
from lms.web.escaping import escaped
from lms.web.i18n import reader_locale
from lms.web.sessions import csrf_token

MOST_FRAMES = 500  # of 6 KB at most
# Nobody can write it into a page, for it is new with every start of the service.
_PLACE = secrets.token_hex(16)
_places = re.compile(rf"{_PLACE}(\w+)\.")


Around = Callable[[], Mapping[str, Any]]


class Filling(NamedTuple):
    """What a page is rendered for, and the texts that are filled into it: HTML where it is marked as such."""

    fixed: Mapping[str, Hashable]
    places: Mapping[str, str]

    @property
    def values(self) -> dict[str, Any]:
        """Give all of it as the values of an ordinary template."""
        return {**self.fixed, **self.places}


class Frame:
    """A template's text with its places."""

    def __init__(self, html: str) -> None:
        """Find the places."""
        self._parts = _places.split(html)  # text, name of a place, text, ...
        self._named = [(at, self._parts[at]) for at in range(1, len(self._parts), 2)]
        self._sent = [part.encode() for part in self._parts]

    def filled(self, places: Mapping[str, str]) -> str:
        """Give the text with all places filled; what is filled in is not looked through for places again."""
        html = {name: escaped(text) for name, text in places.items()}
        parts = self._parts.copy()
        for at, name in self._named:
            parts[at] = html[name]
        return "".join(parts)

    def sent(self, places: Mapping[str, str]) -> bytes:
        """Give the same as it is sent: only what is filled in is put into UTF-8 anew."""
        html = {name: escaped(text).encode() for name, text in places.items()}
        parts = self._sent.copy()
        for at, name in self._named:
            parts[at] = html[name]
        return b"".join(parts)


class Frames:
    """The frames of a process, the last used ones, for each language and mount point."""

    def __init__(self, environment: Environment, most: int) -> None:
        """Begin with none; keep at most so many."""
        self._environment = environment
        self._kept: Memory[tuple[object, ...], Frame] = Memory(most)

    def filled(self, template: str, filling: Filling, around: Around = dict) -> str:
        """Give the template's text for what is fixed, its places filled.

        ``around`` gives more that the template sees; it must follow from what is fixed, language and mount point.
        """
        return self._frame(template, filling, around).filled(filling.places)

    def sent(self, template: str, filling: Filling, around: Around = dict) -> bytes:
        """Give the same as it is sent."""
        return self._frame(template, filling, around).sent(filling.places)

    def _frame(self, template: str, filling: Filling, around: Around) -> Frame:
        # The type belongs to the key: 1 and True are equal but are shown differently.
        typed = [(name, type(value), value) for name, value in filling.fixed.items()]
        key = (template, reader_locale(), request.root_path, *typed)
        frame = self._kept.get(key)
        if frame is None:
            places = {name: place(name) for name in filling.places}
            html = self._environment.get_template(template).render({**around(), **filling.fixed, **places})
            if csrf_token() in html:
                raise ValueError(f"{template} holds a form with the token of one session: it cannot serve all")
            frame = Frame(html)
            self._kept.put(key, frame)
        return frame


def place(name: str) -> Markup:
    """Give what stands in a frame where a text of this name is to be filled in."""
    return Markup(f"{_PLACE}{name}.")  # noqa: S704


def init_app(app: APIFlask) -> None:
    """Begin to remember frames."""
    app.extensions["frames"] = Frames(app.jinja_env, MOST_FRAMES)


def filled(template: str, fixed: Mapping[str, Hashable], **places: str) -> Markup:
    """Give a part of a page: see the module's text."""
    frames: Frames = current_app.extensions["frames"]
    return Markup(frames.filled(template, Filling(fixed, places)))  # noqa: S704
