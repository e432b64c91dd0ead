"""Reading the catalogue. Every member may see every book; only those who may edit list the withdrawn ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from peewee import SQL, Expression, fn

from lms.catalogue import rules
from lms.catalogue.models import Book
from lms.errors import N_, InvalidInput, NotFound
from lms.members.access import Action, Actor, require
from lms.paging import Page
from lms.prepared import prepared

SORTS = ("newest", "title", "year")
QUERY_CHARS = 100
QUERY_WORDS = 5
# Literals: PostgreSQL takes two placeholders for two different expressions and refuses to group by them.
CLASS_OF = fn.SUBSTR(Book.clc, SQL("1"), SQL("1"))


class BookRow(NamedTuple):
    """A book as lists show it."""

    id: int
    title: str
    authors: str
    clc: str
    publisher: str
    year: int | None
    language: str


ROW = (Book.id, Book.title, Book.authors, Book.clc, Book.publisher, Book.year, Book.language)


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


VIEW = tuple(getattr(Book, name) for name in BookView._fields)


@dataclass(frozen=True)
class BookFilter:
    """Which books to list: ``clc`` is the letter of a main class, ``q`` words in title, names, subjects, or an ISBN."""

    q: str = ""
    clc: str = ""
    language: str = ""
    sort: str = "newest"
    withdrawn: bool = False


@dataclass(frozen=True)
class Shelf:
    """A page of the catalogue with the number of matching books in each main class, the class filter left aside."""

    page: Page[BookRow]
    classes: Mapping[str, int]
    all: int


def list_books(actor: Actor, wanted: BookFilter, number: int, size: int) -> Shelf:
    """Give a page of the catalogue: two statements. Raises Forbidden for the withdrawn without the right to edit."""
    if wanted.withdrawn:
        require(actor, Action.CATALOGUE_EDIT)
    letter = rules.clc_class(wanted.clc)
    # A range can use the index on the number; the next letter ends the class.
    span = (letter, chr(ord(letter) + 1)) if letter else None
    language = wanted.language if wanted.language in rules.LANGUAGES else None
    matching = _matching(wanted.q)
    skipped = (number - 1) * size
    if matching:
        conditions = _conditions(language, wanted.withdrawn) + matching
        classes = dict(_classes(conditions).tuples())
        rows = list(_rows(conditions, span, wanted.sort, size, skipped).tuples())
    else:
        classes = dict(_all_classes(language, withdrawn=wanted.withdrawn))
        rows = _all_rows(language, span, size, skipped, withdrawn=wanted.withdrawn, sort=wanted.sort)
    everything = sum(classes.values())
    total = classes.get(letter, 0) if letter else everything
    known = {name: classes[name] for name in rules.CLC_CLASSES if name in classes}
    return Shelf(Page([BookRow._make(row) for row in rows], number, size, total), known, everything)


def _classes(conditions: Sequence[Expression]) -> Any:
    return Book.select(CLASS_OF, fn.COUNT(Book.id)).where(*conditions).group_by(CLASS_OF)


def _rows(conditions: Sequence[Expression], span: Sequence[str] | None, sort: str, size: int, skipped: int = 0) -> Any:
    in_class = [Book.clc >= span[0], Book.clc < span[1]] if span is not None else []
    query = Book.select(*ROW).where(*conditions, *in_class)
    return query.order_by(*_order(sort)).limit(size).offset(skipped)


@prepared
def _all_classes(language: str | None, *, withdrawn: bool) -> Any:
    return _classes(_conditions(language, withdrawn))


@prepared
def _all_rows(
    language: str | None, span: Sequence[str] | None, size: int, skipped: int, *, withdrawn: bool, sort: str
) -> Any:
    return _rows(_conditions(language, withdrawn), span, sort, size, skipped)


def _conditions(language: str | None, withdrawn: bool) -> list[Expression]:
    conditions = [Book.withdrawn_at.is_null(not withdrawn)]
    return conditions if language is None else [*conditions, Book.language == language]


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
        return rules.parse_isbn(text)
    except InvalidInput:
        return None


def _order(sort: str) -> tuple[Any, ...]:
    if sort == "title":
        return (Book.sort_key, Book.title, Book.id)
    if sort == "year":
        return (Book.year.is_null(), Book.year.desc(), Book.id.desc())
    return (Book.created_at.desc(), Book.id.desc())


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


def find_twins(draft: rules.BookDraft, except_id: int | None = None) -> list[rules.Twin]:
    """Give the books that a checked draft is likely the same as."""
    condition = fn.LOWER(Book.title) == draft.title.lower()
    condition |= Book.title == draft.title
    if draft.isbn:
        condition |= Book.isbn == draft.isbn
    rows = (
        Book.select(Book.id, Book.title, Book.authors, Book.publisher, Book.year, Book.isbn)
        .where(condition, Book.id != (except_id or 0))
        .order_by(Book.id)
        .limit(20)
        .tuples()
    )
    return rules.twins_of(draft, [(rules.Twin(*row[:5]), row[5]) for row in rows])


def books_by_id(ids: Sequence[int]) -> dict[int, BookRow]:
    """Give the books with these ids, withdrawn ones too; unknown ids are left out."""
    if not ids:
        return {}
    return {row[0]: BookRow._make(row) for row in Book.select(*ROW).where(Book.id.in_(list(ids))).tuples()}


def open_books(ids: Sequence[int]) -> set[int]:
    """Give those of the ids whose book stands in the catalogue and is not withdrawn."""
    if not ids:
        return set()
    return {book_id for (book_id,) in _open(list(ids))}


@prepared
def _open(ids: Sequence[int]) -> Any:
    return Book.select(Book.id).where(Book.id.in_(ids), Book.withdrawn_at.is_null())


def search_titles(text: str, limit: int) -> list[BookRow]:
    """Give the first books that match, by title; with nothing typed the newest."""
    matching = _matching(text)
    if matching:
        rows = list(_rows(_conditions(None, False) + matching, None, "title", limit).tuples())
    else:
        rows = _all_rows(None, None, limit, 0, withdrawn=False, sort="newest")
    return [BookRow._make(row) for row in rows]


def all_book_ids() -> Iterator[int]:
    """Walk over the ids of all books."""
    for (book_id,) in Book.select(Book.id).order_by(Book.id).tuples().iterator():
        yield book_id
