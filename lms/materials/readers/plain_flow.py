"""A flow for its plain text alone: the same sections as ``Flow`` makes, with paragraphs put in many at a time."""

from .chapter_tags import BLOCK, LINE_END, SHOWN
from .flow import HARD_LIMIT, LONGEST, Flow, Run, plain

_NO_BREAK, _WIDE = "\xa0".encode(), "\u3000"


class PlainFlow(Flow):
    """Takes runs of blocks as ``chapter_text`` makes them; nothing is written of their looks."""

    def put_texts(self, run: str) -> None:
        """Add the blocks of a run as paragraphs."""
        lines = lines_of(run)
        if not lines:
            return
        if self._lists:
            self.close_lists()
        if not self._put_all(lines, LONGEST):
            for words in lines:
                self._room()
                self._add(words, "")

    def put_items(self, run: str, depth: int, tag: str) -> None:
        """Add the blocks of a run as items of a list, "ul" or "ol"."""
        lines = lines_of(run)
        if not lines:
            return
        self._open_lists(min(depth, 6), tag)
        if not self._put_all(lines, HARD_LIMIT + 1):
            for words in lines:
                self._open_lists(min(depth, 6), tag)
                self._add(words, "")

    def _put_all(self, lines: list[str], room: int) -> bool:
        """Add lines at once where the section stays shorter than ``room``; say whether it was so."""
        size = sum(map(len, lines))
        if self._now.chars + size >= room:
            return False
        self._now.lines += lines if all(lines) else filter(None, lines)
        self._now.pieces.append("")
        self._count(size)
        return True

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


def spaced_once(text: bytes) -> str:
    """Put runs of white space together, the same as ``flow.tidy`` does. Raises UnicodeDecodeError for no UTF-8.

    The wide one of Chinese is looked for afterwards: among bytes that are nearly the same it takes long.
    """
    if b"\xc2" in text:
        text = text.replace(_NO_BREAK, b" ")
    spaced = b" ".join(text.split()).decode()
    if _WIDE in spaced:
        spaced = spaced.replace(_WIDE, " ")
        while "  " in spaced:
            spaced = spaced.replace("  ", " ")
    return spaced


def lines_of(run: str) -> list[str]:
    """Give the words of the blocks of a run in which white space stands once; "" for a picture without any.

    Line ends of the author are kept within a block.
    """
    if LINE_END not in run and SHOWN not in run:
        return list(filter(None, map(str.strip, run.split(BLOCK))))
    found = map(_line, run.split(BLOCK))
    return [words for words, shows in found if words or shows]


def _line(block: str) -> tuple[str, bool]:
    """Give the words of a block, and whether a picture stands in it."""
    if LINE_END not in block and SHOWN not in block:
        return block.strip(), False
    return plain((Run(block.replace(LINE_END, "\n").replace(SHOWN, "")),)), SHOWN in block
