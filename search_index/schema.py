"""How a document is laid down in Whoosh's fields, and read back.

Field    Terms                                        Frequency
key      the document's key                           1
kind     its kind                                     1
audience each token                                   1
text     each term of title, body and keywords        weighted count (analysis.document_terms)
size     "n"                                          the document's weighted length

Nothing but postings and one stored tuple: document lengths are a posting list too, so everything that ranking needs
is read the same way, and Whoosh carries it through merges by itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Generator, Mapping
from typing import Any

from whoosh.fields import STORED, FieldType, Schema
from whoosh.formats import Existence

from search_index.analysis import ANALYSER_VERSION, document_terms
from search_index.documents import Document

SCHEMA_VERSION = 1
"""Raise it with any change of fields, stored tuple or posting layout: older indexes are then refused and rebuilt."""

FORMAT = f"{SCHEMA_VERSION}.{ANALYSER_VERSION}"

KEY, KIND, AUDIENCE, TEXT, SIZE, STORED_TUPLE = "key", "kind", "audience", "text", "size", "stored"
SIZE_TERM = b"n"

Row = tuple[str, str, int, str, str, str, str, tuple[str, ...], int, str, dict[str, str]]


class TermsField(FieldType):
    """A field that is given its terms with their frequencies, instead of a text to analyse."""

    def __init__(self) -> None:
        super().__init__(Existence(), analyzer=None)  # type: ignore[arg-type]

    def index(self, value: Mapping[str, int], **kwargs: Any) -> Generator[tuple[bytes, int, float, bytes], Any, None]:
        """Yield each term as Whoosh wants it: bytes, frequency, weight, payload."""
        for term, frequency in value.items():
            yield encode_term(term), frequency, frequency, b""


def new_schema() -> Schema:
    """Return the schema of the index."""
    fields: dict[str, FieldType] = {name: TermsField() for name in (KEY, KIND, AUDIENCE, TEXT, SIZE)}
    return Schema(**fields, **{STORED_TUPLE: STORED()})


def encode_term(term: str) -> bytes:
    """Return the bytes of a term; any string has some, even one that is no valid Unicode."""
    return term.encode("utf-8", "surrogatepass")


def decode_term(term: bytes) -> str:
    """Return the string behind a term's bytes."""
    return term.decode("utf-8", "surrogatepass")


def to_fields(document: Document) -> dict[str, object]:
    """Return what Whoosh's `add_document` is given for a document."""
    terms, length = document_terms(document.title, document.body, document.keywords)
    return {
        KEY: {document.key: 1},
        KIND: {document.kind: 1},
        AUDIENCE: dict.fromkeys(document.audience, 1),
        TEXT: terms,
        SIZE: {"n": max(length, 1)},
        STORED_TUPLE: _row(document),
    }


def _row(document: Document) -> Row:
    return (
        document.key,
        document.kind,
        document.ref,
        document.group,
        document.title,
        document.body,
        document.keywords,
        document.audience,
        document.date.toordinal() if document.date else 0,
        document.place,
        dict(document.extra),
    )


def to_document(row: Row) -> Document:
    """Return the document that a stored tuple was made from."""
    key, kind, ref, group, title, body, keywords, audience, ordinal, place, extra = row
    date = datetime.date.fromordinal(ordinal) if ordinal else None
    return Document(key, kind, ref, group, title, body, keywords, audience, date, place, extra)
