"""EPUB for search alone: the same sections as ``epub`` makes, with their plain text and nothing of their looks."""

import posixpath
import zipfile
from io import BytesIO
from typing import IO

from .archive import open_archive
from .chapter_source import read_source
from .chapter_tags import Meanings, Unusual
from .chapter_text import Shown, take_apart
from .epub import Named, begin_chapter, body_of, chapters_of, cut_of, open_book, resolve, targets_of, title_of
from .flow import Section
from .hypertext import Walker
from .markup import parse_xhtml
from .pictures import MOST_PART
from .plain_flow import PlainFlow

AT_ONCE = 16 * 1024 * 1024
"""Bytes of a file that is read in one go: its parts are then found without a call to the system for each."""


def read(stream: IO[bytes]) -> tuple[list[Section], list[bytes]]:
    """Give the chapters of a book. Raises Refused."""
    start = stream.read(AT_ONCE)
    archive = open_archive(BytesIO(start) if len(start) < AT_ONCE else stream)
    book = open_book(archive)
    flow, meanings = PlainFlow(), Meanings(place for named in book.contents.values() for place in targets_of(named))
    for content, name, named in chapters_of(archive, book):
        shown = _shown_beside(archive, posixpath.dirname(name))
        try:
            _take_quickly(content, named, flow, meanings, shown)
        except Unusual:
            _walk(content, named, flow, shown)
    sections = flow.finish()
    for section in sections:
        section.pieces.clear()
    return sections, []


def _take_quickly(content: bytes, named: Named, flow: PlainFlow, meanings: Meanings, shown: Shown) -> None:
    """Put a chapter into the flow by its tags. Raises Unusual, with nothing put in."""
    source = read_source(content)
    title = "" if named else source.title()
    chapter = take_apart(source.markup, meanings.where(source.prefixes), cut_of(named), targets_of(named), shown)
    begin_chapter(named, flow, lambda: title)
    chapter.put(flow)


def _walk(content: bytes, named: Named, flow: PlainFlow, shown: Shown) -> None:
    """Put a chapter into the flow element by element."""

    def picture(address: str) -> tuple[int, int, int] | None:
        return (0, 0, 0) if shown(address) else None

    root = parse_xhtml(content)
    begin_chapter(named, flow, lambda: title_of(root))
    Walker(flow, cut_of(named), targets_of(named), picture).walk(body_of(root))


def _shown_beside(archive: zipfile.ZipFile, folder: str) -> Shown:
    """Give what says whether an address in a chapter of a folder leads to a picture, as far as it shows from without.

    To decode it is left to the reader that shows it.
    """

    def shown(address: str) -> bool:
        return bool(address) and _may_be_shown(archive, resolve(folder, address))

    return shown


def _may_be_shown(archive: zipfile.ZipFile, name: str) -> bool:
    if name.lower().endswith(".svg"):
        return False
    try:
        return archive.getinfo(name).file_size <= MOST_PART
    except KeyError:
        return False
