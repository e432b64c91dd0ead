"""From a stored file to the pages of a material: each format by its reader, hostile ones in a process of their own."""

import base64
import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import lxml

from lms.errors import N_, InvalidInput
from lms.materials import pdf, text
from lms.materials.kinds import REASONS
from lms.materials.rules import DOCX, EPUB, HTML, IMAGES, MARKDOWN, PDF, PPTX

log = logging.getLogger("lms.materials")

READ_SECONDS = 400.0
# Site-packages as a whole take longer to look through than a short document to read: two folders are all it needs.
PROGRAM = (
    "import sys; sys.path[:0] = sys.argv[1:3]; del sys.argv[1:3]; from readers.program import main; sys.exit(main())"
)
FOLDERS = (str(Path(__file__).parent), str(Path(lxml.__file__).parent.parent))
FORMATS = {EPUB: "epub", DOCX: "docx", PPTX: "pptx", HTML: "html"}
NO_TEXT = N_("No text was found in this PDF: its pages are pictures. It can be read, but its words cannot be searched.")
NO_WORDS = N_("No text was found in this file. It can be downloaded, but its words cannot be searched.")


class TakenPage(NamedTuple):
    """A page that was taken out: its heading, plain text or Markdown, and markup where the format has some."""

    heading: str
    text: str
    markup: str = ""


class Taken(NamedTuple):
    """What was taken out of a file; ``remark`` is a msgid that a reader should know, "" for none.

    ``pictures`` are those that the markup names by their number, counted from 1: small JPEG or PNG files.
    """

    pages: list[TakenPage]
    remark: str = ""
    pictures: Sequence[bytes] = ()


def take_out(path: Path, media_type: str, charset: str) -> Taken:
    """Take the pages out of a file. Raises InvalidInput saying why not, FileNotFoundError when the file is gone."""
    path.stat()
    if media_type in IMAGES:
        return Taken([])
    if media_type == PDF:
        pages = [TakenPage(*page) for page in text.printed_pages(pdf.read_pages(path))]
        return Taken(pages, "" if any(page.text for page in pages) else NO_TEXT)
    if media_type in FORMATS:
        pages, pictures = _read(FORMATS[media_type], path)
        return Taken(pages, "" if any(page.text for page in pages) else NO_WORDS, pictures)
    content = text.decode(path.read_bytes(), charset)
    cut = text.markdown_sections if media_type == MARKDOWN else text.plain_stretches
    return Taken([TakenPage(*page) for page in cut(content)])


def _read(kind: str, path: Path) -> tuple[list[TakenPage], list[bytes]]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", PROGRAM, *FOLDERS, kind, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=READ_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InvalidInput(REASONS["heavy"]) from error
    if done.returncode:
        log.warning("reading a file ended badly", extra={"key": path.name, "kind": kind, "status": done.returncode})
        raise InvalidInput(REASONS["heavy"])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    refused = next((line["failure"] for line in lines if "failure" in line), None)
    if refused:
        raise InvalidInput(REASONS[refused])
    pages = [
        TakenPage(text.clean(line["heading"]), text.clean(line["text"]), text.clean(line["markup"]))
        for line in lines
        if "markup" in line
    ]
    return pages, [base64.b64decode(line["picture"]) for line in lines if "picture" in line]
