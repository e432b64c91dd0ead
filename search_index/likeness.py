"""More like this: the telling words of a document, as a plan to search by."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from search_index.analysis import Token, is_stop_word, token_keys
from search_index.documents import Document
from search_index.plan import Plan, words_of

TELLING_WORDS = 20
MOST_CHARACTERS = 6000
_TITLE_TIMES = 3
_MOST_TIMES = 4

CountOf = Callable[[int], int]


def plan_like(document: Document, count_of: CountOf, size: int) -> Plan:
    """Return a plan of the words that tell a document from others: frequent in it, rare elsewhere (tf-idf).

    `count_of` gives the number of documents that hold a term, `size` is that of all documents.
    """
    times = Counter(words_of(document.body[:MOST_CHARACTERS]))
    for word in words_of(f"{document.title} {document.keywords}"):
        times[word] += _TITLE_TIMES
    telling = sorted(
        (
            (min(count, _MOST_TIMES) * math.log(size / held), keys)
            for word, count in times.items()
            if len(word) > 1
            and not is_stop_word(word)
            and (keys := token_keys(Token(word, not _is_latin(word))))
            and 1 < (held := min(map(count_of, keys))) < size
        ),
        reverse=True,
    )[:TELLING_WORDS]
    plan = Plan()
    for weight, keys in telling:
        for key in keys:
            plan.primary[key] = max(plan.primary.get(key, 0.0), weight / telling[0][0])
    return plan


def _is_latin(word: str) -> bool:
    return word[0].isascii()
