"""Damaged files: whatever bit of whatever file is wrong, the answers are right or the index is called damaged."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from search_index import Document, Index, IndexDamaged, IndexMissing, IndexOutdated, Query, dump, rebuild
from tests.search_index.asking import EVERYONE, make

FLIPS = 40
QUERIES = ("学习型组织", "learning", "“终身学习”", "作者:王", "组", "org*")

# Whoosh leaves a table of contents that it cannot read to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index of two segments, with deletions."""
    path = tmp_path_factory.mktemp("whole") / "index"
    rebuild(path, [_document(number) for number in range(60)])
    with Index.writer(path) as writer:
        writer.apply([_document(100), _document(101)], deletes=["d3", "d7"])
    return path


def _document(number: int) -> Document:
    body = "学习型组织强调终身学习、团队学习。Learning organisations. " * (number % 5 + 1)
    return make(
        f"d{number}",
        f"题目{number}",
        body,
        authors="王老师",
        facets={"category": str(number % 3)},
        date=date(2020 + number % 5, 1, 1),
    )


def _answers(path: Path) -> object:
    index = Index.open(path)
    found = [index.search(Query(text, EVERYONE, limit=100)) for text in QUERIES]
    return dump(path), [
        ([(hit, round(hit.score, 4)) for one in results.found for hit in one.hits], results.total, results.counts)
        for results in found
    ]


def _files(path: Path) -> list[Path]:
    return sorted(file.relative_to(path) for file in path.rglob("*") if file.is_file() and file.stat().st_size)


def _flipped(content: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield the content with one bit changed: each of the first bytes', and some others'."""
    places = [*range(min(len(content), 8)), *(chance.randrange(len(content)) for _ in range(FLIPS))]
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8)
        yield bytes(changed)


def _cut(content: bytes, chance: random.Random) -> Iterator[bytes]:
    yield b""
    yield content + b"\0"
    for length in {len(content) // 2, len(content) - 1, chance.randrange(len(content))}:
        yield content[:length]


@pytest.mark.parametrize("damage", [_flipped, _cut])
def test_a_damaged_file_is_noticed_or_does_no_harm(whole: Path, tmp_path: Path, damage: object) -> None:
    path = tmp_path / "index"
    shutil.copytree(whole, path)
    expected, chance, wrong = _answers(path), random.Random(5), []
    for name in _files(path):
        content = (path / name).read_bytes()
        for changed in damage(content, chance):  # type: ignore[operator]
            (path / name).write_bytes(changed)
            try:
                if _answers(path) != expected:
                    wrong.append(f"{name}: other answers")
            except (IndexDamaged, IndexMissing, IndexOutdated):
                pass
        (path / name).write_bytes(content)
    assert wrong == []
    assert _answers(path) == expected


def test_each_missing_file_is_noticed(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "index"
    shutil.copytree(whole, path)
    expected = _answers(path)
    for name in _files(path):
        (path / name).rename(path / "away")
        with pytest.raises((IndexDamaged, IndexMissing, IndexOutdated)):
            _answers(path)
        (path / "away").rename(path / name)
    assert _answers(path) == expected
