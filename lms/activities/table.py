"""Records as a table to take along: CSV and XLSX."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from lms.activities.queries import Row
from lms.activities.rules import KINDS
from lms.tables import csv_lines, head_cell, lay_out

WIDTHS = (12, 12, 18, 40, 24, 12, 20, 9, 9, 9, 14, 12)


@dataclass(frozen=True)
class Words:
    """The words of a table in the reader's language: its title, headings, names of kinds and states."""

    title: str
    heads: Sequence[str]
    kinds: Mapping[str, str]
    states: Mapping[str, str]


def _cells(row: Row, words: Words) -> tuple[Any, ...]:
    unit = KINDS[row.kind].unit
    amount = None if row.amount is None else row.amount / (100 if unit == "yuan" else 10)
    days, hours, yuan = (amount if unit == name else None for name in ("days", "class_hours", "yuan"))
    return (
        row.day,
        row.until,
        words.kinds[row.kind],
        row.title,
        row.unit_name,
        row.member_name or "",
        row.place,
        row.minutes,
        days,
        hours,
        yuan,
        words.states[row.state],
    )


def csv_of(rows: Sequence[Row], words: Words) -> Iterator[str]:
    """Write records as CSV with a byte order mark, nothing in it that a spreadsheet would carry out."""
    return csv_lines(words.heads, ([_plain(cell) for cell in _cells(row, words)] for row in rows))


def _plain(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:g}" if isinstance(cell, float) and cell < 1e6 else str(cell)


def xlsx_of(target: IO[bytes], rows: Sequence[Row], words: Words) -> None:
    """Write records as XLSX: headings that stay in sight, numbers as numbers, days as days, texts never formulas."""
    write_sheet(target, words.title, words.heads, (_cells(row, words) for row in rows), WIDTHS)


def write_sheet(
    target: IO[bytes], title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int]
) -> None:
    """Write one sheet: headings that stay in sight, numbers as numbers, days as days, texts never formulas."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    lines = lay_out(sheet, widths)
    lines.add([head_cell(sheet, head) for head in heads])
    for row in rows:
        lines.add([_cell(sheet, cell) for cell in row])
    book.save(target)


def _cell(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell
