"""Building the lexicon: what may be suggested and spelled, ordered by text, by pinyin and by initials.

A *line* is an entry read in one way; its *units* are its letters, its syllables written out, and their initials. Each
order holds the places at which typing may begin, sorted by what follows them, so that a prefix is a range.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_index import pinyin
from search_index.lexicon_form import FORM, HEAD, LETTER_DEPTH, TEXT_DEPTH
from search_index.mapped import write_arrays
from search_index.typed import HAN, fold

BIG_RANGE = 2000
HEAD_LEVELS = 8
MOST_CHARACTERS = 160
MOST_KEYS = 8
BEFORE, AFTER = 4, 8
"""How much of a text is read once more around a character that has another reading."""

_IS_HAN = re.compile(f"[{HAN}]")
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that may be suggested: a title, a name.

    `keys` are what stands behind it, for the caller to check (the first `MOST_KEYS` are kept); an entry without `kind`
    only helps with spelling. Of equal matches the one of greater `weight` comes first.
    """

    text: str
    kind: str
    keys: tuple[str, ...]
    audience: tuple[str, ...]
    weight: int = 1


def build(path: Path, entries: Iterable[Entry]) -> int:
    """Write the lexicon of some entries in place of the one under the path, and give the number of entries."""
    given = list(entries)
    lines = _Lines([entry.text for entry in given])
    arrays = {
        "chars": lines.chars.astype(">u4"),
        "entries": lines.entries,
        "classes": lines.classes,
        **_entry_arrays(given),
    }
    symbols = _Symbols(lines)
    arrays.update(symbols.arrays())
    suggested = np.array([bool(entry.kind) for entry in given] + [False])
    places = np.flatnonzero(lines.classes < NO_START)
    rank = _ranked(lines, places, given)
    arrays["rank"] = rank
    shown = places[suggested[lines.entries[places]]]
    _, dense = np.unique(lines.chars, return_inverse=True)
    _add_order(arrays, "text", dense, shown, shown, rank, TEXT_DEPTH)
    for name in ("pinyin", "initials"):
        letters, at = arrays[name], arrays[f"{name}_at"]
        _add_order(arrays, name, letters, shown, at[shown], rank, LETTER_DEPTH)
    arrays["near_order"] = places[_sorted(symbols.near, places, TEXT_DEPTH)].astype(np.int32)
    head = {
        "kinds": sorted({entry.kind for entry in given}),
        "audiences": _audiences(given),
        "sounds": symbols.written,
        "near": symbols.near_table,
        "also": {
            character: [symbols.id_of(other) for other in others[1:]] for character, others in pinyin.COMMON.items()
        },
        "primary_end": lines.primary_end,
    }
    write_arrays(path, FORM, head, arrays)
    return len(given)


NO_START = 3


class _Lines:
    """The letters of all texts, one after the other, a zero after each; then further readings of some of them.

    `classes` says of each letter how good a place it is to begin at: 0 the beginning of the text, 1 the beginning of a
    word, 2 inside a Chinese run, `NO_START` inside another word.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        folded = [fold(text[:MOST_CHARACTERS]) for text in texts]
        raw = (
            np.frombuffer(("\0".join(folded) + "\0").encode("utf-32-le", "replace"), np.uint32) if folded else _empty()
        )
        kinds = _kinds(raw)
        ends = np.flatnonzero(raw == 0)
        entry = np.repeat(np.arange(len(ends), dtype=np.int32), np.diff(ends, prepend=-1))
        kept = (kinds > 0) | (raw == 0)
        before = np.concatenate(([0], kinds[:-1]))[kept]
        self.chars, kind, self.entries = raw[kept], kinds[kept], entry[kept]
        first = np.concatenate(([True], self.chars[:-1] == 0))
        self.classes = np.where(first, 0, np.where(before != kind, 1, np.where(kind == 1, 2, NO_START)))
        self.classes[self.chars == 0] = NO_START
        self.classes = self.classes.astype(np.uint8)
        self.overrides: dict[int, str] = {}
        self.primary_end = len(self.chars)
        self._add_readings()

    def _add_readings(self) -> None:
        whole = self.chars.astype("<u4").tobytes().decode("utf-32-le")
        begin, copies, end = 0, [np.arange(self.primary_end)], self.primary_end
        for text in whole.split("\0")[:-1]:
            if not pinyin.COMMON.keys().isdisjoint(text):
                decided, others = pinyin.readings(text)
                self.overrides.update((begin + place, syllable) for place, syllable in decided.items())
                for place, other in others:
                    first, last = max(0, place - BEFORE), min(len(text), place + AFTER)
                    # the letters around the place, then the zero behind the text
                    copies += [np.arange(begin + first, begin + last), np.array([begin + len(text)])]
                    for near_by in range(first, last):
                        if near_by in decided:
                            self.overrides[end + near_by - first] = decided[near_by]
                    self.overrides[end + place - first] = other
                    end += last - first + 1
            begin += len(text) + 1
        chosen = np.concatenate(copies)
        self.chars, self.entries, self.classes = self.chars[chosen], self.entries[chosen], self.classes[chosen]


def _empty() -> Array:
    return np.zeros(0, np.uint32)


def _kinds(raw: Array) -> Array:
    """Tell of each character: 0 stands between words, 1 Chinese, 2 another letter or digit."""
    distinct, inverse = np.unique(raw, return_inverse=True)
    told = [(1 if _IS_HAN.match(c) else 2) if c.isalnum() else 0 for c in map(chr, distinct.tolist())]
    return np.array(told, np.uint8)[inverse] if told else np.zeros(0, np.uint8)


class _Symbols:
    """What each letter sounds like: a syllable, itself for a Latin letter or digit, nothing for what has no sound."""

    def __init__(self, lines: _Lines) -> None:
        self.names = ["\0", "", *"0123456789abcdefghijklmnopqrstuvwxyz"]
        self.ids = {name: number for number, name in enumerate(self.names)}
        self._firsts = len(self.names)
        for others in pinyin.COMMON.values():
            for name in others:
                self.id_of(name)
        self._table = np.array(sorted({*range(0x4E00, 0xA000), *np.unique(lines.chars).tolist()}), np.uint32)
        of_table = np.array([self._symbol(chr(code)) for code in self._table.tolist()], np.uint16)
        self._of_table = of_table
        self._of = of_table[np.searchsorted(self._table, lines.chars)] if len(lines.chars) else of_table[:0]
        for place, name in lines.overrides.items():
            self._of[place] = self.id_of(name)
        self.written = [name.rstrip("'") for name in self.names]
        nearness: dict[str, int] = {}
        self.near_table = [
            number if number < self._firsts else nearness.setdefault(pinyin.near(name.rstrip("'")), number)
            for number, name in enumerate(self.names)
        ]
        self.near = np.array(self.near_table, np.uint16)[self._of]
        self._initials_of = self._shortened(lines)

    def id_of(self, syllable: str) -> int:
        """Give the symbol of a syllable, which is never that of a Latin letter: the sound of 阿 is not the letter a."""
        name = f"{syllable}'"
        if name not in self.ids:
            self.ids[name] = len(self.names)
            self.names.append(name)
        return self.ids[name]

    def _symbol(self, character: str) -> int:
        if character in "\0" or (character.isascii() and character.isalnum()):
            return self.ids[character]
        name = pinyin.syllable(character)
        return self.id_of(name) if name else 1

    def _shortened(self, lines: _Lines) -> Array:
        """Give the symbols for the initials: of a text without Chinese only the first letter of each word counts."""
        chinese = np.zeros(len(self._of), bool)
        if len(chinese):
            ends = np.flatnonzero(lines.chars == 0)
            begins = np.concatenate(([0], ends[:-1] + 1))
            holds = np.add.reduceat((self._of >= self._firsts).astype(np.int32), begins) > 0
            chinese = np.repeat(holds, ends - begins + 1)
        inside = (lines.classes == NO_START) & ~chinese & (lines.chars != 0)
        return np.where(inside, 1, self._of).astype(np.uint16)

    def arrays(self) -> dict[str, Array]:
        """Give what a reader needs: each letter's symbol, and the letters of all syllables and initials in a row."""
        pinyin_row, pinyin_at = _row([name.encode() for name in self.written], self._of)
        firsts = [name[:1].encode() for name in self.written]
        initials_row, initials_at = _row(firsts, self._initials_of)
        return {
            "symbols": self._of,
            "near": self.near.astype(">u2"),
            "table": self._table,
            "table_symbols": self._of_table,
            "pinyin": pinyin_row,
            "pinyin_at": pinyin_at,
            "initials": initials_row,
            "initials_at": initials_at,
        }


def _row(pieces: list[bytes], symbols: Array) -> tuple[Array, Array]:
    row = np.frombuffer(b"".join([pieces[number] for number in symbols.tolist()]), np.uint8)
    lengths = np.array([len(piece) for piece in pieces], np.int32)[symbols]
    return row, np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)


def _ranked(lines: _Lines, places: Array, entries: Sequence[Entry]) -> Array:
    """Give each place its number in the order in which equal matches are shown: class, weight, length, entry."""
    entry = lines.entries[places]
    weights = np.array([entry.weight for entry in entries] + [0], np.int64)
    lengths = np.array([len(entry.text) for entry in entries] + [0], np.int64)
    order = np.lexsort((places, entry, lengths[entry], -weights[entry], lines.classes[places]))
    rank = np.full(len(lines.chars), np.iinfo(np.int32).max, np.int32)
    rank[places[order]] = np.arange(len(places), dtype=np.int32)
    return rank


def _sorted(units: Array, places: Array, depth: int) -> Array:
    """Give the order of places by the `depth` units that follow each."""
    bits = 8 if units.dtype == np.uint8 else 16 if int(units.max(initial=0)) < 1 << 16 else 32
    padded = np.concatenate((units, np.zeros(depth, units.dtype)))
    columns = []
    for begin in range(0, depth, 64 // bits):
        column = np.zeros(len(places), np.uint64)
        for unit in range(begin, min(depth, begin + 64 // bits)):
            column = (column << np.uint64(bits)) | padded[places + unit].astype(np.uint64)
        columns.append(column)
    return np.lexsort(columns[::-1])


def _add_order(
    arrays: dict[str, Array], name: str, units: Array, places: Array, at: Array, rank: Array, depth: int
) -> None:
    order = _sorted(units, at, depth)
    places, at = places[order], at[order]
    arrays[f"{name}_order"] = places.astype(np.int32)
    arrays[f"{name}_heads"] = _heads(units, places, at, rank)


def _heads(units: Array, places: Array, at: Array, rank: Array) -> Array:
    """Give, for each prefix that very many places follow, its range and the best of them."""
    padded = np.concatenate((units, np.zeros(HEAD_LEVELS, units.dtype)))
    changed = np.zeros(max(0, len(places) - 1), bool)
    found: dict[tuple[int, int], Array] = {}
    for level in range(HEAD_LEVELS):
        unit = padded[at + level]
        changed |= unit[1:] != unit[:-1]
        bounds = np.concatenate(([0], np.flatnonzero(changed) + 1, [len(places)]))
        for index in np.flatnonzero(np.diff(bounds) > BIG_RANGE).tolist():
            low, high = int(bounds[index]), int(bounds[index + 1])
            if (low, high) not in found:
                ranks = rank[places[low:high]]
                best = np.argpartition(ranks, HEAD)[:HEAD]
                found[low, high] = places[low:high][best[np.argsort(ranks[best])]]
    rows = [np.concatenate(([low, high], best)) for (low, high), best in found.items()]
    return np.concatenate(rows).astype(np.int32) if rows else np.zeros(0, np.int32)


def _audiences(entries: Sequence[Entry]) -> list[list[str]]:
    return [list(audience) for audience in dict.fromkeys(entry.audience for entry in entries)]


def _entry_arrays(entries: Sequence[Entry]) -> dict[str, Array]:
    kinds = {kind: number for number, kind in enumerate(sorted({entry.kind for entry in entries}))}
    audiences = {audience: number for number, audience in enumerate(dict.fromkeys(e.audience for e in entries))}
    shown = [
        json.dumps([entry.text, list(entry.keys[:MOST_KEYS])], ensure_ascii=False).encode("utf-8", "replace")
        for entry in entries
    ]
    ends = np.cumsum([0, *map(len, shown)])
    return {
        "shown": np.frombuffer(b"".join(shown), np.uint8),
        "shown_at": ends.astype(np.int64),
        "entry_kind": np.array([kinds[entry.kind] for entry in entries], np.uint8),
        "entry_audience": np.array([audiences[entry.audience] for entry in entries], np.int32),
        "entry_weight": np.array([min(entry.weight, 1 << 30) for entry in entries], np.int32),
    }
