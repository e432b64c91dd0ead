"""Who is how far in a course, as a file to take along, for pages and API."""

from io import BytesIO

from flask import Response, send_file

from lms.courses import item_queries, people_queries, queries
from lms.courses.people_queries import PersonRow
from lms.courses.words import STATE_WORDS
from lms.errors import N_
from lms.members.access import Actor
from lms.tables import csv_lines, write_xlsx
from lms.web.i18n import gettext

TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
HEADS = (N_("Name"), N_("Unit"), N_("Items done"), N_("Items"), N_("State"), N_("Completed on"), N_("Last done on"))


def people_file(
    actor: Actor, course_id: int, state: str, sort: str, unit: int | None, text: str, form: str
) -> Response:
    """Answer with all whom the list of a course shows, as "csv" or "xlsx". Raises NotFound, Forbidden."""
    title = queries.get_course(actor, course_id).title
    whole = item_queries.count_items(course_id)
    rows = (_cells(row, whole) for row in people_queries.all_rows(actor, course_id, state, sort, unit, text))
    heads = [str(gettext(head)) for head in HEADS]
    target = BytesIO()
    if form == "csv":
        target.write("".join(csv_lines(heads, rows)).encode())
    else:
        write_xlsx(target, title, heads, rows, real=(2, 3, 5, 6))
    target.seek(0)
    return send_file(target, mimetype=TYPES[form], as_attachment=True, download_name=f"{title}.{form}")


def _cells(row: PersonRow, whole: int) -> list[str]:
    days = [found.isoformat() if found else "" for found in (row.completed_on, row.last_day)]
    return [row.name, row.unit_name, str(row.done), str(whole), str(STATE_WORDS[row.state]), *days]
