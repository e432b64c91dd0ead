"""Suggestions while typing: what begins with the typed letters, as it is written or as it is read aloud.

A place matches a typed text in one of three readings: as written (组织), in pinyin (zuzhi, also cut off in the middle
of a syllable), or by initials (zz). Chinese characters and pinyin or initials may be mixed (学xi, xue习). Places are
the beginning of a text, of a word in it, and each character of a Chinese run. The best come first: by class of the
place, then reading, weight and length.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search_index.lexicon import Lexicon, LexiconFile, Order
from search_index.lexicon_form import HEAD
from search_index.typed import segments, spoken, typed

Array = NDArray[Any]
Parts = list[tuple[str, bool]]
SOUNDS = ("pinyin", "initials")
MOST_WAYS = 4
READINGS = ("text", "pinyin", "initials", "mixed")


class Suggestion(NamedTuple):
    """An entry that continues what was typed, and the reading in which it does (one of `READINGS`)."""

    text: str
    kind: str
    keys: tuple[str, ...]
    reading: str


class Suggestions:
    """What a lexicon suggests. Threads share one; it follows the file by itself."""

    def __init__(self, path: Path) -> None:
        """Use the lexicon under a path, which may not be there yet."""
        self.file = LexiconFile(path)

    def complete(self, text: str, audience: frozenset[str], limit: int = 10) -> list[Suggestion]:
        """Give the best entries for a typed text among those for the audience; no text is wrong, an empty one has none.

        Raises IndexMissing, IndexDamaged or IndexOutdated when there is no lexicon to read.
        """
        lexicon = self.file.now()
        written, said = typed(text), spoken(text)
        if not written or limit < 1:
            return []
        best: dict[int, tuple[tuple[int, int, int], str]] = {}
        for number, (reading, places) in enumerate(_readings(lexicon, written, said, audience, limit)):
            for place in places:
                entry = int(lexicon.entries[place])
                worth = (int(lexicon.classes[place]), number, int(lexicon.rank[place]))
                if entry not in best or worth < best[entry][0]:
                    best[entry] = worth, reading
        chosen = sorted(best.items(), key=lambda item: item[1][0])[:limit]
        return [Suggestion(*lexicon.shown(entry), reading) for entry, (_, reading) in chosen]


def continues(lexicon: Lexicon, text: str, begun: str) -> bool:
    """Tell whether a text begins with what was typed, as it is written or as its characters may be read aloud."""
    letters = typed(text)
    written, said = typed(begun), spoken(begun)
    return letters.startswith(written) or _read_as(lexicon.written_sounds(letters), letters, said)


def _read_as(sounds: list[list[str]], letters: str, said: str) -> bool:
    """Tell the same of letters with their sounds: each is consumed as itself, as a syllable, or by its initial."""
    waiting, seen = [(0, said)], set()
    while waiting:
        place, rest = waiting.pop()
        if not rest:
            return True
        if place == len(letters) or (place, len(rest)) in seen:
            continue
        seen.add((place, len(rest)))
        for piece in {letters[place], *sounds[place], *(sound[:1] for sound in sounds[place])} - {""}:
            if piece.startswith(rest):
                return True
            if rest.startswith(piece):
                waiting.append((place + 1, rest[len(piece) :]))
    return False


def _readings(
    lexicon: Lexicon, written: str, said: str, audience: frozenset[str], limit: int
) -> Iterator[tuple[str, list[int]]]:
    """Give for each reading, in their order of merit, the best places of at least `limit` entries if there are."""
    yield "text", _places(lexicon, "text", written.encode("utf-32-be"), audience, limit)
    parts = segments(said)
    if len(parts) > 1:
        latin = "".join(run for run, chinese in parts if not chinese)
        yield "mixed", _mixed(lexicon, parts, audience, limit) if latin.isascii() else []
    elif said.isascii():
        yield "pinyin", _places(lexicon, "pinyin", said.encode(), audience, limit)
        yield "initials", _places(lexicon, "initials", said.encode(), audience, limit)


def _places(lexicon: Lexicon, name: str, prefix: bytes, audience: frozenset[str], limit: int) -> list[int]:
    order = lexicon.orders[name]
    low, high = lexicon.range(order, prefix)
    head = order.heads.get((low, high))
    if head is not None and len(prefix) <= order.depth * order.width:
        found = _best(lexicon, head, audience, limit)
        if len(found) >= limit:
            return found
    return _best(lexicon, _followed(lexicon, order, low, high, prefix), audience, limit)


def _followed(lexicon: Lexicon, order: Order, low: int, high: int, prefix: bytes) -> Array:
    """Give the places of a range that the whole prefix follows: the order looked at its first letters only."""
    places = order.places[low:high]
    if len(prefix) <= order.depth * order.width:
        return places
    if order.name == "text":
        return _with_text(lexicon, places, places, prefix.decode("utf-32-be"))[0]
    return places[_holds(lexicon.letters[order.name], lexicon.at[order.name][places], prefix)]


def _holds(letters: Array, at: Array, prefix: bytes) -> Array:
    """Tell of each position whether these letters stand there."""
    held = np.ones(len(at), bool)
    for number, letter in enumerate(prefix):
        held &= letters[np.minimum(at + number, len(letters) - 1)] == letter
    return held


def _with_text(lexicon: Lexicon, starts: Array, at: Array, text: str) -> tuple[Array, Array]:
    """Keep the places where a text is written at `at`, and give where it ends."""
    for character in text:
        held = lexicon.chars[np.minimum(at, len(lexicon.chars) - 1)] == ord(character)
        starts, at = starts[held], at[held] + 1
    return starts, at


def _best(lexicon: Lexicon, places: Array, audience: frozenset[str], limit: int) -> list[int]:
    """Give the best place of each of the best `limit` entries for the audience."""
    entries = lexicon.entries[places]
    seen = lexicon.visible(entries, audience)
    places = places[seen]
    ranks = lexicon.rank[places]
    wanted = max(HEAD, 4 * limit)
    while True:
        part = places
        if wanted < len(places):
            part = places[np.argpartition(ranks, wanted)[:wanted]]
        part = part[np.argsort(lexicon.rank[part])]
        _, first = np.unique(lexicon.entries[part], return_index=True)
        if len(first) >= limit or wanted >= len(places):
            return [int(place) for place in part[np.sort(first)[:limit]]]
        wanted *= 4


def _mixed(lexicon: Lexicon, parts: Parts, audience: frozenset[str], limit: int) -> list[int]:
    """Give the best places at which runs of characters and of pinyin or initials follow each other as typed."""
    found = _mixed_by_sound(lexicon, parts, audience, limit) if len(parts) == 2 else None
    if found is not None:
        return found
    first, chinese = parts[0]
    starts = []
    for name in ("text",) if chinese else ("pinyin", "initials"):
        low, high = lexicon.range(lexicon.orders[name], first.encode("utf-32-be" if chinese else "ascii"))
        starts.append(lexicon.orders[name].places[low:high])
    return _best(lexicon, _walked(lexicon, parts, np.unique(np.concatenate(starts)), SOUNDS), audience, limit)


def _mixed_by_sound(lexicon: Lexicon, parts: Parts, audience: frozenset[str], limit: int) -> list[int] | None:
    """Give the same of two runs by looking both up by their sound, which fits far fewer places than one of them.

    None when characters may be read in too many ways, or the best of very many places are not enough.
    """
    ((chinese, _),) = [part for part in parts if part[1]]
    ways = list(islice(product(*lexicon.written_sounds(chinese)), MOST_WAYS + 1))
    if len(ways) > MOST_WAYS:
        return None
    found: list[Array] = []
    for name in SOUNDS:
        for way in ways:
            read = "".join(way if name == "pinyin" else (sound[:1] for sound in way))
            low, high = lexicon.range(
                lexicon.orders[name], "".join(read if han else run for run, han in parts).encode()
            )
            head = lexicon.orders[name].heads.get((low, high))
            places = lexicon.orders[name].places[low:high] if head is None else head
            best = _best(lexicon, _walked(lexicon, parts, places, (name,)), audience, limit)
            if head is not None and len(best) < limit:
                return None
            found.append(np.array(best, np.int32))
    return _best(lexicon, np.unique(np.concatenate(found)), audience, limit)


def _walked(lexicon: Lexicon, parts: Parts, places: Array, names: tuple[str, ...]) -> Array:
    """Keep the places at which the runs follow each other; all but the last must end where a character ends."""
    states = [(places, places)]
    for number, (run, chinese) in enumerate(parts, 1):
        if chinese:
            states = [_with_text(lexicon, starts, at, run) for starts, at in states]
        else:
            last = number == len(parts)
            states = [_with_sound(lexicon, n, starts, at, run, last=last) for starts, at in states for n in names]
    return np.unique(np.concatenate([starts for starts, _ in states]))


def _with_sound(lexicon: Lexicon, name: str, starts: Array, at: Array, run: str, *, last: bool) -> tuple[Array, Array]:
    """Keep the places where letters are read at `at`, and give where they end: at the end of a character."""
    letters, offsets = lexicon.letters[name], lexicon.at[name]
    begins = offsets[at]
    held = _holds(letters, begins, run.encode())
    starts, ends = starts[held], begins[held] + len(run)
    after = np.searchsorted(offsets, ends)
    after = np.minimum(after, len(offsets) - 1)
    if last:
        return starts, after
    whole = offsets[after] == ends
    return starts[whole], after[whole]
