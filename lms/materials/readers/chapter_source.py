"""From the bytes of a chapter to the markup of its body: what has to be known before it is split at its tags."""

import re
from codecs import BOM_UTF8
from typing import NamedTuple

from .chapter_pieces import without_comments
from .chapter_tags import Unusual, text_of
from .flow import tidy
from .markup import refuse_entities

_ENCODING = re.compile(rb"""<\?xml[^>]*?[ \t\n]encoding[ \t\n]*=[ \t\n]*["']([^"']*)["']""")
_READABLE = (b"utf-8", b"ascii", b"us-ascii")
_ROOT = re.compile(rb"<[^!?]")
_PREFIX = re.compile(rb"[ \t\n]xmlns:([^ \t\n=:]+)[ \t\n]*=")
_MARKS = (b"\0", b"\x01", b"\x02", b"\x03", b"\x04")
_HIGH_HEADING = re.compile(rb"<(?:[^<>/: \t\n]*:)?[hH][12][ \t\n/>]")
_TITLE = re.compile(rb"<(?:[^<>/: \t\n]*:)?(?:title|TITLE)((?:[ \t\n][^<>]*)?)>([^<]*)(</)?")


class Source(NamedTuple):
    """A chapter in UTF-8: its document, and where its body stands in it; the prefixes that it declares."""

    document: bytes
    body: slice
    prefixes: list[bytes]

    @property
    def markup(self) -> bytes:
        """Give the body, or the whole document where it has none."""
        return self.document[self.body]

    def title(self) -> str:
        """Give its title: "" where a heading of its first levels will do. Raises Unusual."""
        document = without_comments(self.document)
        if _HIGH_HEADING.search(document):
            return ""
        found = _TITLE.search(document)
        if found is None or found[1].endswith(b"/"):
            return ""
        if not found[3]:
            raise Unusual
        return tidy(text_of(found[2]))


def read_source(content: bytes) -> Source:
    """Look a chapter over. Raises Unusual for one that only a parser understands, Refused("entities")."""
    refuse_entities(content)
    document = content.removeprefix(BOM_UTF8)
    if b"\r" in document:
        document = document.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    root = _ROOT.search(document)
    if root is None or not _is_readable(document[: root.start()]) or any(mark in document for mark in _MARKS):
        raise Unusual
    prefixes = _PREFIX.findall(document[root.start() : document.find(b">", root.start())])
    return Source(document, _body(document, root.start()), prefixes)


def _is_readable(prologue: bytes) -> bool:
    found = _ENCODING.search(prologue)
    return prologue.isascii() and b"[" not in prologue and (found is None or found[1].lower() in _READABLE)


def _body(document: bytes, root: int) -> slice:
    first = document.find(b"<body", root)
    if first < 0:
        return slice(root, None)
    end = document.rfind(b"</body")
    return slice(first, document.find(b">", end) + 1 if end >= 0 else None)
