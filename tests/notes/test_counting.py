"""The 字数 of a text, and the first words of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.notes.rules import count_characters, excerpt
from tests.notes.counting_cases import CASES

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=60)
MIXED = st.text(st.sampled_from("中文，。“”ab1 *#>-_`|[]()\n.!"), max_size=120)
WORDS = st.lists(st.text(st.sampled_from("abcXYZ019"), min_size=1, max_size=8), max_size=20)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_text_counts_as_a_word_processor_would_count_it(text: str, expected: int) -> None:
    assert count_characters(text) == expected


@given(HAN)
def test_each_chinese_character_counts_one(text: str) -> None:
    assert count_characters(text) == len(text)


@given(WORDS)
def test_each_latin_word_counts_one(words: list[str]) -> None:
    assert count_characters(" ".join(words)) == len(words)


@given(MIXED, MIXED)
def test_two_texts_below_each_other_count_as_their_sum(first: str, second: str) -> None:
    assert count_characters(f"{first}\n{second}") == count_characters(first) + count_characters(second)


@given(HAN, WORDS, st.sampled_from(["# {}", "> {}", "- {}", "7. {}", "**{}**", "*{}*", "`{}`", "### {}", "> - **{}**"]))
def test_markdown_marks_around_a_line_count_nothing(han: str, words: list[str], mark: str) -> None:
    line = han + " ".join(words)
    assert count_characters(mark.format(line)) == count_characters(line)


@given(MIXED, st.text(st.sampled_from("中，a1"), min_size=1))
def test_writing_on_never_lowers_the_count_by_more_than_a_joined_word(text: str, more: str) -> None:
    assert count_characters(f"{text}\n{more}") >= count_characters(text)


@given(st.text(max_size=300))
def test_any_text_whatever_can_be_counted_and_shortened(text: str) -> None:
    assert 0 <= count_characters(text) <= len(text)
    assert len(excerpt(text, 30)) <= 30


def test_the_first_words_show_no_markdown() -> None:
    text = "# 读后\n\n费孝通说，**私人关系**像[水波](https://example.org)。\n\n| 词 |\n|---|\n\n```\ncode\n```"
    assert excerpt("![图片](/notes/images/1)\n\n读后") == "读后"
    assert excerpt(text) == "读后 费孝通说，私人关系像水波。 词 code"
