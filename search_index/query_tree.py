"""What a query asks for, as a small tree, and the tree as text again.

A tree made by `query_language.parse` has a fixed shape: one part, or an `AllOf` of parts. A part is a leaf, a `Not` of
a leaf, or an `AnyOf` of leaves. Every node is hashable.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

TITLE, AUTHOR = "title", "author"

Labels = Mapping[str, str]
Names = Mapping[str, Mapping[str, str]]

ENGLISH: Labels = {
    "title": "title",
    "author": "author",
    "kind": "kind",
    "category": "category",
    "unit": "unit",
    "year": "year",
    "date": "date",
}
CHINESE: Labels = {
    "title": "标题",
    "author": "作者",
    "kind": "类型",
    "category": "分类",
    "unit": "单位",
    "year": "年份",
    "date": "日期",
}


@dataclass(frozen=True, slots=True)
class Word:
    """A run without spaces, as typed but with full-width forms made half-width; `field` is "", "title" or "author"."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand in this order with nothing between them."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that a document must have, in the form in which documents hold it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Between:
    """A stretch of days, both ends inclusive; None leaves that end open."""

    first: datetime.date | None
    last: datetime.date | None


Leaf = Word | Phrase | Prefix | Facet | Between


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    node: Leaf


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Of these, one is enough."""

    nodes: tuple[Leaf, ...]


Part = Leaf | Not | AnyOf


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of these are asked for."""

    nodes: tuple[Part, ...]


Node = Part | AllOf


def parts(node: Node | None) -> tuple[Part, ...]:
    """Give what is asked for side by side; nothing for None."""
    if node is None:
        return ()
    return node.nodes if isinstance(node, AllOf) else (node,)


def leaves(node: Node | None) -> tuple[Leaf, ...]:
    """Give what the parts of a tree are made of, in order, what is to be left out as well."""
    found: list[Leaf] = []
    for part in parts(node):
        match part:
            case AnyOf(nodes):
                found += nodes
            case Not(leaf):
                found.append(leaf)
            case _:
                found.append(part)
    return tuple(found)


def all_of(asked: tuple[Part, ...]) -> Node | None:
    """Put parts together again; None when there are none."""
    return AllOf(asked) if len(asked) > 1 else next(iter(asked), None)


def without(node: Node | None, part: Part) -> Node | None:
    """Give the tree with one part taken away."""
    return all_of(tuple(other for other in parts(node) if other != part))


def loosened(node: Node | None) -> Node | None:
    """Give the tree with its phrases taken as words; None where there is no phrase, or nothing else to rank by.

    Who asks 「…」这句话是谁说的 wants an answer even where the words stand a little differently.
    """
    asked = parts(node)
    if not any(isinstance(part, Phrase) and not part.field for part in asked):
        return None
    if not any(isinstance(part, Word) and not part.field for part in asked):
        return None
    loose: list[Part] = []
    for part in asked:
        free = isinstance(part, Phrase) and not part.field
        loose += map(Word, part.text.split()) if isinstance(part, Phrase) and free else [part]
    return all_of(tuple(dict.fromkeys(loose)))


def render(node: Node | None, labels: Labels = ENGLISH, names: Names | None = None) -> str:
    """Write a tree as a query.

    Parsed again with the same names it gives the same tree, unless it has become longer than a query may be.
    `labels` are the names of the fields to use, such as `CHINESE`; `names`, as given to `parse`, turn the value of a
    facet back into what members call it.
    """
    match node:
        case None:
            return ""
        case AllOf(nodes):
            return " ".join(render(part, labels, names) for part in nodes)
        case AnyOf(nodes):
            return " OR ".join(render(leaf, labels, names) for leaf in nodes)
        case Not(leaf):
            return "-" + render(leaf, labels, names)
        case Between(first, last):
            return _days(first, last, labels)
        case Facet(name, value):
            return f"{labels.get(name, name)}:{_quoted(_called(name, value, names or {}))}"
        case Phrase(text, field):
            return f'{_label(field, labels)}"{text}"'
        case Prefix(text, field):
            return f"{_label(field, labels)}{text}*"
        case Word(text, field):
            return f"{_label(field, labels)}{text}"


def _label(field: str, labels: Labels) -> str:
    return f"{labels.get(field, field)}:" if field else ""


def _called(name: str, value: str, names: Names) -> str:
    return next((called for called, held in names.get(name, {}).items() if held == value), value)


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"\w+", value) else f'"{value}"'


def _days(first: datetime.date | None, last: datetime.date | None, labels: Labels) -> str:
    """Write whole years and months short: members read this in the field they typed into."""
    length = max(_length_of_first(first), _length_of_last(last))
    begin = first.isoformat()[:length] if first else ""
    end = last.isoformat()[:length] if last else ""
    if begin != end:
        return f"{begin}..{end}"
    return f"{labels.get('date', 'date')}:{begin}" if length == _YEAR else begin


_YEAR, _MONTH, _DAY = len("2024"), len("2024-05"), len("2024-05-01")


def _length_of_first(day: datetime.date | None) -> int:
    if day is None or (day.month, day.day) == (1, 1):
        return _YEAR
    return _MONTH if day.day == 1 else _DAY


def _length_of_last(day: datetime.date | None) -> int:
    if day is None or (day.month, day.day) == (12, 31):
        return _YEAR
    return _MONTH if day.day == calendar.monthrange(day.year, day.month)[1] else _DAY
