"""The words of a Markdown text, as search takes them."""

from hypothesis import given
from hypothesis import strategies as st

from lms.plain_text import from_markdown


def test_marks_go_and_words_stay() -> None:
    source = "# 第一章\n\n**重点**：见[民法典](https://example.org/a)。\n\n- 一\n- `二`\n\n> 引文\n"
    assert from_markdown(source) == "第一章\n重点：见民法典。\n一\n二\n引文"


def test_a_table_becomes_a_line_a_row() -> None:
    assert from_markdown("| 深度会谈 | 讨论 |\n| --- | --- |\n| 发散 | 收敛 |\n") == "深度会谈 讨论\n发散 收敛"


def test_a_text_without_marks_is_left_as_it_is() -> None:
    text = "第一条  为了保护民事主体的合法权益，\n制定本法。"
    assert from_markdown(text) == text


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(from_markdown(text), str)


def test_emphasis_without_spaces_around_it_leaves_no_stars() -> None:
    assert from_markdown("**固定一个地方。**笔记都放在一处，**找一个读伴。**两个人读同一本书。") == (
        "固定一个地方。笔记都放在一处，找一个读伴。两个人读同一本书。"
    )
    assert from_markdown("2 * 3 * 4，snake_case_name") == "2 * 3 * 4，snake_case_name"
