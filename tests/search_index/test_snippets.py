"""What of a text is shown and marked for a query."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_index.plan import make_plan
from search_index.query_language import parse
from search_index.snippets import ELLIPSIS, SNIPPET_CHARACTERS, Marker, Passage
from tests.search_index.asking import marked, plain

FILLER = "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。" * 10


def marker(query: str) -> Marker:
    """Return the marker of a query."""
    return Marker(make_plan(parse(query)).marks)


@pytest.mark.parametrize(
    ("query", "text", "marks"),
    [
        ("马克思", "马克说，马克思来了，克思不懂", ["马克思"]),
        ("马克", "马克与马克思", ["马克", "马克"]),
        ("学习型组织", "建设学习型组织，学习要好", ["学习型组织"]),
        ("怎样建设学习型组织", "学习型社区的建设", ["学习型", "建设"]),
        ("art", "The Art of party art", ["Art", "art"]),
        ("ｐｙｔｈｏｎ", "用Ｐｙｔｈｏｎ和PYTHON3", ["Ｐｙｔｈｏｎ"]),
        ("fi", "ﬁ 与 fi", ["ﬁ", "fi"]),
        ("“组织 学习”", "组织，学习；组织好学习", ["组织，学习"]),
        ("学", "学而时习之，学也", ["学", "学"]),
        ("学习 组织", "组织学习", ["组织", "学习"]),
        ("<b>", "<b>粗</b>", ["b", "b"]),
    ],
)
def test_exactly_the_words_asked_for_are_marked(query: str, text: str, marks: list[str]) -> None:
    parts = marker(query).mark(text)
    assert marked(parts) == marks
    assert plain(parts) == text


def test_the_passage_with_the_most_words_is_shown() -> None:
    text = "学习很好。" + FILLER + "社区里的学习型组织由居民建设。" + FILLER
    snippet = marker("学习型组织 居民").snippet(Passage(text))
    assert marked(snippet) == ["学习型组织", "居民"]


def test_a_passage_begins_and_ends_with_a_sentence_where_one_is_near() -> None:
    text = FILLER + "我们要建设学习型组织。这很重要。" + FILLER
    snippet = marker("学习型组织").snippet(Passage(text))
    assert plain(snippet).strip(ELLIPSIS)[-1] == "。"
    assert not plain(snippet).startswith(ELLIPSIS)


def test_a_passage_cut_within_a_sentence_says_so() -> None:
    text = "天地玄黄" * 50 + "学习" + "宇宙洪荒" * 50
    snippet = plain(marker("学习").snippet(Passage(text)))
    assert snippet.startswith(ELLIPSIS)
    assert snippet.endswith(ELLIPSIS)


def test_without_a_match_in_the_body_its_beginning_is_shown() -> None:
    assert plain(marker("学习").snippet(Passage("第一句。第二句。"))) == "第一句。第二句。"
    assert len(plain(marker("学习").snippet(Passage(FILLER)))) <= SNIPPET_CHARACTERS + 1


@given(st.text("学习型组织a1。，\n ﬁ㈱", max_size=300), st.text("学习型组织a1。“” ", max_size=20))
@settings(deadline=None)
def test_a_passage_is_short_and_is_text_of_the_document(text: str, query: str) -> None:
    snippet = plain(marker(query).snippet(Passage(text)))
    assert len(snippet) <= SNIPPET_CHARACTERS * 2 + 2
    assert "".join(snippet.strip(ELLIPSIS).split()) in "".join(text.split())
