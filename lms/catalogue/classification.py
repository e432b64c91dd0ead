"""The Chinese Library Classification, fifth edition: its main classes and the level below, as data."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("data") / "classes.csv"


@dataclass(frozen=True)
class BookClass:
    """A class of the tree. ``code`` is a prefix of the numbers in it, or a span of them: D33/37.

    ``low`` and ``high`` bound its numbers as text: every number of the class is at least ``low`` and below ``high``.
    """

    code: str
    names: Mapping[str, str]
    parent: str
    low: str
    high: str

    def name(self, locale: str) -> str:
        """Give the name in a reader's language."""
        return self.names["zh" if locale.startswith("zh") else "en"]

    def holds(self, clc: str) -> bool:
        """Say whether a CLC number belongs to this class."""
        return self.low <= clc < self.high


def _after(prefix: str) -> str:
    """Give the first text behind everything that begins with a prefix."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _span(code: str) -> tuple[str, str]:
    first, _, last = code.partition("/")
    end = first[: len(first) - len(last)] + last if last else first
    return first, _after(end)


def _load() -> dict[str, BookClass]:
    found: dict[str, BookClass] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code = row["code"]
            low, high = _span(code)
            above = [other for other in found if low.startswith(other)]
            parent = max(above, key=len, default="")
            found[code] = BookClass(code, {"zh": row["zh"], "en": row["en"]}, parent, low, high)
    return found


CLASSES: Mapping[str, BookClass] = _load()
MAIN: Mapping[str, BookClass] = {code: found for code, found in CLASSES.items() if not found.parent}
_BELOW: dict[str, list[BookClass]] = {}
for _made in CLASSES.values():
    _BELOW.setdefault(_made.parent, []).append(_made)


def below(code: str) -> list[BookClass]:
    """Give the classes right below one, in order; with "" the main classes."""
    return _BELOW.get(code, [])


def place_of(clc: str) -> list[BookClass]:
    """Give the classes that a CLC number belongs to, from the main one down."""
    way: list[BookClass] = []
    level = below("")
    while level:
        inside = [found for found in level if found.holds(clc)]
        if not inside:
            break
        way.append(max(inside, key=lambda found: len(found.low)))
        level = below(way[-1].code)
    return way


def counts_in_tree(by_number: Mapping[str, int]) -> dict[str, int]:
    """Add the books of each CLC number up the tree: how many books each class holds, those below it included."""
    counts: dict[str, int] = {}
    for clc, books in by_number.items():
        for found in place_of(clc):
            counts[found.code] = counts.get(found.code, 0) + books
    return counts
