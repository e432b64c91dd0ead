"""A board as a workbook and as CSV: real numbers, percentages as such, nothing that a spreadsheet would carry out."""

import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from lms.board import words
from lms.board.coverage import Group
from lms.board.judging import PACES
from lms.board.members import MemberLine, Members
from lms.board.people import Found, people_of, whereabouts_of
from lms.board.queries import Beside, Board
from lms.board.reckoning import Reckoning
from lms.board.unit_lines import UnitFigure
from lms.progress.asked_rows import RequirementRow
from lms.progress.rules import Pace
from lms.progress.wording import span_words, why_words
from lms.progress.words import plain_number, unit_of_amount
from lms.tables import csv_lines, lay_out
from lms.web.i18n import gettext

PERCENT = "0.0%"
NOT_IN_A_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'"))
NAME_LENGTH = 31
WIDTHS = (10, 46)
Cell = str | int | float | None


class Share(float):
    """A share that is shown as a percentage."""


def write_workbook(target: IO[bytes], board: Board, reckoning: Reckoning, beside: Beside) -> None:
    """Write a board: an overview, the units side by side, and a sheet of names for each requirement."""
    book = Workbook(write_only=True)
    taken: set[str] = set()
    _sheet(book, taken, gettext("Overview"), overview_heads(), list(overview_rows(board)))
    if board.unit_lines:
        _sheet(book, taken, gettext("Asked of units"), unit_heads(), list(unit_rows(board)))
    if beside.lines:
        heads = [gettext("Unit"), gettext("Members"), gettext("Behind"), *[row.title for row in beside.rules]]
        _sheet(book, taken, gettext("Units"), heads, [_beside_row(line) for line in beside.lines])
    people = _people_rows(reckoning)
    for line in board.lines:
        if line.concerns_anybody:
            _sheet(book, taken, line.row.title, people_heads(line.row.asked.measure), people.get(line.series, []))
    book.save(target)


def _beside_row(line: Any) -> list[Cell]:
    shares = [None if cell.share is None else Share(cell.share) for cell in line.cells]
    return [line.name, line.members, line.late, *shares]


def overview_heads() -> list[str]:
    """Head the table of requirements."""
    parts = [words.group_words(group) for group in Group if group is not Group.ASKED]
    heads = [
        gettext("Requirement"),
        gettext("Periods"),
        gettext("Coverage"),
        gettext("Target"),
        words.group_words(Group.ASKED),
        *parts,
        gettext("Expected by the end"),
    ]
    return [head[:1].upper() + head[1:] for head in heads]


def overview_rows(board: Board) -> Iterator[list[Cell]]:
    """Give a row for each requirement; of several periods added up, members count once a period."""
    for line in board.lines:
        counts = line.total
        target = line.row.asked.coverage
        yield [
            line.row.title,
            len(line.periods),
            None if counts.share is None else Share(counts.share),
            Share(target / 100) if target else None,
            counts.asked,
            *[counts[group] for group in Group if group is not Group.ASKED],
            counts.expected,
        ]


def unit_heads() -> list[str]:
    """Head the table of what is asked of units."""
    return [
        *(gettext("Requirement"), gettext("Unit"), gettext("Period"), gettext("Figure"), gettext("Goal")),
        *(gettext("Verdict"), gettext("Remarks")),
    ]


def unit_rows(board: Board) -> Iterator[list[Cell]]:
    """Give a row for each unit and period of what is asked of units: amounts, indexes and shares as numbers."""
    for line in board.unit_lines:
        for figure in line.figures:
            remark = words.unit_figure(line.row, figure, board)[1]
            yield [
                line.row.title,
                board.names.get(figure.unit, ""),
                span_words(line.row.asked.period, figure.span),
                *_figure_and_goal(line.row, figure),
                words.verdict_words(figure.verdict),
                remark,
            ]


def _figure_and_goal(row: RequirementRow, figure: UnitFigure) -> tuple[Cell, Cell]:
    standing, index, measure = figure.standing, figure.index, row.asked.measure
    if standing is not None:
        return plain_number(measure, standing.total), plain_number(measure, standing.required)
    if index is not None:
        return index.value, row.asked.amount
    share = Share(len(figure.reached) / len(figure.among)) if figure.among else None
    return share, Share(row.asked.amount / 100)


def people_heads(measure: str) -> list[str]:
    """Head a sheet of names."""
    unit = unit_of_amount(measure)
    return [
        gettext("Name"),
        gettext("Unit"),
        gettext("Done (%(unit)s)", unit=unit),
        gettext("Asked (%(unit)s)", unit=unit),
        gettext("Standing"),
        gettext("Periods asked"),
        gettext("Periods met"),
        gettext("Remarks"),
    ]


def _people_rows(reckoning: Reckoning) -> Mapping[int, list[list[Cell]]]:
    """Give the rows of the sheets of names, by series of the requirement."""
    found = people_of(reckoning, Group.ASKED, ranked=False)
    ids = [int(reckoning.crowd.ids[one.who]) for one in found]
    known = whereabouts_of(ids, reckoning.path, reckoning.last)
    rows: dict[int, list[list[Cell]]] = defaultdict(list)
    for one, ident in zip(found, ids, strict=True):
        rows[one.row.series].append(_person(one, known[ident].name, known[ident].unit_name))
    return rows


def _person(one: Found, name: str, unit: str) -> list[Cell]:
    measure, asked_for = one.row.asked.measure, one.judged.demand_of(one.who)
    total = int(one.judged.total[one.who])
    pace = PACES[one.judged.pace[one.who]]
    standing = {
        Pace.DONE: gettext("Done"),
        Pace.BEHIND: gettext("Behind"),
        Pace.UNREACHABLE: gettext("Behind"),
        Pace.MISSED: gettext("Missed"),
    }.get(pace, gettext("On track"))
    required = plain_number(measure, asked_for.required)
    return [name, unit, plain_number(measure, total), required, standing, one.asked, one.met, why_words(asked_for.why)]


def _sheet(book: Any, taken: set[str], title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    sheet = book.create_sheet(sheet_name(title, taken))
    widths = []
    for number, head in enumerate(heads):
        longest = max([len(head), *[len(str(row[number])) for row in rows[:200] if row[number] is not None]])
        wide = 1.9 if not head.isascii() or number == 0 else 1.2
        widths.append(min(max(longest * wide + 2, WIDTHS[0]), WIDTHS[1]))
    lines = lay_out(sheet, widths, "B2")
    lines.add([_head(sheet, head) for head in heads])
    for row in rows:
        lines.add([_cell(sheet, value) for value in row])
    if rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(rows) + 1}"


def _head(sheet: Any, text: str) -> Any:
    cell = _cell(sheet, text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(sheet: Any, value: Cell) -> Any:
    cell = WriteOnlyCell(sheet, value=float(value) if isinstance(value, Share) else value)
    if isinstance(value, str):
        cell.data_type = "s"  # a name that begins with "=" stays a text
    elif isinstance(value, Share):
        cell.number_format = PERCENT
    return cell


def sheet_name(title: str, taken: set[str]) -> str:
    """Give a sheet a name that Excel takes: 31 characters at most, some marks left out, none twice."""
    base = " ".join(title.translate(NOT_IN_A_NAME).split())[:NAME_LENGTH] or "1"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        ending = f" {number}"
        name = base[: NAME_LENGTH - len(ending)] + ending
    taken.add(name.casefold())
    return name


def csv_of_board(board: Board) -> Iterator[str]:
    """Write the overview as CSV; shares as percentages to one decimal."""
    rows = ([_written(value) for value in row] for row in overview_rows(board))
    return csv_lines(overview_heads(), rows)


def csv_of_members(found: Members) -> Iterator[str]:
    """Write the members one by one as CSV: for each requirement what is done, what is asked, and how that stands."""
    heads = [gettext("Name"), gettext("Unit")]
    for row in found.rules:
        heads += [row.title, gettext("%(title)s: asked", title=row.title)]
        heads += [gettext("%(title)s: standing", title=row.title)]
    return csv_lines(heads, (_member_row(line) for line in found.lines.items))


def _member_row(line: MemberLine) -> list[str]:
    cells = [line.name, line.unit_name]
    for cell in line.cells:
        cells += [str(cell.done), str(cell.required), words.standing_words(cell)] if cell else ["", "", ""]
    return cells


def _written(value: Cell) -> str:
    if value is None:
        return ""
    return f"{value * 100:.1f}%" if isinstance(value, Share) else str(value)


def workbook_bytes(write: Callable[[IO[bytes]], None]) -> bytes:
    """Give a workbook as bytes."""
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()
