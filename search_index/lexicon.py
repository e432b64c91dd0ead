"""The lexicon as its readers see it: a mapped file, followed when the writer has put another in its place."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from search_index.lexicon_form import FORM, HEAD, LETTER_DEPTH, TEXT_DEPTH
from search_index.mapped import MappedArrays, identity
from search_index.slips import Words

Array = NDArray[Any]
Value = TypeVar("Value")
MOST_MASKS = 200
MOST_KEPT = 4000


class Shown(NamedTuple):
    """An entry as it is shown, with the keys of what stands behind it."""

    text: str
    kind: str
    keys: tuple[str, ...]


class Order(NamedTuple):
    """Places sorted by the units that follow them: `begin` and `width` say where a place's units lie in the file."""

    name: str
    places: Array
    view: Sequence[int]
    begin: int
    width: int
    depth: int
    at: Sequence[int] | None
    heads: dict[tuple[int, int], Array]


class Lexicon:
    """One state of the lexicon, unchanging."""

    def __init__(self, path: Path) -> None:
        """Open a lexicon. Raises IndexMissing, IndexDamaged, IndexOutdated."""
        self._file = MappedArrays(path, FORM)
        self.identity = self._file.identity
        array = self._file.array
        self.chars, self.entries, self.rank = array("chars"), array("entries"), array("rank")
        self.letters = {name: array(name) for name in ("pinyin", "initials")}
        self.at = {name: array(f"{name}_at") for name in ("pinyin", "initials")}
        self.classes, self.near = array("classes"), array("near")
        self.symbols = array("symbols")
        self.primary_end: int = self._file.head["primary_end"]
        self.orders = {
            "text": self._order("text", "chars", 4, TEXT_DEPTH),
            "pinyin": self._order("pinyin", "pinyin", 1, LETTER_DEPTH),
            "initials": self._order("initials", "initials", 1, LETTER_DEPTH),
            "near": self._order("near", "near", 2, TEXT_DEPTH),
        }
        self._kind, self._audience = array("entry_kind"), array("entry_audience")
        self.weight = array("entry_weight")
        self._shown, self._shown_at = self._file.offset("shown"), array("shown_at").data
        self._table, self._table_symbols = array("table"), array("table_symbols")
        self._near_of: list[int] = self._file.head["near"]
        self._also: dict[str, list[int]] = self._file.head["also"]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for number, tokens in enumerate(self._file.head["audiences"]):
            for token in tokens:
                self._holders[token].append(number)
        self._masks: dict[frozenset[str], Array] = {}
        self._words: Words | None = None
        self._kept: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._kind)

    def _order(self, name: str, units: str, width: int, depth: int) -> Order:
        places = self._file.array(f"{name}_order")
        heads: dict[tuple[int, int], Array] = {}
        if name != "near":
            rows = self._file.array(f"{name}_heads").reshape(-1, HEAD + 2)
            heads = {(int(row[0]), int(row[1])): row[2:] for row in rows}
        at = self.at[name].data if name in self.at else None
        return Order(name, places, places.data, self._file.offset(units), width, depth, at, heads)

    def range(self, order: Order, prefix: bytes) -> tuple[int, int]:
        """Give the range of an order whose places are followed by a prefix, looked at up to the order's depth."""
        prefix = prefix[: order.depth * order.width]
        size, begin, width, at, whole = len(prefix), order.begin, order.width, order.at, self._file.whole

        def units(place: int) -> bytes:
            start = begin + (place if at is None else at[place]) * width
            return whole[start : start + size]

        low = bisect_left(order.view, prefix, key=units)
        return low, bisect_right(order.view, prefix, lo=low, key=units)

    def kept(self, name: Hashable, make: Callable[[], Value]) -> Value:
        """Give what is made of this state alone, kept under a name: the words of queries come again and again."""
        value: Value | None = self._kept.get(name)
        if value is None:
            value = make()
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[name] = value
        return value

    def allowed(self, audience: frozenset[str]) -> Array:
        """Tell of each audience in the file whether somebody with these tokens belongs to it."""
        mask = self._masks.get(audience)
        if mask is None:
            mask = np.zeros(len(self._file.head["audiences"]), bool)
            for token in audience:
                mask[self._holders.get(token, [])] = True
            if len(self._masks) >= MOST_MASKS:
                self._masks.clear()
            self._masks[audience] = mask
        return mask

    def visible(self, entries: Array, audience: frozenset[str]) -> Array:
        """Tell of each entry whether it is for somebody with these tokens."""
        return self.allowed(audience)[self._audience[entries]]

    def shown(self, entry: int) -> Shown:
        """Give an entry as it is shown."""
        start, end = self._shown_at[entry], self._shown_at[entry + 1]
        text, keys = json.loads(self._file.whole[self._shown + start : self._shown + end])
        return Shown(text, self._file.head["kinds"][self._kind[entry]], tuple(keys))

    def line_text(self, begin: int, end: int) -> str:
        """Give folded letters by their places."""
        return self.chars[begin:end].tobytes().decode("utf-32-be")

    def sounds(self, text: str) -> list[list[int]]:
        """Give for each letter of a folded text the symbols it may sound like, the usual one first."""
        codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
        found = np.minimum(np.searchsorted(self._table, codes), len(self._table) - 1)
        known = self._table[found] == codes
        return [
            [int(self._table_symbols[place]) if there else 1, *self._also.get(character, ())]
            for place, there, character in zip(found.tolist(), known.tolist(), text, strict=True)
        ]

    def near_of_codes(self, codes: Array) -> Array:
        """Give for each code point the symbol that stands for all that sound nearly like its usual reading."""
        found = np.minimum(np.searchsorted(self._table, codes), len(self._table) - 1)
        symbols = np.where(self._table[found] == codes, self._table_symbols[found], 1)
        near: Array = np.array(self._near_of, np.uint32)[symbols]
        return near

    def written_sounds(self, text: str) -> list[list[str]]:
        """Give for each letter of a folded text the ways it is written in pinyin, the usual one first."""
        names: list[str] = self._file.head["sounds"]
        return [[names[symbol] for symbol in ways] for ways in self.sounds(text)]

    def words(self) -> Words:
        """Give the Latin words of all entries, gathered when they are first asked for."""
        if self._words is None:
            small = (self.chars >= ord("a")) & (self.chars <= ord("z"))
            before = np.concatenate(([False], small[:-1])) if len(small) else small
            begins = np.flatnonzero(small & (~before | (self.classes < 2)))
            begins = begins[begins < self.primary_end]
            stops = np.flatnonzero(~small)
            ends = stops[np.searchsorted(stops, begins)]
            after = np.append(begins[1:], len(small))
            text = self.line_text(0, self.primary_end)
            spans = zip(begins.tolist(), np.minimum(ends, after).tolist(), strict=True)
            self._words = Words([text[start:end] for start, end in spans], self.entries[begins])
        return self._words

    def nearly(self, symbol: int) -> int:
        """Give the symbol that stands for all that sound nearly like this one."""
        return self._near_of[symbol]


class LexiconFile:
    """The lexicon under a path, as it is now. Threads share one."""

    def __init__(self, path: Path) -> None:
        """Remember the path; nothing need be there yet."""
        self.path = path
        self._lock = Lock()
        self._open: Lexicon | None = None

    def now(self) -> Lexicon:
        """Give the newest state. Raises IndexMissing, IndexDamaged or IndexOutdated when there is none to read."""
        held = self._open
        if held is not None and held.identity == identity(self.path):
            return held
        with self._lock:
            if self._open is None or self._open.identity != identity(self.path):
                self._open = None
                self._open = Lexicon(self.path)
            return self._open
