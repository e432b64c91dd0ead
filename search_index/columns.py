"""What is kept of each document beside its terms and its body: columns of codes, and the tables they lead to."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from search_index.container import Array, Strings, narrow, table
from search_index.documents import KIND, YEAR, Document

Codes = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_TEXTS = ("title", "group", "place", "extra", "audience", "authors", "keywords")
_FACET = "facet:"
_as_json = json.JSONEncoder(ensure_ascii=False).encode


def text_hash(text: str) -> int:
    """Return 64 bits that stand for a key or a group (BLAKE2b)."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@dataclass(frozen=True)
class Column:
    """For each document the place of its text in a table."""

    texts: Strings
    codes: Codes

    def __getitem__(self, number: int) -> str:
        code = self.codes.item(number)
        return self.texts[code] if self.texts.kept is None else self.texts.kept[code]


class Columns:
    """The columns of one segment, numbered as its documents are."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Take what `columns_of` made. Raises KeyError or ValueError when something is missing or does not fit."""
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

    @cached_property
    def extras(self) -> list[dict[str, str]]:
        """The different extras of the segment's documents."""
        return [json.loads(text) for text in self.texts["extra"].texts.all()]

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


def columns_of(documents: Sequence[Document], lengths: npt.NDArray[np.integer]) -> dict[str, Array]:
    """Return the columns of some documents as they are written; `lengths` are those that ranking takes them to have."""
    arrays = Strings.of(document.key for document in documents).arrays("key")
    arrays["ref"] = np.array([document.ref for document in documents], np.int64)
    arrays["day"] = np.array([document.date.toordinal() if document.date else 0 for document in documents], np.int32)
    arrays["length"] = narrow(lengths)
    audiences = {audience: json.dumps(audience) for audience in {document.audience for document in documents}}
    written = {
        "title": [document.title for document in documents],
        "group": [document.group for document in documents],
        "place": [document.place for document in documents],
        "extra": [_as_json(dict(document.extra)) for document in documents],
        "audience": [audiences[document.audience] for document in documents],
        "authors": [document.authors for document in documents],
        "keywords": [document.keywords for document in documents],
    }
    names = {name for document in documents for name in document.facets if name not in (KIND, YEAR)}
    for name in (KIND, YEAR, *sorted(names)):
        written[_FACET + name] = [document.facet(name) for document in documents]
    for name, texts in written.items():
        strings, codes = table(texts)
        arrays |= strings.arrays(name)
        arrays[f"{name}.codes"] = narrow(codes)
    return arrays
