"""Rows of the table of access for the studio."""

from tests.lectures.access_rows import caring
from tests.web.access_table import staff

LECTURE = "/studio/lectures/<int(max=2147483647):lecture_id>"

ROWS = [
    staff("GET", "/studio"),
    staff("GET", "/studio.csv"),
    staff("GET", "/studio.xlsx"),
    staff("GET", "/api/v1/studio"),
    caring("GET", LECTURE),
    caring("GET", "/api/v1" + LECTURE),
]
