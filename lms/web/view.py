"""What every page shares: template context, small parsers of what was typed, going back, paging."""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from apiflask import APIFlask
from flask import g, request
from flask.globals import request_ctx
from markupsafe import Markup

from lms.errors import N_, InvalidInput
from lms.members import access
from lms.web import dates
from lms.web.addresses import SAFE, asset, url_for
from lms.web.escaping import english, tongue
from lms.web.i18n import HTML_LANG, reader_locale
from lms.web.signin import SignedIn, who_asks

PAGE_SIZE = 24
LAST_PAGE = 100_000
MOST_KEPT = 1000
# One slash first: two, or a backslash, or a control character that browsers drop, would lead to another service.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def init_app(app: APIFlask) -> None:
    """Give every template its context and filters."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["assets"] = _versions(Path(str(app.static_folder)))
    app.context_processor(_context)
    app.jinja_env.globals["url_for"] = url_for
    app.add_template_global(asset)
    app.add_template_global(page_url)
    app.add_template_global(page_numbers)
    app.add_template_filter(english)
    app.add_template_filter(_tongue, "tongue")
    for name, function in dates.FILTERS.items():
        app.add_template_filter(function, name)


def _tongue(title: object) -> Markup:
    """Give the attribute that names the language of a title where it is not the page's."""
    return tongue(title, reader_locale())


def _versions(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in folder.rglob("*")
        if path.is_file()
    }


def _context() -> dict[str, Any]:
    locale = reader_locale()
    return {
        "search_url": url_for("search.page") if isinstance(who_asks(), SignedIn) else "",
        "locale": locale,
        "html_lang": HTML_LANG[locale],
        "text_size": request.cookies.get("lms_text_size", "normal"),
        "theme": request.cookies.get("lms_theme", "auto"),
        "may": _may,
        "request_id": g.get("request_id", ""),
        "here": request.full_path.rstrip("?"),
        "safe_next": safe_next,
    }


def _may(action: str, unit_path: str | None = None) -> bool:
    user = who_asks()
    return isinstance(user, SignedIn) and access.may(user.actor, action, unit_path)


def safe_next(default: str = "/") -> str:
    """Give the page to go on to: what the form or address names, if it is a path of this service."""
    wanted = request.form.get("next") or request.args.get("next") or ""
    return wanted if _OWN_PATH.fullmatch(wanted) else default


def came_from() -> str:
    """Give the page of this service from which the reader came to the current address, "" when it is none or this one.

    Browsers name it for our own pages only (Referrer-Policy: same-origin). A form is often sent to the address it
    stands on: then that is where its reader came from.
    """
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:  # no browser of ours says such a thing
        return ""
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    ours = parts.netloc == request.host and _OWN_PATH.fullmatch(path)
    if not ours or (path == request.full_path.rstrip("?") and not _form_of_a_page()):
        return ""
    return path


def _form_of_a_page() -> bool:
    """Say whether what is asked for was posted to an address that can be opened as a page as well."""
    adapter = request_ctx.url_adapter
    return request.method == "POST" and adapter is not None and "GET" in adapter.allowed_methods()


def page_number() -> int:
    """Give the page asked for by ?page=, 1 for anything that is not a number from 1 on."""
    raw = request.args.get("page", "1")
    return min(max(int(raw), 1), LAST_PAGE) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 1


def page_url(number: int | str) -> str:
    """Give the address of another page of the list being shown, all its filters kept."""
    list_address: str | None = g.get("list_address")
    if list_address is None:
        list_address = g.list_address = _list_address()
    return f"{list_address}page={number}"


def _list_address() -> str:
    """Give the address of the list being shown up to where "page=" follows: made once for all the links below it.

    As url_for would: but what is looked for is different in each address, so that nothing would be found again there.
    """
    own = request.view_args or {}
    # Names that url_for takes for itself: in an address they are just words that mean nothing here.
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("endpoint", "page") and not name.startswith("_") and name not in own
    ]
    address = url_for(str(request.endpoint), **own)
    return f"{address}?{urlencode(kept, safe=SAFE)}&" if kept else f"{address}?"


@lru_cache(MOST_KEPT)
def page_numbers(number: int, pages: int) -> tuple[int | None, ...]:
    """Give the pages to link to from a page of a list: the first, the last and those around; None stands for a gap."""
    numbers: list[int | None] = []
    last = 0
    for n in sorted({1, pages, *range(max(1, number - 2), min(pages, number + 2) + 1)}):
        if n > last + 1:
            numbers.append(None)
        numbers.append(n)
        last = n
    return tuple(numbers)


def whole_number(raw: str | None, field: str, low: int, high: int) -> int | None:
    """Read a whole number; None for nothing typed. Raises InvalidInput naming the bounds."""
    text = (raw or "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 12 or not low <= int(text) <= high:
        raise InvalidInput(N_("Please enter a whole number from %(low)s to %(high)s."), field=field, low=low, high=high)
    return int(text)


def day(raw: str | None, field: str) -> date | None:
    """Read a day as YYYY-MM-DD; None for nothing typed. Raises InvalidInput."""
    text = (raw or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(N_("Please enter a date such as 2026-05-31."), field=field) from error


def attempt(errors: dict[str, Any], parse: Callable[[], Any]) -> Any:
    """Parse or check, gathering what is wrong instead of stopping, so that a form shows all errors at once.

    Of a field that has a fault already no further one is told.
    """
    try:
        return parse()
    except InvalidInput as error:
        for one in error.all:
            errors.setdefault(one.field or "", one)
        return None


def trusted_html(html: str) -> Markup:
    """Mark HTML as safe to show; only for what our own renderer has cleaned."""
    return Markup(html)  # noqa: S704
