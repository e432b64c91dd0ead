"""EPUB for search alone: the same sections as ``epub`` makes, with their plain text and nothing of their looks."""

import posixpath
import re
import zipfile
from typing import IO, Any

from .archive import open_archive
from .chapter_text import Unusual, put_words
from .epub import Named, begin_chapter, body_of, cut_of, resolve, targets_of, walk_chapters
from .flow import Section
from .hypertext import Walker
from .markup import parse_html, parse_wellformed
from .pictures import MOST_PART
from .plain_flow import PlainFlow

SMALL = 2500
"""Bytes of a chapter that is walked through sooner than libxslt begins."""
_MARK_BY_NUMBER = re.compile(rb"&#(?:x0*fdd|0*6497)", re.IGNORECASE)


def read(stream: IO[bytes]) -> tuple[list[Section], list[bytes]]:
    """Give the chapters of a book. Raises Refused."""
    archive = open_archive(stream)
    flow = PlainFlow()
    walk_chapters(archive, lambda content, name, named: _chapter(archive, content, name, named, flow))
    sections = flow.finish()
    for section in sections:
        section.pieces.clear()
    return sections, []


def _chapter(archive: zipfile.ZipFile, content: bytes, name: str, named: Named, flow: PlainFlow) -> None:
    root = parse_wellformed(content)
    parsed = root if root is not None else parse_html(content)
    begin_chapter(parsed, named, flow)
    beside = posixpath.dirname(name)

    def shown(address: str) -> tuple[int, int, int] | None:
        return (0, 0, 0) if address and _may_be_shown(archive, resolve(beside, address)) else None

    walks = root is None or len(content) < SMALL or _may_hold_marks(root, content)
    if walks or not _put_quickly(root, named, flow, shown):
        Walker(flow, cut_of(named), targets_of(named), shown).walk(body_of(parsed))


def _may_hold_marks(root: Any, content: bytes) -> bool:
    """Say whether the marks of the sheet may stand in a chapter itself: code points that are no characters."""
    if (root.getroottree().docinfo.encoding or "UTF-8").upper() not in ("UTF-8", "ASCII", "US-ASCII"):
        return True
    # one byte is looked for far more quickly than two, and most chapters have not even that
    if b"\xef" in content and b"\xef\xb7" in content:
        return True
    return b"&" in content and bool(_MARK_BY_NUMBER.search(content))


def _put_quickly(root: Any, named: Named, flow: PlainFlow, shown: Any) -> bool:
    try:
        put_words(body_of(root), flow, cut_of(named), targets_of(named), shown)
    except Unusual:
        return False
    return True


def _may_be_shown(archive: zipfile.ZipFile, name: str) -> bool:
    """Say whether a part looks like a picture from without: to decode it is left to the reader that shows it."""
    if name.lower().endswith(".svg"):
        return False
    try:
        return archive.getinfo(name).file_size <= MOST_PART
    except KeyError:
        return False
