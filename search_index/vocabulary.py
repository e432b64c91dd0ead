"""What somebody may have meant that stands only in the texts themselves: the index is its own list of words.

The index knows every pair of characters that stands anywhere. Pairs are ordered by how they sound (`pinyin.near`), so
that for each pair of a typed run those that sound like it are a range; a path through them that changes few characters
and breaks off seldom is what may have been meant: 学西型组织 breaks off behind 学西, 学习型组织 does not. What sounds
like nothing meant is looked for in the texts around it (`misspelt`). Words of other scripts are compared by their
distance (`slips`).

Pairs and words are those of all documents. So each text comes with a query that proves it: to be shown only to
somebody for whom that query finds something.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from heapq import nlargest
from itertools import islice, product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search_index.analysis import CHARACTER_BITS, TOKEN, WORD_FLAG, segment, word_key
from search_index.folding import fold
from search_index.index import Index
from search_index.lexicon import Lexicon
from search_index.misspelt import put_right
from search_index.segments import SegmentReader
from search_index.slips import MOST_COMPARED, distance
from search_index.spelling import (
    EXCHANGED,
    MOST_PIECED,
    NEAR_SOUND,
    SAME_SOUND,
    SHORTEST_WORD,
    SLIP,
    TWO_SLIPS_FROM,
)
from search_index.typed import MOST_TYPED

BREAK = 2.5
"""What it costs that two neighbours stand together nowhere: more than a character that sounds the same."""

MOST_PAIRS = 64
MOST_WAYS = 2
PATHS = 3
EACH = 3

_FEW_BYTES = 400
_CHARACTER_MASK = (1 << CHARACTER_BITS) - 1


class Meant(NamedTuple):
    """A text that may be meant, and the query by which to see that somebody may know of it."""

    text: str
    proof: str
    cost: float


class _Path(NamedTuple):
    """How a run may go on: `broken` are the places at which neighbours stand together nowhere."""

    cost: float
    support: float
    text: str
    broken: tuple[int, ...]

    @property
    def worth(self) -> tuple[float, float, str]:
        return self.cost, -self.support, self.text


class _Guess(NamedTuple):
    text: str
    pieces: tuple[str, ...]
    cost: float


def meant_in_texts(
    index: Index, lexicon: Lexicon, text: str, limit: int = 4, *, refreshed: bool = False
) -> list[Meant]:
    """Give the likeliest texts meant, by what stands in the documents; none when all of it stands there as typed.

    `lexicon` tells how characters sound. Once `refreshed`, newer documents are not looked for again. Raises as
    `Index.search` does; never because of the text.
    """
    folded = fold(text[:MOST_TYPED])
    readers = index.readers(refreshed=refreshed)
    spots: list[tuple[int, int, list[_Guess]]] = []
    for match in TOKEN.finditer(folded):
        guesses = _of_token(readers, lexicon, match.group(), han=bool(match.group(1)))
        if guesses:
            spots.append((*match.span(), guesses))
    if not spots:
        return []
    found: list[Meant] = []
    for chosen in islice(product(*(guesses for *_, guesses in spots)), 4 * limit):
        parts, end = [], 0
        for (start, stop, _), guess in zip(spots, chosen, strict=True):
            parts += [folded[end:start], guess.text]
            end = stop
        whole = "".join([*parts, folded[end:]])
        proofs = " ".join(f'"{piece}"' for guess in chosen for piece in guess.pieces)
        found.append(Meant(whole, f"{proofs} {whole}", sum(guess.cost for guess in chosen)))
    return sorted(found, key=lambda meant: meant.cost)[:limit]


def _of_token(readers: Sequence[SegmentReader], lexicon: Lexicon, token: str, *, han: bool) -> list[_Guess]:
    """Give what may be meant by a run or a word: the same while the segments and the lexicon are."""

    def make() -> list[_Guess]:
        return (_of_run(readers, lexicon, token) if han else _of_word(readers, token))[:EACH]

    if not readers:
        return make()
    name = ("meant", lexicon.identity, *(reader.name for reader in readers), token)
    return readers[0].kept(name, make, lambda guesses: _FEW_BYTES * (len(guesses) + 1))


def _of_run(readers: Sequence[SegmentReader], lexicon: Lexicon, run: str) -> list[_Guess]:
    """Give what may be meant by a run of characters, the likeliest first; none when the run as typed is as likely."""
    if not 2 <= len(run) <= MOST_PIECED:
        return []
    sounds = [ways[:MOST_WAYS] for ways in lexicon.sounds(run)]
    pairs = [_pairs(readers, lexicon, run[at : at + 2], sounds[at], sounds[at + 1]) for at in range(len(run) - 1)]
    typed = sum(BREAK for at, known in enumerate(pairs) if run[at : at + 2] not in known)
    paths = [path for path in _paths(lexicon, run, pairs) if path.text != run and path.cost < typed]
    heard = [guess for path in paths for guess in _proved(run, path)]
    right = put_right(readers, run)
    slipped = [_Guess(one.text, (one.text,), EXCHANGED if one.exchanged else SLIP) for one in right]
    # What stands in a text as a whole comes before what is proved by some of its words.
    alike = [guess for guess in heard if guess.cost < EXCHANGED][: EACH - 1]
    return [*alike, *slipped[: EACH - len(alike)], *(guess for guess in heard if guess not in alike)]


def _pairs(
    readers: Sequence[SegmentReader], lexicon: Lexicon, typed: str, first: list[int], second: list[int]
) -> dict[str, int]:
    """Give the commonest pairs that sound like a typed one, and that itself, with the documents that hold each."""
    found: dict[str, int] = {}
    for reader in readers:
        sounds, places = _by_sound(reader, lexicon)
        for one, other in product(first, second):
            wanted = lexicon.nearly(one) << 16 | lexicon.nearly(other)
            low, high = np.searchsorted(sounds, [wanted, wanted + 1]).tolist()
            some = places[low:high]
            counts = reader.counts[some]
            if len(some) > MOST_PAIRS:
                most = np.argpartition(counts, -MOST_PAIRS)[-MOST_PAIRS:]
                some, counts = some[most], counts[most]
            for key, count in zip(reader.keys[some].tolist(), counts.tolist(), strict=True):
                pair = chr(key >> CHARACTER_BITS) + chr(key & _CHARACTER_MASK)
                found[pair] = found.get(pair, 0) + count
    common = dict(nlargest(MOST_PAIRS, found.items(), key=lambda item: item[1]))
    itself = sum(int(reader.counts_at(reader.find(_key_of(typed))).sum()) for reader in readers)
    return {**common, typed: itself} if itself else common


def _key_of(pair: str) -> npt.NDArray[np.uint64]:
    return np.array([ord(pair[0]) << CHARACTER_BITS | ord(pair[1])], np.uint64)


def _by_sound(reader: SegmentReader, lexicon: Lexicon) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Give how the pairs of a segment sound, ascending, and the place of each among the terms."""

    def make() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        followed = (reader.keys & np.uint64(_CHARACTER_MASK)) > 0
        places = np.flatnonzero(followed & (reader.keys < np.uint64(WORD_FLAG))).astype(np.uint32)
        keys = reader.keys[places]
        near = [
            lexicon.near_of_codes(codes.astype(np.uint32))
            for codes in (keys >> np.uint64(CHARACTER_BITS), keys & np.uint64(_CHARACTER_MASK))
        ]
        sounds = near[0] << np.uint32(16) | near[1]
        order = np.argsort(sounds, kind="stable")
        return sounds[order], places[order]

    return reader.kept(("sounds", lexicon.identity), make, lambda made: made[0].nbytes + made[1].nbytes + _FEW_BYTES)


def _paths(lexicon: Lexicon, run: str, pairs: list[dict[str, int]]) -> list[_Path]:
    """Give the cheapest ways through a run, the cheapest first."""
    states = {first: [_begun(lexicon, run, first)] for first in {run[0], *(pair[0] for pair in pairs[0])}}
    for at, known in enumerate(pairs, 1):
        ways: dict[str, list[_Path]] = {}
        for pair, count in known.items():
            cost = _change(lexicon, run[at], pair[1])
            for path in states.get(pair[0], ()):
                longer = _Path(path.cost + cost, path.support + math.log(count + 1), path.text + pair[1], path.broken)
                ways.setdefault(pair[1], []).append(longer)
        best = min((path for paths in states.values() for path in paths), key=lambda path: path.worth)
        onward = {pair[0] for pair in pairs[at]} if at < len(pairs) else set()
        for character in {run[at], *onward}:
            cost = best.cost + BREAK + _change(lexicon, run[at], character)
            broken = _Path(cost, best.support, best.text + character, (*best.broken, at))
            ways.setdefault(character, []).append(broken)
        states = {end: sorted(paths, key=lambda path: path.worth)[:PATHS] for end, paths in ways.items()}
    return sorted((path for paths in states.values() for path in paths), key=lambda path: path.worth)[: 2 * PATHS]


def _begun(lexicon: Lexicon, run: str, first: str) -> _Path:
    return _Path(_change(lexicon, run[0], first), 0.0, first, ())


def _change(lexicon: Lexicon, typed: str, meant: str) -> float:
    if typed == meant:
        return 0.0
    same = {ways[0] for ways in lexicon.sounds(meant)} & {*lexicon.sounds(typed)[0]}
    return SAME_SOUND if same else NEAR_SOUND


def _proved(run: str, path: _Path) -> Iterator[_Guess]:
    """Give a path with what must stand somewhere as it is: its changed pieces or, less likely, their changed words."""
    pieces: list[str] = []
    words: list[str] = []
    for start, stop in zip((0, *path.broken), (*path.broken, len(run)), strict=True):
        if run[start:stop] != path.text[start:stop]:
            pieces.append(path.text[start:stop])
            at = start
            for word in segment(path.text[start:stop]):
                if run[at : at + len(word)] != word:
                    words.append(word)
                at += len(word)
    yield _Guess(path.text, tuple(pieces), path.cost)
    if words != pieces and all(len(word) > 1 for word in words):
        yield _Guess(path.text, tuple(words), path.cost + SAME_SOUND)


def _of_word(readers: Sequence[SegmentReader], word: str) -> list[_Guess]:
    """Give the words of other scripts near a typed one, the nearest and commonest first; none for a known one."""
    known = np.array([word_key(word)], np.uint64)
    if len(word) < SHORTEST_WORD or not word.isascii() or any(reader.find(known)[0] >= 0 for reader in readers):
        return []
    most = 2 if len(word) >= TWO_SLIPS_FROM else 1
    near = {text: far for reader in readers for text, far in _near(reader, word, most)}
    worth: list[tuple[float, int, str]] = []
    for text, far in near.items():
        cost = SLIP * far - (SLIP - EXCHANGED if sorted(word) == sorted(text) else 0)
        key = np.array([word_key(text)], np.uint64)
        worth.append((cost, -sum(int(reader.counts_at(reader.find(key)).sum()) for reader in readers), text))
    return [_Guess(text, (text,), cost) for cost, _, text in sorted(worth)[:EACH]]


def _near(reader: SegmentReader, word: str, most: int) -> Iterator[tuple[str, int]]:
    lengths, letters = _letters(reader)
    mine = np.bitwise_or.reduce(_bits(np.frombuffer(word.encode(), np.uint8)))
    close = np.abs(lengths - len(word)) <= most
    candidates = np.flatnonzero(close & (np.bitwise_count(letters ^ mine) <= 2 * most))[:MOST_COMPARED]
    for place in candidates.tolist():
        far = distance(word, reader.words[place], most)
        if far <= most:
            yield reader.words[place], far


def _letters(reader: SegmentReader) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """Give the length of each word of a segment and the letters it has, as bits."""

    def make() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
        raw, lengths = reader.words.raw()
        if not len(lengths):
            return lengths, np.empty(0, np.uint32)
        return lengths, np.bitwise_or.reduceat(_bits(raw), np.cumsum(lengths) - lengths)

    return reader.kept("letters", make, lambda made: made[0].nbytes + made[1].nbytes + _FEW_BYTES)


def _bits(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    places = letters - np.uint8(ord("a"))
    bits: npt.NDArray[np.uint32] = np.where(places < 26, np.uint32(1) << np.minimum(places, 31).astype(np.uint32), 0)
    return bits.astype(np.uint32)
