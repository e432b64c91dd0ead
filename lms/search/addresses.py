"""Addresses of searches: a page of results holds fifty, each the same search with one thing changed."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import quote

from lms.search.queries import Asked
from lms.web.addresses import SAFE, url_for
from lms.web.escaping import escaped

MOST_KEPT = 2048
MARK = "\0"  # what no address holds


def search_address(text: str) -> str:
    """Give the address of a search for a text, without any filter."""
    return f"{url_for('search.page')}?{pair('q', text)}"


class SearchAddress:
    """Makes the addresses of one search with something changed; each begins again at page one.

    What ``url_for`` would do for every address anew, writing all the values, is done once for the search.
    """

    def __init__(self, asked: Asked) -> None:
        """Write what is asked."""
        self._page = url_for("search.page")
        self._kept = {"q": pair("q", asked.text)}
        for name, values in asked.facets.items():
            self._kept[name] = _pairs(name, sorted(values))
        if asked.sort != "relevance":
            self._kept["sort"] = pair("sort", asked.sort)
        self.html = escaped(f"{self._page}?{'&'.join(self._kept.values())}")
        """The address of the search as it is, as HTML."""

    def around(self, name: str) -> tuple[str, str]:
        """Give what stands before and after ``pair(name, value)`` in an address with one value for a name, as HTML."""
        if name not in self._kept:
            return f"{self.html}&amp;", ""
        written = {**self._kept, name: MARK}.values()
        before, _, after = f"{self._page}?{'&'.join(written)}".partition(MARK)
        return escaped(before), escaped(after)

    def without(self, name: str) -> str:
        """Give the address without any value for a name, as HTML."""
        return escaped(self(**{name: ()})) if name in self._kept else self.html

    def __call__(self, **changed: str | Sequence[str]) -> str:
        """Give the address with other values for some names; a name without any is left out."""
        written = {name: _pairs(name, [value] if isinstance(value, str) else value) for name, value in changed.items()}
        return f"{self._page}?{'&'.join(filter(None, {**self._kept, **written}.values()))}"


def _pairs(name: str, values: Iterable[str]) -> str:
    return "&".join(pair(name, value) for value in values)


@lru_cache(MOST_KEPT)
def pair(name: str, value: str) -> str:
    """Write a name and its value as they stand in an address."""
    return f"{name}={quote(value, safe=SAFE)}"
