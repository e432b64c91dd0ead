"""Text to terms: one way of cutting for documents, queries and highlighting alike.

A Chinese character is a term, and so is each pair of neighbouring ones: characters find what a segmenter would cut
otherwise, pairs keep them in order. Other scripts become whole words, English ones by their stem. A segmenter cuts
queries only: into the words that are wanted and those that carry no meaning.

A term is a number below 2**43: a character and its follower (0 for none) in 21 bits each, or for words of other
scripts bit 42 and 41 bits of a hash of the stem.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
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

CHARACTER_BITS = 21
WORD_FLAG = 1 << 42
_HASH_MASK = (1 << 41) - 1
_BETWEEN = "\x1e"

_HAN = "".join(f"{chr(first)}-{chr(last)}" for first, last in HAN_RANGES)
_LETTER = rf"[^\W_{_HAN}]"
TOKEN = re.compile(rf"([{_HAN}]+)|({_LETTER}+)")
LATIN_WORD = re.compile(rf"{_LETTER}+")
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


def terms_of(texts: Sequence[str], *, proving: bool = False, words: set[str] | None = None) -> tuple[Keys, Owners]:
    """Return every term of every text as often as it stands there, and the place of its text among the texts.

    With `proving` only those that `token_keys` gives: a character only where it stands alone. To `words` are added
    those of other scripts, folded: what a prefix is looked up in.
    """
    joined = _BETWEEN.join(text.replace(_BETWEEN, " ") if _BETWEEN in text else text for text in texts)
    codes, classes = folded_codes(joined)
    owners = np.cumsum(codes == ord(_BETWEEN), dtype=np.uint32)
    han = classes == HAN
    wide = codes.astype(np.uint64) << np.uint64(CHARACTER_BITS)
    pairs = np.flatnonzero(han[:-1] & han[1:])
    word_keys, word_starts = _words_of(codes, classes == LETTER, set() if words is None else words)
    characters = han & ~_beside(han) if proving else han
    keys = np.concatenate([wide[characters], wide[pairs] | codes[pairs + 1], word_keys])
    return keys, np.concatenate([owners[characters], owners[pairs], owners[word_starts]])


def _beside(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which places have a flagged neighbour."""
    beside = np.zeros(len(flags), np.bool_)
    beside[1:] |= flags[:-1]
    beside[:-1] |= flags[1:]
    return beside


def _words_of(codes: Codes, letters: npt.NDArray[np.bool_], found: set[str]) -> tuple[Keys, npt.NDArray[np.intp]]:
    edges = np.flatnonzero(np.diff(letters, prepend=False, append=False))
    starts, ends = edges[0::2], edges[1::2]
    if not len(starts):
        return np.empty(0, np.uint64), starts
    text = codes.tobytes().decode("utf-32-le", "surrogatepass")
    words = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    found.update(word[:MAX_WORD_CHARACTERS] for word in words)
    return np.array([word_key(word) for word in words], np.uint64), starts


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
