"""Which documents hold words that follow each other: read from their texts, many texts at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from search_index.analysis import Token, phrase_pattern, stem
from search_index.folding import fold
from search_index.postings import Ids
from search_index.segments import Mask, SegmentReader

MOST_READ = 40_000
"""So many documents of a segment are read to see whether they hold a phrase; of more, only those that are shown."""

TEXTS_AT_ONCE = 1_000

_BETWEEN = "\x1e"

Test = Callable[[Sequence[str]], Mask]


def is_proved(phrase: tuple[Token, ...]) -> bool:
    """Tell whether a text that holds the terms holds the phrase: one word, one character or one pair."""
    if len(phrase) != 1:
        return False
    (token,) = phrase
    return len(token.text) <= 2 if token.han else stem(token.text) == token.text


def holding_phrase(reader: SegmentReader, phrase: tuple[Token, ...], ids: Ids) -> Ids:
    """Return those of some documents whose title, authors, keywords or body hold a phrase. Raises IndexDamaged."""
    test = _run_test(phrase[0].text) if len(phrase) == 1 and phrase[0].han else _pattern_test(phrase)
    holds = np.zeros(len(ids), np.bool_)
    for name in ("title", "authors", "keywords"):
        column = reader.columns.texts[name]
        codes, places = np.unique(column.codes[ids], return_inverse=True)
        holds |= test([column.texts[code] for code in codes.tolist()])[places]
    left = np.flatnonzero(~holds)
    for start in range(0, len(left), TEXTS_AT_ONCE):
        some = left[start : start + TEXTS_AT_ONCE]
        holds[some] = test(reader.texts(ids[some].tolist()))
    return ids[holds]


def _run_test(run: str) -> Test:
    def test(texts: Sequence[str]) -> Mask:
        """Look for a run of characters in all texts at once."""
        joined = fold(_BETWEEN.join(texts))
        if joined.count(_BETWEEN) != len(texts) - 1:  # a text that holds the mark itself
            return np.array([run in fold(text) for text in texts], np.bool_)
        ends = np.flatnonzero(_code_points(joined + _BETWEEN) == ord(_BETWEEN))
        found = np.zeros(len(texts), np.bool_)
        at = joined.find(run)
        while at >= 0:
            text = int(ends.searchsorted(at))
            found[text] = True
            at = joined.find(run, int(ends[text]))
        return found

    return test


def _pattern_test(phrase: tuple[Token, ...]) -> Test:
    pattern = re.compile(phrase_pattern(phrase))
    return lambda texts: np.array([pattern.search(fold(text)) is not None for text in texts], np.bool_)


def _code_points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
