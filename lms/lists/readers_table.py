"""Who has read what of a list, as a table to take away."""

from collections.abc import Iterator, Mapping

from lms.lists import queries
from lms.members.access import Actor

MOST = 20_000


def table(actor: Actor, list_id: int, states: Mapping[str, str]) -> tuple[list[str], Iterator[list[str]]]:
    """Give the titles of the books, and rows of name, unit, number of books read, then how it stands with each book.

    ``states`` are the words for the states in the reader's language. Raises NotFound, Forbidden.
    """
    readers = queries.get_readers(actor, list_id, 1, MOST)
    rows = (
        [name, unit, str(sum(state == queries.FINISHED for state in stood)), *[states[state] for state in stood]]
        for _, name, unit, stood in readers.members.items
    )
    return [book.title for book in readers.books], rows
