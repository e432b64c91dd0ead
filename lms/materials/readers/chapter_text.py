"""The words of a chapter without their looks: what ``hypertext`` takes out of it, in a fraction of the time.

libxslt writes the chapter as a stream of its blocks; what is out of the ordinary is left to ``hypertext``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from .chapter_sheet import BLOCK, LINE_END, SHEET, SHEET_WITH_PLACES, SIGN
from .flow import ALT_CHARS, tidy
from .hypertext import MAX_CELLS
from .plain_flow import PlainFlow


class Unusual(Exception):
    """The chapter is to be walked through element by element."""


def put_words(root: Any, flow: PlainFlow, cut: int, targets: Mapping[str, str], shown: Callable[[str], object]) -> None:
    """Put the words below an element into a flow, as ``hypertext.Walker`` does.

    Raises Unusual, with nothing put in, for what is nested otherwise, or deeper, than in nearly all books.
    """
    try:
        written = str((SHEET_WITH_PLACES if targets else SHEET)(root))
    except etree.XSLTError as error:
        raise Unusual from error
    for put, values in _Chapter(cut, targets, shown).steps(written):
        put(flow, *values)


Step = tuple[Callable[..., None], tuple[object, ...]]


class _Chapter:
    """Takes the blocks of a chapter, and notes for each what is to be put into the flow."""

    def __init__(self, cut: int, targets: Mapping[str, str], shown: Callable[[str], object]) -> None:
        self._steps: list[Step] = []
        self._cut = cut
        self._targets = targets
        self._shown = shown
        self._held: list[str] = []
        self._lists: list[str] = []
        self._known: dict[str, bool] = {}

    def steps(self, written: str) -> list[Step]:
        """Give what is to be done with a chapter as the sheet writes it. Raises Unusual."""
        for block in written.split(BLOCK):
            if SIGN in block:
                self._take_signs(block.split(SIGN))
            elif not block or block.isspace():
                pass
            elif self._lists or LINE_END in block:
                self._take(block)
            else:
                self._held.append(block)
        self._put_held()
        return self._steps

    def _take(self, text: str, shows: bool = False) -> None:
        """Take a block of words; ``shows`` says that a picture stands in it."""
        if not shows and (not text or text.isspace()):
            return
        if self._lists:
            self._step(_put_item, text, len(self._lists), self._lists[-1], shows)
        elif shows or LINE_END in text:
            self._step(_put_text, text, shows)
        else:
            self._held.append(text)

    def _take_signs(self, parts: list[str]) -> None:
        """Take a block in which signs stand; each part but the first begins with a letter."""
        text, shows = parts[0], False
        for at, part in enumerate(parts[1:], start=1):
            sign, rest = part[:1], part[1:]
            if sign == "u":
                text += rest
            elif sign == "t":
                if rest in self._targets:
                    self._take(text, shows)
                    text, shows = "", False
                    self._step(PlainFlow.begin, self._targets[rest])
            elif sign in "ms" and sign:
                address, _, words = rest.partition(LINE_END)
                shows |= self._shows(address)
                said = tidy(words)[:ALT_CHARS]
                text += f" [{said}] " if said else ""
            elif sign == "T":
                self._take(text, shows)
                return self._table(parts[at + 1 :])
            else:
                text = self._mark(sign, rest)
        self._take(text, shows)
        return None

    def _mark(self, sign: str, rest: str) -> str:
        """Take what begins or ends something; gives the words that follow in its block."""
        if sign == "h":
            self._heading(int(rest[:1]), tidy(rest[1:]))
        elif sign == "p":
            self._step(PlainFlow.put_as_it_is, rest)
        elif sign in ("l", "o"):
            self._lists.append(f"{'u' if sign == 'l' else 'o'}l")
            return rest
        elif sign == "e" and self._lists:
            self._lists.pop()
            if not self._lists:
                self._step(PlainFlow.close_lists)
            return rest
        else:
            raise Unusual
        return ""

    def _heading(self, level: int, words: str) -> None:
        if not words:
            raise Unusual
        if level <= self._cut:
            self._step(PlainFlow.begin, words)
        else:
            self._step(PlainFlow.put_heading, words)

    def _table(self, parts: list[str]) -> None:
        rows: list[list[str]] = []
        for part in parts:
            if part[:1] == "r":
                rows.append([])
            elif part[:1] == "c" and rows:
                rows[-1].append(tidy(part[1:]))
            else:
                raise Unusual
        self._step(PlainFlow.put_table, [row[:MAX_CELLS] for row in rows])

    def _shows(self, address: str) -> bool:
        if address not in self._known:
            self._known[address] = bool(self._shown(address))
        return self._known[address]

    def _step(self, put: Callable[..., None], *values: object) -> None:
        self._put_held()
        self._steps.append((put, values))

    def _put_held(self) -> None:
        if self._held:
            self._steps.append((PlainFlow.put_texts, (self._held,)))
            self._held = []


def _put_item(flow: PlainFlow, text: str, depth: int, tag: str, shows: bool) -> None:
    flow.put_item(text, depth, tag, shows=shows)


def _put_text(flow: PlainFlow, text: str, shows: bool) -> None:
    flow.put_text(text, shows=shows)
