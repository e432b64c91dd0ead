"""From bytes to pages of clean text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.errors import InvalidInput
from lms.materials import text

POEM = "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。"


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (POEM.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + POEM.encode(), "utf-8"),
        (POEM.encode("gb18030"), "gb18030"),
        ("㐀㐁𠀀 rare characters".encode("gb18030"), "gb18030"),
        (POEM.encode("utf-16"), "utf-16"),
        (b"plain ASCII", "utf-8"),
    ],
)
def test_the_encoding_of_a_text_is_found_and_the_text_comes_out_whole(data: bytes, charset: str) -> None:
    assert text.guess_charset(data) == charset
    assert text.decode(data, charset) in (POEM, "㐀㐁𠀀 rare characters", "plain ASCII")


@pytest.mark.parametrize("data", [b"abc\0def", bytes(range(1, 32)) * 20, b"\xff\xfe\x00\xd8", b"\x80\x81\xff" * 9])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        text.guess_charset(data)
    assert refused.value.field == "file"


def test_an_utf8_text_read_as_big5_says_that_the_encoding_is_wrong() -> None:
    with pytest.raises(InvalidInput, match="encoding"):
        text.decode("龘靐齉".encode(), "big5")


def test_clean_text_has_no_control_characters_and_one_kind_of_line_end() -> None:
    assert text.clean("甲\r\n乙\r丙\x00\x07\ufeff\n") == "甲\n乙\n丙"
    assert text.clean("e\u0301") == "é"


def test_characters_that_a_pdf_spells_with_radicals_become_the_usual_ones() -> None:
    assert text.clean("\u2f42\u2f00个\ufb01rst") == "文一个first"


def test_half_a_surrogate_pair_does_not_survive() -> None:
    assert text.clean("a\ud800b").encode() == b"a?b"


def test_printed_lines_become_paragraphs_again() -> None:
    printed = "总则\n为了保护民事主体的合法权益，调整\n民事关系，维护社会和经济秩序。\n"
    printed += "第二段从这里开始，它也占了满满的\n一行。"
    assert text.join_lines(printed) == (
        "总则\n为了保护民事主体的合法权益，调整民事关系，维护社会和经济秩序。\n第二段从这里开始，它也占了满满的一行。"
    )
    assert text.join_lines("a line of an exam-\nple that goes on and on\nto the end.") == (
        "a line of an example that goes on and on to the end."
    )


def test_markdown_is_cut_at_its_headings_of_three_levels() -> None:
    source = "开头\n\n# 一\n\n## 甲\n\n正文\n\n#### 小\n\n还是甲\n\n### 乙\n内容\n\nSetext\n======\n末"
    assert text.markdown_sections(source) == [
        ("", "开头"),
        ("一 · 甲", "正文\n\n#### 小\n\n还是甲"),
        ("乙", "内容"),
        ("Setext", "末"),
    ]


def test_a_hash_inside_code_or_a_quotation_is_no_heading() -> None:
    source = "# 真\n\n```\n# 假\n```\n\n> # 也假\n\n- # 还是假"
    assert text.markdown_sections(source) == [("真", "```\n# 假\n```\n\n> # 也假\n\n- # 还是假")]


def test_a_heading_is_kept_as_words_without_its_marks() -> None:
    assert text.markdown_sections("## **重** `码` [链](http://a)\n\nx")[0][0] == "重 码 链"


def test_emphasis_that_ends_at_a_chinese_mark_leaves_no_stars_in_a_heading() -> None:
    assert text.markdown_sections("# **重点：**内容\n\n正文")[0][0] == "重点：内容"


def test_a_document_of_headings_only_keeps_them() -> None:
    assert text.markdown_sections("# 一\n## 二") == [("一 · 二", "")]


def test_plain_text_is_cut_at_paragraph_ends() -> None:
    paragraph = "字" * 400 + "。\n"
    pages = text.plain_stretches(paragraph * 10)
    assert [len(body) for _, body in pages] == [1607, 1607, 803]
    assert all(body.endswith("。") for _, body in pages)


def test_a_paragraph_without_end_is_cut_at_its_sentences() -> None:
    pages = text.plain_stretches("这是一句不长不短的话。" * 1000)
    assert len(pages) > 3
    assert all(body.endswith("。") for _, body in pages)


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.sampled_from("字a。.\n #`>*-"), max_size=6000))
def test_cutting_loses_no_character(source: str) -> None:
    kept = "".join(body for _, body in text.plain_stretches(source))
    assert "".join(kept.split()) == "".join(text.clean(source).split())


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=3000))
def test_no_input_makes_cutting_markdown_fail_or_give_text_that_cannot_be_stored(source: str) -> None:
    for heading, body in text.markdown_sections(source):
        assert len(heading) <= text.HEADING_CHARS
        assert "\0" not in heading + body
        (heading + body).encode()
