"""A segment while it is written: documents in, whole arrays out, in bounded memory.

Documents are gathered into runs. A run is inverted by sorting the places of its characters, and its words. Runs wait
in memory, where many do on disk, and are put together stretch by stretch of the terms.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search_index.analysis import (
    CHARACTER_BITS,
    KEYWORDS_WEIGHT,
    MAX_WORD_CHARACTERS,
    TITLE_WEIGHT,
    Cut,
    Keys,
    Words,
    cut,
)
from search_index.documents import Document
from search_index.folding import Codes
from search_index.postings import MAX_FREQUENCY, Counts, Frequencies, Ids, ragged

RUN_DOCUMENTS = 1 << 13
RUN_CHARACTERS = 1_500_000
POSTINGS_AT_ONCE = 3_000_000

_CHARACTERS_AT_ONCE = 1 << 14
"""Arrays of so few are made of memory that was used before: to be given new pages takes longer than to fill them."""


class TermLists(NamedTuple):
    """Terms, ascending, the number of postings of each, and the postings one list after the other."""

    keys: Keys
    counts: Counts
    numbers: Ids
    frequencies: Frequencies


class _Run:
    """The lists of some documents."""

    def __init__(self, lists: TermLists) -> None:
        self.keys, self.counts, self.numbers, self.frequencies = lists
        self.starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lists.counts)])

    def move_to(self, folder: Path, number: int) -> None:
        """Keep the postings in files, mapped, instead of in memory."""
        paths = [folder / f"{number:05d}.{name}.npy" for name in ("numbers", "frequencies")]
        np.save(paths[0], self.numbers)
        np.save(paths[1], self.frequencies)
        self.numbers, self.frequencies = (np.load(path, mmap_mode="r") for path in paths)

    def stretch(self, first: int, last: int) -> TermLists:
        """Return the lists of the terms from `first` up to, not including, `last`."""
        low, high = np.searchsorted(self.keys, np.array([first, last], np.uint64)).tolist()
        inside = slice(int(self.starts[low]), int(self.starts[high]))
        return TermLists(self.keys[low:high], self.counts[low:high], self.numbers[inside], self.frequencies[inside])


class Inverter:
    """Documents and lists in, by ascending document number; the lists of all terms out."""

    def __init__(self, folder: Path) -> None:
        """Keep runs in a folder, made when memory does not hold them all."""
        self._folder = folder
        self._runs: list[_Run] = []
        self._held = 0
        self._waiting: list[Document] = []
        self._characters = 0
        self._lengths: list[npt.NDArray[np.int64]] = []
        self.size = 0
        self.words: set[str] = set()

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """The weighted number of terms of each document so far, at least one."""
        self._close_run()
        return np.concatenate([np.empty(0, np.int64), *self._lengths])

    def add(self, document: Document) -> None:
        """Add the next document."""
        self._waiting.append(document)
        self.size += 1
        self._characters += len(document.body)
        if len(self._waiting) >= RUN_DOCUMENTS or self._characters >= RUN_CHARACTERS:
            self._close_run()

    def add_lists(self, lists: TermLists, lengths: npt.NDArray[np.integer], words: Iterable[str]) -> None:
        """Add the next documents by their lists, numbered from zero, and their lengths."""
        self._close_run()
        self._keep(lists._replace(numbers=lists.numbers + np.int32(self.size)))
        self._lengths.append(lengths.astype(np.int64))
        self.size += len(lengths)
        self.words.update(words)

    def _close_run(self) -> None:
        if not self._waiting:
            return
        documents, self._waiting, self._characters = self._waiting, [], 0
        lists, lengths = invert(documents, self.words)
        first = self.size - len(documents)
        self._keep(lists._replace(numbers=lists.numbers + np.int32(first)))
        self._lengths.append(np.maximum(lengths, 1))

    def _keep(self, lists: TermLists) -> None:
        run = _Run(lists)
        self._held += len(lists.numbers)
        if self._held > POSTINGS_AT_ONCE:
            self._folder.mkdir(parents=True, exist_ok=True)
            run.move_to(self._folder, len(self._runs))
        self._runs.append(run)

    def lists(self) -> Iterator[TermLists]:
        """Yield the lists of all terms, some stretch of terms at a time, ascending."""
        self._close_run()
        if not self._runs:
            return
        bounds = self._bounds()
        for first, last in itertools.pairwise(bounds):
            yield _joined([run.stretch(first, last) for run in self._runs])

    def _bounds(self) -> list[int]:
        """Return terms between which the postings are few enough for memory."""
        keys = np.concatenate([run.keys for run in self._runs])
        counts = np.concatenate([run.counts for run in self._runs])
        order = np.argsort(keys, kind="stable")
        share = np.cumsum(counts[order]) // POSTINGS_AT_ONCE
        starts = keys[order][np.flatnonzero(np.diff(share, prepend=-1))]
        return [*dict.fromkeys(starts.tolist()), 1 << 63]


def invert(documents: list[Document], words: set[str]) -> tuple[TermLists, npt.NDArray[np.int64]]:
    """Return the lists of all terms of at most `RUN_DOCUMENTS` documents, and the documents' weighted lengths.

    Adds the words of other scripts to `words`.
    """
    parts = []
    found = Words()
    for first, part in _cut_all([_weighed(document) for document in documents], found):
        below = np.uint16(first)
        owners, word_owners = part.owners.astype(np.uint16) + below, part.word_owners.astype(np.uint16) + below
        parts.append(part._replace(owners=owners, word_owners=word_owners))
    words.update([word[:MAX_WORD_CHARACTERS] for word in found])
    lengths = np.concatenate([part.lengths for part in parts])
    return _after(_of_characters(parts), _of_words(parts, found.terms())), lengths


def _weighed(document: Document) -> str:
    """Return all that is searched of a document, its title and keywords as often as they count."""
    parts = [document.body, *[document.title] * TITLE_WEIGHT]
    if document.keywords or document.authors:
        parts += [document.keywords, document.authors] * KEYWORDS_WEIGHT
    return "\n".join(parts)


def _cut_all(texts: list[str], words: Words) -> Iterator[tuple[int, Cut]]:
    """Cut texts, some at a time, and yield these with the number of the first."""
    first = characters = 0
    for last, text in enumerate(texts, start=1):
        characters += len(text)
        if characters >= _CHARACTERS_AT_ONCE or last == len(texts):
            yield first, cut(texts[first:last], words)
            first, characters = last, 0


def _of_characters(parts: list[Cut]) -> TermLists:
    """Return the lists of the characters of a run and of the pairs of them.

    Sorted by 16 bits at a time, which NumPy does by counting: a character is its rank among those of the run. The
    places of the characters in order, one back, are those of the pairs by their second one: so one sort more is enough.
    """
    characters, ranked = _ranked([part.han for part in parts])
    owners = np.concatenate([part.owners for part in parts])
    preceded = np.zeros(len(ranked) + 1, np.bool_)
    np.concatenate([part.linked for part in parts], out=preceded[1:])
    order = ranked.argsort(kind="stable")
    alone = _counted(ranked[order], owners[order])
    pairs = order[preceded[order]]
    pairs -= 1
    pairs = pairs[ranked[pairs].argsort(kind="stable")]
    size = np.min_scalar_type(len(characters) ** 2).type(len(characters))
    terms = ranked[pairs] * size
    terms += ranked[1:][pairs]
    several = _counted(terms, owners[pairs])
    firsts, seconds = np.divmod(several.keys, size) if len(pairs) else (several.keys, several.keys)
    wide = characters.astype(np.uint64) << np.uint64(CHARACTER_BITS)
    return _among(
        alone._replace(keys=wide[alone.keys]),
        several._replace(keys=wide[firsts] | characters[seconds].astype(np.uint64)),
    )


def _ranked(parts: list[Codes]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.unsignedinteger]]:
    """Return the different characters, ascending, and all characters as places among them."""
    # NumPy looks up by numbers of this width; it would widen others anew at each step
    codes = np.concatenate([np.empty(0, np.uint32), *parts]).astype(np.intp)
    present = np.zeros(1 + int(codes.max(initial=0)), np.bool_)
    present[codes] = True
    characters = present.nonzero()[0]
    ranks = np.zeros(len(present), np.min_scalar_type(len(characters)))
    ranks[characters] = np.arange(len(characters), dtype=ranks.dtype)
    return characters, ranks[codes]


def _of_words(parts: list[Cut], terms: Keys) -> TermLists:
    """Return the lists of the words of a run, sorted by the ranks of their terms as the characters are."""
    keys, ranks = np.unique(terms, return_inverse=True)
    words = ranks.astype(np.min_scalar_type(len(keys)))[np.concatenate([part.words for part in parts])]
    order = words.argsort(kind="stable")
    lists = _counted(words[order], np.concatenate([part.word_owners for part in parts])[order])
    return lists._replace(keys=keys[lists.keys])


def _counted(terms: npt.NDArray[np.unsignedinteger], owners: npt.NDArray[np.unsignedinteger]) -> TermLists:
    """Return the lists of terms that are sorted, those of one term by their owners."""
    fresh = np.ones(len(terms), np.bool_)
    np.not_equal(terms[1:], terms[:-1], out=fresh[1:])
    begins = fresh.copy()
    begins[1:] |= owners[1:] != owners[:-1]
    starts = begins.nonzero()[0]
    frequencies = np.full(len(starts), MAX_FREQUENCY, np.uint8)
    np.minimum(starts[1:] - starts[:-1], MAX_FREQUENCY, out=frequencies[:-1], casting="unsafe")
    frequencies[-1:] = np.minimum(len(terms) - starts[-1:], MAX_FREQUENCY)
    firsts = fresh[starts].nonzero()[0]
    counts = np.diff(firsts, append=len(starts))
    return TermLists(terms[starts[firsts]], counts, owners[starts].astype(np.int32), frequencies)


def _among(some: TermLists, others: TermLists) -> TermLists:
    """Put the lists of two sets of terms that have none in common together."""
    order = np.concatenate([some.keys, others.keys]).argsort(kind="stable")
    counts = np.concatenate([some.counts, others.counts])[order]
    other = (order >= len(some.keys)).repeat(counts)
    numbers, frequencies = np.empty(len(other), np.int32), np.empty(len(other), np.uint8)
    numbers[other], frequencies[other] = others.numbers, others.frequencies
    np.logical_not(other, out=other)
    numbers[other], frequencies[other] = some.numbers, some.frequencies
    return TermLists(np.concatenate([some.keys, others.keys])[order], counts, numbers, frequencies)


def _after(some: TermLists, others: TermLists) -> TermLists:
    """Put the lists of terms after those of terms that are all lower."""
    return TermLists(
        np.concatenate([some.keys, others.keys]),
        np.concatenate([some.counts, others.counts]),
        np.concatenate([some.numbers, others.numbers]),
        np.concatenate([some.frequencies, others.frequencies]),
    )


def _joined(parts: list[TermLists]) -> TermLists:
    parts = [part for part in parts if len(part.keys)]
    if len(parts) == 1:
        return parts[0]
    keys = np.concatenate([part.keys for part in parts])
    counts = np.concatenate([part.counts for part in parts])
    # stable: of one term, the postings stay in the order of the runs, which is that of the documents
    order = keys.argsort(kind="stable")
    at = ragged((np.cumsum(counts) - counts)[order], counts[order])
    keys = keys[order]
    firsts = np.diff(keys, prepend=np.uint64(1 << 63)).nonzero()[0]
    return TermLists(
        keys[firsts],
        np.add.reduceat(counts[order], firsts),
        np.concatenate([part.numbers for part in parts])[at],
        np.concatenate([part.frequencies for part in parts])[at],
    )
