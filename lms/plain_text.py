"""The words of a Markdown text without its marks: what is searched and shown in a snippet."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lms.chinese_markdown import emphasis

MAX_NESTING = 20
_MARKS = re.compile(r"[*_`#|>\[\]~\\]|^\s*([-+]|\d+[.)])\s|^\s*(=+|-+)\s*$", re.MULTILINE)
_parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
_parser.inline.ruler.at("emphasis", emphasis)


def from_markdown(source: str) -> str:
    """Give the words of a text in Markdown, a line for each paragraph, heading, item or row.

    A text without any mark comes back as it is, which spares most texts the parsing.
    """
    if not _MARKS.search(source):
        return source
    lines: list[str] = []
    row: list[str] = []
    in_row = False
    for token in _parser.parse(source):
        if token.type == "tr_open":
            in_row, row = True, []
        elif token.type == "tr_close":
            in_row = False
            lines.append(" ".join(row))
        elif token.type == "inline":
            (row if in_row else lines).append(_words(token.children or []))
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.strip("\n"))
    return "\n".join(line for line in lines if line)


def _words(children: list[Token]) -> str:
    parts = ("\n" if child.type in ("softbreak", "hardbreak") else child.content for child in children)
    return "".join(parts)
