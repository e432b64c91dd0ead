"""Parts of pages that come out the same again and again: rendered once, kept, and put in."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache

from apiflask import APIFlask
from flask import render_template, request
from jinja2 import Environment
from markupsafe import Markup

from lms.amounts import figure
from lms.memory import Memory
from lms.web import navigation
from lms.web.escaping import escaped, marked_html
from lms.web.frames import Frame, place
from lms.web.i18n import reader_locale
from lms.web.sessions import csrf_token
from lms.web.signin import SignedIn, who_asks

MOST_KEPT = 4096
MOST_TOPS = 1000
MOST_PARTS = 1000
MOST_SHOWN = 99


def init_app(app: APIFlask) -> None:
    """Give the templates their fragments."""
    app.add_template_global(_kept(app, "_partials/cover.html", "title", "author", "clc", "size"), "drawn_cover")
    shelf_book = _kept(app, "_partials/shelf_book.html", "title", "author", "clc", "href", "note")
    app.add_template_global(shelf_book, "shelf_book")
    app.extensions["top_of_page"] = Tops(MOST_TOPS)
    app.add_template_global(app.extensions["top_of_page"], "top_of_page")
    app.add_template_global(Parts(app.jinja_env, MOST_PARTS), "kept_part")
    app.add_template_global(marked)
    app.add_template_global(chip_row, "chips_made")


def _kept(app: APIFlask, template: str, *names: str) -> Callable[..., Markup]:
    """Make a function of a template that depends on nothing but its values, and keep what it gave."""

    @lru_cache(MOST_KEPT, typed=True)  # text that is markup equals the same text that is not
    def fragment(*values: object) -> Markup:
        given = dict(zip(names, values, strict=True))
        return Markup(app.jinja_env.get_template(template).render(given))  # noqa: S704

    return fragment


def marked(parts: Sequence[tuple[str, bool]]) -> Markup:
    """Show a text given in parts, those that match a search marked."""
    return Markup(marked_html(parts))  # noqa: S704


def chip_row(label: str, items: Iterable[Sequence[object]]) -> Markup:
    """Give a row of choices: each its words, its address, whether it is made and, if that is known, how many it gives.

    Made here and not by a template, for a search has fifty of them.
    """
    rows = []
    for words, href, current, *count in items:
        things = f' <span class="count">{escaped(figure(count[0]))}</span>' if count and count[0] is not None else ""
        made = ' aria-current="true"' if current else ""
        rows.append(f'<li><a href="{escaped(href)}"{made}>{escaped(words)}{things}</a></li>\n')
    return Markup(f'<nav class="chips" aria-label="{escaped(label)}"><ul>\n{"".join(rows)}</ul></nav>')  # noqa: S704


class Parts:
    """The templates' ``kept_part``: a template that shows the same to every reader of a language, as a filter form.

    It is rendered once for its values, which must be such as never change (texts, numbers, tuples and frozen
    dataclasses of these), and sees nothing else: no reader, no request, no token.
    """

    def __init__(self, environment: Environment, most: int) -> None:
        """Keep at most so many parts, the last used ones."""
        self._environment = environment
        self._kept: Memory[tuple[object, ...], Markup] = Memory(most)

    def __call__(self, template: str, **values: Hashable) -> Markup:
        """Give the template rendered with these values."""
        # The type belongs to the key: 1 and True are equal but are shown differently.
        typed = [(name, type(value), value) for name, value in values.items()]
        key = (template, reader_locale(), request.root_path, *typed)
        part = self._kept.get(key)
        if part is None:
            part = Markup(self._environment.get_template(template).render(values))  # noqa: S704
            self._kept.put(key, part)
        return part


def _bell(unread: int) -> Markup:
    """Say beside the link to the notices how many are unread."""
    said = str(unread) if unread <= MOST_SHOWN else f"{MOST_SHOWN}+"
    return Markup(f'<span class="bell-count">{said}</span>')  # noqa: S704


class Tops:
    """The tops of pages: brand, navigation, account menu. They differ by reader, room and settings only.

    What differs at every request, the CSRF token and the address to come back to, is put in afterwards.
    """

    def __init__(self, most: int) -> None:
        """Keep at most so many, the last used ones."""
        self._kept: Memory[tuple[object, ...], Frame] = Memory(most)

    def __call__(self, text_size: str, theme: str, back: str) -> Markup:
        """Give the top of the page for who asks."""
        return Markup(self.sent(text_size, theme, back, csrf_token()).decode())  # noqa: S704

    def sent(self, text_size: str, theme: str, back: str, token: str) -> bytes:
        """Give the same as it is sent; ``token`` is that of the forms of who asks."""
        asker = who_asks()
        user = asker if isinstance(asker, SignedIn) else None
        doors = user is not None and not user.must_change_password
        room = navigation.current_door() if doors else ""
        # What the desk holds hangs on the roles alone, wherever they are held.
        roles = frozenset([grant.role for grant in user.actor.grants]) if user is not None and doors else frozenset()
        key = (request.root_path, reader_locale(), text_size, theme, user.name if user else None, doors, room, roles)
        top = self._kept.get(key)
        if top is None:
            desk = tuple(navigation.desk(user.actor)) if user is not None and doors else ()
            top = Frame(self._rendered(text_size, theme, doors, desk))
            self._kept.put(key, top)
        bell = _bell(user.unread) if user is not None and user.unread else ""
        return top.sent({"token": token, "back": back, "bell": bell})

    def _rendered(self, text_size: str, theme: str, doors: bool, desk: tuple[tuple[str, str], ...]) -> str:
        return render_template(
            "_partials/top.html",
            nav=navigation.navigation() if doors else [],
            desk=desk,
            text_size=text_size,
            theme=theme,
            token=place("token"),
            back=place("back"),
            bell=place("bell"),
        )
