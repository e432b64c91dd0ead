"""Walking through HTML: what a reader would read, in the order it stands, without what only a browser needs."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from .flow import Flow, Run, picture_run, tidy
from .markup import local, local_name

SKIPPED = {
    "script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "math", "head", "nav",
    "select", "option", "button", "input", "textarea", "audio", "video", "canvas", "map", "base", "link", "meta",
}  # fmt: skip
BLOCKS = {
    "p", "div", "section", "article", "main", "header", "footer", "aside", "figure", "figcaption", "address", "body",
    "html", "center", "details", "summary", "dd", "dt", "dl", "fieldset", "form",
}  # fmt: skip
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BOLD = frozenset(("b", "strong", "th"))
ITALIC = frozenset(("i", "em", "cite", "dfn", "var"))
LISTS = {"ul": False, "ol": True, "menu": False}
DEEPEST = 200
MAX_CELLS = 200
_SPECIAL = SKIPPED | HEADINGS.keys() | {"", "br", "img", "pre", "table"}
_BLOCKS = BLOCKS | LISTS.keys() | {"li", "blockquote", "hr"}
_PARAGRAPH, _INLINE, _BOLD, _ITALIC, _OTHER = range(1, 6)
_LINE_END = "\0"  # of the author, among white space that means nothing
_WHITE = re.compile(r"[ \t\r\n\f\v]+")
_RAGGED = re.compile(r"[\t\r\n\f\v]|  ")
MOST_KINDS = 1000
_kinds: dict[object, int] = {}


class Walker:
    """Puts an HTML tree into a flow. ``cut`` is the lowest heading that begins a section (0: none does).

    ``targets`` are the ids at which a section begins, each with its heading: what a table of contents leads to.
    """

    def __init__(
        self,
        flow: Flow,
        cut: int = 0,
        targets: Mapping[str, str] | None = None,
        pictures: Callable[[str], tuple[int, int, int] | None] = lambda _: None,
    ) -> None:
        """Write into a flow; ``pictures`` gives what an address of a picture shows."""
        self._pictures = pictures
        self._flow = flow
        self._cut = cut
        self._targets = targets or {}
        self._runs: list[Run] = []
        self._texts: list[str] = []
        self._style = (False, False)
        self._lists: list[bool] = []
        self._quoted = 0

    def walk(self, root: Any) -> None:
        """Put a tree into the flow."""
        self._element(root, False, False, 0)
        self._flush()

    def _element(self, element: Any, bold: bool, italic: bool, depth: int) -> None:
        name = local(element)
        if name == "svg":
            self._drawn(element)
        if name in SKIPPED or not name or depth > DEEPEST:
            return
        if self._targets:
            self._begin_at(element)
        if name not in _SPECIAL:
            self._container(element, name, bold or name in BOLD, italic or name in ITALIC, depth)
        elif name in HEADINGS and (words := _words(element)):
            self._heading(HEADINGS[name], words)
        elif name == "br":
            self._text(_LINE_END, *self._style)
        elif name == "img":
            self._show(element.get("src") or "", element.get("alt") or "")
        elif name == "pre":
            self._flush()
            self._flow.preformatted("".join(element.itertext()))
        elif name == "table":
            self._flush()
            self._table(element, bold, italic, depth)
        else:
            self._container(element, name, bold or name in BOLD, italic or name in ITALIC, depth)

    def _begin_at(self, element: Any) -> None:
        target = str(element.get("id") or element.get("name") or "")
        if target in self._targets:
            self._flush()
            self._flow.begin(self._targets[target])

    def _drawn(self, element: Any) -> None:
        """Show the pictures that a drawing only frames, as covers of e-books are made; what it draws is left out."""
        for image in element.iter():
            if local(image) == "image":
                self._show(image.get("{http://www.w3.org/1999/xlink}href") or image.get("href") or "", "")

    def _show(self, address: str, words: str) -> None:
        self._end_run()
        self._runs.append(picture_run(self._pictures(address), words))

    def _heading(self, level: int, words: str) -> None:
        self._flush()
        if level <= self._cut:
            self._flow.begin(words)
        else:
            self._flow.heading(max(1, level - self._cut), [Run(words)])

    def _container(self, element: Any, name: str, bold: bool, italic: bool, depth: int) -> None:
        block = name in _BLOCKS
        if block:
            self._flush()
        if name in LISTS:
            self._lists.append(LISTS[name])
        self._quoted += name == "blockquote"
        if element.text:
            self._text(element.text, bold, italic)
        self._children(element, bold, italic, depth)
        if block:
            self._flush()
        self._quoted -= name == "blockquote"
        if name in LISTS:
            self._lists.pop()
            if not self._lists:
                self._flow.close_lists()

    def _children(self, element: Any, bold: bool, italic: bool, depth: int) -> None:
        """Put in what stands in an element; paragraphs of nothing but text, as most are, many at a time."""
        plain = not (bold or italic or self._lists or self._quoted or depth >= DEEPEST)
        targets, known = self._targets, _kinds.get
        held: list[str] = []
        for child in element:
            text, tail = child.text, child.tail
            kind = _OTHER if len(child) else known(child.tag) or _kind(child.tag)
            if targets and kind != _OTHER and (child.get("id") in targets or child.get("name") in targets):
                kind = _OTHER
            if kind == _PARAGRAPH and plain and text:
                if self._texts or self._runs:
                    self._flush()
                if not text.isspace():
                    held.append(text)
            else:
                held = self._put(held) if held else held
                if kind in (_PARAGRAPH, _OTHER):
                    self._element(child, bold, italic, depth + 1)
                elif text:
                    self._text(text, bold or kind == _BOLD, italic or kind == _ITALIC)
            if tail and (self._texts or self._runs or not tail.isspace()):
                held = self._put(held) if held else held
                self._text(tail, bold, italic)
        if held:
            self._put(held)

    def _put(self, texts: list[str]) -> list[str]:
        """Put the texts of paragraphs into the flow, and give the beginning of further ones."""
        if texts and not self._flow.put_plainly(texts):
            for text in texts:
                self._flow.paragraph([Run(_WHITE.sub(" ", text))])
        return []

    def _text(self, text: str, bold: bool, italic: bool) -> None:
        if self._style != (bold, italic):
            self._end_run()
            self._style = (bold, italic)
        self._texts.append(text)

    def _end_run(self) -> None:
        """Make a run of the texts that are set alike."""
        if self._texts:
            text = self._texts[0] if len(self._texts) == 1 else "".join(self._texts)
            self._texts = []
            if _RAGGED.search(text):
                text = _WHITE.sub(" ", text)
            self._runs.append(Run(text.replace(_LINE_END, "\n"), *self._style))

    def _flush(self) -> None:
        self._end_run()
        runs = self._runs
        if not runs:
            return
        self._runs = []
        if not any(run.picture or run.text.strip() for run in runs):
            return
        if self._lists:
            self._flow.item(runs, len(self._lists), ordered=self._lists[-1])
        else:
            self._flow.paragraph(runs, "blockquote" if self._quoted else "p")

    def _table(self, element: Any, bold: bool, italic: bool, depth: int) -> None:
        """Put a table in as one when it is of words, or its cells one after the other when it holds tables itself."""
        rows = [row for row in element.iter() if local(row) == "tr"]
        if any(local(inner) == "table" for inner in element.iterdescendants()):
            for row in rows:
                for cell in row:
                    self._container(cell, "div", bold, italic, depth + 1)
            return
        self._flow.table([[_words(cell) for cell in row][:MAX_CELLS] for row in rows])


def _kind(tag: object) -> int:
    """Say what an element without others in it is to a reader."""
    name = local_name(tag) if isinstance(tag, str) else ""
    styled = _BOLD if name in ("b", "strong") else _ITALIC if name in ITALIC else _INLINE
    other = name in _SPECIAL or name in _BLOCKS or name in BOLD
    found = _PARAGRAPH if name == "p" else _OTHER if other and styled == _INLINE else styled
    if len(_kinds) < MOST_KINDS:
        _kinds[tag] = found
    return found


def _words(element: Any) -> str:
    """Give the words below an element, without what is never shown."""
    parts: list[str] = []
    _gather(element, parts, 0)
    return tidy(" ".join(part for part in parts if part.strip()) if local(element) in ("td", "th") else "".join(parts))


def _gather(element: Any, parts: list[str], depth: int) -> None:
    name = local(element)
    if name in SKIPPED or not name or depth > DEEPEST:
        return
    if name == "br":
        parts.append(" ")
    if element.text:
        parts.append(element.text)
    for child in element:
        _gather(child, parts, depth + 1)
        if child.tail:
            parts.append(child.tail)
