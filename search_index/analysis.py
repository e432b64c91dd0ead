"""Text to terms: one way of cutting for documents, queries and highlighting alike.

A Chinese character is a term, and so is each pair of neighbouring ones: characters find what a segmenter would cut
otherwise, pairs keep them in order. Other scripts become whole words, English ones by their stem. A segmenter cuts
queries only: into the words that are wanted and those that carry no meaning.

A term is a number below 2**43: a character and its follower (0 for none) in 21 bits each, or for words of other
scripts bit 42 and 41 bits of a hash of the stem.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import rjieba
from whoosh.lang.porter import stem as porter_stem

from search_index.folding import HAN, HAN_RANGES, LETTER, Codes, folded_codes
from search_index.stop_words import STOP_WORDS

ANALYSER_VERSION = 2
"""Raise it with any change of folding, cutting or weighing: older indexes are then refused and rebuilt."""

MAX_WORD_CHARACTERS = 64
TITLE_WEIGHT = 3
KEYWORDS_WEIGHT = 2

Keys = npt.NDArray[np.uint64]
Owners = npt.NDArray[np.uint32]
Lengths = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

CHARACTER_BITS = 21
WORD_FLAG = 1 << 42
_HASH_MASK = (1 << 41) - 1
_BETWEEN = "\x1e"

_HAN = "".join(f"{chr(first)}-{chr(last)}" for first, last in HAN_RANGES)
_LETTER = rf"[^\W_{_HAN}]"
TOKEN = re.compile(rf"([{_HAN}]+)|({_LETTER}+)")
LATIN_WORD = re.compile(rf"{_LETTER}+")
_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
_STEMMED = re.compile(r"[a-z]{4,}")


class Token(NamedTuple):
    """A run of Chinese characters, or a word of another script, as folded text."""

    text: str
    han: bool


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a folded English word, and any other word as it is."""
    return str(porter_stem(word)) if _STEMMED.fullmatch(word) else word[:MAX_WORD_CHARACTERS]


@lru_cache(maxsize=65_536)
def word_key(word: str) -> int:
    """Return the term of a folded word that is not Chinese."""
    digest = blake2b(stem(word).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return WORD_FLAG | int.from_bytes(digest, "little") & _HASH_MASK


def character_key(character: str) -> int:
    """Return the term of a folded Chinese character."""
    return ord(character) << CHARACTER_BITS


def pair_key(pair: str) -> int:
    """Return the term of two folded Chinese characters that follow each other."""
    return ord(pair[0]) << CHARACTER_BITS | ord(pair[1])


class Cut(NamedTuple):
    """Some texts as terms that are not counted yet.

    `han` are the Chinese characters, `linked` says which of them the next one follows at once, `owners` give the place
    of each one's text; `words` are the words of other scripts as `Words` numbers them, `word_owners` the places of
    their texts. `lengths` count the terms of each text: characters, pairs of them, words.
    """

    han: Codes
    linked: npt.NDArray[np.bool_]
    owners: Owners
    words: Owners
    word_owners: Owners
    lengths: Lengths


class Words(defaultdict[str, int]):
    """The words of other scripts that were found, folded, numbered in the order in which they came."""

    def __init__(self) -> None:
        super().__init__(count().__next__)

    def terms(self) -> Keys:
        """Return the term of each word: those of one stem have the same."""
        return np.fromiter(map(word_key, self), np.uint64, len(self))


class _OfWords(NamedTuple):
    """Words by their numbers, in the order of their texts, and how many each text has."""

    numbers: Owners
    counts: Lengths


def cut(texts: Sequence[str], found: Words) -> Cut:
    """Cut texts into characters and words; the words are numbered by `found`."""
    wide = [place for place, text in enumerate(texts) if not text.isascii()]
    if len(wide) == len(texts):
        return _cut_wide(texts, found)
    plain = [place for place, text in enumerate(texts) if text.isascii()]
    some = _cut_wide([texts[place] for place in wide], found)
    others = _words_of_ascii([texts[place] for place in plain], found)
    lengths = np.empty(len(texts), np.int64)
    lengths[wide], lengths[plain] = some.lengths, others.counts
    places = np.array(wide, np.uint32)
    owners = np.concatenate([places[some.word_owners], np.array(plain, np.uint32).repeat(others.counts)])
    order = owners.argsort(kind="stable")
    words = np.concatenate([some.words, others.numbers])[order]
    return Cut(some.han, some.linked, places[some.owners], words, owners[order], lengths)


def _cut_wide(texts: Sequence[str], found: Words) -> Cut:
    codes, classes = folded_codes(_joined(texts))
    ends = (codes == ord(_BETWEEN)).nonzero()[0]
    at = (classes == HAN).nonzero()[0]
    linked = np.zeros(len(at), np.bool_)
    np.equal(at[1:], at[:-1] + 1, out=linked[:-1])
    bounds = _bounds(ends, at)
    before = np.zeros(len(at) + 1, np.int64)
    linked.cumsum(out=before[1:])
    characters, pairs = _steps(bounds), _steps(before[bounds])
    words = _words_among(codes, classes == LETTER, ends, found)
    numbers = np.arange(len(texts), dtype=np.uint32)
    lengths = characters + pairs + words.counts
    return Cut(codes[at], linked, numbers.repeat(characters), words.numbers, numbers.repeat(words.counts), lengths)


def _joined(texts: Sequence[str]) -> str:
    joined = _BETWEEN.join(texts)
    if joined.count(_BETWEEN) >= max(len(texts), 1):
        joined = _BETWEEN.join([text.replace(_BETWEEN, " ") for text in texts])
    return joined


def _words_among(codes: Codes, letter: npt.NDArray[np.bool_], ends: Places, found: Words) -> _OfWords:
    """Number the words in folded text, given which of it are letters and where all texts but the last end."""
    begins = letter.copy()
    begins[1:] &= ~letter[:-1]
    at = begins.nonzero()[0]
    if not len(at):
        return _OfWords(np.empty(0, np.uint32), np.zeros(len(ends) + 1, np.int64))
    kept = letter.copy()
    kept[1:] |= letter[:-1]  # a space behind each word is enough to tell it from the next
    apart = np.where(letter, codes, np.uint32(ord(" ")))[kept]
    words = apart.tobytes().decode("utf-32-le", "surrogatepass").split()
    return _OfWords(_numbers(words, found), _steps(_bounds(ends, at)))


def _words_of_ascii(texts: Sequence[str], found: Words) -> _OfWords:
    """Number the words of texts that need no tables to be folded."""
    lists = [text.translate(_ASCII).split() for text in texts]
    return _OfWords(_numbers([*chain.from_iterable(lists)], found), np.array(list(map(len, lists)), np.int64))


def _numbers(words: Sequence[str], found: Words) -> Owners:
    return np.fromiter(map(found.__getitem__, words), np.uint32, len(words))


def _steps(bounds: Places) -> Lengths:
    return bounds[1:] - bounds[:-1]


def _bounds(ends: Places, places: Places) -> Places:
    """Return where among some ascending places those of each text begin and end, given where all but the last end."""
    bounds = np.empty(len(ends) + 2, np.intp)
    bounds[0], bounds[-1] = 0, len(places)
    bounds[1:-1] = places.searchsorted(ends)
    return bounds


def terms_of(texts: Sequence[str], *, proving: bool = False) -> tuple[Keys, Owners]:
    """Return every term of every text as often as it stands there, and the place of its text among the texts.

    With `proving` only those that `token_keys` gives: a character only where it stands alone.
    """
    found = Words()
    han, linked, owners, words, word_owners, _ = cut(texts, found)
    wide = han.astype(np.uint64) << np.uint64(CHARACTER_BITS)
    pairs = linked.nonzero()[0]
    alone = ~linked
    alone[1:] &= ~linked[:-1]
    characters = alone if proving else slice(None)
    keys = np.concatenate([wide[characters], wide[pairs] | han[pairs + 1], found.terms()[words]])
    return keys, np.concatenate([owners[characters], owners[pairs], word_owners])


def tokens(folded: str) -> list[Token]:
    """Cut folded text into runs of Chinese characters and words of other scripts."""
    return [Token(run or word, bool(run)) for run, word in TOKEN.findall(folded)]


@lru_cache(maxsize=8192)
def token_keys(token: Token) -> tuple[int, ...]:
    """Return the terms that a text surely holds where it holds the token: its pairs, or its one character or word."""
    if not token.han:
        return (word_key(token.text),)
    if len(token.text) == 1:
        return (character_key(token.text),)
    return tuple(pair_key(token.text[at : at + 2]) for at in range(len(token.text) - 1))


@lru_cache(maxsize=4096)
def segment(run: str) -> tuple[str, ...]:
    """Cut a run of folded Chinese characters into words."""
    return tuple(rjieba.cut(run))


def is_stop_word(word: str) -> bool:
    """Tell whether a folded word helps to ask but not to find."""
    return word in STOP_WORDS


def token_pattern(token: Token) -> str:
    """Return a regular expression for one token in folded text: a word only as a whole, a run anywhere."""
    escaped = re.escape(token.text)
    if token.han:
        return escaped
    # compiling the full class of letters takes longer than a search does
    letter = "[0-9a-z]" if token.text.isascii() else _LETTER
    return rf"(?<!{letter}){escaped}(?!{letter})"


def phrase_pattern(phrase: Sequence[Token]) -> str:
    """Return a regular expression for tokens that follow each other with no letter between them."""
    return r"[\W_]*".join(token_pattern(token) for token in phrase)
