"""Recommended lists as the search index takes them."""

from collections.abc import Iterable

from lms.catalogue.models import Book
from lms.lists import queries
from lms.lists.models import BookList, ListedBook
from lms.members.access import Actor, audience_tokens
from lms.searchable import Searchable, Source

KIND = "list"


def load(ref: int) -> Iterable[Searchable]:
    """Give the one place of a list; none when it is a draft, withdrawn, gone, or for a unit that is gone."""
    row = (
        BookList.select(BookList.title, BookList.intro, BookList.unit, BookList.since)
        .where(BookList.id == ref, BookList.issued_at.is_null(False), BookList.withdrawn_at.is_null())
        .tuples()
        .first()
    )
    if row is None or row[2] is None:
        return ()
    title, intro, unit, since = row
    books = (
        ListedBook.select(Book.title, Book.authors, ListedBook.reason)
        .join(Book)
        .where(ListedBook.list == ref)
        .order_by(ListedBook.position)
        .tuples()
    )
    said = [" ".join(part for part in book if part) for book in books]
    key = f"{KIND}:{ref}"
    place = Searchable(
        key=key,
        kind=KIND,
        ref=ref,
        group=key,
        title=title,
        body="\n".join(part for part in (intro, *said) if part),
        audience=audience_tokens("unit", unit, None),
        day=since,
        facets={"unit": str(unit)},
    )
    return (place,)


def visible(actor: Actor, refs: list[int]) -> set[int]:
    """Give the lists that are issued for the actor."""
    return queries.seen_lists(actor, refs)


SOURCE = Source(KIND, load, queries.all_list_ids, visible, queries.seen_among)
