"""Texts cut many at a time: each as it is cut by itself, whatever stands beside it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from search_index.analysis import Cut, Words, cut, terms_of, token_keys, tokens
from search_index.folding import fold

PIECES = ["学习", "龍", "㎏", "ﬁ", "Learning", "runs 2026", "ß", "é", " ", "\n", "\x1e", "。", "𠀀", ",", ""]
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), min_size=1, max_size=5)


def words_of(part: Cut, found: Words, place: int) -> list[str]:
    """Give the words of one text in their order."""
    written = list(found)
    return [written[number] for number in part.words[part.word_owners == place].tolist()]


@given(TEXTS)
def test_texts_beside_others_are_cut_as_they_are_alone(texts: list[str]) -> None:
    found = Words()
    part = cut(texts, found)
    for place, text in enumerate(texts):
        alone, its = Words(), part.owners == place
        single = cut([text], alone)
        assert part.han[its].tolist() == single.han.tolist()
        assert part.linked[its].tolist() == single.linked.tolist()
        assert words_of(part, found, place) == words_of(single, alone, 0)
        assert part.lengths[place] == single.lengths[0] == len(terms_of([text])[0])


@given(TEXTS)
def test_what_proves_a_text_are_the_terms_that_its_tokens_give(texts: list[str]) -> None:
    keys, owners = terms_of(texts, proving=True)
    for place, text in enumerate(texts):
        asked = [key for token in tokens(fold(text.replace("\x1e", " "))) for key in token_keys(token)]
        assert Counter(keys[owners == place].tolist()) == Counter(asked)
