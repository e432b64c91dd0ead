"""What a query finds, in which order, and for whom."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_index import Document, Index, Query, rebuild
from search_index.analysis import token_pattern, tokens
from search_index.folding import fold
from search_index.plan import make_plan
from search_index.query_language import parse
from search_index.query_tree import render
from tests.search_index.asking import EVERYONE, found, make, search

Fill = Callable[[Iterable[Document]], Index]


@pytest.mark.parametrize(
    "text",
    [
        "马克思",
        "马",
        "义",
        "Python",
        "ＰＹＴＨＯＮ",
        "python 马克思",
        "python马克思",
        "第３章",
        "café",
        "cafe\u0301",
        "CAFE",
        "ｶﾀｶﾅ",
    ],
)
def test_a_document_is_found_by_words_written_in_any_width_case_or_accent(fill: Fill, text: str) -> None:
    index = fill(
        [make("it", "马克思主义与 Ｐｙｔｈｏｎ", "第3章讲 Café 与カタカナ。"), make("other", "别的书", "无关的话")]
    )
    assert found(index, text) == ["it"]


def test_what_is_shown_of_a_text_is_the_same_whatever_was_asked_before(fill: Fill, path: Path) -> None:
    body = "学习型组织由居民建设。" + "天地玄黄，宇宙洪荒。" * 9 + "社区里有书，The art of reading。\n\n学习与社区。"
    index = fill([make("it", "社区学习", body)])
    asked = [
        "学习",
        "社区",
        "学习 社区",
        "社区 学习",
        "学习型社区",
        "“学习与社区”",
        "reading",
        "学习 art",
        "居民 read*",
    ]
    for text in (*asked, *reversed(asked)):
        shown, fresh = ([*search(one, text).hits] for one in (index, Index.open(path)))
        assert shown == fresh
        assert any(marked for _, marked in shown[0].snippet)


def test_a_document_is_found_by_its_keywords_as_by_its_text(fill: Fill) -> None:
    index = fill([make("a", "书", "正文", keywords="费孝通 9787100000000"), make("b", "书", "正文")])
    assert found(index, "费孝通") == ["a"]
    assert found(index, "9787100000000") == ["a"]


def test_what_holds_all_words_comes_before_what_holds_some(fill: Fill) -> None:
    index = fill([make("both", body="乡村振兴与学习型组织"), make("one", body="乡村振兴 乡村振兴 乡村振兴")])
    results = search(index, "乡村 学习")
    assert [hit.key for hit in results.hits] == ["both", "one"]
    assert (results.total, results.complete) == (2, 1)


def test_what_holds_only_some_words_is_left_out_where_enough_holds_all(fill: Fill) -> None:
    both = [make(f"both{number}", body="乡村振兴与学习型组织") for number in range(10)]
    results = search(fill([*both, make("one", body="乡村振兴 乡村振兴 乡村振兴")]), "乡村 学习", limit=20)
    assert {hit.key for hit in results.hits} == {document.key for document in both}
    assert (results.total, results.complete) == (10, 10)


def test_any_word_will_do_when_no_document_has_them_all(fill: Fill) -> None:
    index = fill([make("a", body="乡村振兴"), make("b", body="学习型组织")])
    results = search(index, "乡村 学习")
    assert sorted(hit.key for hit in results.hits) == ["a", "b"]
    assert results.complete == 0


def test_what_others_may_see_is_not_among_what_holds_all_words(fill: Fill) -> None:
    index = fill([make("mine", body="乡村振兴"), make("theirs", body="乡村 学习", audience=("u1",))])
    assert found(index, "乡村 学习") == ["mine"]


def test_a_word_in_the_title_counts_for_more_than_one_in_the_body(fill: Fill) -> None:
    index = fill([make("body", "别的书", "这里谈到了论语"), make("title", "论语", "这里谈的是别的")])
    assert found(index, "论语") == ["title", "body"]


def test_a_word_without_meaning_counts_where_it_stands_beside_a_word_as_in_the_query(fill: Fill) -> None:
    index = fill([make("other", body="皇后的谥号是思，何故如此"), make("it", body="何皇后的谥号是灵思，故如此")])
    assert found(index, "何皇后的谥号是什么") == ["it", "other"]


def test_a_rare_word_counts_for_more_than_a_common_one(fill: Fill) -> None:
    common = [make(f"c{number}", body="学习 学习 学习") for number in range(20)]
    index = fill([*common, make("rare", body="量子 方法")])
    assert found(index, "量子 学习")[0] == "rare"


@pytest.mark.parametrize("quotes", ['"{}"', "“{}”", "「{}」", "『{}』", "＂{}＂"])
def test_a_quoted_phrase_is_found_only_word_for_word(fill: Fill, quotes: str) -> None:
    index = fill([make("exact", body="我们建设学习型组织。"), make("scattered", body="学习，习型，型组，组织。")])
    assert found(index, quotes.format("学习型组织")) == ["exact"]
    assert set(found(index, "学习型组织")) == {"exact", "scattered"}


def test_a_quoted_phrase_of_english_words_keeps_their_order(fill: Fill) -> None:
    index = fill([make("a", body="The fifth discipline is here"), make("b", body="discipline of the fifth kind")])
    assert found(index, '"fifth discipline"') == ["a"]
    assert found(index, '"fifth disciplin"') == []


def test_a_quoted_phrase_that_nothing_holds_finds_nothing(fill: Fill) -> None:
    index = fill([make("a", body="学习组织")])
    results = search(index, "“学习型组织”")
    assert (results.total, list(results.hits)) == (0, [])


def test_nothing_of_another_audience_is_found_or_counted(fill: Fill) -> None:
    index = fill(
        [
            make("open", body="学习笔记", kind="note"),
            make("unit", body="学习笔记", kind="note", audience=("u12",)),
            make("own", body="学习计划", kind="plan", audience=("m7", "u13")),
            make("nobody", body="学习秘密", kind="secret", audience=()),
        ]
    )
    for audience, visible in (
        ({"all"}, {"open"}),
        ({"all", "u12"}, {"open", "unit"}),
        ({"m7"}, {"own"}),
        ({"u13", "m7", "u12"}, {"unit", "own"}),
        ({"u1"}, set()),
        (set(), set()),
    ):
        for text in ("学习", "学", "学习 无此", "“学习”"):
            results = search(index, text, frozenset(audience))
            assert {hit.key for hit in results.hits} == visible
            assert results.total == len(visible) == sum(results.counts.get("kind", {}).values())
            assert "secret" not in results.counts.get("kind", {})


def test_counts_by_kind_tell_what_each_kind_would_give(fill: Fill) -> None:
    documents = [make(f"b{n}", body="学习", kind="book") for n in range(3)]
    index = fill([*documents, make("n", body="学习", kind="note"), make("x", body="无关", kind="plan")])
    everything = search(index, "学习")
    notes = search(index, "学习", facets={"kind": frozenset({"note"})})
    assert everything.counts["kind"] == notes.counts["kind"] == {"book": 3, "note": 1}
    assert (everything.total, notes.total) == (4, 1)
    assert [hit.key for hit in notes.hits] == ["n"]


def test_pages_of_equal_hits_neither_repeat_nor_skip_one(fill: Fill) -> None:
    index = fill([make(f"d{number:02}", body="学习") for number in range(25)])
    pages = [found(index, "学习", offset=offset, limit=4) for offset in range(0, 28, 4)]
    assert sorted(key for page in pages for key in page) == [f"d{number:02}" for number in range(25)]
    assert found(index, "学习", offset=25, limit=4) == []


def test_a_hit_gives_back_what_was_stored(fill: Fill) -> None:
    document = make(
        "material_page:77", "指南", "正文", kind="material_page", ref=77, group="material:5", place="12",
        date=datetime.date(2024, 5, 1), extra={"lecturer": "王老师"},
    )  # fmt: skip
    (hit,) = search(fill([document]), "正文").hits
    assert (hit.key, hit.kind, hit.ref, hit.group, hit.title) == (
        "material_page:77",
        "material_page",
        77,
        "material:5",
        "指南",
    )
    assert (hit.place, hit.date, hit.extra) == ("12", datetime.date(2024, 5, 1), {"lecturer": "王老师"})
    assert hit.score > 0


@pytest.mark.parametrize("text", ["", "   ", "，。！", '"', "“”", "\ud800", "\x00", "«»"])
def test_a_text_without_a_word_finds_nothing(fill: Fill, text: str) -> None:
    results = search(fill([make("a", "学习", "学习")]), text)
    assert (list(results.hits), results.total, results.counts) == ([], 0, {})


def test_an_empty_index_finds_nothing(fill: Fill) -> None:
    assert search(fill([]), "学习").total == 0


def test_an_over_long_query_is_cut_off_and_answered(fill: Fill) -> None:
    index = fill([make("a", body="学习型组织")])
    assert found(index, "学习" + "天地玄黄宇宙洪荒" * 10_000) == ["a"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Index:
    path = tmp_path_factory.mktemp("many") / "index"
    rebuild(
        path, [make(str(number), f"学习 {number}", "马克思 Python “引语” ﬁ ㈱ " * number) for number in range(1, 9)]
    )
    return Index.open(path)


@given(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
    | st.text('学习马"“”「」『』()+-*:~^\\/ aP１', max_size=30)
)
@settings(max_examples=300, deadline=None)
def test_no_text_makes_a_search_fail(many: Index, text: str) -> None:
    results = many.search(Query(text, EVERYONE))
    assert results.total >= len(results.hits)
    assert results.total == sum(results.counts.get("kind", {}).values())
    for hit in results.hits:
        assert "".join(text for text, _ in hit.marked_title) == hit.title


def test_hits_and_counts_are_the_same_from_one_segment_as_from_many(path: Path, fill: Fill) -> None:
    documents = [
        make(f"d{n}", "学习" * (n % 3), f"第{n}条 合同与劳动 " * (1 + n % 5), kind=f"k{n % 2}") for n in range(40)
    ]
    index = fill([])
    with Index.writer(path) as writer:
        for start in range(0, 40, 5):
            writer.apply(documents[start : start + 5])
        assert writer.segments > 1 or writer.merge()
    many = {text: search(index, text, limit=40) for text in ("学习", "劳动 合同", "劳", "“第7条”", "学习 无此词")}
    rebuild(path, documents)
    for text, results in many.items():
        again = search(index, text, limit=40)
        assert {hit.key for hit in again.hits} == {hit.key for hit in results.hits}
        assert (again.total, again.counts) == (results.total, results.counts)


TEXTS = [
    "建设学习型组织，要靠终身学习、团队学习和全员学习。",
    "劳动合同期限三个月以上不满一年的，试用期不得超过一个月。",
    "The fifth discipline: 第五项修炼 (1990), 彼得·圣吉 著",
    "乡村振兴战略规划（２０１８－２０２２年）",
    "A1b2 中文English混排3.14与𠮷野家",
]


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Index:
    path = tmp_path_factory.mktemp("texts") / "index"
    rebuild(path, [make(str(number), "", text) for number, text in enumerate(TEXTS)])
    return Index.open(path)


@given(st.sampled_from(range(len(TEXTS))), st.integers(0, 40), st.integers(1, 12))
@settings(deadline=None)
def test_any_stretch_of_a_text_finds_the_text_and_marks_it(texts: Index, number: int, start: int, length: int) -> None:
    stretch = TEXTS[number][start : start + length]
    asked = tokens(fold(stretch))
    whole = [token for token in asked if re.search(token_pattern(token), fold(TEXTS[number]))]
    if not asked or whole != asked:
        return  # begins or ends within a word of another script
    stretch = " ".join(token.text for token in asked)
    if make_plan(parse(stretch)).wanted == []:
        return  # a date by itself
    results = search(texts, stretch)
    assert results.complete
    hit = next(hit for hit in results.hits if hit.key == str(number))
    assert any(marked for _, marked in hit.snippet)
    assert str(number) in found(texts, f"「{stretch}」")


QUERIES = [
    "学习",
    "学",
    "学习型组织",
    "组织 学习 -乡村",
    "乡村振兴 OR 学习型",
    "learning",
    "learn*",
    "标题:学习 组织",
    "“乡村学习”",
]


def test_common_words_are_looked_up_on_disk_as_they_would_be_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["学习型组织", "乡村学习", "乡村振兴 learning", "组织学习与乡村", "别的话", "learner 学习"]
    documents = [
        make(f"d{number}", texts[number % 5], texts[number % 6] + texts[number % 4], group=f"g{number // 3}")
        for number in range(60)
    ]
    answers = []
    for name, least in (("sparse", 1000), ("dense", 1)):
        monkeypatch.setattr("search_index.postings.DENSE_SIZE", least)
        rebuild(tmp_path / name, documents[:40])
        with Index.writer(tmp_path / name) as writer:
            writer.apply(documents[40:], deletes=["d3", "d7"])
            writer.merge()
        index = Index.open(tmp_path / name)
        results = [search(index, text, limit=60) for text in QUERIES]
        answers.append(
            [
                (result.total, result.complete, {thing.group for thing in result.found}, result.counts)
                for result in results
            ]
        )
    assert answers[0] == answers[1]
    assert all(total for total, *_ in answers[0])


def test_a_phrase_is_counted_as_it_stands_and_too_common_a_one_at_most_too_high(
    fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["学习型组织", "学习 习型", "型组织学习型", "书\x1e学习型", "學習型"]
    index = fill(make(f"d{number}", "习型 学习" * (number % 2), texts[number % 5]) for number in range(50))
    exact = search(index, "“学习型”", limit=50)
    holding = {f"d{number}" for number in range(50) if number % 5 != 1}
    assert (exact.total, exact.exact, {hit.key for hit in exact.hits}) == (40, True, holding)
    assert search(index, "学习 -“学习型”", limit=50).total == 10
    few = frozenset({"d0"})
    assert search(index, "“学习型”", audience=few).total == 0
    monkeypatch.setattr("search_index.conditions.MOST_READ", 3)
    bound = search(fill(index.documents()), "“学习型”", limit=50)
    assert (bound.total, bound.exact, {hit.key for hit in bound.hits}) == (50, False, holding)


def test_a_phrase_beside_words_that_stands_nowhere_counts_as_its_words(fill: Fill) -> None:
    index = fill([make("near", body="婚姻是社群中最被珍惜的行为，法官说。"), make("other", body="法官与行为")])
    results = search(index, "「婚姻是最被珍惜的行为」是哪里的法官说的")
    assert results.hits[0].key == "near"
    assert "婚姻是最被珍惜的行为" in render(results.understood)
    assert '"' not in render(results.understood)
    assert search(index, "「婚姻是最被珍惜的行为」是哪里的法官说的", offset=1).total == results.total
    assert found(index, "「婚姻是最被珍惜的行为」") == []
    assert found(index, "「社群中最被珍惜」 法官") == ["near"]


def test_kinds_that_matter_less_come_after_the_others_and_are_found_as_before(fill: Fill, path: Path) -> None:
    records = [make(f"r{number}", "知识学习", "集体学习一小时", kind="record") for number in range(30)]
    guides = [make(f"g{number}", f"建设学习型组织的第{number}步", "怎样组织大家读书。" * 5) for number in range(5)]
    plain_order = fill([*records, *guides, make("only", "楼道堆物", kind="record")])
    behind = Index.open(path, lengthened={"record": 40.0})
    assert found(plain_order, "学习")[0].startswith("r")
    assert {key[0] for key in found(behind, "学习", limit=5)} == {"g"}
    assert set(found(behind, "学习", limit=50)) == set(found(plain_order, "学习", limit=50))
    assert found(behind, "楼道堆物") == ["only"] and found(behind, "知识学习", limit=1)[0].startswith("r")
