"""The query language: what members type, in Chinese or English, to a small tree.

    words                       all are wanted, any is accepted
    "a phrase"  “…”  「…」  『…』   these words in this order, nothing between them
    -word                       without it; also before a phrase or a field
    a OR b    a 或 b            one of them is enough
    begin*                      words that begin so
    标题:x  title:x             in the title; 作者: author: in the names of authors and speakers
    类型: kind:  分类: category:  单位: unit:  年份: year:       things of that kind, category, ...
    2024-05  2024..2026  2024-05-01..  本月  去年  last month     dated so; a year alone after 日期: or date:

Full-width punctuation counts as half-width. A value with spaces stands in quotation marks. Several values of one facet
mean any of them. No text is an error: what is not understood is a word.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from search_index import query_dates
from search_index.query_tree import (
    AUTHOR,
    CHINESE,
    ENGLISH,
    TITLE,
    AllOf,
    AnyOf,
    Between,
    Facet,
    Leaf,
    Node,
    Not,
    Part,
    Phrase,
    Prefix,
    Word,
    all_of,
    leaves,
    parts,
    render,
    without,
)

__all__ = [
    "CHINESE",
    "ENGLISH",
    "MAX_LEAVES",
    "MAX_QUERY_CHARACTERS",
    "AllOf",
    "AnyOf",
    "Between",
    "Facet",
    "Leaf",
    "Node",
    "Not",
    "Part",
    "Phrase",
    "Prefix",
    "Word",
    "leaves",
    "parse",
    "parts",
    "render",
    "without",
]

MAX_QUERY_CHARACTERS = 400
MAX_LEAVES = 32

FIELDS = {
    "标题": TITLE, "標題": TITLE, "书名": TITLE, "書名": TITLE, "题名": TITLE, "題名": TITLE, "title": TITLE,
    "作者": AUTHOR, "讲师": AUTHOR, "講師": AUTHOR, "主讲": AUTHOR, "主講": AUTHOR, "author": AUTHOR, "speaker": AUTHOR,
    "类型": "kind", "類型": "kind", "kind": "kind", "type": "kind",
    "分类": "category", "分類": "category", "类别": "category", "類別": "category", "category": "category",
    "单位": "unit", "單位": "unit", "unit": "unit",
    "年份": "year", "year": "year",
    "日期": "date", "时间": "date", "時間": "date", "date": "date",
}  # fmt: skip
"""What members call a field, in lower case, and what it is."""

_OR = frozenset({"OR", "或", "|", "||"})
_AND = frozenset({"AND", "&", "&&"})
_JOINING = _OR | _AND
_QUOTES = '"「」『』'
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff]")
_HALF_WIDTH = (
    dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "“”„‟〝〞"), '"')
    | dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2212\ufe63"), "-")
    | {0x3000: " "}
)
_ITEM = re.compile(
    rf"""
    (?P<sign>[-*]*)
    (?:(?P<field>{"|".join(sorted(FIELDS, key=len, reverse=True))}):\s*(?P<inner>[-*]*))?
    (?:"(?P<double>[^"]*)"|「(?P<corner>[^」]*)」|『(?P<white>[^』]*)』|(?P<word>[^\s{_QUOTES}]+))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN = re.compile("[\u4e00-\u9fffA-Za-z ]*")
"""What most people type: words and spaces, of which nothing is a sign, a number or of another width."""

_TELLING = _JOINING | query_dates.WORDS
"""Words that mean something else than themselves; in lower case too, for they are looked for in both."""

_ISBN = re.compile(r"(?:isbn-?)?((?:97[89]-?)?\d[\d-]*-?[\dx])", re.IGNORECASE | re.ASCII)

Names = Mapping[str, Mapping[str, str]]
_Item = Part | None
"""A part as it was read; None stands for OR."""


def parse(text: str, *, today: datetime.date | None = None, names: Names | None = None) -> Node | None:
    """Understand a query; never raises, whatever the text. None when nothing is asked.

    `today` is needed for words such as 本月; `names` is what members call the values of facets:
    {"kind": {"书": "book"}}. What is over-long is cut off: `MAX_QUERY_CHARACTERS`, then `MAX_LEAVES`.
    """
    text = text[:MAX_QUERY_CHARACTERS]
    words = _plain_words(text)
    if words:
        return all_of(tuple(map(Word, dict.fromkeys(words[:MAX_LEAVES]))))
    items = _Reader(today, names or {}).items(_half_width(text))
    return all_of(tuple(_settled(_joined(_within_limit(items)), today)))


def _plain_words(text: str) -> list[str]:
    """Return the words of a text that is nothing but words which stand for themselves; of any other none."""
    if not _PLAIN.fullmatch(text):
        return []
    words = text.split()
    return words if _TELLING.isdisjoint(words) and _TELLING.isdisjoint(text.lower().split()) else []


def _half_width(text: str) -> str:
    return _HIDDEN.sub("", text).translate(_HALF_WIDTH)


class _Reader:
    """Reads one item after the other."""

    def __init__(self, today: datetime.date | None, names: Names) -> None:
        self.today = today
        self.names = names

    def items(self, folded: str) -> Iterator[_Item]:
        """Yield what stands in a text of half-width characters."""
        for match in _ITEM.finditer(folded):
            word, field = match["word"] or "", match["field"] or ""
            text = word.rstrip(":*") or _unquoted(match["double"] or match["corner"] or match["white"] or "")
            negative = match["sign"].startswith("-") or (match["inner"] or "").startswith("-")
            if text in _JOINING and word and not (field or negative or _cut_short(word)):
                if text in _OR:
                    yield None
                continue
            leaf = self._leaf(field, text, word)
            if leaf is not None:
                yield Not(leaf) if negative else leaf

    def _leaf(self, name: str, text: str, word: str) -> Leaf | None:
        """Make a leaf of a value and the field it stands in; of the field's name alone when the value is none."""
        if not any(map(str.isalnum, text)):
            return Word(name) if name else None
        field = FIELDS.get(name.casefold(), "")
        if field in ("", TITLE, AUTHOR):
            return self._text(text, field, word)
        if field == "date" or (field == "year" and not re.fullmatch(r"[12]\d{3}年?", text)):
            days = query_dates.read(text, self.today, in_field=True)
            if days:
                return Between(*days)
            return Word(f"{name}:{text}") if word else Phrase(text)
        if field == "year":
            return Facet(field, text[:4])
        return Facet(field, self._value(field, text))

    def _text(self, text: str, field: str, word: str) -> Leaf:
        if not word:
            return Phrase(text, field)
        if _cut_short(word):
            return Prefix(text, field)
        days = None if field else query_dates.read(text, self.today)
        return Between(*days) if days else Word(_isbn(text) or text, field)

    def _value(self, field: str, text: str) -> str:
        called = self.names.get(field, {})
        if text in called:
            return called[text]
        wanted = text.casefold()
        return next((value for name, value in called.items() if _half_width(name).casefold() == wanted), text)


def _cut_short(word: str) -> bool:
    return word.rstrip(":").endswith("*")


def _unquoted(text: str) -> str:
    return " ".join(re.sub(f"[{_QUOTES}]", " ", text).split())


def _isbn(text: str) -> str:
    """Give an ISBN without its hyphens; empty when the text is none. ISO 2108: 13 digits, or 10 with their check."""
    match = _ISBN.fullmatch(text)
    if not match:
        return ""
    digits = match.group(1).replace("-", "").upper()
    if len(digits) == 13 and digits.isdigit() and digits.startswith(("978", "979")):
        return digits
    return digits if len(digits) == 10 and text.count("-") == 3 and _checks(digits) else ""


def _checks(digits: str) -> bool:
    values = [10 if digit == "X" else int(digit) for digit in digits]
    return sum(value * weight for value, weight in zip(values, range(10, 0, -1), strict=True)) % 11 == 0


def _within_limit(items: Iterable[_Item]) -> Iterator[_Item]:
    leaves = 0
    for item in items:
        leaves += item is not None
        if leaves > MAX_LEAVES:
            return
        yield item


def _joined(items: Iterable[_Item]) -> list[Part]:
    """Put what OR stands between into one part. What is to be left out is no alternative: OR beside it says nothing."""
    groups: list[list[Part]] = []
    joining = False
    for item in items:
        if item is None:
            joining = bool(groups)
            continue
        if joining and not isinstance(item, Not) and not isinstance(groups[-1][-1], Not):
            groups[-1].append(item)
        else:
            groups.append([item])
        joining = False
    return [_any_of(group) for group in groups]


def _any_of(group: Sequence[Part]) -> Part:
    leaves = tuple(dict.fromkeys(part for part in group if not isinstance(part, Not | AnyOf)))
    return AnyOf(leaves) if len(leaves) > 1 else group[0]


def _settled(asked: list[Part], today: datetime.date | None) -> list[Part]:
    """Drop what is said twice, read pairs of words as dates and gather values of one facet, until nothing changes."""
    while True:
        settled = _gathered(_dated(list(dict.fromkeys(asked)), today))
        if settled == asked:
            return settled
        asked = settled


def _dated(asked: list[Part], today: datetime.date | None) -> list[Part]:
    dated: list[Part] = []
    for part in asked:
        before = dated[-1] if dated else None
        if isinstance(part, Word) and isinstance(before, Word) and not part.field and not before.field:
            days = query_dates.read(f"{before.text} {part.text}", today)
            if days:
                dated[-1] = Between(*days)
                continue
        dated.append(part)
    return dated


def _gathered(asked: list[Part]) -> list[Part]:
    """Make one part of the facets of one name: a thing has one kind, so two kinds can only mean either."""
    if Facet not in map(type, asked):
        return asked
    facets: dict[str, list[Leaf]] = defaultdict(list)
    for part in asked:
        if isinstance(part, Facet):
            facets[part.name].append(part)
    gathered: dict[Part, None] = {}
    for part in asked:
        gathered[_any_of(facets[part.name]) if isinstance(part, Facet) else part] = None
    return list(gathered)
