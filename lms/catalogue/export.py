"""The catalogue as a table: the same columns that our own template has, so that it can be taken in again."""

from collections.abc import Iterator
from typing import IO

from lms.catalogue import columns, names, queries
from lms.catalogue.import_queries import drafts_by_id
from lms.catalogue.queries import BookFilter
from lms.catalogue.rules import BookDraft
from lms.members.access import Actor
from lms.tables import csv_lines, write_xlsx

BATCH = 400


def csv_of_books(actor: Actor, wanted: BookFilter, locale: str) -> Iterator[str]:
    """Write the books that a filter finds as CSV, in the order of the list, piece by piece. Raises Forbidden."""
    ids = queries.list_ids(actor, wanted)
    return csv_lines(columns.headings_of_export(locale), _rows(ids))


def xlsx_of_books(actor: Actor, wanted: BookFilter, locale: str, title: str, target: IO[bytes]) -> None:
    """Write the books that a filter finds as a sheet of XLSX, in the order of the list. Raises Forbidden."""
    ids = queries.list_ids(actor, wanted)
    write_xlsx(target, title, columns.headings_of_export(locale), _rows(ids))


def _rows(ids: list[int]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        drafts = drafts_by_id(part)
        for book in part:
            if book in drafts:
                yield row_of(book, drafts[book])


def row_of(book: int, draft: BookDraft) -> list[str]:
    """Give the cells of a book, in the order of ``columns.FIELDS``."""
    people = draft.contributors
    values = {
        "id": book,
        "authors": _written(draft.authors, [one for one in people if one.role != names.TRANSLATOR], names.AUTHOR),
        "translators": _written(
            draft.translators, [one for one in people if one.role == names.TRANSLATOR], names.TRANSLATOR
        ),
    }
    cells = [values.get(field, getattr(draft, field, "")) for field in columns.FIELDS]
    return ["" if cell is None else str(cell) for cell in cells]


def _written(line: str, people: list[names.Contributor], otherwise: str) -> str:
    return names.written_out(people, otherwise) if people else line


def template_csv(locale: str) -> Iterator[str]:
    """Write our own template as CSV: the headings."""
    return csv_lines(columns.headings_of_export(locale)[1:], [])


def template_xlsx(locale: str, title: str, target: IO[bytes]) -> None:
    """Write our own template as XLSX: the headings."""
    write_xlsx(target, title, columns.headings_of_export(locale)[1:], [])
