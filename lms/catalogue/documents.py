"""Books as the search index takes them."""

from collections.abc import Iterable
from datetime import date

from lms.catalogue import queries
from lms.catalogue.classification import place_of
from lms.catalogue.numbers import isbn10_check_digit
from lms.members.access import Actor
from lms.searchable import Searchable, Source

KIND = "book"


def load(ref: int) -> Iterable[Searchable]:
    """Give the one place of a book, dated by the year it came out; none when it is gone or withdrawn."""
    book = queries.find_book(ref)
    if book is None or book.withdrawn_at is not None:
        return ()
    key = f"{KIND}:{ref}"
    classes = place_of(book.clc)
    called = [name for found in classes for name in found.names.values()]
    numbers = (_numbers(book.isbn), book.unified, book.clc)
    words = (book.original_title, book.subjects, book.publisher, *numbers, *called)
    place = Searchable(
        key=key,
        kind=KIND,
        ref=ref,
        group=key,
        title=f"{book.title} {book.subtitle}".strip(),
        body=book.summary,
        audience=("all",),
        authors=" ".join(word for word in (book.authors, book.translators) if word),
        keywords=" ".join(word for word in words if word),
        day=date(book.year, 1, 1) if book.year else None,
        extra={"by": book.authors, "clc": book.clc, "year": str(book.year or "")},
        facets={"category": classes[0].code} if classes else {},
    )
    return (place,)


def _numbers(isbn: str | None) -> str:
    """Give an ISBN with all it may be asked for by: the word itself, its 13 digits, and the 10 of older books."""
    if not isbn:
        return ""
    stem = isbn[3:12]
    older = f" {stem}{isbn10_check_digit(stem)}" if isbn.startswith("978") else ""
    return f"ISBN {isbn}{older}"


def visible(actor: Actor, refs: list[int]) -> set[int]:
    """Give the books that still stand in the catalogue; every member may see them."""
    return queries.open_books(refs)


SOURCE = Source(KIND, load, queries.all_book_ids, visible, queries.open_among)
