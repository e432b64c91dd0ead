"""The rows of choices beside what was found, as HTML: kinds, filters, orders. A page holds fifty addresses of them."""

from functools import lru_cache

from lms.search import words
from lms.search.addresses import SearchAddress, pair
from lms.search.queries import FACETS, Answer
from lms.web.escaping import escaped
from lms.web.i18n import gettext, reader_locale

VALUES_SHOWN = 12
MOST_KEPT = 4096


def kinds(answer: Answer, to: SearchAddress) -> str:
    """Give the row of kinds; empty when there is nothing to choose."""
    return _row(answer, "kind", to)


def filters(answer: Answer, to: SearchAddress) -> str:
    """Give the other facets as rows under their names, folded away; empty when there is nothing to choose."""
    rows = [f"<h2>{_facet_words(name)}</h2>\n{row}\n" for name in FACETS[1:] if (row := _row(answer, name, to))]
    if not rows:
        return ""
    summary = escaped(gettext("Narrow it down"))
    return f'<details class="more search-filters">\n<summary>{summary}</summary>\n{"".join(rows)}</details>\n'


def sorts(answer: Answer, to: SearchAddress) -> str:
    """Give the orders, the one in force in bold."""
    asked = answer.asked.sort
    made = []
    for sort, said in _sort_words(reader_locale()):
        href = "" if sort == asked else escaped(to(sort=() if sort == "relevance" else sort))
        made.append(f'<a href="{href}">{said}</a>' if href else f"<b>{said}</b>")
    return "".join(made)


def _row(answer: Answer, facet: str, to: SearchAddress) -> str:
    """Make a choice of each value of a facet, most things first, years in their order; empty for a single value."""
    counts, wanted = answer.counts.get(facet, {}), answer.asked.facets.get(facet, frozenset())
    if wanted:
        counts = {**dict.fromkeys(wanted, 0), **counts}
    elif len(counts) < 2:
        return ""
    values = sorted(sorted(counts), key=counts.__getitem__, reverse=True)[:VALUES_SHOWN]
    if facet == "year":
        values.sort(reverse=True)
    (before, after), locale, named = map(escaped, to.around(facet)), reader_locale(), answer.named
    rows = []
    for value in values:
        address, said = _choice(locale, facet, value, named.get(value))
        made = ' aria-current="true"' if value in wanted else ""
        count = f' <span class="count">{counts[value]}</span>'
        rows.append(f'<li><a href="{before}{address}{after}"{made}>{said}{count}</a></li>\n')
    made, said = "" if wanted else ' aria-current="true"', escaped(gettext("All"))
    everything = f'<li><a href="{escaped(to(**{facet: ()}))}"{made}>{said}</a></li>\n'
    label = _facet_words(facet)
    return f'<nav class="chips" aria-label="{label}"><ul>\n{everything}{"".join(rows)}</ul></nav>'


@lru_cache(MOST_KEPT)
def _choice(_locale: str, facet: str, value: str, name: str | None) -> tuple[str, str]:
    """Give a value as it stands in an address, and in words: as somebody named it, or in the reader's language."""
    said = words.value_words(facet, value, {} if name is None else {value: name})
    return escaped(pair(facet, value)), escaped(said)


def _facet_words(facet: str) -> str:
    return _all_facet_words(reader_locale())[facet]


@lru_cache
def _all_facet_words(_locale: str) -> dict[str, str]:
    return {name: escaped(str(said)) for name, said in words.FACETS.items()}


@lru_cache
def _sort_words(_locale: str) -> tuple[tuple[str, str], ...]:
    return tuple((sort, escaped(str(said))) for sort, said in words.SORTS.items())
