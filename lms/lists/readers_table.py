"""Who has read what of a list, as a table to take away."""

from collections.abc import Iterator, Mapping, Sequence

from lms.lists import queries
from lms.members.access import Actor
from lms.tables import csv_lines

MOST = 20_000


def lines(actor: Actor, list_id: int, heads: Sequence[str], states: Mapping[str, str]) -> Iterator[str]:
    """Write the table as CSV: name, unit, number of books read, then a column for each book.

    ``heads`` are the first three headings, ``states`` the words for the states, both in the reader's language.

    Raises NotFound, Forbidden.
    """
    readers = queries.get_readers(actor, list_id, 1, MOST)
    rows = (
        [name, unit, str(sum(state == queries.FINISHED for state in stood)), *[states[state] for state in stood]]
        for _, name, unit, stood in readers.members.items
    )
    return csv_lines([*heads, *[book.title for book in readers.books]], rows)
