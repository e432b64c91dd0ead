"""Books as the search index takes them."""

from collections.abc import Iterable

from lms.catalogue import queries
from lms.members.access import Actor
from lms.searchable import Searchable, Source

KIND = "book"


def load(ref: int) -> Iterable[Searchable]:
    """Give the one place of a book; none when it is gone or withdrawn."""
    book = queries.find_book(ref)
    if book is None or book.withdrawn_at is not None:
        return ()
    key = f"{KIND}:{ref}"
    words = (book.authors, book.translators, book.subjects, book.publisher, book.isbn or "", book.clc)
    place = Searchable(
        key=key,
        kind=KIND,
        ref=ref,
        group=key,
        title=f"{book.title} {book.subtitle}".strip(),
        body=book.summary,
        audience=("all",),
        keywords=" ".join(word for word in words if word),
        extra={"authors": book.authors, "clc": book.clc},
    )
    return (place,)


def visible(actor: Actor, refs: list[int]) -> set[int]:
    """Give the books that still stand in the catalogue; every member may see them."""
    return queries.open_books(refs)


SOURCE = Source(KIND, load, queries.all_book_ids, visible)
