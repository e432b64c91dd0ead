"""Parts of pages that come out the same again and again: rendered once, kept, and put in."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache
from threading import Lock

from apiflask import APIFlask
from flask import render_template, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from lms.web import navigation
from lms.web.i18n import reader_locale

MOST_KEPT = 4096
MOST_TOPS = 1000
# Characters of Unicode's private area, which no text of ours holds: places to be filled.
TOKEN_PLACE = "\ue000"  # noqa: S105
BACK_PLACE = "\ue001"


def init_app(app: APIFlask) -> None:
    """Give the templates their fragments."""
    app.add_template_global(_kept(app, "_partials/cover.html", "title", "author", "clc", "size"), "drawn_cover")
    shelf_book = _kept(app, "_partials/shelf_book.html", "title", "author", "clc", "href", "note")
    app.add_template_global(shelf_book, "shelf_book")
    app.add_template_global(Tops(MOST_TOPS), "top_of_page")
    app.add_template_global(marked)


def _kept(app: APIFlask, template: str, *names: str) -> Callable[..., Markup]:
    """Make a function of a template that depends on nothing but its values, and keep what it gave."""

    @lru_cache(MOST_KEPT, typed=True)  # text that is markup equals the same text that is not
    def fragment(*values: object) -> Markup:
        given = dict(zip(names, values, strict=True))
        return Markup(app.jinja_env.get_template(template).render(given))  # noqa: S704

    return fragment


def marked(parts: Iterable[tuple[str, bool]]) -> Markup:
    """Show a text given in parts, those that match a search marked."""
    shown = [f"<mark>{escape(text)}</mark>" if hit else str(escape(text)) for text, hit in parts]
    return Markup("".join(shown))  # noqa: S704


class Tops:
    """The tops of pages: brand, navigation, account menu. They differ by reader, room and settings only.

    What differs at every request, the CSRF token and the address to come back to, is put in afterwards.
    """

    def __init__(self, most: int) -> None:
        """Keep at most so many, the last used ones."""
        self._most = most
        self._kept: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._lock = Lock()

    def __call__(self, text_size: str, theme: str, back: str) -> Markup:
        """Give the top of the page for who asks."""
        signed_in = current_user._get_current_object()  # once: the proxy looks for it at every use
        user = signed_in if signed_in.is_authenticated else None
        doors = user is not None and not user.must_change_password
        room = navigation.current_door() if doors else ""
        desk = tuple(navigation.desk(user.actor)) if user is not None and doors else ()
        key = (request.root_path, reader_locale(), text_size, theme, user.name if user else None, doors, room, desk)
        with self._lock:
            top = self._kept.get(key)
            if top is not None:
                self._kept.move_to_end(key)
        if top is None:
            top = self._rendered(text_size, theme, doors, desk)
            with self._lock:
                self._kept[key] = top
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return Markup(top.replace(TOKEN_PLACE, generate_csrf()).replace(BACK_PLACE, escape(back)))  # noqa: S704

    def _rendered(self, text_size: str, theme: str, doors: bool, desk: tuple[tuple[str, str], ...]) -> str:
        return render_template(
            "_partials/top.html",
            nav=navigation.navigation() if doors else [],
            desk=desk,
            text_size=text_size,
            theme=theme,
            token=TOKEN_PLACE,
            back=BACK_PLACE,
        )
