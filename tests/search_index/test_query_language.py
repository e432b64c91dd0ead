"""What members type is understood, in Chinese and English, and no text is an error."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from search_index.query_language import (
    CHINESE,
    ENGLISH,
    MAX_LEAVES,
    MAX_QUERY_CHARACTERS,
    AllOf,
    AnyOf,
    Between,
    Facet,
    Leaf,
    Node,
    Not,
    Phrase,
    Prefix,
    Word,
    leaves,
    parse,
    parts,
    render,
    without,
)

TODAY = date(2026, 11, 23)  # a Monday
NAMES = {"kind": {"书": "book", "笔记": "note", "Lecture": "lecture"}, "unit": {"桂花 社区": "7"}}
ISBN = "9787020002207"


def days(first: str, last: str) -> Between:
    return Between(date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)


CASES: dict[str, Node | None] = {
    # words
    "": None,
    " \u3000\n": None,
    "学习型组织": Word("学习型组织"),
    "学习\u3000组织": AllOf((Word("学习"), Word("组织"))),
    "learning organisation": AllOf((Word("learning"), Word("organisation"))),
    "ＡＢＣ，１２３": Word("ABC,123"),
    "学习 学习": Word("学习"),
    "( ( ) ) ，，": None,
    "C++": Word("C++"),
    "http://x.cn/a": Word("http://x.cn/a"),
    "a\x00b\u202ec": AllOf((Word("a"), Word("bc"))),
    "𠮷": Word("𠮷"),
    # phrases
    '"学习 型"': Phrase("学习 型"),
    "「学习型」": Phrase("学习型"),
    "“学习型”": Phrase("学习型"),
    "『学习型』": Phrase("学习型"),
    "＂学习型＂": Phrase("学习型"),
    "”学习型“": Phrase("学习型"),
    "「他说『学习』」": Phrase("他说 学习"),
    "终身「学习型」组织": AllOf((Word("终身"), Phrase("学习型"), Word("组织"))),
    '"没有 关上': AllOf((Word("没有"), Word("关上"))),
    '""': None,
    # left out
    "学习 -考试": AllOf((Word("学习"), Not(Word("考试")))),
    "学习 －考试": AllOf((Word("学习"), Not(Word("考试")))),
    "学习 −考试": AllOf((Word("学习"), Not(Word("考试")))),
    '-"a b"': Not(Phrase("a b")),
    "--考试": Not(Word("考试")),
    "a - b": AllOf((Word("a"), Word("b"))),
    "well-being": Word("well-being"),
    "-学习*": Not(Prefix("学习")),
    # one of them
    "猫 OR 狗 家": AllOf((AnyOf((Word("猫"), Word("狗"))), Word("家"))),
    "猫 或 狗 或 鸟": AnyOf((Word("猫"), Word("狗"), Word("鸟"))),
    "猫 ｜ 狗": AnyOf((Word("猫"), Word("狗"))),
    "猫 ＯＲ 「小 狗」": AnyOf((Word("猫"), Phrase("小 狗"))),
    "OR": None,
    "OR 猫 OR": Word("猫"),
    "猫 OR 猫": Word("猫"),
    "猫 OR -狗": AllOf((Word("猫"), Not(Word("狗")))),
    "cat or dog": AllOf((Word("cat"), Word("or"), Word("dog"))),
    "cat AND dog": AllOf((Word("cat"), Word("dog"))),
    "-OR": Not(Word("OR")),
    '"OR"': Phrase("OR"),
    "或许": Word("或许"),
    # beginnings
    "organ*": Prefix("organ"),
    "学习＊": Prefix("学习"),
    "*": None,
    "*学习": Word("学习"),
    # fields
    "标题:平凡": Word("平凡", "title"),
    "标题：平凡": Word("平凡", "title"),
    "標題：平凡": Word("平凡", "title"),
    "书名： 平凡": Word("平凡", "title"),
    "TITLE:plain*": Prefix("plain", "title"),
    '标题:"学习 型"': Phrase("学习 型", "title"),
    "标题：「学习 型」": Phrase("学习 型", "title"),
    "作者:费孝通 乡土": AllOf((Word("费孝通", "author"), Word("乡土"))),
    "author:fei": Word("fei", "author"),
    "讲师：陈志远": Word("陈志远", "author"),
    "speaker:chen": Word("chen", "author"),
    "-作者:鲁迅": Not(Word("鲁迅", "author")),
    "作者:-鲁迅": Not(Word("鲁迅", "author")),
    "作者:鲁迅 OR 作者:茅盾": AnyOf((Word("鲁迅", "author"), Word("茅盾", "author"))),
    "作者:": Word("作者"),
    "作者:()": Word("作者"),
    "foo:bar": Word("foo:bar"),
    "标题:作者:x": Word("作者:x", "title"),
    # facets
    "类型:书": Facet("kind", "book"),
    "kind:LECTURE": Facet("kind", "lecture"),
    "type：ｌｅｃｔｕｒｅ": Facet("kind", "lecture"),
    "kind:book": Facet("kind", "book"),
    "类型:画": Facet("kind", "画"),
    "分类:社区治理": Facet("category", "社区治理"),
    "category:law": Facet("category", "law"),
    '单位:"桂花 社区"': Facet("unit", "7"),
    "-类型:书": Not(Facet("kind", "book")),
    "类型:书 学习 类型:笔记": AllOf((AnyOf((Facet("kind", "book"), Facet("kind", "note"))), Word("学习"))),
    "年份:2024": Facet("year", "2024"),
    "year:2024年": Facet("year", "2024"),
    "年份:多少": Word("年份:多少"),
    "年份:2023..2024": days("2023-01-01", "2024-12-31"),
    # dates
    "2024": Word("2024"),
    "2024年": Word("2024年"),
    "日期:2024": days("2024-01-01", "2024-12-31"),
    "date:2024年": days("2024-01-01", "2024-12-31"),
    "2024-05": days("2024-05-01", "2024-05-31"),
    "2024年2月": days("2024-02-01", "2024-02-29"),
    "2024/2": days("2024-02-01", "2024-02-29"),
    "2024-05-01": days("2024-05-01", "2024-05-01"),
    "2024年5月1日": days("2024-05-01", "2024-05-01"),
    "２０２４－０５": days("2024-05-01", "2024-05-31"),
    "2024-13": Word("2024-13"),
    "2023-02-29": Word("2023-02-29"),
    "2024..2026": days("2024-01-01", "2026-12-31"),
    "2026..2024": days("2024-01-01", "2026-12-31"),
    "2024-05..2024-08": days("2024-05-01", "2024-08-31"),
    "2024。。2026": days("2024-01-01", "2026-12-31"),
    "2024至2026": days("2024-01-01", "2026-12-31"),
    "2024..": days("2024-01-01", ""),
    "..2024-05": days("", "2024-05-31"),
    "2024到": Word("2024到"),
    "a..b": Word("a..b"),
    "本月": days("2026-11-01", "2026-11-30"),
    "上個月": days("2026-10-01", "2026-10-31"),
    "上个月": days("2026-10-01", "2026-10-31"),
    "本周": days("2026-11-23", "2026-11-29"),
    "上周": days("2026-11-16", "2026-11-22"),
    "上季度": days("2026-07-01", "2026-09-30"),
    "今年": days("2026-01-01", "2026-12-31"),
    "去年 总结": AllOf((days("2025-01-01", "2025-12-31"), Word("总结"))),
    "This Month": days("2026-11-01", "2026-11-30"),
    "last year report": AllOf((days("2025-01-01", "2025-12-31"), Word("report"))),
    "-今年": Not(days("2026-01-01", "2026-12-31")),
    "今天": Word("今天"),
    "日期:今天": days("2026-11-23", "2026-11-23"),
    "日期:昨天": days("2026-11-22", "2026-11-22"),
    'date:"last month"': days("2026-10-01", "2026-10-31"),
    "date:soon": Word("date:soon"),
    '"今年"': Phrase("今年"),
    # ISBN
    "978-7-02-000220-7": Word(ISBN),
    "ISBN978-7-02-000220-7": Word(ISBN),
    "978‑7‑02‑000220‑7": Word(ISBN),
    "7-02-000220-X": Word("702000220X"),
    "7-02-000220-1": Word("7-02-000220-1"),
    "021-1234-567": Word("021-1234-567"),
}


@pytest.mark.parametrize("text", CASES)
def test_a_query_is_understood(text: str) -> None:
    assert parse(text, today=TODAY, names=NAMES) == CASES[text]


def test_words_that_count_from_today_are_words_when_today_is_not_known() -> None:
    assert parse("本月 last year") == AllOf((Word("本月"), Word("last"), Word("year")))


def test_a_quarter_before_the_first_lies_in_the_year_before() -> None:
    assert parse("上季度", today=date(2026, 2, 1)) == days("2025-10-01", "2025-12-31")


RENDERED = {
    "猫 或 「小 狗」 -作者：鲁迅 begin＊": '猫 OR "小 狗" -author:鲁迅 begin*',
    "类型:书 单位:7 分类:a.b": 'kind:book unit:7 category:"a.b"',
    "今年": "date:2026",
    "本月": "2026-11",
    "本周": "2026-11-23..2026-11-29",
    "日期:今天": "2026-11-23",
    "2024..2026": "2024..2026",
    "2024-05..": "2024-05..",
    "..2024-05-03": "..2024-05-03",
    "": "",
}


@pytest.mark.parametrize("text", RENDERED)
def test_a_tree_is_written_as_a_query(text: str) -> None:
    assert render(parse(text, today=TODAY, names=NAMES)) == RENDERED[text]


def test_a_tree_is_written_in_chinese_with_the_names_that_members_know() -> None:
    tree = parse('title:学习 kind:book unit:7 date:2024 author:"a b"', today=TODAY, names=NAMES)
    assert render(tree, CHINESE, NAMES) == '标题:学习 类型:书 单位:"桂花 社区" 日期:2024 作者:"a b"'


def test_a_part_is_taken_away() -> None:
    tree = parse("猫 狗 -鸟", today=TODAY)
    assert render(without(tree, Word("狗"))) == "猫 -鸟"
    assert without(parse("猫"), Word("猫")) is None
    assert parts(None) == ()


ODDITIES = [
    *(
        "标题:",
        "作者：",
        "类型:",
        "日期:",
        "年份:",
        "kind:书",
        "KIND:书",
        "ſpeaker:x",
        "OR",
        "或",
        "AND",
        "978-",
        "²",
        "٢٠٢٤-٠٥",
    ),
    *(
        "this",
        "month",
        "last",
        "week",
        "2024",
        "..",
        "(",
        "-",
        "*",
        ":",
        '"',
        "「",
        "」",
        "『",
        "』",
        "“",
        "”",
        " ",
        "  ",
    ),
]
FRAGMENTS = st.sampled_from([*CASES, *ODDITIES]) | st.text(max_size=4)
TEXTS = st.text(st.characters()) | st.lists(FRAGMENTS, max_size=24).map("".join)


@given(st.lists(st.sampled_from(["学习", "a", "12", "2024", "或", "OR", "AND", "today", "去年", "last", "month"])))
def test_words_alone_are_read_as_they_are_among_signs(words: list[str]) -> None:
    plain, signs = " ".join(words), "\N{IDEOGRAPHIC SPACE}".join(["", *words])
    assert parse(plain, today=TODAY) == parse(signs, today=TODAY)


@given(TEXTS)
@example("\ud800")
@example("this x this x month")
@example("类型:书 this 类型:笔记 month")
def test_no_text_is_an_error_and_every_tree_is_hashable(text: str) -> None:
    tree = parse(text, today=TODAY, names=NAMES)
    hash(tree)
    assert all(isinstance(leaf, Leaf) for leaf in leaves(tree))


@given(TEXTS)
@example("this x this x month")
@example("类型:书 this 类型:笔记 month")
@example("last 2026-11 this month week")
def test_what_a_tree_is_written_as_means_the_tree(text: str) -> None:
    tree = parse(text, today=TODAY, names=NAMES)
    for labels, names in ((ENGLISH, None), (CHINESE, NAMES)):
        written = render(tree, labels, names)
        assume(len(written) <= MAX_QUERY_CHARACTERS)
        assert parse(written, today=TODAY, names=NAMES) == tree


@given(st.lists(st.text('ab学习-*:或 "', min_size=1), max_size=60).map(" ".join))
def test_what_is_over_long_is_cut_off(text: str) -> None:
    tree = parse(text)
    assert len(leaves(tree)) <= MAX_LEAVES
    assert tree == parse(text[:MAX_QUERY_CHARACTERS])


def test_the_last_of_too_many_words_are_left_out() -> None:
    assert parse(" ".join(f"w{n}" for n in range(90))) == AllOf(tuple(Word(f"w{n}") for n in range(MAX_LEAVES)))


@given(
    st.lists(
        st.sampled_from(("学习", "社区", "OR", "or", "或", "AND", "this", "Week", "last", "month", "去年", "本月", "a"))
    ),
    st.sampled_from((" ", "  ", "")),
)
def test_words_alone_are_understood_as_they_are_among_signs(words: list[str], between: str) -> None:
    text, sign = between.join(words), "\u200b"  # which says nothing
    assert parse(text, today=TODAY) == parse(text + sign, today=TODAY)
