"""Reading the catalogue. Every member may see every book; only those who may edit list the withdrawn ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from peewee import Case, Expression, fn

from lms.catalogue import names, rules
from lms.catalogue.classification import CLASSES
from lms.catalogue.counting import counted
from lms.catalogue.models import Book, BookFile, BookImport, BookName, BookSubject
from lms.catalogue.numbers import parse_isbn
from lms.errors import N_, InvalidInput, NotFound
from lms.members.access import Action, Actor, require
from lms.paging import Page
from lms.prepared import prepared

SORTS = ("newest", "title", "year")
QUERY_CHARS = 100
QUERY_WORDS = 5
MOST_TWINS = 20
Sought = tuple[str | None, str | None, str | None, int | None]


class BookRow(NamedTuple):
    """A book as lists show it."""

    id: int
    title: str
    authors: str
    clc: str
    publisher: str
    year: int | None
    language: str
    thumb_key: str


ROW = tuple(getattr(Book, name) for name in BookRow._fields)


class BookView(NamedTuple):
    """A book as its own page shows it."""

    id: int
    title: str
    subtitle: str
    authors: str
    translators: str
    publisher: str
    year: int | None
    isbn: str | None
    language: str
    clc: str
    subjects: str
    pages: int | None
    summary: str
    created_at: datetime
    updated_at: datetime
    withdrawn_at: datetime | None
    original_title: str
    published: str
    edition: str
    unified: str
    cover_key: str
    thumb_key: str
    version: int
    merged_into: int | None


VIEW = tuple(getattr(Book, name) for name in BookView._fields)


@dataclass(frozen=True)
class BookFilter:
    """Which books to list: ``q`` words in title, names, subjects, or an ISBN; ``clc`` a class of the tree.

    ``author`` and ``subject`` are a name and a word however they are written; ``sort`` one of SORTS.
    """

    q: str = ""
    clc: str = ""
    language: str = ""
    author: str = ""
    subject: str = ""
    year: int | None = None
    sort: str = "newest"
    withdrawn: bool = False


@dataclass(frozen=True)
class Shelf:
    """A page of the catalogue with the number of matching books in each main class, the class filter left aside."""

    page: Page[BookRow]
    classes: Mapping[str, int]
    all: int


def list_books(actor: Actor, wanted: BookFilter, number: int, size: int) -> Shelf:
    """Give a page of the catalogue: two statements, with the counts not known yet three.

    The second half of a list is read from its end: the last page costs what the first does. Raises Forbidden for the
    withdrawn without the right to edit.
    """
    if wanted.withdrawn:
        require(actor, Action.CATALOGUE_EDIT)
    values, main, span = _sought(wanted)
    matching = _matching(wanted.q)
    conditions = _conditions(*values, wanted.withdrawn) + matching

    def count() -> dict[str, int]:
        return dict(_classes(conditions).tuples())

    def count_span() -> int:
        return int(_spanned(conditions, main, span).count())

    key = (*values, wanted.withdrawn)
    classes = count() if matching else counted(("classes", *key), count)
    everything = sum(classes.values())
    total = classes.get(main, 0) if main else everything
    if span:
        total = count_span() if matching else counted(("span", span, *key), count_span)
    first, limit, backwards = _stretch(number, size, total)
    if limit <= 0:
        rows: list[tuple[Any, ...]] = []
    elif matching:
        rows = list(_rows(conditions, main, span, wanted.sort, limit, first, backwards).tuples())
    else:
        rows = _all_rows(
            *values, main, span, limit, first, withdrawn=wanted.withdrawn, sort=wanted.sort, backwards=backwards
        )
    if backwards:
        rows.reverse()
    known = {name: classes[name] for name in rules.CLC_CLASSES if name in classes}
    return Shelf(Page([BookRow._make(row) for row in rows], number, size, total), known, everything)


def list_ids(actor: Actor, wanted: BookFilter) -> list[int]:
    """Give the ids of all books that a filter finds, in the order of the list. Raises Forbidden as ``list_books``."""
    if wanted.withdrawn:
        require(actor, Action.CATALOGUE_EDIT)
    values, main, span = _sought(wanted)
    conditions = _conditions(*values, wanted.withdrawn) + _matching(wanted.q)
    query = _spanned(conditions, main, span).order_by(*_order(wanted.sort))
    return [book for (book,) in query.tuples().iterator()]


def _sought(wanted: BookFilter) -> tuple[Sought, str | None, tuple[str, str] | None]:
    """Give what a filter compares with: language, author, subject and year; the main class; a range of numbers."""
    found = CLASSES.get(wanted.clc)
    language = wanted.language if wanted.language in rules.LANGUAGES else None
    author, subject = names.name_key(wanted.author) or None, names.folded(wanted.subject) or None
    # A range can use the index on the number; a main class has a column of its own.
    span = (found.low, found.high) if found and found.parent else None
    return (language, author, subject, wanted.year), found.code[:1] if found else None, span


def _stretch(number: int, size: int, total: int) -> tuple[int, int, bool]:
    """Give how many rows to pass over, how many to take, and whether from the end of the list."""
    skipped = (number - 1) * size
    limit = min(size, total - skipped)
    if skipped * 2 <= total:
        return skipped, limit, False
    return total - skipped - limit, limit, True


def _classes(conditions: Sequence[Expression]) -> Any:
    return Book.select(Book.main_class, fn.COUNT(Book.id)).where(*conditions).group_by(Book.main_class)


def _spanned(conditions: Sequence[Expression], main: str | None, span: Sequence[str] | None) -> Any:
    query = Book.select(Book.id).where(*conditions)
    if main is not None:
        query = query.where(Book.main_class == main)
    if span is not None:
        query = query.where(Book.clc >= span[0], Book.clc < span[1])
    return query


def _rows(
    conditions: Sequence[Expression],
    main: str | None,
    span: Sequence[str] | None,
    sort: str,
    limit: int,
    skipped: int = 0,
    backwards: bool = False,
) -> Any:
    """Make the query of a stretch: the ids are found within an index, only their rows are looked up."""
    ids = _spanned(conditions, main, span).order_by(*_order(sort, backwards)).limit(limit).offset(skipped)
    stretch = ids.alias("stretch")
    return Book.select(*ROW).join(stretch, on=(Book.id == stretch.c.id)).order_by(*_order(sort, backwards))


@prepared
def _all_rows(
    language: str | None,
    author: str | None,
    subject: str | None,
    year: int | None,
    main: str | None,
    span: Sequence[str] | None,
    limit: int,
    skipped: int,
    *,
    withdrawn: bool,
    sort: str,
    backwards: bool,
) -> Any:
    conditions = _conditions(language, author, subject, year, withdrawn)
    return _rows(conditions, main, span, sort, limit, skipped, backwards)


def _conditions(
    language: str | None = None,
    author: str | None = None,
    subject: str | None = None,
    year: int | None = None,
    withdrawn: bool = False,
) -> list[Expression]:
    conditions = [Book.withdrawn_at.is_null(not withdrawn)]
    if language is not None:
        conditions.append(Book.language == language)
    if author is not None:
        conditions.append(Book.id.in_(BookName.select(BookName.book).where(BookName.key == author)))
    if subject is not None:
        conditions.append(Book.id.in_(BookSubject.select(BookSubject.book).where(BookSubject.key == subject)))
    if year is not None:
        conditions.append(Book.year_key == year)
    return conditions


def _matching(text: str) -> list[Expression]:
    words = "".join(c if c.isprintable() else " " for c in text[:QUERY_CHARS]).split()[:QUERY_WORDS]
    isbn = _as_isbn("".join(words))
    if isbn:
        return [Book.isbn == isbn]
    return [
        Book.title.contains(word)
        | Book.authors.contains(word)
        | Book.subtitle.contains(word)
        | Book.translators.contains(word)
        | Book.subjects.contains(word)
        for word in words
    ]


def _as_isbn(text: str) -> str | None:
    try:
        return parse_isbn(text)
    except InvalidInput:
        return None


def _order(sort: str, backwards: bool = False) -> list[Any]:
    """Order as an index has it. The first column is the same in all rows; PostgreSQL must see it to use the index."""
    if sort == "title":
        columns = (Book.withdrawn_at, Book.sort_key, Book.id)
        return [column.desc() for column in columns] if backwards else list(columns)
    columns = (Book.withdrawn_at, Book.year_key if sort == "year" else Book.created_at, Book.id)
    return list(columns) if backwards else [column.desc() for column in columns]


def find_book(book_id: int) -> BookView | None:
    """Give a book, withdrawn or not; None if there is none."""
    row = _book(book_id)
    return BookView._make(row[0]) if row else None


@prepared
def _book(book_id: int) -> Any:
    return Book.select(*VIEW).where(Book.id == book_id)


def get_book(book_id: int) -> BookView:
    """Give a book, withdrawn or not: its readers' logs still lead to it. Raises NotFound."""
    book = find_book(book_id)
    if book is None:
        raise NotFound(N_("There is no such book in the catalogue."))
    return book


def get_draft(book_id: int) -> rules.BookDraft:
    """Give a book as the draft it would be stored from, its names with their parts. Raises NotFound."""
    book = get_book(book_id)
    stored = {field: getattr(book, field) for field in rules.BookDraft.__dataclass_fields__ if field != "contributors"}
    people = list_names(book_id)
    if people:
        stored["authors"] = names.written_out([one for one in people if one.role != names.TRANSLATOR], names.AUTHOR)
        stored["translators"] = names.written_out(
            [one for one in people if one.role == names.TRANSLATOR], names.TRANSLATOR
        )
    return rules.BookDraft(**stored)


def list_names(book_id: int) -> list[names.Contributor]:
    """Give who had a part in a book, in order."""
    return [names.Contributor(name, role) for name, role in _names(book_id)]


@prepared
def _names(book_id: int) -> Any:
    return BookName.select(BookName.name, BookName.role).where(BookName.book == book_id).order_by(BookName.position)


class FileRow(NamedTuple):
    """A file of a book; ``file_size`` in bytes."""

    id: int
    kind: str
    file_key: str
    file_name: str
    file_size: int


def list_files(book_id: int) -> list[FileRow]:
    """Give the files of a book."""
    return [FileRow._make(row) for row in _files(book_id)]


@prepared
def _files(book_id: int) -> Any:
    columns = (BookFile.id, BookFile.kind, BookFile.file_key, BookFile.file_name, BookFile.file_size)
    return BookFile.select(*columns).where(BookFile.book == book_id).order_by(BookFile.kind, BookFile.id)


def used_keys() -> Iterator[str]:
    """Walk over the keys of the files that books and imports use."""
    for cover, thumb in Book.select(Book.cover_key, Book.thumb_key).where(Book.cover_key != "").tuples().iterator():
        yield from (cover, thumb)
    for (key,) in BookFile.select(BookFile.file_key).tuples().iterator():
        yield key
    for (key,) in BookImport.select(BookImport.file_key).tuples().iterator():
        yield key


def find_twins(draft: rules.BookDraft, except_id: int | None = None) -> list[rules.Twin]:
    """Give the books that a checked draft is likely the same as: same ISBN, or same title by the same first author."""
    condition = Book.sort_key == rules.sort_key(draft.title)
    if draft.isbn:
        condition |= Book.isbn == draft.isbn
    rows = (
        Book.select(Book.id, Book.title, Book.authors, Book.publisher, Book.year, Book.isbn)
        .where(condition, Book.id != (except_id or 0), Book.merged_into.is_null())
        .order_by(Book.id)
        .limit(MOST_TWINS)
        .tuples()
    )
    return rules.twins_of(draft, [(rules.Twin(*row[:5]), row[5]) for row in rows])


def books_by_id(ids: Sequence[int]) -> dict[int, BookRow]:
    """Give the books with these ids, withdrawn ones too; unknown ids are left out."""
    if not ids:
        return {}
    return {row[0]: BookRow._make(row) for row in Book.select(*ROW).where(Book.id.in_(list(ids))).tuples()}


def standing_books(ids: Sequence[int]) -> dict[int, int]:
    """Give for those of some books that were merged the one that stands for them: one statement."""
    merged = Book.select(Book.id, Book.merged_into).where(Book.id.in_(list(ids)), Book.merged_into.is_null(False))
    return dict(merged.tuples()) if ids else {}


def open_books(ids: Sequence[int]) -> set[int]:
    """Give those of the ids whose book stands in the catalogue and is not withdrawn."""
    return {book_id for (book_id,) in _open(list(ids))} if ids else set()


@prepared
def _open(ids: Sequence[int]) -> Any:
    return open_among(0, (), ids, ())


def open_among(_member: int, _units: Sequence[int], ids: Sequence[int], _care: Sequence[str]) -> Any:
    """Make the query of those of some books that stand in the catalogue, whoever asks."""
    stands = Case(None, [(Book.withdrawn_at.is_null(), 1)], 0) == 1  # no condition that SQLite has an index for
    return Book.select(Book.id).where(Book.id.in_(ids), stands)


def search_titles(text: str, limit: int) -> list[BookRow]:
    """Give the first books that match, by title; with nothing typed the newest."""
    matching = _matching(text)
    if matching:
        rows = list(_rows(_conditions() + matching, None, None, "title", limit).tuples())
    else:
        rows = _all_rows(None, None, None, None, None, None, limit, 0, withdrawn=False, sort="newest", backwards=False)
    return [BookRow._make(row) for row in rows]


def all_book_ids() -> Iterator[int]:
    """Walk over the ids of all books."""
    for (book_id,) in Book.select(Book.id).order_by(Book.id).tuples().iterator():
        yield book_id
