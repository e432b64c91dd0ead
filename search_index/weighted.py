"""Posting lists with what each posting is worth, whole or looked up document by document.

What a frequency is worth in a document depends on the document's length, which is kept in a byte, each step about four
per cent longer than the one before. So a table of frequencies and lengths holds all that a list can be worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from search_index.postings import DENSE_FREQUENCY, HEAD, MAX_FREQUENCY, Frequencies, Ids, Stretch, single

K1 = 0.9
B = 0.4
IMPACT_STEPS = 255
_LENGTH_STEPS = 24.0

SMALL = 4096
"""In segments of so many documents at most, to look at one value of each is cheaper than to tell them apart."""

_QUITE_SMALL = 16_384
_LEAST_SHARE = {True: SMALL, False: 16}
"""By whether a segment is small: of a list of one document in so many there is one impact for each as well."""

Scores = npt.NDArray[np.float32]
Impacts = npt.NDArray[np.uint8]
LengthCodes = npt.NDArray[np.uint8]


def length_codes(lengths: npt.NDArray[np.floating]) -> LengthCodes:
    """Return the lengths of documents, at least one each, in steps."""
    codes: LengthCodes = np.minimum(np.rint(np.log(lengths) * _LENGTH_STEPS), 255).astype(np.uint8)
    return codes


class Weights:
    """What frequencies are worth in the documents of a segment, for one mean length: in `IMPACT_STEPS` of K1 + 1."""

    def __init__(self, codes: LengthCodes, postings: npt.NDArray[np.uint8], mean_length: float) -> None:
        """Take the lengths of the documents and the bytes of the posting file; `mean_length` is the pivot."""
        self.mean_length = mean_length
        self._codes, self._postings = codes, postings
        lengths = np.exp(np.arange(256) / _LENGTH_STEPS)
        norms = K1 * (1 - B) + K1 * B / mean_length * lengths
        times = np.arange(MAX_FREQUENCY + 1)[:, None]
        steps = np.maximum(times * IMPACT_STEPS / (times + norms), 1).astype(np.uint8)
        steps[0] = 0
        self._table: Impacts = steps.ravel()
        size = len(codes)
        share = _LEAST_SHARE[size <= SMALL]
        self._room, self._least = (size, -(-size // share)) if size <= _QUITE_SMALL else (0, 0)
        shortest = int(codes.min()) if size else 0
        self.dense_top = int(steps[DENSE_FREQUENCY, shortest])

    def of(self, ids: Ids, frequencies: Frequencies) -> Impacts:
        """Return what frequencies are worth, each in its document."""
        return self._table.take(np.left_shift(frequencies, 8, dtype=np.uint16) | self._codes.take(ids))

    def listed(self, ids: Ids, impacts: Impacts, top: int) -> Listed:
        """Return a list of one posting at least, as it is kept for a segment of this size."""
        return Listed(ids, impacts, top, self._room if len(ids) >= self._least else 0)

    def lists(self, stretch: Stretch) -> Iterator[Listed]:
        """Yield the lists of a stretch, each with arrays of its own: a view would keep all the others in memory."""
        impacts = self.of(stretch.ids, stretch.frequencies)
        starts = list(accumulate(stretch.counts, initial=0))
        tops = np.maximum.reduceat(impacts, starts[:-1]).tolist()
        for start, end, top in zip(starts[:-1], starts[1:], tops, strict=True):
            yield self.listed(stretch.ids[start:end].copy(), impacts[start:end].copy(), top)

    def one(self, posting: int) -> Listed:
        """Return the list of a term that stands in one document. Raises IndexError for one that is not there."""
        number, frequency = single(posting)
        impact = self._table.item(frequency << 8 | self._codes.item(number))
        return self.listed(np.array([number], np.int32), np.array([impact], np.uint8), impact)

    def everywhere(self, frequencies: Frequencies) -> Impacts:
        """Return what frequencies are worth, one for each document."""
        return self._table.take(np.left_shift(frequencies, 8, dtype=np.uint16) | self._codes)

    def looked_up(self, starts: Sequence[int], wanted: Ids) -> Impacts:
        """Return a row for each of some dense blocks: what it is worth in each of some documents."""
        places = np.array(starts)[:, None] + (HEAD + (wanted >> 2))
        times = self._postings.take(places) >> ((wanted & 3) << 1).astype(np.uint8) & 3
        found: Impacts = self._table.take(np.left_shift(times, 8, dtype=np.uint16) | self._codes.take(wanted))
        return found


class Listed:
    """A list in memory: documents, ascending, with an impact for each. `top` is the greatest impact.

    Of a small segment, one that holds not too few documents is also kept as one impact for each document, made when it
    is first asked for: that is looked up four times as fast.
    """

    __slots__ = ("_everywhere", "_room", "ids", "impacts", "size", "top")

    def __init__(self, ids: Ids, impacts: Impacts, top: int, room: int) -> None:
        """Take one posting at least; `room` is how many documents the segment has where each is to have an impact."""
        self.ids, self.impacts, self.top, self.size, self._room = ids, impacts, top, len(ids), room
        self._everywhere: Impacts | None = None

    @property
    def nbytes(self) -> int:
        """The bytes of its arrays."""
        return int(self.ids.nbytes + self.impacts.nbytes + self._room)

    def whole(self) -> tuple[Ids, Impacts]:
        """Return the documents and their impacts."""
        return self.ids, self.impacts

    def among(self, wanted: Ids) -> Impacts:
        """Return the impact for each of some documents, ascending, 0 where they do not hold the term."""
        if self._room:
            return self.everywhere.take(wanted, mode="clip")
        places = self.ids.searchsorted(wanted)
        found: Impacts = self.impacts.take(places, mode="clip") * (self.ids.take(places, mode="clip") == wanted)
        return found

    @property
    def is_everywhere(self) -> bool:
        """Tell whether there is one impact for each document."""
        return self._room > 0

    @property
    def everywhere(self) -> Impacts:
        """The impact for each document of the segment, 0 for "not here"; only where `is_everywhere`."""
        found = self._everywhere
        if found is None:
            found = np.zeros(self._room, np.uint8)
            found[self.ids] = self.impacts
            self._everywhere = found
        return found

    def flag(self, flags: npt.NDArray[np.bool_]) -> None:
        """Set what stands for each document that holds the term."""
        flags[self.ids] = True


class Dense:
    """A list that stays on disk, where each document can be looked up; read as a whole only when all are wanted."""

    __slots__ = ("_impacts", "size", "start", "top", "weights")

    def __init__(self, start: int, size: int, weights: Weights, impacts: Callable[[], Impacts]) -> None:
        """Take where its block lies, and what gives the impacts of all documents of the segment, 0 for "not here"."""
        self.start, self.size, self.weights, self._impacts = start, size, weights, impacts
        self.top = weights.dense_top

    @property
    def nbytes(self) -> int:
        """The bytes of its arrays: it has none."""
        return 0

    def whole(self) -> tuple[Ids, Impacts]:
        """Return the documents and their impacts."""
        impacts = self._impacts()
        ids = impacts.nonzero()[0].astype(np.int32)
        return ids, impacts[ids]

    def among(self, wanted: Ids) -> Impacts:
        """Return the impact for each of some documents, 0 where they do not hold the term."""
        found: Impacts = self.weights.looked_up([self.start], wanted)[0]
        return found

    def flag(self, flags: npt.NDArray[np.bool_]) -> None:
        """Set what stands for each document that holds the term."""
        flags |= self._impacts() > 0


class Nothing:
    """The list of a term that no document holds."""

    __slots__ = ()
    size = top = nbytes = 0

    def whole(self) -> tuple[Ids, Impacts]:
        """Return nothing."""
        return np.empty(0, np.int32), np.empty(0, np.uint8)

    def among(self, wanted: Ids) -> Impacts:
        """Return 0 for each document."""
        return np.zeros(len(wanted), np.uint8)

    def flag(self, flags: npt.NDArray[np.bool_]) -> None:
        """Set nothing."""


Weighted = Listed | Dense | Nothing
NOTHING = Nothing()


def impacts_among(lists: Sequence[Weighted], ids: Ids) -> Impacts:
    """Return a row for each list, all of one segment: its impact for each of some documents, ascending."""
    rows = [entry.everywhere for entry in lists if isinstance(entry, Listed) and entry.is_everywhere]
    if rows and len(rows) == len(lists):
        together: Impacts = np.concatenate(rows).reshape(len(rows), -1).take(ids, axis=1)
        return together
    found = np.empty((len(lists), len(ids)), np.uint8)
    dense: list[int] = []
    for row, entry in enumerate(lists):
        if isinstance(entry, Dense):
            dense.append(row)
        else:
            found[row] = entry.among(ids)
    if dense:
        found[dense] = _looked_up([lists[row] for row in dense], ids)
    return found


def _looked_up(lists: Sequence[Weighted], ids: Ids) -> Impacts:
    blocks = [entry for entry in lists if isinstance(entry, Dense)]
    return blocks[0].weights.looked_up([entry.start for entry in blocks], ids)


def holding_all(lists: Sequence[Weighted]) -> Ids:
    """Return the documents in every list, ascending; of no list, none."""
    if not lists or not all(entry.size for entry in lists):
        return np.empty(0, np.int32)
    first, *others = sorted(lists, key=lambda entry: entry.size)
    ids = first.whole()[0]
    for other in others:
        ids = ids[other.among(ids) > 0]
        if not len(ids):
            break
    return ids
