"""What somebody may have meant: texts of the lexicon that sound like the typed one, or differ from it by a slip.

Typed Chinese goes wrong by sound above all: the input method offered another word of the same pinyin. A run of
characters is therefore looked up by its toneless syllables, those that many do not tell apart taken as one
(`pinyin.near`); then with one character wrong, missing, too many or two exchanged. Latin words are compared by their
distance (optimal string alignment), pinyin typed as letters is read as what it spells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search_index.lexicon import Lexicon
from search_index.lexicon_form import TEXT_DEPTH
from search_index.slips import distance
from search_index.typed import HAN, MOST_TYPED, fold

Array = NDArray[Any]

SAME_SOUND, NEAR_SOUND, EXCHANGED, SLIP, UNKNOWN = 1.0, 1.4, 1.8, 2.0, 2.5
MOST_PLACES = 3000
MOST_SOUNDS = 4
MOST_PIECED = 24
SHORTEST_WORD = 4
TWO_SLIPS_FROM = 7
EACH = 3
_TOKEN = re.compile(rf"[{HAN}]+|[a-z]+")


class Guess(NamedTuple):
    """Another text for a piece of what was typed: how far from it (0 is the same) and how well supported.

    `sources` are the entries it was taken from: for each part of it those of which one is enough.
    """

    text: str
    cost: float
    support: int
    sources: tuple[tuple[int, ...], ...]


class Correction(NamedTuple):
    """A whole query put right, and the keys of what its words were taken from.

    `keys` has a part for each changed word; of each part one key is enough for the word to be known.
    """

    text: str
    keys: tuple[tuple[str, ...], ...]
    cost: float


def corrections(lexicon: Lexicon, text: str, audience: frozenset[str], limit: int = 4) -> list[Correction]:
    """Give the likeliest texts meant, from what somebody of the audience may see; none when every piece is known.

    Never raises, whatever the text. The caller decides, by searching, whether one of them is better.
    """
    folded = fold(text[:MOST_TYPED])
    pieces: list[tuple[int, int, list[Guess]]] = []
    for match in _TOKEN.finditer(folded):
        guesses = _others(lexicon, match.group(), audience)
        if guesses:
            pieces.append((match.start(), match.end(), guesses))
    if not pieces:
        return []
    found = []
    for chosen in islice(product(*(guesses for _, _, guesses in pieces)), 4 * limit):
        found.append(_composed(lexicon, folded, [(s, e, g) for (s, e, _), g in zip(pieces, chosen, strict=True)]))
    return sorted(found, key=lambda correction: correction.cost)[:limit]


def _composed(lexicon: Lexicon, text: str, chosen: list[tuple[int, int, Guess]]) -> Correction:
    parts, end = [], 0
    for start, stop, guess in chosen:
        parts += [text[end:start], guess.text]
        end = stop
    sources = (source for _, _, guess in chosen for source in guess.sources)
    keys = tuple(tuple(key for entry in source for key in lexicon.shown(entry).keys) for source in sources)
    return Correction("".join([*parts, text[end:]]), keys, sum(guess.cost for _, _, guess in chosen))


def _others(lexicon: Lexicon, token: str, audience: frozenset[str]) -> list[Guess]:
    """Give the likeliest other texts for a run of characters or a word, the same while the lexicon is."""
    return lexicon.kept(
        (token, audience),
        lambda: [guess for guess in _guesses(lexicon, token, audience) if guess.text != token][:EACH],
    )


def _guesses(lexicon: Lexicon, token: str, audience: frozenset[str]) -> list[Guess]:
    """Give the likeliest texts for a run of characters or a word; none when it stands somewhere as it was typed."""
    if token.isascii():
        return _words(lexicon, token, audience) if len(token) >= SHORTEST_WORD else []
    if len(token) < 2:
        return []
    heard = _heard(lexicon, token, audience) if len(token) <= TEXT_DEPTH else []
    if heard:
        return heard if heard[0].cost else []
    slipped = _slipped(lexicon, token, audience) if 3 <= len(token) <= TEXT_DEPTH else []
    return slipped or _pieced(lexicon, token, audience)


def _heard(lexicon: Lexicon, run: str, audience: frozenset[str]) -> list[Guess]:
    """Give what sounds like a run of characters, the nearest and commonest first."""
    guesses: dict[str, Guess] = {}
    sounds = lexicon.sounds(run)
    for way in islice(product(*sounds), MOST_SOUNDS):
        places = _near_places(lexicon, way, audience)
        for text, entries, symbols in _texts(lexicon, places, len(run)):
            cost = sum(_difference(*pair) for pair in zip(run, text, way, symbols, strict=True))
            if text not in guesses or cost < guesses[text].cost:
                guesses[text] = Guess(text, cost, _support(lexicon, entries), (entries[:EACH],))
    return sorted(guesses.values(), key=_worth)


def _difference(typed: str, found: str, typed_sound: int, found_sound: int) -> float:
    if typed == found:
        return 0.0
    return SAME_SOUND if typed_sound == found_sound else NEAR_SOUND


def _worth(guess: Guess) -> tuple[float, int, str]:
    return guess.cost, -guess.support, guess.text


def _support(lexicon: Lexicon, entries: tuple[int, ...]) -> int:
    return sum(int(lexicon.weight[entry]) for entry in entries)


def _near_places(lexicon: Lexicon, way: tuple[int, ...], audience: frozenset[str]) -> Array:
    order = lexicon.orders["near"]
    near = np.array([lexicon.nearly(symbol) for symbol in way], ">u2")
    low, high = lexicon.range(order, near.tobytes())
    places = order.places[low : min(high, low + MOST_PLACES)]
    return places[lexicon.visible(lexicon.entries[places], audience)]


def _texts(lexicon: Lexicon, places: Array, length: int) -> Iterator[tuple[str, tuple[int, ...], list[int]]]:
    """Give the distinct texts of a length that stand at some places, with their entries and their sounds."""
    places = places[places + length <= len(lexicon.chars)]
    if not len(places) or length < 1:
        return
    rows = lexicon.chars[places[:, None] + np.arange(length)]
    whole = (rows != 0).all(axis=1)
    places, rows = places[whole], np.ascontiguousarray(rows[whole])
    if not len(places):
        return
    order = np.lexsort(rows.T[::-1])
    changed = np.flatnonzero((rows[order][1:] != rows[order][:-1]).any(axis=1)) + 1
    for group in np.split(order, changed):
        first = int(places[group[0]])
        entries = tuple(dict.fromkeys(lexicon.entries[places[np.sort(group)]].tolist()))
        yield lexicon.line_text(first, first + length), entries, lexicon.symbols[first : first + length].tolist()


def _standing(lexicon: Lexicon, text: str, audience: frozenset[str]) -> Array:
    """Give the places where characters stand exactly as typed."""
    places = _near_places(lexicon, tuple(ways[0] for ways in lexicon.sounds(text)), audience)
    for number, character in enumerate(text):
        places = places[lexicon.chars[np.minimum(places + number, len(lexicon.chars) - 1)] == ord(character)]
    return places


def _slipped(lexicon: Lexicon, run: str, audience: frozenset[str]) -> list[Guess]:
    """Give what differs from a run by one character wrong, missing or too many, or by two exchanged.

    One slip leaves one half of the run as it should be: the texts around both halves are compared.
    """
    half = max(2, len(run) // 2)
    before = _standing(lexicon, run[:half], audience)
    after = _standing(lexicon, run[-half:], audience)
    guesses: dict[str, Guess] = {}
    for length in (len(run), len(run) + 1, len(run) - 1):
        back = after - (length - half)
        for places in (before, back[back >= 0]):
            for text, entries, _ in _texts(lexicon, places, length):
                if text not in guesses and distance(run, text, 1) == 1:
                    cost = EXCHANGED if sorted(run) == sorted(text) else SLIP
                    guesses[text] = Guess(text, cost, _support(lexicon, entries), (entries[:EACH],))
    return sorted(guesses.values(), key=_worth)


def _pieced(lexicon: Lexicon, run: str, audience: frozenset[str]) -> list[Guess]:
    """Give the likeliest text for a run that stands nowhere as a whole: cut into pieces that do, or sound as if.

    A piece has two characters at least; a character that belongs to none stays. Of all cuts the cheapest wins, where
    each piece costs a little, so that long pieces are preferred.
    """
    if not 3 <= len(run) <= MOST_PIECED:
        return []
    best: list[Guess] = [Guess("", 0.0, 0, ())]
    for end in range(1, len(run) + 1):
        before = best[end - 1]
        ways = [Guess(before.text + run[end - 1], before.cost + UNKNOWN, before.support, before.sources)]
        for start in range(max(0, end - TEXT_DEPTH), end - 1):
            before = best[start]
            if before.cost >= ways[0].cost:
                continue
            for heard in _heard(lexicon, run[start:end], audience)[:1]:
                cost = before.cost + heard.cost + SAME_SOUND
                changed = heard.sources if heard.cost else ()
                ways.append(Guess(before.text + heard.text, cost, heard.support, before.sources + changed))
        best.append(min(ways, key=_worth))
    return [best[-1]] if best[-1].text != run else []


def _words(lexicon: Lexicon, word: str, audience: frozenset[str]) -> list[Guess]:
    """Give the Latin words near a typed one, and the characters whose pinyin it spells out."""
    known = lexicon.words()
    if _seen(lexicon, known.find(word), audience):
        return []
    most = 2 if len(word) >= TWO_SLIPS_FROM else 1
    guesses = []
    for text in known.near(word, most):
        entries = _seen(lexicon, known.find(text), audience)
        far = distance(word, text, most)
        if entries and far:
            cost = SLIP * far - (SLIP - EXCHANGED if sorted(word) == sorted(text) else 0)
            guesses.append(Guess(text, cost, _support(lexicon, entries), (entries[:EACH],)))
    return sorted([*guesses, *_spelled(lexicon, word, audience)], key=_worth)


def _seen(lexicon: Lexicon, entries: Array, audience: frozenset[str]) -> tuple[int, ...]:
    return tuple(entries[lexicon.visible(entries, audience)].tolist())


def _spelled(lexicon: Lexicon, word: str, audience: frozenset[str]) -> Iterator[Guess]:
    """Give the characters that a word spells in pinyin, from the first letter to the last."""
    order = lexicon.orders["pinyin"]
    low, high = lexicon.range(order, word.encode())
    places = order.places[low : min(high, low + MOST_PLACES)]
    places = places[lexicon.visible(lexicon.entries[places], audience)]
    at = lexicon.at["pinyin"]
    ends = np.searchsorted(at, at[places] + len(word))
    whole = (at[np.minimum(ends, len(at) - 1)] == at[places] + len(word)) & (len(word) <= order.depth)
    for length in np.unique((ends - places)[whole]).tolist():
        if 2 <= length < len(word):
            for text, entries, _ in _texts(lexicon, places[whole & (ends - places == length)], length):
                yield Guess(text, SAME_SOUND, _support(lexicon, entries), (entries[:EACH],))
