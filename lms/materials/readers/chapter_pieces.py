"""Markup in pieces: its tags, and the texts between them; what stands in an element, and the cells of a table."""

import re
from collections.abc import Set
from typing import NamedTuple

from .chapter_tags import Unusual, seen_by_name, text_of
from .flow import tidy
from .hypertext import MAX_CELLS, SKIPPED

_TAG = re.compile(rb"""<((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_AROUND_ROWS = frozenset(("thead", "tbody", "tfoot", "col", "colgroup"))
_NO_CELLS = SKIPPED | {"table"}


class Pieces(NamedTuple):
    """The tags of some markup, without their brackets, and its texts: one before each tag, and one after the last."""

    tags: list[bytes]
    texts: list[bytes]

    def end_of(self, at: int) -> int:
        """Give the tag that ends the element which one begins. Raises Unusual where its like stands within."""
        tags = self.tags
        tag = tags[at]
        if tag.endswith(b"/"):
            return at
        written = tag.split(None, 1)[0]
        closing = b"/" + written
        if tags[at + 1] == closing:
            return at + 1
        try:
            end = tags.index(closing, at)
        except ValueError as error:
            raise Unusual from error
        inner = tags[at + 1 : end]
        like = [tag for tag in inner if tag.startswith(written)]
        if like and written in [tag.split(None, 1)[0] for tag in like]:
            raise Unusual
        return end

    def between(self, at: int, end: int) -> "Pieces":
        """Give what stands between two tags."""
        return Pieces(self.tags[at + 1 : end], self.texts[at + 1 : end + 1])

    def text(self) -> str:
        """Give the text as it stands there."""
        return text_of(b"".join(self.texts))

    def words(self) -> str:
        """Give the words of a line, as ``hypertext`` does those of a heading. Raises Unusual for what is not shown."""
        if self.tags:
            self._refuse(SKIPPED)
            for at, tag in enumerate(self.tags, start=1):
                if tag.startswith(b"br") and seen_by_name(tag).name == "br":
                    self.texts[at] = b" " + self.texts[at]
        return tidy(self.text())

    def rows(self) -> list[list[str]]:
        """Give the words of the cells of a table, row by row. Raises Unusual where it is made in another way."""
        self._refuse(_NO_CELLS)
        rows: list[list[str]] = []
        within, after = False, -1
        for at, tag in enumerate(self.tags):
            if at <= after:
                continue
            name, closes, whole, *_ = seen_by_name(tag)
            if name == "tr" and within == closes:
                within = not closes and not whole
                if not closes:
                    rows.append([])
            elif name in ("td", "th") and within:
                after = self.end_of(at)
                rows[-1].append(self.between(at, after)._cell())
            elif name == "caption" and not within:
                after = self.end_of(at)
            elif name not in _AROUND_ROWS or within:
                raise Unusual
        return [row[:MAX_CELLS] for row in rows]

    def _cell(self) -> str:
        if len(self.texts) == 1:
            return tidy(self.text())
        self._refuse({"tr"})
        texts = [text_of(text) for text in self.texts]
        return tidy(" ".join([text for text in texts if text.strip()]))

    def _refuse(self, names: Set[str]) -> None:
        if any(seen_by_name(tag).name in names for tag in self.tags):
            raise Unusual


def split(markup: bytes) -> Pieces:
    """Split well-formed markup at its tags. Comments and other declarations come out as tags whose names are none."""
    parts = markup.replace(b">", b"<").split(b"<")
    if len(parts) != 2 * markup.count(b"<") + 1:  # a bracket more, in text or within an attribute
        parts = _TAG.split(markup)
    return Pieces(parts[1::2], parts[::2])


def without_comments(markup: bytes) -> bytes:
    """Leave comments out; most chapters have none."""
    return _COMMENT.sub(b"", markup) if b"<!--" in markup else markup
