"""What the columns of a table mean: our own template, the exports of Goodreads and of Douban, and what others write."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lms.catalogue.names import folded
from lms.errors import N_, InvalidInput

_TABLE: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("data").joinpath("columns.toml").read_text(encoding="utf-8")
)

OWN, GOODREADS, DOUBAN, STORYGRAPH, TAKEAWAY = "own", "goodreads", "douban", "storygraph", "takeaway"
FOREIGN = (GOODREADS, DOUBAN, STORYGRAPH, TAKEAWAY)
FIELDS: tuple[str, ...] = tuple(_TABLE["fields"])
SHELF_FIELDS: tuple[str, ...] = tuple(_TABLE["shelf"])
SHELVES: Mapping[str, str] = _TABLE["douban"]["sheets"]


def _by_name(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {folded(name): meaning for meaning, names in table.items() for name in names}


_FIELD_OF = _by_name(_TABLE["fields"])
_SHELF_OF = _by_name(_TABLE["shelf"])
_FORMS = {name: _by_name(_TABLE[name]["fields"]) for name in FOREIGN}
_KNOWN_BY = {name: {folded(one) for one in _TABLE[name]["known_by"]} for name in FOREIGN}
_IGNORED = {folded(name) for name in _TABLE["ignored"]["names"]}
_IGNORED_IN = {name: {folded(one) for one in _TABLE[name]["ignored"]} for name in FOREIGN}
_STATES = _by_name(_TABLE["states"])
_LANGUAGES = _by_name(_TABLE["languages"])


_ALIKE = {"published": ("published", "imprint"), "isbn": ("isbn", "isbn_ten", "isbn_any"), "day": ("day", "added")}


@dataclass(frozen=True)
class Layout:
    """How a table is read. ``fields`` has for each column what it means, "" where it is left aside.

    ``ignored`` are headings that are known and not taken, ``unknown`` those that mean nothing here: both are shown.
    """

    source: str
    headings: tuple[str, ...]
    fields: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    of_shelf: tuple[str, ...] = field(default=())

    def heading(self, name: str) -> str:
        """Give the heading of the column that a field came from, for messages."""
        wanted = _ALIKE.get(name, (name,))
        places = [place for place, found in enumerate(self.fields) if found in wanted]
        return self.headings[places[0]] if places else ""


def headings_of_export(locale: str) -> list[str]:
    """Give the headings of our own template and export in a reader's language."""
    place = 0 if locale.startswith("zh") else 1
    return [names[min(place, len(names) - 1)] for names in _TABLE["fields"].values()]


def understand(headings: Sequence[str], with_shelf: bool = False) -> Layout:
    """Say what each column means. Raises InvalidInput when no column holds the titles, or two hold the same.

    ``with_shelf`` takes what the table says of its owner's reading as well (SHELF_FIELDS).
    """
    keys = [folded(heading) for heading in headings]
    source = next((name for name, marks in _KNOWN_BY.items() if marks <= set(keys)), OWN)
    meanings = _FIELD_OF if source == OWN else _FORMS[source]
    fields: list[str] = []
    ignored, unknown, of_shelf = [], [], []
    for heading, key in zip(headings, keys, strict=True):
        meaning = meanings.get(key, "")
        if not meaning and key in _SHELF_OF:
            of_shelf.append(heading)
            meaning = _SHELF_OF[key] if with_shelf else ""
        elif not meaning and (key in _IGNORED or key in _IGNORED_IN.get(source, ())):
            ignored.append(heading)
        elif not meaning and key:
            unknown.append(heading)
        if meaning and meaning in fields:
            raise InvalidInput(
                N_("Two columns mean the same: %(one)s and %(other)s. Please take one of them out."),
                field="file",
                one=headings[fields.index(meaning)],
                other=heading,
            )
        fields.append(meaning)
    if "title" not in fields:
        raise InvalidInput(
            N_("No column with the titles was found. The first row must hold the headings; found were: %(headings)s."),
            field="file",
            headings=[heading[:40] for heading in headings if heading][:12],
        )
    return Layout(source, tuple(headings), tuple(fields), tuple(ignored), tuple(unknown), tuple(of_shelf))


def language_of(word: str) -> str:
    """Give the code of a language from a word for it; the word itself when it is none we know."""
    return _LANGUAGES.get(folded(word), word.strip().lower())


def state_of(word: str) -> str:
    """Give the state of a reading from a word for it, "" when it is none we know."""
    return _STATES.get(folded(word), "")
