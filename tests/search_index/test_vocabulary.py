"""What may be meant by the words of the texts themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_index import Index, Query, rebuild
from search_index.lexicon import Lexicon
from search_index.lexicon_build import build
from search_index.vocabulary import meant_in_texts
from tests.search_index.asking import EVERYONE, make

TEXTS = (
    "我们要建设学习型组织，推动乡村振兴。",
    "乡村振兴方案由街道办事处制定。",
    "科学西方，学西画。",
    "Gardeners read Thoreau and Whitman.",
    "银行行长在长安街散步。",
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, Lexicon]:
    """Return an index of two segments, and a lexicon without a single title."""
    folder: Path = tmp_path_factory.mktemp("vocabulary")
    rebuild(folder / "index", [make(f"d{number}", body=text) for number, text in enumerate(TEXTS[:3])])
    with Index.writer(folder / "index") as writer:
        writer.apply([make(f"e{number}", body=text) for number, text in enumerate(TEXTS[3:])])
    build(folder / "lexicon", [])
    return Index.open(folder / "index"), Lexicon(folder / "lexicon")


def _meant(opened: tuple[Index, Lexicon], text: str) -> list[str]:
    """Give the texts meant that their proofs find."""
    index, lexicon = opened
    meant = meant_in_texts(index, lexicon, text)
    return list(dict.fromkeys(one.text for one in meant if index.search(Query(one.proof, EVERYONE)).total))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("学西型组织", "学习型组织"),
        ("学习型组只", "学习型组织"),
        ("乡村震兴", "乡村振兴"),
        ("乡村正新方案", "乡村振兴方案"),
        ("街道办是处 乡村", "街道办事处 乡村"),
        ("gardners", "gardeners"),
        ("thoraeu whitmann", "thoreau whitman"),
        ("长安接", "长安街"),
        ("学习型为组织", "学习型组织"),
        ("学习甲组织", "学习型组织"),
        ("末村振兴方案", "乡村振兴方案"),
        ("街道办事甲", "街道办事处"),
        ("街道办处", "街道办事处"),
        ("街道事办处", "街道办事处"),
    ],
)
def test_what_sounds_alike_or_is_a_slip_away_in_a_text_is_meant(
    opened: tuple[Index, Lexicon], typed: str, meant: str
) -> None:
    assert _meant(opened, typed)[0] == meant


def _all(opened: tuple[Index, Lexicon], text: str) -> list[str]:
    return [one.text for one in meant_in_texts(*opened, text)]


@pytest.mark.parametrize("typed", ["学习型组织", "学西画", "乡村", "thoreau", "gardener", "学", "", "龘龘龘", "zzzzzz"])
def test_what_stands_there_or_sounds_like_nothing_is_left_as_it_is(opened: tuple[Index, Lexicon], typed: str) -> None:
    assert _all(opened, typed) == []


def test_the_proof_finds_nothing_for_whom_the_text_is_not(opened: tuple[Index, Lexicon]) -> None:
    index, lexicon = opened
    proofs = [one.proof for one in meant_in_texts(index, lexicon, "学西型组织")]
    assert proofs
    assert not any(index.search(Query(proof, frozenset({"u1"}))).total for proof in proofs)


@given(st.text(max_size=40) | st.text('学西型组只乡村震 ab"“”-:OR*', max_size=40))
def test_no_text_is_wrong(opened: tuple[Index, Lexicon], typed: str) -> None:
    for one in meant_in_texts(*opened, typed):
        opened[0].search(Query(one.proof, EVERYONE))
