"""Tables of text, in and out: CSV as Excel and other programs write it, and XLSX."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from math import ceil
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.properties import PageSetupProperties

from lms.errors import N_, InvalidInput

MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_UNPACKED = 300 * 1024 * 1024
# How wide columns of a workbook are, in figures, judged by the heading and the first rows.
LEAST_WIDTH, MOST_WIDTH, LOOKED_AT = 10, 90, 200
LAST_NARROW = 0x2E7F
# The papers that a sheet is printed on, on their side, and how many figures of a line can still be read on them.
PAPERS = (("9", 200), ("8", 283))  # A4, A3
NARROWEST = 16  # in figures: below that, more lines of a text would say less
LINE_POINTS, MOST_LINES = 15, 12
WRAPS_EARLY = 1.1  # a line ends before a word that has no place in it
BOLD = Font(bold=True)
WRAPPED, AT_TOP = Alignment(wrap_text=True, vertical="top"), Alignment(vertical="top")
MOST_DIGITS = 12
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
CELL_CHARS = 20_000
# What spreadsheets take for the beginning of a formula (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"

_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class TableRow:
    """A row as it stands in the file: its sheet ("" in CSV), its number from 1 on, its cells as text."""

    sheet: str
    number: int
    cells: tuple[str, ...]


def read_table(path: Path, most: int = MOST_ROWS) -> Iterator[TableRow]:
    """Walk over the rows that hold something, headings included.

    What the file is, is judged by its content. CSV may be UTF-8 with or without a mark, UTF-16 with one, or GB18030,
    parted by commas, semicolons or tabs. Raises InvalidInput for anything else, and past ``most`` rows.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_OLD_EXCEL):
        raise _refused(N_("This is a table of Excel 97-2003. Please save it as XLSX or CSV."))
    rows = _xlsx_rows(path) if head.startswith(_ZIP) else _csv_rows(path.read_bytes())
    filled = (row for row in rows if any(row.cells))
    for count, row in enumerate(filled):
        if count > most:
            raise InvalidInput(
                N_("A table may have %(limit)s rows at most. Please split it."), field="file", limit=most
            )
        yield row


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, field="file")


def _csv_rows(content: bytes) -> Iterator[TableRow]:
    text = _decoded(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield TableRow("", number, tuple(_unguarded(_tidy(cell)) for cell in cells[:MOST_COLUMNS]))
    except csv.Error as error:
        raise InvalidInput(
            N_("Row %(number)s of the file cannot be read. Is a quotation mark left open?"),
            field="file",
            number=number + 1,
        ) from error


def _decoded(content: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decoded_as(content, (encoding,))
    return _decoded_as(content, ("utf-8", "gb18030"))


def _decoded_as(content: bytes, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _refused(N_("This is no table that can be read. Please save it as CSV (UTF-8) or XLSX."))


def _xlsx_rows(path: Path) -> Iterator[TableRow]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise _refused(N_("This table is too large when unpacked. Please split it."))
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore", UserWarning)  # what a file says of styles and validations we do not read
            yield from _sheet_rows(file)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, OSError) as error:
        raise _refused(N_("This is no table that can be read. Please save it as CSV (UTF-8) or XLSX.")) from error


def _sheet_rows(file: IO[bytes]) -> Iterator[TableRow]:
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # programs write wrong ones
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield TableRow(str(sheet.title), number, tuple(map(_as_text, cells[:MOST_COLUMNS])))
    finally:
        book.close()


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _unguarded(_tidy(str(value)))


def _tidy(cell: str) -> str:
    return cell.strip()[:CELL_CHARS]


def _unguarded(cell: str) -> str:
    """Take off the guard that our own export sets before what a spreadsheet would take for a formula."""
    return cell[1:] if cell.startswith(GUARD) and cell[1:].startswith(FORMULA_STARTS) else cell


def neutral(cell: str) -> str:
    """Set a guard before a text that a spreadsheet would carry out as a formula."""
    return GUARD + cell if cell.startswith(FORMULA_STARTS) else cell


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write a table as CSV, piece by piece: in UTF-8 with a mark, as Excel needs it; formulas neutralised."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    for cells in _with_headings(headings, rows):
        writer.writerow([neutral(cell) for cell in cells])
        if buffer.tell() > 32_768:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _with_headings(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield headings
    yield from rows


def write_xlsx(
    target: IO[bytes],
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    more: Sequence[tuple[str, Sequence[str], Iterable[Sequence[str]]]] = (),
    real: Collection[int] = (),
) -> None:
    """Write a table as XLSX. Cells are text, so that nothing is ever a formula and no ISBN loses its digits.

    ``real`` are the columns, counted from 0, whose days and whole numbers are kept as such. ``more`` are further
    sheets: title, headings, rows.
    """
    book = Workbook(write_only=True)
    _write_sheet(book.create_sheet(sheet_name(title)), headings, rows, real)
    for name, heads, lines in more:
        _write_sheet(book.create_sheet(sheet_name(name)), heads, lines)
    book.save(target)


def sheet_name(title: str) -> str:
    """Make a title the name of a sheet: at most 31 characters, none of those that Excel refuses."""
    return "".join("_" if one in "\\*?:/[]" or not one.isprintable() else one for one in title)[:31] or "1"


def _write_sheet(
    sheet: Any, headings: Sequence[str], rows: Iterable[Sequence[str]], real: Collection[int] = ()
) -> None:
    walking = iter(rows)
    first = list(islice(walking, LOOKED_AT))
    widths = []
    for number, heading in enumerate(headings):
        longest = max((_width(row[number]) for row in first if number < len(row)), default=0)
        widths.append(min(MOST_WIDTH, max(LEAST_WIDTH, _width(heading), longest) + 2))
    lines = lay_out(sheet, widths)
    lines.add([head_cell(sheet, heading) for heading in headings])
    for cells in chain(first, walking):
        lines.add([_real_cell(sheet, cell) if n in real else _text_cell(sheet, cell) for n, cell in enumerate(cells)])


class Lines:
    """The rows of a sheet: texts longer than a column that had to be narrowed go on in further lines."""

    def __init__(self, sheet: Any, narrowed: Sequence[float] = ()) -> None:
        """Begin a sheet with the widths of its columns, none where each is as wide as asked."""
        self._sheet, self._narrowed, self._count = sheet, narrowed, 0

    def add(self, cells: Sequence[Any]) -> None:
        """Add a row of cells. Its height is said: not every program looks how much there is in a row."""
        self._count += 1
        heights = [_lines(cell.value, width) for cell, width in zip(cells, self._narrowed, strict=False)]
        most = min(MOST_LINES, max(heights, default=1))
        if most > 1:
            for cell, height in zip(cells, heights, strict=False):
                cell.alignment = WRAPPED if height > 1 else AT_TOP
            self._sheet.row_dimensions[self._count].height = most * LINE_POINTS
        self._sheet.append(cells)
        self._sheet.row_dimensions.pop(self._count, None)  # it is written: of a large table all would be kept


def lay_out(sheet: Any, widths: Sequence[float], freeze: str = "A2") -> Lines:
    """Set the columns' widths, in figures, what stays in sight, and how a sheet is printed; gives where its rows go.

    On its side, the headings on each page, all columns side by side: on A4, the widest made narrower where they must
    be, else on A3. What is too wide for that has its first column on each of the pages that stand beside each other.
    """
    paper, fitting = _fitting(widths)
    for number, width in enumerate(fitting, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = freeze
    sheet.print_title_rows = "1:1"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    setup = sheet.page_setup
    setup.orientation, setup.paperSize, setup.fitToHeight = "landscape", paper, 0
    setup.fitToWidth = max(1, ceil(sum(fitting) / PAPERS[-1][1]))
    if setup.fitToWidth > 1:
        sheet.print_title_cols = "A:A"
    return Lines(sheet, fitting if fitting != list(widths) else ())


def _fitting(widths: Sequence[float]) -> tuple[str, list[float]]:
    """Choose the paper, and make the widest columns narrower until all stand on it."""
    for paper, room in PAPERS:
        for most in range(MOST_WIDTH + 2, NARROWEST - 1, -1):
            fitting = [min(width, most) for width in widths]
            if sum(fitting) <= room:
                return paper, fitting
    return PAPERS[-1][0], [min(width, NARROWEST) for width in widths]


def head_cell(sheet: Any, text: str) -> Any:
    """Make a heading: bold text."""
    cell = _text_cell(sheet, text)
    cell.font = BOLD
    return cell


def _width(text: str) -> int:
    """Give how wide a text is, in figures: a Chinese character takes two."""
    return sum(2 if ord(char) > LAST_NARROW else 1 for char in text)


def _lines(value: object, width: float) -> int:
    """Give how many lines a value takes in a column."""
    wide = _width(value) if isinstance(value, str) else 0
    return ceil(wide * WRAPS_EARLY / width) if wide > width else 1


def _real_cell(sheet: Any, text: str) -> Any:
    if text.isascii() and text.isdigit() and len(text) < MOST_DIGITS:
        return WriteOnlyCell(sheet, value=int(text))
    if not DAY.fullmatch(text):
        return _text_cell(sheet, text)
    cell = WriteOnlyCell(sheet, value=date.fromisoformat(text))
    cell.number_format = "yyyy-mm-dd"
    return cell


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell
