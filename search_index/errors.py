"""What can go wrong with an index, in terms a caller can act on."""

from __future__ import annotations


class SearchIndexError(Exception):
    """The root of every error this library raises on purpose."""


class IndexMissing(SearchIndexError):
    """There is no index at the path: build one with `rebuild`."""


class IndexDamaged(SearchIndexError):
    """The files of the index cannot be read: throw them away with `rebuild`."""


class IndexOutdated(SearchIndexError):
    """The index was written with another schema or analyser: `rebuild` it."""


class WriterBusy(SearchIndexError):
    """Another writer, perhaps in another process, holds the index."""
