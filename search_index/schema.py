"""How a document is laid down in fields of terms and one stored tuple, and read back.

Field    Terms                                        Frequency
key      the document's key                           1
group    the group it belongs to                      1
kind     its kind                                     1
audience each token                                   1
text     each term of title, body and keywords        weighted count (analysis.document_terms)
size     "n"                                          the document's weighted length

Nothing but postings and one stored tuple: document lengths are a posting list too, so everything that ranking needs
is written, read and merged in one way.
"""

from __future__ import annotations

import datetime

from whoosh.fields import STORED, Schema

from search_index.analysis import ANALYSER_VERSION, document_terms
from search_index.documents import Document

SCHEMA_VERSION = 3
"""Raise it with any change of fields, stored tuple or posting layout: older indexes are then refused and rebuilt."""

FORMAT = f"{SCHEMA_VERSION}.{ANALYSER_VERSION}"

KEY, GROUP, KIND, AUDIENCE, TEXT, SIZE = "key", "group", "kind", "audience", "text", "size"
STORED_TUPLE = "stored"
SIZE_TERM = b"n"

Row = tuple[str, str, int, str, str, str, str, tuple[str, ...], int, str, dict[str, str]]


def new_schema() -> Schema:
    """Return what Whoosh is told of the fields: it keeps the stored one, our codec the others."""
    return Schema(**{STORED_TUPLE: STORED()})


def encode_term(term: str) -> bytes:
    """Return the bytes of a term; any string has some, even one that is no valid Unicode."""
    return term.encode("utf-8", "surrogatepass")


def decode_term(term: bytes) -> str:
    """Return the string behind a term's bytes."""
    return term.decode("utf-8", "surrogatepass")


def term_fields(document: Document) -> dict[str, dict[bytes, int]]:
    """Return the terms of a document with their frequencies, by field."""
    terms, length = document_terms(document.title, document.body, document.keywords)
    return {
        KEY: {encode_term(document.key): 1},
        GROUP: {encode_term(document.group): 1},
        KIND: {encode_term(document.kind): 1},
        AUDIENCE: {encode_term(token): 1 for token in document.audience},
        TEXT: {term.encode(): frequency for term, frequency in terms.items()},
        SIZE: {SIZE_TERM: max(length, 1)},
    }


def to_row(document: Document) -> Row:
    """Return what is stored of a document."""
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
