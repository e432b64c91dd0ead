"""Short ways to make documents and to ask an index."""

from __future__ import annotations

from search_index import Document, Index, Query, Results, Snippet

EVERYONE = frozenset({"all"})


def make(key: str, title: str = "", body: str = "", **rest: object) -> Document:
    """Return a document that everyone may see."""
    values: dict[str, object] = {"kind": "book", "ref": 1, "group": f"group:{key}", "audience": ("all",)}
    return Document(key=key, title=title, body=body, **(values | rest))  # type: ignore[arg-type]


def search(index: Index, text: str, audience: frozenset[str] = EVERYONE, **rest: object) -> Results:
    """Ask the index as everyone."""
    return index.search(Query(text, audience, **rest))  # type: ignore[arg-type]


def found(index: Index, text: str, **rest: object) -> list[str]:
    """Return the keys found, best first."""
    return [hit.key for hit in search(index, text, **rest).hits]  # type: ignore[arg-type]


def marked(snippet: Snippet) -> list[str]:
    """Return the marked stretches of a snippet."""
    return [text for text, marked in snippet if marked]


def plain(snippet: Snippet) -> str:
    """Return a snippet as it reads."""
    return "".join(text for text, _ in snippet)
