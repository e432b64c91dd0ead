"""One place that knows how a damaged file shows itself."""

from __future__ import annotations

import pickle
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard
from whoosh.filedb.filestore import StorageError
from whoosh.filedb.filetables import FileFormatError
from whoosh.index import EmptyIndexError, IndexVersionError
from whoosh.index import IndexError as WhooshIndexError
from whoosh.reading import CorruptIndexError

from search_index.errors import IndexDamaged

_SIGNS = (
    WhooshIndexError,
    EmptyIndexError,
    IndexVersionError,
    CorruptIndexError,
    FileFormatError,
    StorageError,
    FileNotFoundError,
    pickle.UnpicklingError,
    struct.error,
    zlib.error,
    zstandard.ZstdError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    ImportError,
    MemoryError,
    RecursionError,
)
"""What reading bytes that are not what they should be was seen to raise, from Whoosh, pickle and NumPy."""


@contextmanager
def reporting_damage(path: Path) -> Iterator[None]:
    """Turn what a damaged file makes the readers raise into IndexDamaged."""
    try:
        yield
    except _SIGNS as error:
        raise IndexDamaged(f"the index at {path} cannot be read: {error!r}") from error
