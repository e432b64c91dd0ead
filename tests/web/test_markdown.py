"""Markdown as HTML: safe whoever wrote it, and right for Chinese."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.web.markdown import MAX_CHARS, TAGS, render


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox)",
        "![x](https://evil.example/pixel.png)",
        '[x](https://ok.example "onmouseover=alert(1)")',
        "<https://ok.example/<script>>",
        "<style>*{display:none}</style>",
        "<iframe src=//evil.example></iframe>",
        '```html"><script>alert(1)</script>\ncode\n```',
    ],
)
def test_nothing_that_a_member_writes_runs_or_calls_out(source: str) -> None:
    html = str(render(source)).lower()
    for wrong in ("<script", "<img", "<style", "<iframe", 'href="javascript', 'href="data', 'href="vb', "<a onmouse"):
        assert wrong not in html


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet=st.sampled_from("ab<>\"'&*_[]()!#`~|-\n 字，:/"), max_size=300))
def test_only_known_tags_ever_come_out(source: str) -> None:
    html = str(render(source))
    names = {part.split(">")[0].split(" ")[0].lstrip("/").rstrip("/") for part in html.split("<")[1:]}
    assert names <= TAGS


def test_links_to_the_web_are_marked_as_foreign() -> None:
    assert render("[学习](https://example.cn/a?b=1&c=2)") == (
        '<p><a href="https://example.cn/a?b=1&amp;c=2" rel="noopener nofollow">学习</a></p>\n'
    )


def test_a_picture_becomes_its_description() -> None:
    assert render("看：![一张合影](http://x.example/1.jpg)") == "<p>看：一张合影</p>\n"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**重点：**内容", "<strong>重点：</strong>内容"),
        ("这是**“引用”**的话", "这是<strong>“引用”</strong>的话"),
        ("**《平凡的世界》**读后", "<strong>《平凡的世界》</strong>读后"),
        ("a**b**c", "a<strong>b</strong>c"),
        ("snake_case_name", "snake_case_name"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("** 不是 **", "** 不是 **"),
    ],
)
def test_emphasis_works_beside_chinese_punctuation(source: str, html: str) -> None:
    assert render(source) == f"<p>{html}</p>\n"


def test_a_line_end_between_chinese_characters_makes_no_gap_but_between_words_does() -> None:
    assert render("学而时习之，\n不亦说乎") == "<p>学而时习之，不亦说乎</p>\n"
    assert render("to learn\nand practise") == "<p>to learn\nand practise</p>\n"


def test_typed_line_ends_can_be_kept() -> None:
    assert render("第一行\n第二行", line_breaks=True) == "<p>第一行<br>\n第二行</p>\n"


def test_headings_go_below_the_one_of_the_page() -> None:
    assert render("# 一\n###### 六") == "<h2>一</h2>\n<h6>六</h6>\n"
    assert render("# 一", top=3) == "<h3>一</h3>\n"


def test_tables_lists_and_code_are_kept() -> None:
    html = render("|甲|乙|\n|-|-|\n|1|2|\n\n3. 三\n\n```\nx < 1\n```")
    for part in ("<th>甲</th>", "<td>2</td>", '<ol start="3">', "<pre><code>x &lt; 1\n</code></pre>"):
        assert part in html


def test_a_text_too_long_to_render_is_shown_as_it_is() -> None:
    html = render("<b>" + "*" * MAX_CHARS)
    assert html.startswith('<p class="plain-text">&lt;b&gt;***')


@pytest.mark.parametrize("source", ["[" * 50_000, "> " * 50_000, "![[" * 30_000, "*_" * 50_000, "`" * 90_000])
def test_deep_or_unclosed_marks_come_to_an_end(source: str) -> None:
    assert len(render(source)) < 20 * len(source)
