"""What is given with a book: its cover, and its text as EPUB or PDF."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, Any

from lms import clock
from lms.catalogue import covers, queries
from lms.catalogue.models import Book, BookFile
from lms.catalogue.rules import line
from lms.db import transactional
from lms.errors import N_, InvalidInput, NotFound
from lms.events import SearchableChanged, publish
from lms.members.access import Action, Actor, require
from lms.storage import StoredFile, files
from lms.uploads import service as uploads
from lms.uploads.rules import Destination

EPUB, PDF = "epub", "pdf"
MOST_FILES = 10
NAME_CHARS = 200
MEDIA_TYPES = {EPUB: "application/epub+zip", PDF: "application/pdf"}


@dataclass(frozen=True)
class FileView:
    """A file of a book, to be handed out."""

    id: int
    kind: str
    file_key: str
    file_name: str


def set_cover(actor: Actor, book_id: int, stream: IO[bytes]) -> None:
    """Give a book a cover from a picture; the former one goes.

    Raises Forbidden, NotFound, InvalidInput, Unavailable.
    """
    require(actor, Action.CATALOGUE_EDIT)
    queries.get_book(book_id)
    made = covers.prepare(stream)
    stored: list[StoredFile] = []
    try:
        stored += [files().put(BytesIO(content), covers.MOST_BYTES) for content in (made.big, made.thumb)]
        _keep_cover(book_id, stored[0].key, stored[1].key)
    except BaseException:
        for one in stored:
            files().take_back(one)
        raise


def remove_cover(actor: Actor, book_id: int) -> None:
    """Take the cover away; the drawn one stands again. Doing it twice changes nothing. Raises Forbidden, NotFound."""
    require(actor, Action.CATALOGUE_EDIT)
    queries.get_book(book_id)
    _keep_cover(book_id, "", "")


@transactional
def _keep_cover(book_id: int, big: str, thumb: str) -> None:
    Book.update(cover_key=big, thumb_key=thumb, updated_at=clock.now()).where(Book.id == book_id).execute()
    publish(SearchableChanged("book", book_id))


def add_file(actor: Actor, book_id: int, stream: IO[bytes], file_name: str, limit: int) -> int:
    """Add an EPUB or a PDF to a book and give its id; the same file again is the one that is there.

    Judged by its content; it counts in the share of who adds it. Raises Forbidden, NotFound, InvalidInput for another
    kind or too many files, TooLarge, Unavailable.
    """
    require(actor, Action.CATALOGUE_EDIT)
    queries.get_book(book_id)
    kind = _kind_of(stream)
    stream.seek(0)
    stored = files().put(stream, limit)
    try:
        return _keep_file(actor, book_id, kind, stored, _clean_name(file_name, kind))
    except BaseException:
        files().take_back(stored)
        raise


def kept_in(_actor: Actor, _values: Mapping[str, Any]) -> list[Destination]:
    """Say where the file of a book is kept: in the share of who adds it, and in that of no unit."""
    return [Destination(None)]


def _kind_of(stream: IO[bytes]) -> str:
    stream.seek(0)
    head = stream.read(1024)
    if b"%PDF-" in head:
        return PDF
    if head.startswith(b"PK\x03\x04"):
        stream.seek(0)
        try:
            with zipfile.ZipFile(stream) as archive, archive.open("mimetype") as declared:
                if declared.read(64).strip() == MEDIA_TYPES[EPUB].encode():
                    return EPUB
        except (zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError, RuntimeError):
            pass  # a ZIP of another kind, or a broken one: refused below
    raise InvalidInput(N_("Only EPUB and PDF files can be added to a book."), field="file")


def _clean_name(raw: str, kind: str) -> str:
    last = raw.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(" .") or "book"
    stem = PurePosixPath(kept).stem if kept.lower().endswith(f".{kind}") else kept
    return line(stem, "file", len(stem) + 1)[: NAME_CHARS - 5] + f".{kind}"


@transactional
def _keep_file(actor: Actor, book_id: int, kind: str, stored: StoredFile, name: str) -> int:
    there = list(BookFile.select(BookFile.id, BookFile.file_key).where(BookFile.book == book_id).tuples())
    known = next((file_id for file_id, key in there if key == stored.key), None)
    if known is not None:
        return int(known)
    if len(there) >= MOST_FILES:
        raise InvalidInput(N_("A book may have %(limit)s files at most."), field="file", limit=MOST_FILES)
    uploads.require_room(actor, Destination(None), stored.size)
    made = BookFile.create(
        book=book_id, kind=kind, file_key=stored.key, file_name=name, file_size=stored.size, added_by=actor.id
    )
    return int(made.id)


@transactional
def remove_file(actor: Actor, book_id: int, file_id: int) -> None:
    """Take a file off a book. Doing it twice changes nothing. Raises Forbidden."""
    require(actor, Action.CATALOGUE_EDIT)
    BookFile.delete().where(BookFile.id == file_id, BookFile.book == book_id).execute()


def get_file(book_id: int, file_id: int) -> FileView:
    """Give a file of a book, for every member. Raises NotFound."""
    row = (
        BookFile.select(BookFile.id, BookFile.kind, BookFile.file_key, BookFile.file_name)
        .where(BookFile.id == file_id, BookFile.book == book_id)
        .tuples()
        .first()
    )
    if row is None:
        raise NotFound(N_("This file is not there any more."))
    return FileView(*row)
