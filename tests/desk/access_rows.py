"""Rows of the table of access for the desk."""

from tests.web.access_table import everyone

ROWS = [everyone("GET", "/api/v1/desk")]
