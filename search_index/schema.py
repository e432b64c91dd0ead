"""What the files of an index hold, and in which version."""

from __future__ import annotations

from whoosh.fields import STORED, Schema

from search_index.analysis import ANALYSER_VERSION

SCHEMA_VERSION = 7
"""Raise it with any change of files or their layout: older indexes are then refused and rebuilt."""

FORMAT = f"{SCHEMA_VERSION}.{ANALYSER_VERSION}"


def new_schema() -> Schema:
    """Return what Whoosh is told of the fields: only that something is stored, the rest being our codec's."""
    return Schema(document=STORED())
