"""Few postings are looked at one by one, many as arrays: nobody can tell by the answer which way was taken."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_index import Document, Index, IndexWriter, Query, Results, few, rebuild, searching, terms
from tests.search_index.asking import make

CHARACTERS = "学习社区乡村书史的"
WORDS = ("学习", "社区", "乡村", "历史", "书", "的", "fifth", "learning")
TOKENS = ("all", "u1", "u2", "m7")


def _document(chance: random.Random, number: int) -> Document:
    text = "".join(chance.choices(CHARACTERS, k=chance.randint(1, 30))) + chance.choice((" ", "。 ")).join(
        chance.choices(WORDS, k=3)
    )
    group = f"group:{number // chance.choice((1, 4))}"
    return make(
        f"d{number}",
        chance.choice((text[:6], "社区学习", "学习", "", group)),
        text,
        group=group,
        kind=chance.choice(("book", "note", "activity")),
        audience=tuple(chance.sample(TOKENS, chance.choice((1, 1, 2)))),
        date=chance.choice((None, datetime.date(2026, 1, 1), datetime.date(2024, 5, 1))),
        facets=chance.choice(({}, {"unit": "1"}, {"unit": "2", "category": "B"})),
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an index of three segments, some of whose documents were deleted."""
    path = tmp_path_factory.mktemp("few") / "index"
    chance = random.Random(7)
    rebuild(path, [_document(chance, number) for number in range(260)])
    for first in (400, 500):
        with IndexWriter(path) as writer:
            writer.apply([_document(chance, first + number) for number in range(70)], deletes=["d3", "d8", "d402"])
    return path


@pytest.fixture
def limits() -> Iterator[None]:
    """Put the limits back that a test changed."""
    before = few.FEW, few.FEW_COUNTED, terms.LISTED, terms.TINY
    yield
    few.FEW, few.FEW_COUNTED, terms.LISTED, terms.TINY = before


words = st.lists(st.text(CHARACTERS, min_size=1, max_size=4) | st.sampled_from(WORDS), min_size=1, max_size=4)
queries = st.builds(
    Query,
    text=st.builds(lambda some, between: between.join(some), words, st.sampled_from((" ", " ", " OR ", ""))),
    audience=st.sets(st.sampled_from(TOKENS), min_size=1).map(frozenset),
    facets=st.dictionaries(
        st.sampled_from(("kind", "unit", "year", "nothing")),
        st.sets(st.sampled_from(("book", "note", "1", "2", "2026")), min_size=1).map(frozenset),
        max_size=2,
    ),
    offset=st.integers(0, 12),
    limit=st.sampled_from((0, 3, 10, 40)),
    places=st.integers(1, 3),
    counts=st.booleans(),
)


@pytest.mark.usefixtures("limits")
@settings(max_examples=150, deadline=None)
@given(queries, st.sampled_from((10, 60, 10_000)))
def test_an_answer_is_the_same_whether_postings_are_looked_at_one_by_one_or_as_arrays(
    path: Path, query: Query, listed: int
) -> None:
    assert _answered(path, query, 10**6, listed) == _answered(path, query, -1, listed)


def _answered(path: Path, query: Query, most: int, listed: int) -> tuple[Results, list[tuple[str, list[str]]]]:
    few.FEW, few.FEW_COUNTED, terms.LISTED, terms.TINY = most, most, listed, 0
    results = _opened(path, listed).search(query)
    return results, sorted((name, [*values]) for name, values in results.counts.items())


_indexes: dict[tuple[Path, int], Index] = {}


def _opened(path: Path, listed: int) -> Index:
    """Open the index once for each limit: what was kept under one does not hold under another."""
    if (path, listed) not in _indexes:
        _indexes[path, listed] = Index.open(path, lengthened={"activity": 40.0})
    return _indexes[path, listed]


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize(("most", "one_by_one"), [(10**6, True), (-1, False)])
def test_the_limit_says_which_way_is_taken(
    path: Path, monkeypatch: pytest.MonkeyPatch, most: int, one_by_one: bool
) -> None:
    taken: list[bool] = []

    def parts(*asked: Any) -> list[few.FewPart] | None:
        found = few.few_parts(*asked)
        taken.append(found is not None)
        return found

    monkeypatch.setattr(searching, "few_parts", parts)
    _answered(path, Query("学习 历史", frozenset(TOKENS)), most, 10_000)
    assert taken == [one_by_one]
