"""Whole pages that a process remembers by what they were made of: while that is the same, so is the page.

    return kept_page("progress/home.html", (today, figures, plans), lambda: {"rules": words_of(figures), ...})

At every request the view reads from the database what the page shows, and gives it as ``made_of``: rows, frozen
dataclasses, texts, numbers. Only if these differ from those of the last time are the words put together (``values``)
and the template rendered. So nothing needs to be told that something has changed, whichever process changed it.

Such a page shows nothing but what it is made of and who asks: no clock, no query in the template, nothing that is
random. Who asks (member with rights, language, settings, address, form token) belongs to every page by itself. So does
the top of the page, with the count of notices; ``ONCE`` stands for a key that is new each time. A page whose template
only puts texts between words of its own is filled in rather than rendered: ``values`` then gives a ``Filling``
(``lms/web/frames.py``), which is so quick that it is kept from the second time on.
"""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from apiflask import APIFlask
from flask import current_app, render_template, request, session

from lms.memory import Memory, Recent
from lms.web.addresses import url_for
from lms.web.fragments import Tops
from lms.web.frames import Filling, Frames
from lms.web.i18n import HTML_LANG, reader_locale
from lms.web.sessions import csrf_token
from lms.web.signin import signed_in

MOST_PAGES = 500  # of 15 KB, with what they are made of: 10 MB in a process at most
# Places to be filled in. Nobody can write them into a page, for they are new with every start of the service.
TOP = secrets.token_hex(16)
ONCE = secrets.token_hex(16)
_TOP, _ONCE = TOP.encode(), ONCE.encode()

Values = Callable[[], dict[str, Any] | Filling]


class _Kept(NamedTuple):
    """A page as it was sent: before and after its top, and the top with the count of notices that it shows."""

    whole: tuple[object, ...]
    before: bytes
    after: bytes
    top: bytes
    unread: int
    asks_once: bool

    def page(self) -> bytes:
        """Give the page, with a key of its own if it shows one."""
        page = b"".join((self.before, self.top, self.after))
        return page.replace(_ONCE, _new_key().encode()) if self.asks_once else page


class KeptPages:
    """The pages of a process, the last used ones, each for the member it was made for."""

    def __init__(self, tops: Tops, frames: Frames, most: int) -> None:
        """Begin with none; keep at most so many."""
        self._tops, self._frames = tops, frames
        self._kept: Memory[tuple[object, ...], _Kept] = Memory(most)
        self._recent = Recent(most)

    def forget(self) -> None:
        """Forget all pages, so that each is made anew."""
        self._kept.clear()

    def page(self, template: str, made_of: object, values: Values) -> bytes:
        """Give a page: the one made before of the same, or a new one."""
        asked = request._get_current_object()  # type: ignore[attr-defined]
        user = signed_in()
        cookies, address = asked.cookies, asked.full_path
        text_size, theme = cookies.get("lms_text_size", "normal"), cookies.get("lms_theme", "auto")
        key = (user.actor.id, template, asked.root_path, address)
        token = csrf_token()
        settings = (user.must_change_password, reader_locale(), text_size, theme, token)
        whole = (user.actor, settings, made_of)
        kept = self._kept.get(key)
        if kept is not None and kept.whole == whole and kept.unread == user.unread:
            return kept.page()
        top = self._tops.sent(text_size, theme, address.rstrip("?") if asked.method == "GET" else "/", token)
        if kept is not None and kept.whole == whole:
            kept = kept._replace(top=top, unread=user.unread)
        else:
            given, known = values(), kept is not None
            made = self._made(template, given, text_size, theme)
            before, _, after = made.partition(_TOP)
            kept = _Kept(whole, before, after, top, user.unread, _ONCE in made)
            if isinstance(given, Filling) and not known and not self._recent.again(key):
                return kept.page()
        self._kept.put(key, kept)
        return kept.page()

    def _made(self, template: str, values: dict[str, Any] | Filling, text_size: str, theme: str) -> bytes:
        if not isinstance(values, Filling):
            return render_template(template, **values, top_of_page=_top_later).encode()
        fixed = {**values.fixed, "text_size": text_size, "theme": theme}
        return self._frames.sent(template, Filling(fixed, values.places), _around)


def _around() -> dict[str, Any]:
    """Give what every page sees of its surroundings, as far as it is the same for all who read in a language."""
    locale = reader_locale()
    return {
        "search_url": url_for("search.page"),
        "locale": locale,
        "html_lang": HTML_LANG[locale],
        "top_of_page": _top_later,
    }


def _new_key() -> str:
    return secrets.token_hex(8)


def _top_later(*_: object) -> str:
    return TOP


def init_app(app: APIFlask) -> None:
    """Begin to remember pages."""
    app.extensions["kept_pages"] = KeptPages(app.extensions["top_of_page"], app.extensions["frames"], MOST_PAGES)


def kept_page(template: str, made_of: object, values: Values) -> bytes | str:
    """Give a page made of what the view has read: see the module's text. A page with a message to show is not kept."""
    if "_flashes" in session:
        given = values()
        shown = given.values if isinstance(given, Filling) else given
        return render_template(template, **shown).replace(ONCE, _new_key())
    kept: KeptPages = current_app.extensions["kept_pages"]
    return kept.page(template, made_of, values)
