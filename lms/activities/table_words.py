"""The tables of activities that are taken along, in the reader's language: records, and who attended."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from werkzeug.wrappers import Response

from lms import clock
from lms.activities import queries, table, words
from lms.errors import N_
from lms.tables import csv_lines
from lms.web.attachments import attachment
from lms.web.i18n import gettext
from lms.web.signin import actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ATTENDANCE_HEADS = (
    N_("Name"),
    N_("Attended"),
    N_("Expected"),
    N_("Present"),
    N_("Leave"),
    N_("Made up"),
    N_("Absent"),
    N_("Spoke"),
)


def records(ending: str, whose: str, since: date, until: date) -> Response:
    """Hand out records as CSV or XLSX: frozen headings, real numbers and days."""
    heads = (
        gettext("Day"),
        gettext("Until"),
        gettext("Kind"),
        gettext("Topic"),
        gettext("Unit"),
        gettext("Name"),
        gettext("Place"),
        gettext("Minutes"),
        gettext("Days"),
        gettext("Class hours"),
        gettext("Amount in yuan"),
        gettext("State"),
    )
    kinds = {key: str(word) for key, word in words.KIND_WORDS.items()}
    states = {key: str(word) for key, word in words.STATE_WORDS.items()}
    said = table.Words(gettext("Activities"), heads, kinds, states)
    rows = queries.rows_to_take(actor(), whose, since, until)
    if ending == "csv":
        return sent("".join(table.csv_of(rows, said)).encode(), said.title, ending)
    target = BytesIO()
    table.xlsx_of(target, rows, said)
    return sent(target.getvalue(), said.title, ending)


def attendance(ending: str, unit: int, kind: str, since: date, until: date) -> Response:
    """Hand out how the members of a unit attended, as CSV or XLSX."""
    page = queries.list_attendance(actor(), unit, kind, since, until, 1, queries.MOST_ROWS)
    heads = [gettext(head) for head in ATTENDANCE_HEADS]
    rows: Sequence[tuple[Any, ...]] = [
        (one.name, one.counted, one.expected, one.present, one.leave, one.made_up, one.absent, one.spoke)
        for one in page.items
    ]
    title = gettext("Attendance")
    if ending == "csv":
        return sent("".join(csv_lines(heads, ([str(cell) for cell in row] for row in rows))).encode(), title, ending)
    target = BytesIO()
    table.write_sheet(target, title, heads, rows, (14, 10, 10, 10, 10, 10, 10, 10))
    return sent(target.getvalue(), title, ending)


def sent(content: bytes, title: str, ending: str) -> Response:
    """Make the answer that holds a table to take along."""
    response = Response(content, content_type=CSV if ending == "csv" else XLSX)
    response.headers["Content-Disposition"] = attachment(f"{title}-{clock.today()}.{ending}")
    return response
