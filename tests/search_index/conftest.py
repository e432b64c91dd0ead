"""A real index on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from search_index import Document, Index, rebuild

Fill = Callable[[Iterable[Document]], Index]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a test's index lies, or will."""
    return tmp_path / "index"


@pytest.fixture
def fill(path: Path) -> Fill:
    """Return a function that builds an index of some documents and opens it."""

    def fill(documents: Iterable[Document]) -> Index:
        rebuild(path, documents)
        return Index.open(path)

    return fill
