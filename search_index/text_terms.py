"""The terms of short texts, titles and names, in memory."""

from __future__ import annotations

import numpy as np

from search_index.analysis import Keys
from search_index.container import Array
from search_index.postings import Ids


class TextTerms:
    """The terms of a table of short texts: which texts hold them, and how many different ones each text has."""

    def __init__(self, arrays: dict[str, Array], name: str, size: int) -> None:
        """Take what was written under a name for a table of `size` texts."""
        self.keys: Keys = np.cumsum(arrays[f"{name}.terms"], dtype=np.uint64)
        self._bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(arrays[f"{name}.counts"], dtype=np.int64)])
        self.ends = self._bounds[1:]
        self.owners = arrays[f"{name}.owners"].astype(np.int32)
        self.sizes = np.maximum(np.bincount(self.owners, minlength=size), 1).astype(np.float32)

    def holding_each(self, keys: Keys) -> list[tuple[int, int]]:
        """Return for each of some terms where in `owners` the texts that hold it begin and end."""
        if not len(self.keys):
            return [(0, 0)] * len(keys)
        places = self.keys.searchsorted(keys)
        there = self.keys.take(places, mode="clip") == keys
        ends = self._bounds.take(places + 1, mode="clip")
        starts = np.where(there, self._bounds[places], ends)
        return [*zip(starts.tolist(), ends.tolist(), strict=True)]

    def holding(self, key: int) -> Ids:
        """Return the texts that hold a term."""
        place = int(np.searchsorted(self.keys, np.uint64(key)))
        if place == len(self.keys) or int(self.keys[place]) != key:
            return np.empty(0, np.int32)
        return self.owners[int(self.ends[place - 1]) if place else 0 : int(self.ends[place])]
