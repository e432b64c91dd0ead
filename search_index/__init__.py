"""Full-text search for Chinese and English: an index on disk, one writer, many fast readers."""

from search_index.documents import Document, Found, Hit, Part, Query, Results, Snippet
from search_index.errors import IndexDamaged, IndexMissing, IndexOutdated, SearchIndexError, WriterBusy
from search_index.index import Index, dump
from search_index.writer import IndexWriter, rebuild

__all__ = [
    "Document",
    "Found",
    "Hit",
    "Index",
    "IndexDamaged",
    "IndexMissing",
    "IndexOutdated",
    "IndexWriter",
    "Part",
    "Query",
    "Results",
    "SearchIndexError",
    "Snippet",
    "WriterBusy",
    "dump",
    "rebuild",
]
