"""A study archive as a workbook: sheets in the reader's language, headings that stay in sight, numbers as numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from lms.tables import lay_out

NAME_LENGTH = 31
NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, headings, widths of columns in characters, and rows of plain values."""

    name: str
    heads: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[Sequence[Any]]


def write(target: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write a workbook; texts are never formulas, days are days, the first row stays in sight and can be filtered."""
    book = Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(one.name.translate(NOT_IN_NAMES)[:NAME_LENGTH])
        lines = lay_out(sheet, one.widths)
        lines.add([_cell(sheet, head, bold=True) for head in one.heads])
        for row in one.rows:
            lines.add([_cell(sheet, value) for value in row])
    book.save(target)


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    if bold:
        cell.font = Font(bold=True)
    return cell
