"""The rows of choices beside what was found, as HTML: kinds, filters, orders. A page holds fifty addresses of them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from lms.amounts import number
from lms.search import words
from lms.search.addresses import SearchAddress, pair
from lms.search.queries import FACETS, Answer
from lms.web.escaping import escaped
from lms.web.i18n import gettext, ngettext, reader_locale

VALUES_SHOWN = 12
MOST_KEPT = 4096
CURRENT = ' aria-current="true"'


class _Words(NamedTuple):
    """What stands around the choices in one language, as HTML."""

    facets: Mapping[str, str]
    sorts: tuple[tuple[str, str], ...]
    everything: str
    narrow: str


class Choices:
    """The choices of one answer, in the reader's language."""

    def __init__(self, answer: Answer, to: SearchAddress) -> None:
        """Take an answer and what makes the addresses of its question with something changed."""
        self._answer, self._to = answer, to
        self._locale = reader_locale()
        self._words = _words(self._locale)

    def kinds(self) -> str:
        """Give the row of kinds; empty when there is nothing to choose."""
        return self._row("kind")

    def filters(self) -> str:
        """Give the other facets as rows under their names, folded away; empty when there is nothing to choose."""
        facets = self._words.facets
        rows = [f"<h2>{facets[name]}</h2>\n{row}\n" for name in FACETS[1:] if (row := self._row(name))]
        if not rows:
            return ""
        summary = self._words.narrow
        return f'<details class="more search-filters">\n<summary>{summary}</summary>\n{"".join(rows)}</details>\n'

    def sorts(self) -> str:
        """Give the orders, the one in force in bold."""
        made, asked = [], self._answer.asked.sort
        before, after = self._to.around("sort")
        for sort, said in self._words.sorts:
            href = self._to.without("sort") if sort == "relevance" else f"{before}{_order(sort)}{after}"
            made.append(f"<b>{said}</b>" if sort == asked else f'<a href="{href}">{said}</a>')
        return "".join(made)

    def _row(self, facet: str) -> str:
        """Make a choice of each value, most things first, years in their order; nothing for a facet of one value."""
        answer, locale = self._answer, self._locale
        counts, wanted = answer.counts.get(facet, {}), answer.asked.facets.get(facet, ())
        if wanted:
            counts = {**dict.fromkeys(wanted, 0), **counts}
        elif len(counts) < 2:
            return ""
        values = sorted(sorted(counts), key=counts.__getitem__, reverse=True)[:VALUES_SHOWN]
        if facet == "year":
            values.sort(reverse=True)
        before, after = self._to.around(facet)
        begin, end, names = f'<li><a href="{before}', f'{after}"', answer.named
        rows = []
        for value in values:
            address, said = _choice(locale, facet, value, names.get(value), counts[value])
            rows.append(f"{begin}{address}{end}{CURRENT}{said}" if value in wanted else f"{begin}{address}{end}{said}")
        made, everything = "" if wanted else CURRENT, self._to.without(facet)
        return (
            f'<nav class="chips" aria-label="{self._words.facets[facet]}"><ul>\n'
            f'<li><a href="{everything}"{made}>{self._words.everything}</a></li>\n{"".join(rows)}</ul></nav>'
        )


@lru_cache
def _order(sort: str) -> str:
    return escaped(pair("sort", sort))


@lru_cache(MOST_KEPT)
def _choice(_locale: str, facet: str, value: str, name: str | None, count: int) -> tuple[str, str]:
    """Give a value as it stands in an address, and the rest of its row: in words, with how many things it gives.

    The words are somebody's name for it, or the reader's language.
    """
    said = words.value_words(facet, value, {} if name is None else {value: name})
    rest = f'>{escaped(said)} <span class="count">{number(count)}</span></a></li>\n'
    return escaped(pair(facet, value)), rest


@lru_cache
def _words(_locale: str) -> _Words:
    return _Words(
        facets={name: escaped(str(said)) for name, said in words.FACETS.items()},
        sorts=tuple((sort, escaped(str(said))) for sort, said in words.SORTS.items()),
        everything=escaped(gettext("All")),
        narrow=escaped(gettext("Narrow it down")),
    )


@lru_cache(MOST_KEPT)
def count_words(_locale: str, total: int, exact: bool) -> str:
    """Say how many things were found, as HTML."""
    if exact:
        return escaped(ngettext("%(num)s found", "%(num)s found", total))
    return escaped(gettext("%(num)s or fewer found", num=number(total)))
