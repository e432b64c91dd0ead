"""What is suggested while typing: by text, pinyin, initials and mixtures, on a real file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_index import IndexDamaged, IndexMissing, IndexOutdated
from search_index.lexicon import Lexicon
from search_index.lexicon_build import HEAD, Entry, build
from search_index.mapped import write_arrays
from search_index.suggest import Suggestions, continues
from search_index.typed import letters

ALL = frozenset({"all"})
TITLES = (
    "学习型组织", "学习的革命", "第五项修炼：学习型组织的艺术与实践", "重庆森林", "长大成人", "一个长者",
    "The Fifth Discipline", "Python 编程", "绿色发展", "西安城记", "先秦史",
)  # fmt: skip


def entry(text: str, number: int = 0, audience: str = "all", weight: int = 1) -> Entry:
    return Entry(text, "book", (f"book:{number}",), (audience,), weight)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Suggestions:
    """A lexicon of a few titles."""
    path = tmp_path_factory.mktemp("shelf") / "lexicon"
    build(path, [entry(title, number) for number, title in enumerate(TITLES)])
    return Suggestions(path)


def texts(shelf: Suggestions, typed: str, limit: int = 10) -> list[str]:
    return [one.text for one in shelf.complete(typed, ALL, limit)]


@pytest.mark.parametrize(
    ("typed", "first", "reading"),
    [
        ("学习", "学习型组织", "text"),
        ("《学习", "学习型组织", "text"),
        ("xuexix", "学习型组织", "pinyin"),
        ("xue xi xing", "学习型组织", "pinyin"),
        ("Xue'xi", "学习型组织", "pinyin"),
        ("xxxz", "学习型组织", "initials"),
        ("学xi型", "学习型组织", "mixed"),
        ("xue习x", "学习型组织", "mixed"),
        ("学xx", "学习型组织", "mixed"),
        ("组织的", "第五项修炼：学习型组织的艺术与实践", "text"),
        ("chongqing", "重庆森林", "pinyin"),
        ("zhangda", "长大成人", "pinyin"),
        ("zhangzhe", "一个长者", "pinyin"),
        ("lüse", "绿色发展", "pinyin"),
        ("lvse", "绿色发展", "pinyin"),
        ("xi'an", "先秦史", "pinyin"),
        ("tfd", "The Fifth Discipline", "initials"),
        ("fifth d", "The Fifth Discipline", "text"),
        ("pythonbian", "Python 编程", "pinyin"),
        ("ＰＹＴＨＯＮ", "Python 编程", "text"),
    ],
)
def test_a_title_is_found_in_each_reading(shelf: Suggestions, typed: str, first: str, reading: str) -> None:
    best = shelf.complete(typed, ALL)[0]
    assert (best.text, best.reading) == (first, reading)


def test_what_no_title_continues_suggests_nothing(shelf: Suggestions) -> None:
    for typed in ("zhongqing", "ifth", "织组", "xueq", "", "。", "學校長", "学qi"):
        assert texts(shelf, typed) == []


def test_the_beginning_of_a_title_comes_before_its_middle_and_the_heavier_first(tmp_path: Path) -> None:
    build(
        tmp_path / "x",
        [entry("论学习", 1, weight=9), entry("学习长", 2), entry("学习短", 3, weight=5), entry("学习", 4)],
    )
    assert texts(Suggestions(tmp_path / "x"), "学习") == ["学习短", "学习", "学习长", "论学习"]


def test_what_is_not_for_the_audience_is_not_suggested(tmp_path: Path) -> None:
    build(tmp_path / "x", [entry("学习甲", 1, "u1"), entry("学习乙", 2, "u2"), entry("学习丙", 3)])
    shelf = Suggestions(tmp_path / "x")
    for typed in ("学", "xuexi", "xx", "学x"):
        assert {one.text for one in shelf.complete(typed, frozenset({"all", "u1"}))} == {"学习甲", "学习丙"}
        assert shelf.complete(typed, frozenset()) == []


def test_the_best_of_very_many_are_found_also_behind_those_of_others(tmp_path: Path) -> None:
    many = [entry(f"学习{number}", number, "u1" if number % 50 else "all", weight=number) for number in range(2500)]
    build(tmp_path / "x", many)
    shelf = Suggestions(tmp_path / "x")
    wanted = [f"学习{number}" for number in range(2450, 2050, -50)]
    for typed in ("学", "x", "xuexi", "xx"):
        assert [one.text for one in shelf.complete(typed, ALL, 8)] == wanted
    assert len(shelf.complete("x", frozenset({"all", "u1"}), HEAD + 100)) == HEAD + 100


def test_a_new_file_is_followed_by_who_reads_the_old_one(tmp_path: Path) -> None:
    build(tmp_path / "x", [entry("学习")])
    shelf = Suggestions(tmp_path / "x")
    assert texts(shelf, "x") == ["学习"]
    build(tmp_path / "x", [entry("乡土中国")])
    assert texts(shelf, "x") == ["乡土中国"]


def test_a_file_that_is_missing_cut_off_or_of_another_form_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with pytest.raises(IndexMissing):
        Suggestions(path).complete("x", ALL)
    build(path, [entry("学习")])
    whole = path.read_bytes()
    for spoiled in (b"", b"something else", whole[:100], whole[:-1], whole + b"x"):
        path.write_bytes(spoiled)
        with pytest.raises(IndexDamaged):
            Suggestions(path).complete("x", ALL)
    write_arrays(path, -1, {}, {})
    with pytest.raises(IndexOutdated):
        Suggestions(path).complete("x", ALL)


def test_an_empty_lexicon_suggests_nothing(tmp_path: Path) -> None:
    assert build(tmp_path / "x", []) == 0
    shelf = Suggestions(tmp_path / "x")
    assert [shelf.complete(typed, ALL) for typed in ("x", "学", "学x", "x学")] == [[], [], [], []]
    assert len(Lexicon(tmp_path / "x")) == 0


def test_an_entry_without_a_kind_is_not_suggested(tmp_path: Path) -> None:
    build(tmp_path / "x", [Entry("学习", "", ("book:1",), ("all",)), entry("习惯")])
    assert texts(Suggestions(tmp_path / "x"), "x") == ["习惯"]


@given(st.text(max_size=80))
def test_no_text_is_wrong(shelf: Suggestions, typed: str) -> None:
    for one in shelf.complete(typed, ALL):
        assert one.text in TITLES


SYLLABLES = {"学": "xue", "习": "xi", "书": "shu", "西": "xi", "组": "zu", "安": "an"}
title = st.text("学习书西组安 ab《", min_size=1, max_size=7)
typing = st.text("学习书西xueishuzanab '", min_size=1, max_size=6)


def _initials(text: str) -> str:
    return "".join(SYLLABLES.get(character, character)[0] for character in text)


def _mixed(text: str, typed: str) -> bool:
    """Tell whether runs of characters, of pinyin and of initials follow each other, all but the last to the end."""
    if not typed:
        return True
    run = typed[0]
    chinese = run in SYLLABLES
    size = next((place for place, c in enumerate(typed) if (c in SYLLABLES) != chinese), len(typed))
    run, rest = typed[:size], typed[size:]
    if chinese:
        return text.startswith(run) and _mixed(text[size:], rest)
    for read in (lambda part: "".join(SYLLABLES.get(c, c) for c in part), _initials):
        if not rest and read(text).startswith(run):
            return True
        if any(read(text[:end]) == run and _mixed(text[end:], rest) for end in range(1, len(text) + 1)):
            return True
    return False


def _matches(text: str, typed: str) -> bool:
    """Tell by looking at every place whether a text is continued there: what must be found, and nothing else."""
    plain = text.replace("《", " ")
    words = plain.split()
    kept = "".join(words)
    begins = {sum(map(len, words[:number])) for number in range(len(words))}
    for place in range(len(kept)):
        latin = kept[place] in "ab"
        if latin and place not in begins and kept[place - 1] in "ab":
            continue
        if _mixed(kept[place:], typed):
            return True
    return False


@settings(max_examples=150, deadline=None)
@given(st.lists(title, min_size=1, max_size=6, unique=True), st.lists(typing, min_size=1, max_size=6))
def test_exactly_what_a_look_at_every_title_finds_is_suggested(titles: list[str], typings: list[str]) -> None:
    chinese = [text for text in titles if any(c in SYLLABLES for c in text)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lexicon"
        build(path, [entry(text, number) for number, text in enumerate(chinese)])
        shelf = Suggestions(path)
        for typed in typings:
            kept = letters(typed)
            wanted = {text for text in chinese if kept and _matches(text, kept)}
            assert {one.text for one in shelf.complete(typed, ALL, 10)} == wanted


@pytest.mark.parametrize(
    ("text", "begun", "does"),
    [
        ("邻里互助", "linli", True),
        ("邻里互助", "llh", True),
        ("邻里互助", "邻lihu", True),
        ("邻里互助", "huzhu", False),
    ],
)
def test_a_single_text_is_compared_as_the_lexicon_reads(shelf: Suggestions, text: str, begun: str, does: bool) -> None:
    assert continues(shelf.file.now(), text, begun) is does
