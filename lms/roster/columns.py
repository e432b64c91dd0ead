"""What the columns of a table of people or of units mean, whatever they are called, and the words in their cells."""

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lms.errors import N_, InvalidInput

MOST_FOLDED = 1_000  # words: units and tags come again in every row
_TABLE: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("columns.toml").read_text(encoding="utf-8"))


_PASSED_OVER = str.maketrans("", "", " \t\n_*:()[]-")


@lru_cache(MOST_FOLDED)
def folded(text: str) -> str:
    """Give a heading or word as it is compared: no matter what capitals, widths, spaces, stars or colons it has."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_PASSED_OVER)


def _by_name(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {folded(name): meaning for meaning, names in table.items() for name in (meaning, *names)}


_MEANINGS = {kind: _by_name(_TABLE[kind]["fields"]) for kind in ("people", "units")}
_IGNORED = {kind: {folded(name) for name in _TABLE[kind]["ignored"]["names"]} for kind in ("people", "units")}
_KINDS = _by_name(_TABLE["kinds"])
_TAGS = _by_name(_TABLE["tags"])
_ROLES = _by_name(_TABLE["roles"])
FIELDS: Mapping[str, tuple[str, ...]] = {kind: tuple(_TABLE[kind]["fields"]) for kind in ("people", "units")}


@dataclass(frozen=True)
class Layout:
    """How a table is read: for each column its field, "" where it is left aside.

    ``ignored`` are headings that are known and not taken, ``unknown`` those that mean nothing here: both are shown.
    """

    headings: tuple[str, ...]
    fields: tuple[str, ...]
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]

    def heading(self, field: str) -> str:
        """Give the heading of a field's column as it stands in the file, "" without one."""
        return self.headings[self.fields.index(field)] if field in self.fields else ""

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """Give what the cells of a row say, by field; empty ones say nothing."""
        return {field: cell for field, cell in zip(self.fields, cells, strict=False) if field and cell}


def understand(kind: str, headings: Sequence[str]) -> Layout:
    """Say what each column means. Raises InvalidInput when none holds the names, or two mean the same."""
    fields: list[str] = []
    ignored: list[str] = []
    unknown: list[str] = []
    for heading in headings:
        key = folded(heading)
        meaning = _MEANINGS[kind].get(key, "")
        if meaning in fields and meaning:
            raise InvalidInput(
                N_("Two columns mean the same: %(one)s and %(other)s. Please take one of them out."),
                field="file",
                one=headings[fields.index(meaning)],
                other=heading,
            )
        if not meaning and key:
            (ignored if key in _IGNORED[kind] else unknown).append(heading)
        fields.append(meaning)
    if "name" not in fields and "id" not in fields:
        raise InvalidInput(
            N_("No column with the names was found. The first row must hold the headings; found were: %(headings)s."),
            field="file",
            headings=[heading[:40] for heading in headings if heading][:12],
        )
    return Layout(tuple(headings), tuple(fields), tuple(ignored), tuple(unknown))


def _place(locale: str) -> int:
    return 0 if locale.startswith("zh") else 1


def headings_of(kind: str, locale: str) -> list[str]:
    """Give the headings of our own template and export in a reader's language."""
    return [names[_place(locale)] for names in _TABLE[kind]["fields"].values()]


def sheet_of(kind: str, locale: str) -> str:
    """Give the name of the sheet of a table."""
    return str(_TABLE[kind]["sheet"][_place(locale)])


def explanations(locale: str) -> tuple[str, tuple[str, str]]:
    """Give the name of the sheet of explanations and its two headings."""
    place, table = _place(locale), _TABLE["explanations"]
    return str(table["sheet"][place]), (str(table["column"][place]), str(table["cells"][place]))


def hints_of(kind: str, locale: str) -> list[tuple[str, str]]:
    """Give each heading with what its cells hold, for the sheet of explanations."""
    place = _place(locale)
    return [(names[place], _TABLE[kind]["hints"][field][place]) for field, names in _TABLE[kind]["fields"].items()]


def kind_of(word: str) -> str:
    """Give the kind of unit that a word names, "" for none we know."""
    return _KINDS.get(folded(word), "")


def kind_word(kind: str, locale: str) -> str:
    """Give the word for a kind of unit."""
    return str(_TABLE["kinds"][kind][_place(locale)])


def role_of(word: str) -> str:
    """Give the role that a word names, "" for none we know."""
    return _ROLES.get(folded(word), "")


def role_word(role: str, locale: str) -> str:
    """Give the word for a role."""
    return str(_TABLE["roles"][role][_place(locale)])


def tag_of(word: str) -> str:
    """Give the code of a tag from a word for it; a unit's own word stays as it is."""
    return _TAGS.get(folded(word), word.strip())


def tag_word(tag: str, locale: str) -> str:
    """Give the word for a tag."""
    return str(_TABLE["tags"][tag][_place(locale)]) if tag in _TABLE["tags"] else tag
