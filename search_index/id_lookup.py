"""From a key or a group to the documents of a segment that have it: to delete them, and to give one by its key."""

from __future__ import annotations

import numpy as np
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage

from search_index.codec import IDS, segment_path
from search_index.columns import Hashes, text_hashes
from search_index.mapped import map_file


class IdLookup:
    """Which documents of a segment have a key or belong to a group, by the hashes of both: what a writer asks."""

    def __init__(self, storage: FileStorage, segment: WhooshSegment) -> None:
        """Map the file. Raises OSError or ValueError when it is missing or damaged."""
        data = map_file(segment_path(storage, segment, IDS))
        size = int(np.frombuffer(data, "<u8", 1)[0])
        if len(data) != 16 + 24 * size:
            raise ValueError("the file of keys has not the length it was written with")
        self._sorted = [
            (np.frombuffer(data, "<u8", size, 8 + at), np.frombuffer(data, "<u4", size, 8 + at + 8 * size))
            for at in (0, 12 * size)
        ]

    def with_key(self, key: str) -> list[int]:
        """Return the document of a key, deleted or not, in a list."""
        return self.with_keys(text_hashes([key]))

    def with_keys(self, hashes: Hashes) -> list[int]:
        """Return the documents of some keys, given by their hashes, deleted or not."""
        return self._holding(0, hashes)

    def of_groups(self, hashes: Hashes) -> list[int]:
        """Return the documents of some groups, given by their hashes, deleted or not."""
        return self._holding(1, hashes)

    def _holding(self, which: int, wanted: Hashes) -> list[int]:
        hashes, numbers = self._sorted[which]
        firsts, lasts = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
        held = np.flatnonzero(lasts > firsts)
        some = [numbers[first:last] for first, last in zip(firsts[held].tolist(), lasts[held].tolist(), strict=True)]
        return np.concatenate(some).tolist() if some else []
