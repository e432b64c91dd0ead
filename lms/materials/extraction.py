"""From a stored file to the pages of a material: each format by its reader, hostile ones in a process of their own."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lms.errors import N_, InvalidInput
from lms.materials import pdf, reading_process, text
from lms.materials.kinds import REASONS
from lms.materials.rules import DOCX, EPUB, HTML, IMAGES, MARKDOWN, PDF, PPTX

log = logging.getLogger("lms.materials")

READ_SECONDS = 400.0
FORMATS = {EPUB: "epub", DOCX: "docx", PPTX: "pptx", HTML: "html"}
TEXT_FIRST = {EPUB: "epub_text"}
"""What is found by its text before what it looks like is known: books, whose markup and pictures take longest."""
NO_TEXT = N_("No text was found in this PDF: its pages are pictures. It can be read, but its words cannot be searched.")
NO_WORDS = N_("No text was found in this file. It can be downloaded, but its words cannot be searched.")


class TakenPage(NamedTuple):
    """A page that was taken out: its heading, plain text or Markdown, and markup where the format has some."""

    heading: str
    text: str
    markup: str = ""


class Taken(NamedTuple):
    """What was taken out of a file; ``remark`` is a msgid that a reader should know, "" for none.

    ``pictures`` are those that the markup names by their number, counted from 1: small JPEG or PNG files. ``plain``
    says that markup and pictures are still to be taken out, by ``take_view``.
    """

    pages: list[TakenPage]
    remark: str = ""
    pictures: Sequence[bytes] = ()
    plain: bool = False


def take_out(path: Path, media_type: str, charset: str) -> Taken:
    """Take the pages out of a file, of a book first its text alone.

    Raises InvalidInput saying why not, FileNotFoundError when the file is gone.
    """
    path.stat()
    if media_type in TEXT_FIRST:
        return _taken(TEXT_FIRST[media_type], path)._replace(plain=True)
    if media_type in IMAGES:
        return Taken([])
    if media_type == PDF:
        pages = [TakenPage(*page) for page in text.printed_pages(pdf.read_pages(path))]
        return Taken(pages, "" if any(page.text for page in pages) else NO_TEXT)
    if media_type in FORMATS:
        return _taken(FORMATS[media_type], path)
    content = text.decode(path.read_bytes(), charset)
    cut = text.markdown_sections if media_type == MARKDOWN else text.plain_stretches
    return Taken([TakenPage(*page) for page in cut(content)])


def take_view(path: Path, media_type: str) -> Taken:
    """Take all that is shown out of a file whose text came first. Raises as ``take_out``."""
    path.stat()
    return _taken(FORMATS[media_type], path)


def _taken(kind: str, path: Path) -> Taken:
    pages, pictures = _read(kind, path)
    return Taken(pages, "" if any(page.text for page in pages) else NO_WORDS, pictures)


def _read(kind: str, path: Path) -> tuple[list[TakenPage], list[bytes]]:
    try:
        status, answer = reading_process.read(kind, path, READ_SECONDS)
    except TimeoutError as error:
        raise InvalidInput(REASONS["heavy"]) from error
    if status:
        log.warning("reading a file ended badly", extra={"key": path.name, "kind": kind, "status": status})
        raise InvalidInput(REASONS["heavy"])
    first, _, rest = answer.partition(b"\n")
    head = json.loads(first)
    if "failure" in head:
        raise InvalidInput(REASONS[head["failure"]])
    pictures, at = [], head["text"]
    for size in head["pictures"]:
        pictures.append(rest[at : at + size])
        at += size
    return _pages(rest[: head["text"]].decode("utf-8")), pictures


def _pages(written: str) -> list[TakenPage]:
    fields = text.clean_all(written, reading_process.BETWEEN) if written else []
    return [TakenPage(*fields[at : at + 3]) for at in range(0, len(fields), 3)]
