"""A flow for its plain text alone: the same sections as ``Flow`` makes, with paragraphs put in many at a time."""

import re

from .chapter_sheet import LINE_END
from .flow import LONGEST, Flow, Run, plain

_SPACES = "\t\r\n\f\v\xa0\u3000"
_WHITE = re.compile(r"[ \t\r\n\f\v]+")


class PlainFlow(Flow):
    """Takes the texts of blocks, with white space as it stands in the file; nothing is written of their looks."""

    def put_texts(self, texts: list[str]) -> None:
        """Add paragraphs, each of one text that is not white space alone and has no `LINE_END`."""
        if not texts:
            return
        if self._lists:
            self.close_lists()
        joined = _spaced_once("\0".join(texts))
        lines = [text.strip() for text in joined.split("\0")]
        size = sum(map(len, lines))
        if self._now.chars + size < LONGEST:
            self._now.lines += lines
            self._now.pieces.append("")
            self._count(size)
            return
        for words in lines:
            self._room()
            self._add(words, "")

    def put_text(self, text: str, *, shows: bool = False) -> None:
        """Add one paragraph; ``shows`` says that a picture stands in it."""
        words = words_of(text)
        if words or shows:
            self.close_lists()
            self._room()
            self._add(words, "")

    def put_item(self, text: str, depth: int, tag: str, *, shows: bool = False) -> None:
        """Add an item of a list, "ul" or "ol"."""
        words = words_of(text)
        if words or shows:
            self._open_lists(min(depth, 6), tag)
            self._add(words, "")

    def put_heading(self, words: str) -> None:
        """Add a heading within a section."""
        self.close_lists()
        self._add(words, "")

    def put_as_it_is(self, text: str) -> None:
        """Add text whose spaces and line ends are kept."""
        self.close_lists()
        if text.strip():
            self._add(text.strip("\n"), "")

    def put_table(self, rows: list[list[str]]) -> None:
        """Add a table by its rows of cells, whose texts are tidy."""
        self.close_lists()
        lines = [" ".join([cell for cell in row if cell]) for row in rows if any(row)]
        if lines:
            self._room()
            self._add("\n".join(lines), "")


def _spaced_once(text: str) -> str:
    """Put runs of white space together, as ``flow.tidy`` does; no pattern, which would stop at every space."""
    for found in _SPACES:
        text = text.replace(found, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def words_of(text: str) -> str:
    """Give the words of a block, the line ends of the author kept."""
    if LINE_END in text:
        text = _WHITE.sub(" ", text).replace(LINE_END, "\n")
    elif "\n" in text:
        text = text.replace("\n", " ")
    return plain((Run(text),))
