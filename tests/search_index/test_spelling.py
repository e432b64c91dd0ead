"""What may have been meant: by sound, by a slip, by the pinyin that was typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_index.lexicon import Lexicon
from search_index.lexicon_build import Entry, build
from search_index.pinyin import near, readings, syllable
from search_index.slips import distance
from search_index.spelling import corrections

ALL = frozenset({"all"})
KNOWN = (
    "学习型组织",
    "学习的革命",
    "重庆森林",
    "社区治理案例",
    "乡土中国",
    "The Fifth Discipline",
    "Python 编程",
    "人民政府",
)


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    """A lexicon of a few titles, one of them only for a unit."""
    path = tmp_path_factory.mktemp("spelling") / "lexicon"
    entries = [Entry(text, "book", (f"book:{number}",), ("all",)) for number, text in enumerate(KNOWN)]
    build(path, [*entries, Entry("楼道议事", "material", ("material:1",), ("u1",))])
    return Lexicon(path)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("学西型组织", "学习型组织"),
        ("学习形组之", "学习型组织"),
        ("穴系型组织", "学习型组织"),
        ("想土中国", "乡土中国"),
        ("重亲森林", "重庆森林"),
        ("人明政府", "人民政府"),
        ("社区自理安例", "社区治理案例"),
        ("学习组织", "学习型组织"),
        ("学习型型组织", "学习型组织"),
        ("学型习组织", "学习型组织"),
        ("乡士中国", "乡土中国"),
        ("如何建设学西型组织", "如何建设学习型组织"),
        ("pyhton", "python"),
        ("diciplne", "discipline"),
        ("学西型组织 pyton", "学习型组织 python"),
        ("xuexixingzuzhi", "学习型组织"),
        ("《学西型组织》", "《学习型组织》"),
    ],
)
def test_the_likeliest_text_is_the_one_that_was_meant(lexicon: Lexicon, typed: str, meant: str) -> None:
    assert corrections(lexicon, typed, ALL)[0].text == meant


@pytest.mark.parametrize("typed", ["学习型组织", "python", "组织", "中国", "学", "abc", "", "。", "2024"])
def test_what_is_known_or_too_short_is_left_as_it_is(lexicon: Lexicon, typed: str) -> None:
    assert corrections(lexicon, typed, ALL) == []


def test_a_correction_says_where_each_changed_word_stands(lexicon: Lexicon) -> None:
    best = corrections(lexicon, "学西型组织 pyton", ALL)[0]
    assert best.keys == (("book:0",), ("book:6",))


def test_nothing_is_spelled_that_is_not_for_the_audience(lexicon: Lexicon) -> None:
    assert corrections(lexicon, "楼到议事", ALL) == []
    assert corrections(lexicon, "楼到议事", frozenset({"all", "u1"}))[0].text == "楼道议事"


@given(st.text(st.sampled_from([*"学西习型组织之重庆中国abpyhton '\"《\ud800"]), max_size=40))
def test_no_text_is_wrong(lexicon: Lexicon, typed: str) -> None:
    for one in corrections(lexicon, typed, ALL):
        assert one.text != typed
        assert one.keys and all(one.keys)


def test_no_lexicon_is_too_small(tmp_path: Path) -> None:
    build(tmp_path / "x", [])
    assert corrections(Lexicon(tmp_path / "x"), "学习 python", ALL) == []


word = st.text("abcd", max_size=6)


@given(word, word)
def test_the_distance_counts_slips_alike_from_both_sides(one: str, other: str) -> None:
    far = distance(one, other, 9)
    assert far == distance(other, one, 9)
    assert (far == 0) == (one == other)
    assert max(len(one), len(other)) >= far >= abs(len(one) - len(other))
    assert distance(one, other, 1) == min(far, 2)


@given(word, st.integers(0, 5))
def test_two_neighbours_exchanged_are_one_slip(text: str, place: int) -> None:
    exchanged = text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
    assert distance(text, exchanged, 2) == int(text != exchanged)


def test_a_phrase_decides_how_a_character_is_read_and_else_each_common_way_counts() -> None:
    assert readings("重庆") == ({0: "chong"}, [])
    assert readings("长者") == ({0: "zhang"}, [])
    assert readings("行") == ({}, [(0, "hang")])
    assert syllable("女") == "nv"
    assert near("zhang") == near("zan") and near("ning") == near("lin") and near("feng") == near("hen")
    assert near("zhang") != near("chang")
