"""The lexicon of suggestions: gathered from the titles and names in the database, built by the worker in the quiet."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path

from peewee import Case, fn

from lms.catalogue.models import Book, BookName, BookSubject
from lms.courses.models import Course
from lms.lectures.models import Lecture
from lms.materials.models import Material, MaterialPage
from lms.members.access import audience_tokens
from lms.notes.models import Note
from lms.reading.models import ReadingEntry
from search_index import SearchIndexError
from search_index.lexicon import Lexicon
from search_index.lexicon_build import MOST_KEYS, Entry, build

log = logging.getLogger("lms.search")

LOOK_SECONDS = 10.0
REST = 3.0
"""After a look that took t seconds the next comes LOOK_SECONDS or REST * t later, whichever is longer."""

Row = tuple[str, str, str, tuple[str, ...], int]
ALL = ("all",)


class Keeper:
    """Keeps the file of the lexicon up to date. The worker has one."""

    def __init__(self, path: Path, least: float = LOOK_SECONDS) -> None:
        """Remember where the file is, and the seconds that lie between two looks at least. The first look builds."""
        self._path = path
        self._least = least
        self._built = b""
        self._due = 0.0

    def look(self) -> bool:
        """Build the lexicon anew if titles, names or who may see them changed since; say whether it was built.

        Does nothing while the last look is too young. A file that is missing or damaged is built in any case.
        """
        began = time.monotonic()
        if began < self._due:
            return False
        entries = gather()
        state = _fingerprint(entries)
        changed = state != self._built or not _usable(self._path)
        if changed:
            build(self._path, entries)
            self._built = state
            log.info("built the lexicon", extra={"entries": len(entries)})
        took = time.monotonic() - began
        self._due = time.monotonic() + max(self._least, REST * took if self._least else 0)
        return changed


def _usable(path: Path) -> bool:
    try:
        Lexicon(path)
    except SearchIndexError:
        return False
    return True


def _fingerprint(entries: list[Entry]) -> bytes:
    state = blake2b(digest_size=16)
    for entry in entries:
        state.update(repr(entry).encode("utf-8", "replace"))
    return state.digest()


def gather() -> list[Entry]:
    """Give what may be suggested and spelled: rows of one text, kind and audience are one entry."""
    keys: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    weights: dict[tuple[str, str, tuple[str, ...]], int] = defaultdict(int)
    for room in ROOMS:
        for text, kind, key, audience, weight in room():
            text = " ".join(text.split())
            if text and audience:
                keys[text, kind, audience].append(key)
                weights[text, kind, audience] += weight
    return [
        Entry(text, kind, tuple(keys[text, kind, audience][:MOST_KEYS]), audience, weights[text, kind, audience])
        for text, kind, audience in keys
    ]


def _books() -> Iterator[Row]:
    readers: dict[int, int] = dict(
        ReadingEntry.select(ReadingEntry.book, fn.COUNT(ReadingEntry.id)).group_by(ReadingEntry.book).tuples()
    )
    rows = Book.select(Book.id, Book.title, Book.subtitle).where(Book.withdrawn_at.is_null()).order_by(Book.id)
    for book, title, subtitle in rows.tuples().iterator():
        yield title, "book", f"book:{book}", ALL, 1 + readers.get(book, 0)
        if subtitle:
            yield subtitle, "", f"book:{book}", ALL, 1


def _names() -> Iterator[Row]:
    for model, kind in ((BookName, "author"), (BookSubject, "")):
        rows = model.select(model.name, model.book).join(Book).where(Book.withdrawn_at.is_null())
        for name, book in rows.order_by(model.id).tuples().iterator():
            yield name, kind, f"book:{book}", ALL, 1


def _lectures() -> Iterator[Row]:
    rows = Lecture.select(
        Lecture.id,
        Lecture.title,
        Lecture.speaker,
        Case(None, [(Lecture.published_at.is_null(), "")], Lecture.audience),
        Lecture.unit,
        Lecture.uploader,
    ).where(Lecture.archived_at.is_null())
    for lecture, title, speaker, *access in rows.order_by(Lecture.id).tuples().iterator():
        tokens = audience_tokens(*access)
        yield title, "lecture", f"lecture:{lecture}", tokens, 1
        yield speaker, "author", f"lecture:{lecture}", tokens, 1


def _courses() -> Iterator[Row]:
    rows = Course.select(Course.id, Course.title, Course.lecturer_name, Course.audience, Course.unit).where(
        Course.published_at.is_null(False), Course.archived_at.is_null()
    )
    for course, title, lecturer, audience, unit in rows.order_by(Course.id).tuples().iterator():
        tokens = audience_tokens(audience, unit, None)
        yield title, "course", f"course:{course}", tokens, 1
        yield lecturer, "author", f"course:{course}", tokens, 1


def _materials() -> Iterator[Row]:
    findable = Material.archived_at.is_null() & (Material.state == "ready")
    columns = (Material.id, Material.title, Material.audience, Material.unit, Material.uploader)
    for material, title, *access in Material.select(*columns).where(findable).order_by(Material.id).tuples().iterator():
        yield title, "material", f"material:{material}", audience_tokens(*access), 1
    rows = (
        MaterialPage.select(Material.id, MaterialPage.heading, Material.audience, Material.unit, Material.uploader)
        .join(Material, on=(MaterialPage.material == Material.id))
        .where(findable, MaterialPage.heading != "")
        .order_by(MaterialPage.id)
    )
    for material, heading, *access in rows.tuples().iterator():
        yield heading, "", f"material:{material}", audience_tokens(*access), 1


def _notes() -> Iterator[Row]:
    rows = Note.select(Note.id, Note.title, Note.audience, Note.unit, Note.member).where(Note.deleted_at.is_null())
    for note, title, *access in rows.order_by(Note.id).tuples().iterator():
        yield title, "note", f"note:{note}", audience_tokens(*access), 1


ROOMS: tuple[Callable[[], Iterator[Row]], ...] = (_books, _names, _courses, _lectures, _materials, _notes)
