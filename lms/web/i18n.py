"""Languages: zh_CN by default, en. English msgids stand in the code, their Chinese in ``lms/translations``."""

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from babel import Locale, support
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import current_app, g, has_request_context, request
from flask_babel import Babel, Domain, LazyString
from markupsafe import Markup

from lms.amounts import figures
from lms.config import LOCALES, Settings
from lms.errors import LmsError, read_kept

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"

HTML_LANG = {"zh_CN": "zh-CN", "en": "en"}
PARSED = {name: Locale.parse(name) for name in LOCALES}
MOST_READY = 5000

_sayers: dict[type, Callable[[Any], str]] = {}


def say_as(kind: type, say: Callable[[Any], str]) -> None:
    """Let values of a kind be said by this function in the sentences that ``said`` gives: a day as pages write it."""
    _sayers[kind] = say


class PoDomain(Domain):
    """Translations read straight from the rooms' .po files at start, so that no compiled file can be stale."""

    def __init__(self) -> None:
        """Load every language once; the worker processes share it after the fork."""
        super().__init__(translation_directories=[])
        self.loaded = {name: load_translations(name) for name in LOCALES}

    def get_translations(self) -> support.NullTranslations:
        """Give the translations of the current reader's language."""
        return self.loaded[reader_locale()]


class GardenBabel(Babel):
    """Flask-Babel with our own way of loading translations."""

    @cached_property
    def domain_instance(self) -> PoDomain:
        """Give the domain of all messages."""
        return PoDomain()


class TemplateWords:
    """The templates' ``_()``: a page asks it fifty times, so what needs no values is looked up ready to be shown."""

    def __init__(self, loaded: Mapping[str, support.NullTranslations]) -> None:
        """Take the translations of each language."""
        self._loaded = loaded
        self._ready: dict[str, dict[str, Markup]] = {name: {} for name in loaded}

    def __call__(self, message: str, **values: object) -> Markup:
        """Translate a msgid. Translations are ours and may hold markup; values are escaped. "%%" stands for "%"."""
        locale = reader_locale()
        if values:
            text = self._loaded[locale].gettext(message)
            if all(type(value) is int for value in values.values()):
                return Markup(text % figures(values))  # noqa: S704 nothing in figures is to be escaped
            return Markup(text) % figures(values)  # noqa: S704
        ready = self._ready[locale]
        known = ready.get(message)
        if known is None:
            known = Markup(self._loaded[locale].gettext(message)) % {}  # noqa: S704
            if len(ready) < MOST_READY:
                ready[message] = known
        return known


class TemplatePlurals:
    """The templates' ``ngettext()``: values are escaped, a number of things is no name of anybody's."""

    def __init__(self, loaded: Mapping[str, support.NullTranslations]) -> None:
        """Take the translations of each language."""
        self._loaded = loaded

    def __call__(self, singular: str, plural: str, num: int, **values: object) -> Markup:
        """Translate a msgid of which there are ``num``, which stands in it as %(num)s or %(num)s."""
        text = self._loaded[reader_locale()].ngettext(singular, plural, num)
        return Markup(text) % figures({"num": num, **values})  # noqa: S704 translations are ours, the values are escaped


@cache
def load_translations(locale: str) -> support.NullTranslations:
    """Merge a language's .po files, one per room, into one set of translations."""
    merged = Catalog(locale=locale)
    for path in sorted((TRANSLATIONS / locale).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                if message.id and message.string:
                    merged.add(message.id, message.string)
    buffer = BytesIO()
    write_mo(buffer, merged)
    buffer.seek(0)
    return support.Translations(buffer)


def init_app(app: APIFlask, settings: Settings) -> None:
    """Set up translation for an application."""
    babel = GardenBabel()
    babel.init_app(
        app,
        default_locale=settings.locale,
        default_timezone=settings.timezone,
        locale_selector=lambda: PARSED[reader_locale()],
    )
    app.jinja_env.globals["_"] = TemplateWords(babel.domain_instance.loaded)
    app.jinja_env.globals["ngettext"] = TemplatePlurals(babel.domain_instance.loaded)


def reader_locale() -> str:
    """Choose the reader's language, once for a request: what they chose, else the organisation's.

    The browser's Accept-Language is not asked in pages, nor by their scripts: many phones in China are sold with an
    English header.
    """
    kept = g._get_current_object()  # a page asks forty times, and the proxy would look for it at every use
    locale: str | None = kept.get("reader_locale")
    if locale is None:
        locale = kept.reader_locale = _chosen_locale()
    return locale


def _chosen_locale() -> str:
    default = str(current_app.config["LMS"].locale)
    if not has_request_context():
        return default
    asked = request._get_current_object()  # type: ignore[attr-defined]
    chosen: str = asked.cookies.get("lms_locale", "")
    if chosen in LOCALES:
        return chosen
    if asked.path.startswith("/api/v1/") and not _asked_by_a_page():
        best = asked.accept_languages.best_match([HTML_LANG[name] for name in LOCALES])
        if best:
            return next(name for name, tag in HTML_LANG.items() if tag == best)
    return default


def _asked_by_a_page() -> bool:
    """Say whether a script of one of our pages asks the API: its reader is answered in the language of the page.

    Browsers name the page (Referrer-Policy: same-origin), programs name none.
    """
    return (request.referrer or "").partition("://")[2].startswith(f"{request.host}/")


def gettext(message: str, **values: object) -> str:
    """Translate a msgid for the reader as flask-babel's does, without its way through four proxies."""
    text = str(load_translations(reader_locale()).gettext(message))
    return text % figures(values) if values else text


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Translate a msgid of which there are ``num``, as flask-babel's does."""
    text = str(load_translations(reader_locale()).ngettext(singular, plural, num))
    return text % figures({"num": num, **values})


def in_every_language(message: str) -> tuple[str, ...]:
    """Say a msgid in every language, the organisation's own included: for what may be typed in any of them."""
    domain: PoDomain = current_app.extensions["babel"].instance.domain_instance
    return tuple(dict.fromkeys(translations.gettext(message) for translations in domain.loaded.values()))


def lazy_gettext(message: str) -> LazyString:
    """Give a msgid that is translated when it is shown, as flask-babel's does, each time for its reader."""
    return LazyString(gettext, message)


def said(message: str, values: Mapping[str, object]) -> str:
    """Say a msgid that was kept with its values in the reader's language; days and lists of names as they are there."""
    text = gettext(message)
    return text % figures({name: _said(value) for name, value in values.items()}) if values else text


def _said(value: object) -> object:
    if isinstance(value, list):
        return gettext(", ").join(value)
    if isinstance(value, LmsError):
        return words(value)
    say = _sayers.get(type(value))
    return value if say is None else say(value)


def said_kept(text: str) -> str:
    """Say an error that was kept by ``lms.errors.kept``, empty for none; what is no such text is shown as it is."""
    if not text:
        return ""
    error = read_kept(text)
    try:
        return words(error)
    except (KeyError, TypeError, ValueError):  # its sentence has had other values since it was kept
        return error.message


def words(error: LmsError) -> str:
    """Say an expected failure in the reader's language."""
    return said(error.message, error.values)
