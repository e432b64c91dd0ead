"""Damaged files are called damaged, and nothing else is ever raised.

Noticed are: a file that is missing or of another length, and any wrong bit of what leads to the documents and
describes them. Of texts and posting lists a wrong bit may pass: reading all of them at every start would take too long.
LMS_TEST_FLIPS=200 tries more bits.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from search_index import Document, Index, IndexDamaged, IndexMissing, IndexOutdated, Query, dump, rebuild
from tests.search_index.asking import EVERYONE, make

FLIPS = int(os.environ.get("LMS_TEST_FLIPS", "4"))
UNCHECKED: set[str] = set()
QUERIES = ("学习型组织 org*", "“终身学习”", "作者:王")

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
    """Yield the content with one bit changed, here and there."""
    for place in [0, *(chance.randrange(len(content)) for _ in range(FLIPS))]:
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8)
        yield bytes(changed)


def _noticed(path: Path, expected: object) -> bool:
    """Tell whether damage is called damage, or does no harm. Raises what else the index raises."""
    try:
        return _answers(path) == expected
    except (IndexDamaged, IndexMissing, IndexOutdated):
        return True


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of the index, to damage."""
    path = tmp_path / "index"
    shutil.copytree(whole, path)
    return path


def test_a_wrong_bit_is_noticed_or_does_no_harm(path: Path) -> None:
    expected, chance, wrong = _answers(path), random.Random(5), []
    for name in _files(path):
        content = (path / name).read_bytes()
        for changed in _flipped(content, chance):
            (path / name).write_bytes(changed)
            if not _noticed(path, expected) and name.suffix not in UNCHECKED:
                wrong.append(name)
        (path / name).write_bytes(content)
    assert wrong == []
    assert _answers(path) == expected


def test_a_file_of_another_length_is_noticed(path: Path) -> None:
    expected, wrong = _answers(path), []
    for name in _files(path):
        content = (path / name).read_bytes()
        for changed in (b"", content + b"\0", content[: len(content) // 2], content[:-1]):
            (path / name).write_bytes(changed)
            if not _noticed(path, expected):
                wrong.append(name)
        (path / name).write_bytes(content)
    assert wrong == []


def test_each_missing_file_is_noticed(path: Path) -> None:
    for name in _files(path):
        (path / name).rename(path / "away")
        with pytest.raises((IndexDamaged, IndexMissing, IndexOutdated)):
            _answers(path)
        (path / "away").rename(path / name)
