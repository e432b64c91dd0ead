"""What the catalogue can be browsed by, with the number of books of each: counted once for each state of it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from peewee import fn

from lms.catalogue import names
from lms.catalogue.classification import counts_in_tree
from lms.catalogue.counting import counted
from lms.catalogue.models import Book, BookName, BookSubject
from lms.paging import Page


class Heading(NamedTuple):
    """A name or a word that books stand under."""

    name: str
    books: int


def counts_by_class() -> Mapping[str, int]:
    """Give how many books each class of the tree holds, those below it included."""

    def count() -> dict[str, int]:
        by_number = Book.select(Book.clc, fn.COUNT(Book.id)).where(Book.withdrawn_at.is_null()).group_by(Book.clc)
        return counts_in_tree(dict(by_number.tuples()))

    return counted("tree", count)


def list_authors(text: str, number: int, size: int) -> Page[Heading]:
    """Give a page of who had a part in books, those with the most books first; ``text`` stands in the name."""
    return _headings(BookName, text, number, size)


def list_subjects(text: str, number: int, size: int) -> Page[Heading]:
    """Give a page of the subjects, those with the most books first; ``text`` stands in the word."""
    return _headings(BookSubject, text, number, size)


def _headings(model: Any, text: str, number: int, size: int) -> Page[Heading]:
    key = names.folded(text)

    def find() -> tuple[list[Heading], int]:
        books = fn.COUNT(model.book.distinct())
        found = (
            model.select(fn.MIN(model.name), books)
            .join(Book)
            .where(Book.withdrawn_at.is_null(), *([model.key.contains(key)] if key else []))
            .group_by(model.key)
        )
        rows = found.order_by(books.desc(), model.key).paginate(number, size).tuples()
        return [Heading(*row) for row in rows], int(found.count())

    if len(key) > 0:
        items, total = find()
    else:
        items, total = counted((model.__name__, number, size), find)
    return Page(items, number, size, total)


def years_by_decade() -> Sequence[tuple[int, Sequence[tuple[int, int]]]]:
    """Give the decades in which books were published, the latest first, each with its years and their books."""

    def count() -> list[tuple[int, list[tuple[int, int]]]]:
        dated = Book.select(Book.year_key, fn.COUNT(Book.id)).where(Book.withdrawn_at.is_null(), Book.year_key > 0)
        decades: dict[int, list[tuple[int, int]]] = {}
        for year, books in dated.group_by(Book.year_key).order_by(Book.year_key.desc()).tuples():
            decades.setdefault(year // 10 * 10, []).append((year, books))
        return list(decades.items())

    return counted("years", count)
