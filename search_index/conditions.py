"""Which documents of a segment meet what a query requires."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence

import numpy as np

from search_index.analysis import Token, phrase_pattern, token_keys, word_key
from search_index.columns import Column
from search_index.folding import fold
from search_index.phrases import MOST_READ, holding_phrase, is_proved
from search_index.plan import leaf_tokens
from search_index.postings import Ids
from search_index.query_tree import AUTHOR, Between, Facet, Leaf, Phrase, Prefix, Word
from search_index.segments import Mask, SegmentReader
from search_index.text_terms import TextTerms
from search_index.weighted import Weighted, holding_all

MOST_WORDS_OF_A_PREFIX = 64


def prefix_keys(segment: SegmentReader, prefix: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return the terms of the words that begin with a prefix in a segment."""
    words = segment.words_beginning(prefix, MOST_WORDS_OF_A_PREFIX)
    return np.array(sorted({word_key(word) for word in words}), np.uint64)


class Conditions:
    """The parts of one query that must hold in one segment."""

    def __init__(self, segment: SegmentReader, mean_length: float) -> None:
        """Take the segment; `mean_length` only names what is cached."""
        self._segment = segment
        self._mean_length = mean_length
        self.unread: list[tuple[Token, ...]] = []

    def mask(self, leaves: Iterable[Leaf], allowed: Mask) -> Mask:
        """Return which of the allowed documents meet one of the leaves."""
        found = np.zeros(self._segment.size, np.bool_)
        for leaf in leaves:
            found |= self._one(leaf, allowed)
        return found & allowed

    def phrase(self, leaf: Phrase, allowed: Mask) -> Mask:
        """Return which of the allowed documents hold a phrase; note it in `unread` when there are too many to read."""
        found = leaf_tokens(leaf)
        ids = self._holding_terms(found)
        if len(ids) <= MOST_READ or is_proved(found):
            return self._read(found, ids) & allowed
        ids = ids[allowed[ids]]
        if len(ids) <= MOST_READ:
            return self._flags(holding_phrase(self._segment, found, ids))
        self.unread.append(found)
        return self._flags(ids)

    def _one(self, leaf: Leaf, allowed: Mask) -> Mask:
        match leaf:
            case Facet(name, value):
                return self.facet(name, frozenset({value}))
            case Between(first, last):
                return self._between(first, last)
            case Word(field="") | Prefix(field=""):
                return self._flags(holding_all(self.lists(leaf)))
            case Phrase(field=""):
                found = leaf_tokens(leaf)
                return self._read(found, self._holding_terms(found))
            case _:
                return self._in_field(leaf)

    def lists(self, leaf: Word | Prefix) -> list[Weighted]:
        """Return the lists of the terms of a word; the last of a prefix is that of all words it begins."""
        found = leaf_tokens(leaf)
        open_end = isinstance(leaf, Prefix) and bool(found) and not found[-1].han
        whole = found[:-1] if open_end else found
        keys = [key for token in whole for key in token_keys(token)]
        lists = self._weighted(keys)
        if open_end:
            prefix = found[-1].text
            keys_of_prefix = prefix_keys(self._segment, prefix)
            lists.append(self._segment.prefixed(prefix, keys_of_prefix, self._mean_length))
        return lists

    def _weighted(self, keys: list[int]) -> list[Weighted]:
        places = self._segment.find(np.array(keys, np.uint64)) if keys else []
        return self._segment.weighted(places, self._mean_length)

    def _holding_terms(self, found: tuple[Token, ...]) -> Ids:
        return holding_all(self._weighted([key for token in found for key in token_keys(token)]))

    def _read(self, found: tuple[Token, ...], ids: Ids) -> Mask:
        """Return which of the documents that hold a phrase's terms hold the phrase: kept, whoever asks."""
        if not is_proved(found):
            ids = self._segment.kept(
                ("phrase", found), lambda: holding_phrase(self._segment, found, ids), lambda made: made.nbytes + 400
            )
        return self._flags(ids)

    def _flags(self, ids: Ids) -> Mask:
        flags = np.zeros(self._segment.size, np.bool_)
        flags[ids] = True
        return flags

    def facet(self, name: str, values: frozenset[str]) -> Mask:
        """Return which documents have one of the values of a facet; the case of letters does not matter."""
        return self._segment.with_facet(name, frozenset(map(fold, values)))

    def _between(self, first: datetime.date | None, last: datetime.date | None) -> Mask:
        days = self._segment.columns.days
        found = days > 0
        if first is not None:
            found &= days >= first.toordinal()
        if last is not None:
            found &= days <= last.toordinal()
        return found

    def _in_field(self, leaf: Word | Phrase | Prefix) -> Mask:
        author = leaf.field == AUTHOR
        index = self._segment.authors if author else self._segment.titles
        column = self._segment.columns.texts["authors" if author else "title"]
        found = leaf_tokens(leaf)
        open_end = isinstance(leaf, Prefix) and bool(found) and not found[-1].han
        texts = _texts_holding(index, found[:-1] if open_end else found, len(column.texts))
        if open_end or isinstance(leaf, Phrase):
            texts &= _matching(column, texts, found, open_end=open_end)
        return texts[column.codes]


def _texts_holding(index: TextTerms, found: Sequence[Token], size: int) -> Mask:
    texts = np.ones(size, np.bool_)
    for token in found:
        for key in token_keys(token):
            holding = np.zeros(size, np.bool_)
            holding[index.holding(key)] = True
            texts &= holding
    return texts


def _matching(column: Column, candidates: Mask, found: tuple[Token, ...], *, open_end: bool) -> Mask:
    pattern = re.compile(phrase_pattern(found).rpartition("(?!")[0] if open_end else phrase_pattern(found))
    matching = np.zeros(len(candidates), np.bool_)
    for place in np.flatnonzero(candidates).tolist():
        matching[place] = bool(pattern.search(fold(column.texts[place])))
    return matching
