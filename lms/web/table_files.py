"""A table as an answer: CSV or XLSX, named in any script."""

from collections.abc import Collection, Iterable, Sequence
from io import BytesIO

from werkzeug.wrappers import Response

from lms.tables import csv_lines, write_xlsx
from lms.web.attachments import attachment

TABLE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def table_file(
    form: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], real: Collection[int] = ()
) -> Response:
    """Answer with a table of these rows under a title, as "csv" or "xlsx".

    ``real`` are the columns, counted from 0, whose days and whole numbers a workbook keeps as such, to sort and add up.
    """
    target = BytesIO()
    if form == "csv":
        target.write("".join(csv_lines(heads, rows)).encode())
    else:
        write_xlsx(target, title, heads, rows, real=real)
    name = f"{title.replace('/', '_')}.{form}"
    return Response(
        target.getvalue(), content_type=TABLE_TYPES[form], headers={"Content-Disposition": attachment(name)}
    )
