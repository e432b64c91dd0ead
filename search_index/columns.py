"""What is kept of each document beside its terms and its body: columns of codes, and the tables they lead to."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import chain

import numpy as np
import numpy.typing as npt

from search_index.container import Array, Strings, narrow, table
from search_index.documents import KIND, YEAR, Document

Codes = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_TEXTS = ("title", "group", "place", "extra", "audience", "authors", "keywords")
_FACET = "facet:"
_quoted = json.encoder.encode_basestring  # as ensure_ascii=False has it


def text_hashes(texts: Iterable[str]) -> Hashes:
    """Return for each key or group 64 bits that stand for it (BLAKE2b)."""
    digests = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64, copy=False)


@lru_cache(maxsize=256)
def _label(name: str) -> str:
    return f"{_quoted(name)}: "


def _written(texts: Mapping[str, str]) -> str:
    """Write texts as JSON, put together here: an encoder is set up anew for each."""
    return "{" + ", ".join([_label(name) + _quoted(text) for name, text in texts.items()]) + "}"


@dataclass(frozen=True)
class Column:
    """For each document the place of its text in a table."""

    texts: Strings
    codes: Codes

    def __getitem__(self, number: int) -> str:
        code = self.codes.item(number)
        return self.texts[code] if self.texts.kept is None else self.texts.kept[code]

    def of(self, numbers: npt.NDArray[np.intp]) -> list[str]:
        """Return the texts of some documents."""
        texts = self.texts.all() if self.texts.kept is None else self.texts.kept
        return [texts[code] for code in self.codes[numbers].tolist()]


class Columns:
    """The columns of one segment, numbered as its documents are."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Take what `ColumnsBuilder` made. Raises KeyError or ValueError when something is missing or does not fit."""
        self.keys = Strings.read(arrays, "key")
        self.size = len(self.keys)
        self.refs: Numbers = arrays["ref"].astype(np.int64)
        self.days: Numbers = arrays["day"].astype(np.int64)
        self.lengths = arrays["length"].astype(np.float32)
        self.texts = {name: self._column(arrays, name) for name in _TEXTS}
        names = [name.removesuffix(".codes") for name in arrays if name.startswith(_FACET) and name.endswith(".codes")]
        self.facets = {name.removeprefix(_FACET): self._column(arrays, name) for name in names}
        if not self.size == len(self.refs) == len(self.days) == len(self.lengths):
            raise ValueError("columns are of different lengths")

    def _column(self, arrays: Mapping[str, Array], name: str) -> Column:
        texts, codes = Strings.read(arrays, name), arrays[f"{name}.codes"].astype(np.uint32)
        if len(codes) != self.size or (self.size and int(codes.max()) >= len(texts)):
            raise ValueError(f"the column {name} does not fit")
        return Column(texts, codes)

    @cached_property
    def audiences(self) -> list[frozenset[str]]:
        """The different audiences of the segment's documents."""
        return [frozenset(json.loads(text)) for text in self.texts["audience"].texts.all()]

    def facet_column(self, name: str) -> Column:
        """Return the column of a facet; of one that no document has, a column of nothing."""
        found = self.facets.get(name)
        return found if found is not None else Column(Strings.of([""]), np.zeros(self.size, np.uint32))

    def document(self, number: int, body: str) -> Document:
        """Return a document as it was written, given its body."""
        texts = {name: column[number] for name, column in self.texts.items()}
        facets = {name: column[number] for name, column in self.facets.items() if name not in (KIND, YEAR)}
        return Document(
            key=self.keys[number],
            kind=self.facets[KIND][number],
            ref=int(self.refs[number]),
            group=texts["group"],
            title=texts["title"],
            body=body,
            keywords=texts["keywords"],
            audience=tuple(json.loads(texts["audience"])),
            date=self.date(number),
            place=texts["place"],
            extra=json.loads(texts["extra"]),
            facets={name: value for name, value in facets.items() if value},
            authors=texts["authors"],
        )

    def date(self, number: int) -> datetime.date | None:
        """Return the date of a document."""
        day = int(self.days[number])
        return datetime.date.fromordinal(day) if day else None


class ColumnsBuilder:
    """The columns of a segment while it is written."""

    def __init__(self) -> None:
        """Begin without documents."""
        self.keys: list[str] = []
        self._refs: list[int] = []
        self._days: list[int] = []
        self._texts: dict[str, list[str]] = {name: [] for name in _TEXTS}
        self._facets: dict[str, list[str]] = {KIND: [], YEAR: []}
        self._audiences: dict[tuple[str, ...], str] = {}

    @property
    def groups(self) -> list[str]:
        """The group of each document."""
        return self._texts["group"]

    def different(self, name: str) -> list[str]:
        """Give the different texts of a column, in the order in which they are written."""
        return [*dict.fromkeys(self._texts[name])]

    def add(self, documents: Sequence[Document]) -> None:
        """Add the next documents: a column at a time, for hundreds of them come at once."""
        keys, kinds, refs, groups, titles, _, keywords, audiences, dates, places, extras, facets, authors = zip(
            *documents, strict=True
        )
        for name in {*chain.from_iterable(facets)} - {KIND, YEAR}:
            self._facet(name).extend([values.get(name, "") for values in facets])
        years = {day: str(day.year) if day else "" for day in {*dates}}
        self._facets[KIND] += kinds
        self._facets[YEAR] += [years[day] for day in dates]
        self._audiences |= {tokens: json.dumps(tokens) for tokens in {*audiences}.difference(self._audiences)}
        texts = self._texts
        texts["title"] += titles
        texts["group"] += groups
        texts["place"] += places
        texts["extra"] += map(_written, extras)
        texts["audience"] += [self._audiences[tokens] for tokens in audiences]
        texts["authors"] += authors
        texts["keywords"] += keywords
        self._refs += refs
        self._days += [day.toordinal() if day else 0 for day in dates]
        self.keys += keys

    def carry_over(self, columns: Columns, live: npt.NDArray[np.intp]) -> None:
        """Add the next documents as another segment has them, of it those with some numbers."""
        for name, column in columns.facets.items():
            values = column.of(live)
            if name in (KIND, YEAR) or any(values):
                self._facet(name).extend(values)
        for name, column in columns.texts.items():
            self._texts[name] += column.of(live)
        self._refs += columns.refs[live].tolist()
        self._days += columns.days[live].tolist()
        keys = columns.keys.all()
        self.keys += [keys[number] for number in live.tolist()]

    def _facet(self, name: str) -> list[str]:
        """Give the column of a facet, with nothing for the documents up to now that do not have it."""
        column = self._facets.setdefault(name, [])
        column += [""] * (len(self.keys) - len(column))
        return column

    def arrays(self, lengths: npt.NDArray[np.integer]) -> dict[str, Array]:
        """Return the columns as they are written; `lengths` are those that ranking takes the documents to have."""
        arrays = Strings.of(self.keys).arrays("key")
        arrays["ref"] = np.array(self._refs, np.int64)
        arrays["day"] = np.array(self._days, np.int32)
        arrays["length"] = narrow(lengths)
        facets = {_FACET + name: self._facet(name) for name in (KIND, YEAR, *sorted({*self._facets} - {KIND, YEAR}))}
        for name, texts in (self._texts | facets).items():
            strings, codes = table(texts)
            arrays |= strings.arrays(name)
            arrays[f"{name}.codes"] = narrow(codes)
        return arrays
