"""The study archive of a year: to read, to print, to take along as a workbook."""

from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response

from lms.progress import archive, archive_sheets, naming, sentences, wording, words
from lms.progress.archive import Archive
from lms.progress.archive_sheets import Sheet
from lms.progress.evidence import EvidenceRow
from lms.web.dates import month_short
from lms.web.i18n import gettext
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import page_number

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of progress."""
    pages.add_url_rule("/progress/archive", view_func=study_archive)
    pages.add_url_rule("/progress/archive.xlsx", view_func=study_archive_xlsx)


def _wanted() -> Archive:
    return archive.get_archive(actor(), _number("year"), _number("member"), profile())


def _number(name: str) -> int | None:
    raw = request.args.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


def study_archive() -> str:
    """Show a year's archive."""
    found = _wanted()
    entries = archive.list_entries(found, page_number())
    titles = naming.titles_in([course.requirement.asked for course in found.courses])
    return render_template(
        "progress/archive.html",
        archive=found,
        own=found.member == actor().id,
        totals=[(words.measure_words(code), words.amount_words(code, amount)) for code, amount in found.totals],
        courses=[
            (course, sentences.sentence(course.requirement, titles), [_figure(figure) for figure in course.figures])
            for course in found.courses
        ],
        entries=entries,
        groups=list(_groups(entries.items)),
        months=list(_months(found)),
    )


def _figure(figure: Any) -> dict[str, Any]:
    asked, standing = figure.requirement.asked, figure.standing
    return {
        "period": wording.span_words(asked.period, figure.span),
        "done": words.figure_words(asked.measure, standing.total),
        "required": words.figure_words(asked.measure, standing.required),
        "say": wording.pace_words(asked.measure, standing),
        "late": standing.late,
    }


def _groups(rows: Sequence[EvidenceRow]) -> Iterator[tuple[str, Sequence[Any]]]:
    for code, group in groupby(rows, key=lambda row: row.measure):
        yield words.measure_words(code), [(row, words.amount_words(code, row.amount)) for row in group]


def _months(found: Archive) -> Iterator[tuple[str, str]]:
    """Give the study time of each month that has any."""
    for month, minutes in found.months:
        name = gettext("%(month)s %(year)d", month=month_short(date(found.year, month, 1)), year=found.year)
        yield name, words.amount_words("study_minutes", minutes)


def study_archive_xlsx() -> Response:
    """Give a year's archive as a workbook with three sheets: whole, however long it is."""
    return workbook(_wanted())


def workbook(found: Archive) -> Response:
    """Make the workbook of an archive: its rows go to disk one by one, only what is packed is held."""
    file = BytesIO()
    archive_sheets.write(file, _sheets(found))
    file.seek(0)
    name = gettext("Study archive %(year)d, %(name)s", year=found.year, name=found.name)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=f"{name}.xlsx")


def _sheets(found: Archive) -> Iterator[Sheet]:
    heads = [gettext("What"), gettext("Amount"), gettext("In")]
    rows = [
        [words.measure_words(code), words.plain_number(code, amount), words.unit_of_amount(code)]
        for code, amount in found.totals
    ]
    yield Sheet(gettext("Together"), heads, (34, 12, 10), rows)
    heads = [gettext("Requirement"), gettext("From"), gettext("Until"), gettext("Done"), gettext("Required")]
    yield Sheet(
        gettext("Requirements"),
        [*heads, gettext("In"), gettext("Result")],
        (40, 12, 12, 10, 10, 10, 24),
        _requirement_rows(found),
    )
    heads = [gettext("Day"), gettext("What"), gettext("About"), gettext("Amount"), gettext("In")]
    yield Sheet(gettext("Entries"), heads, (12, 28, 48, 10, 10), _entry_rows(found))


def _requirement_rows(found: Archive) -> Iterator[Sequence[Any]]:
    for course in found.courses:
        for figure in course.figures:
            measure, standing = figure.requirement.asked.measure, figure.standing
            yield [
                figure.requirement.title,
                figure.span.since,
                figure.span.until,
                words.plain_number(measure, standing.total),
                words.plain_number(measure, standing.required),
                words.unit_of_amount(measure),
                wording.pace_words(measure, standing),
            ]


def _entry_rows(found: Archive) -> Iterator[Sequence[Any]]:
    gone = gettext("An entry that was removed since")
    for row in archive.walk_entries(found):
        amount = words.plain_number(row.measure, row.amount)
        yield [row.day, words.measure_words(row.measure), row.title or gone, amount, words.unit_of_amount(row.measure)]
