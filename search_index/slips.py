"""How far apart two words are, and which known words are near a typed one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MOST_COMPARED = 2000


def distance(one: str, other: str, most: int) -> int:
    """Count the slips from one text to another, `most` + 1 when there are more.

    A slip is a character wrong, missing or too many, or two neighbours exchanged: the optimal string alignment distance
    (Boytsov, Indexing methods for approximate dictionary searching, 2011).
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    earlier: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, earlier[column - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        earlier, last = last, now
    return min(last[-1], most + 1)


class Words:
    """Latin words and the entries they stand in."""

    def __init__(self, words: list[str], entries: Array) -> None:
        """Take words, each with the entry it stands in; a word may come many times."""
        numbered = {word: number for number, word in enumerate(dict.fromkeys(words))}
        self._words = list(numbered)
        self._numbers = numbered
        which = np.array([numbered[word] for word in words], np.int64)
        order = np.argsort(which, kind="stable")
        self._entries = entries[order]
        self._begin = np.searchsorted(which[order], np.arange(len(self._words) + 1))
        self._lengths = np.array([len(word) for word in self._words], np.int16)
        self._letters = np.array([_letters_of(word) for word in self._words], np.uint32)

    def find(self, word: str) -> Array:
        """Give the entries that a word stands in."""
        number = self._numbers.get(word)
        if number is None:
            return self._entries[:0]
        return self._entries[self._begin[number] : self._begin[number + 1]]

    def near(self, word: str, most: int) -> list[str]:
        """Give the words that are at most so many slips away.

        A slip changes at most two letters of those a word has, which leaves few to compare.
        """
        close = np.abs(self._lengths - len(word)) <= most
        differing = np.bitwise_count(self._letters ^ np.uint32(_letters_of(word)))
        candidates = np.flatnonzero(close & (differing <= 2 * most))[:MOST_COMPARED]
        return [
            self._words[number] for number in candidates.tolist() if distance(word, self._words[number], most) <= most
        ]


def _letters_of(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) - ord("a"))
    return bits
