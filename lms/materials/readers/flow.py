"""Putting pages together from what runs through a document: headings, paragraphs, lists, tables.

Each page is given twice: its plain text, for search, and as markup of few tags, in which everything that came from the
file is escaped. The markup is cleaned once more before anybody sees it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .limits import ALL_CHARS, MAX_SECTIONS, Refused

HEADING_CHARS = 200
LONGEST = 8000
ALT_CHARS = 300
HARD_LIMIT = 30_000
HIGHEST_HEADING = 3  # the page itself has h1, the section h2
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0\u3000]+")
_RAGGED = re.compile(r"[\t\r\n\f\v\xa0\u3000]|  ")
_LINES = re.compile(r"\n{3,}")
_CARE = re.compile("[\t\r\n\f\v\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000&<>\"']")
_MARKED = re.compile("[&<>\"']")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


class Run(NamedTuple):
    """Words set alike, or the words of a picture. A line end within them is one that the author made.

    ``picture`` are its number, width and height where it is shown; the words are then what is searched in its place.
    """

    text: str
    bold: bool = False
    italic: bool = False
    picture: tuple[int, int, int] | None = None


class Section:
    """A page on its way: heading, plain lines, pieces of markup."""

    def __init__(self, heading: str = "") -> None:
        """Begin one; no dataclass, whose module takes longer to load than a short book to read."""
        self.heading = heading
        self.lines: list[str] = []
        self.pieces: list[str] = []
        self.chars = 0

    @property
    def empty(self) -> bool:
        """Say whether nothing stands in it."""
        return not self.pieces

    def whole(self) -> tuple[str, str]:
        """Give its plain text and its markup."""
        return "\n".join(self.lines), "".join(self.pieces)


class Flow:
    """Takes blocks one after the other and cuts them into sections."""

    def __init__(self) -> None:
        """Begin with an empty section."""
        self.sections: list[Section] = []
        self._now = Section()
        self._lists: list[str] = []
        self._total = 0

    def begin(self, heading: str) -> None:
        """Begin a section under a heading; an empty one before it lends its heading."""
        self.close_lists()
        heading = tidy(heading)[:HEADING_CHARS]
        if self._now.empty:
            before = self._now.heading
            self._now.heading = f"{before} · {heading}"[:HEADING_CHARS] if before and heading else before or heading
            return
        self._store()
        self._now = Section(heading)

    def heading(self, level: int, runs: Sequence[Run]) -> None:
        """Add a heading within a section; ``level`` from 1 for the highest."""
        self.close_lists()
        words = plain(runs)
        if words:
            tag = f"h{min(6, HIGHEST_HEADING + level - 1)}"
            self._add(words, f"<{tag}>{escape(words)}</{tag}>")

    def paragraph(self, runs: Sequence[Run], tag: str = "p") -> None:
        """Add a paragraph, or a quotation with the tag "blockquote". One without words is left out."""
        self.close_lists()
        words = plain(runs)
        if words or _shows(runs):
            self._room()
            self._add(words, f"<{tag}>{marked(runs)}</{tag}>")

    def put_plainly(self, texts: list[str]) -> bool:
        """Add paragraphs at once that need no care; say whether it was so, else nothing was added.

        Care is needed for white space that is put together, for what means something in markup, and for a long section.
        """
        joined = "\0".join(texts)
        size = len(joined) - len(texts) + 1
        if self._now.chars + size >= LONGEST or _CARE.search(joined) or _spaced(joined):
            return False
        if self._lists:
            self.close_lists()
        self._now.lines.append(joined.replace("\0", "\n"))
        self._now.pieces.append(f"<p>{joined.replace(chr(0), '</p><p>')}</p>")
        self._count(size)
        return True

    def item(self, runs: Sequence[Run], depth: int = 1, *, ordered: bool = False) -> None:
        """Add an item of a list; ``depth`` 1 is the outermost."""
        words = plain(runs)
        if not words and not _shows(runs):
            return
        self._open_lists(min(depth, 6), "ol" if ordered else "ul")
        self._add(words, f"<li>{marked(runs)}</li>")

    def _open_lists(self, depth: int, tag: str) -> None:
        while len(self._lists) > depth:
            self._now.pieces.append(f"</{self._lists.pop()}>")
        if len(self._lists) == depth and self._lists[-1] != tag:
            self._now.pieces.append(f"</{self._lists.pop()}>")
        while len(self._lists) < depth:
            self._lists.append(tag)
            self._now.pieces.append(f"<{tag}>")

    def close_lists(self) -> None:
        """End the lists that are open."""
        while self._lists:
            self._now.pieces.append(f"</{self._lists.pop()}>")

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Add a table of plain cells; the first row is its head."""
        self.close_lists()
        lines, parts = [], []
        for number, row in enumerate(rows):
            cells = [tidy(cell) for cell in row]
            if any(cells):
                tag = "td" if number else "th"
                lines.append(" ".join(cell for cell in cells if cell))
                parts.append("<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>")
        if lines:
            self._room()
            self._add("\n".join(lines), f"<table>{''.join(parts)}</table>")

    def preformatted(self, text: str) -> None:
        """Add text whose spaces and line ends are kept."""
        self.close_lists()
        if text.strip():
            self._add(text.strip("\n"), f"<pre>{escape(text)}</pre>")

    def _room(self) -> None:
        """Go on in a further section of the same heading where this one has become long."""
        if self._now.chars >= LONGEST:
            heading = self._now.heading
            self._store()
            self._now = Section(heading)

    def _add(self, words: str, markup: str) -> None:
        now, size = self._now, len(words)
        if now.chars + size > HARD_LIMIT and now.pieces:
            opened = list(self._lists)
            self.close_lists()
            heading = self._now.heading
            self._store()
            self._now = Section(heading)
            for tag in opened:
                self._open_lists(len(self._lists) + 1, tag)
            now = self._now
        if words:
            now.lines.append(words)
        now.pieces.append(markup)
        self._count(size)

    def _count(self, size: int) -> None:
        self._now.chars += size
        self._total += size
        if self._total > ALL_CHARS:
            raise Refused("heavy")

    def _store(self) -> None:
        if self._now.empty and not self._now.heading:
            return
        self.sections.append(self._now)
        if len(self.sections) > MAX_SECTIONS:
            raise Refused("pages")

    def finish(self) -> list[Section]:
        """End the document and give its sections."""
        self.close_lists()
        self._store()
        self._now = Section()
        return self.sections


def _spaced(joined: str) -> bool:
    """Say whether texts with a NUL between them hold spaces that do not stand alone between words."""
    return " " in joined and any(found in f"\0{joined}\0" for found in ("  ", "\0 ", " \0"))


def escape(text: str) -> str:
    """Write text so that it is text in markup, in attributes too; most has nothing to be written otherwise."""
    return text.translate(_ESCAPES) if _MARKED.search(text) else text


def tidy(text: str) -> str:
    """Put runs of white space together."""
    if _RAGGED.search(text):
        return _SPACE.sub(" ", text).strip()
    return text.strip()


def plain(runs: Sequence[Run]) -> str:
    """Give the words of runs, line ends kept."""
    text = runs[0].text if len(runs) == 1 else "".join([run.text for run in runs])
    if "\n" not in text:
        return tidy(text)
    lines = text.split("\n")
    return _LINES.sub("\n\n", "\n".join(tidy(line) for line in lines)).strip("\n ")


def marked(runs: Sequence[Run]) -> str:
    """Give runs as markup."""
    if len(runs) == 1 and not any(runs[0][1:]):
        return escape(runs[0].text).strip("\n").replace("\n", "<br>")
    parts = []
    for run in runs:
        if run.picture:
            parts.append(_image(run))
            continue
        text = escape(run.text).strip("\n") if len(runs) == 1 else escape(run.text)
        text = text.replace("\n", "<br>")
        if run.bold and text.strip():
            text = f"<strong>{text}</strong>"
        if run.italic and text.strip():
            text = f"<em>{text}</em>"
        parts.append(text)
    return "".join(parts)


def _shows(runs: Iterable[Run]) -> bool:
    return any(run.picture for run in runs)


def picture_run(shown: tuple[int, int, int] | None, alt: str) -> Run:
    """Make a run of a picture, or only of its words where it cannot be shown."""
    words = tidy(alt)[:ALT_CHARS]
    return Run(f" [{words}] " if words else "", picture=shown)


def _image(run: Run) -> str:
    number, width, height = run.picture or (0, 0, 0)
    alt = escape(run.text.strip().removeprefix("[").removesuffix("]"))
    return f'<img src="{number}" alt="{alt}" width="{width}" height="{height}">'
